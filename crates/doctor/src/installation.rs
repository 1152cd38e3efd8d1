//! The installation itself: how it looks from outside in, its certificate, its clock, its disk, and what wants renewal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_login::{HttpRequest, LoginError, SystemClock, is_private_name, measure_clock};
use doorward_store::Condition;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::{Cause, Finding, Fix, Ways, clock, logout::unreachable};

/// A certificate that ends sooner than this should have been renewed.
const CERTIFICATE_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What ends sooner than this is said.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Below this many free bytes a database stops.
const FULL: u64 = 512 * 1024 * 1024;
/// Below this part of the disk somebody should know.
const TIGHT: u64 = 10;
/// A read of one row that takes longer is felt at each login.
const SLOW: Duration = Duration::from_millis(100);
/// Clocks of two machines that are further apart want a word, in milliseconds.
const APART: i64 = 5_000;
/// Questions for the time.
const QUESTIONS: usize = 3;

/// What the configuration says, as far as it is looked at.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The data directory.
    pub data: Option<PathBuf>,
    /// Whose forwarded headers count.
    pub trusted: Vec<IpNet>,
    /// Where copies of the database are.
    pub backups: Option<PathBuf>,
}

/// The server's certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// `none`, `files`, `acme` or `authority`.
    pub source: &'static str,
    /// When it ends.
    pub not_after: Option<Timestamp>,
    /// Why the next one does not come, and what to do.
    pub problem: Option<(String, Option<String>)>,
}

/// Fetches our own discovery document by the public URL, as an application would.
pub async fn outside(ways: &Ways, strangers: &Ways, public_url: &str) -> Vec<Finding> {
    let address = format!("{public_url}/.well-known/openid-configuration");
    let Ok(url) = Url::parse(&address) else {
        return Vec::new();
    };
    let fetch = async |ways: &Ways| {
        let request = HttpRequest {
            url: address.clone(),
            max_bytes: 256 * 1024,
            ..HttpRequest::default()
        };
        ways.own().send(request).await
    };
    let (known, unknown) = tokio::join!(fetch(ways), fetch(strangers));
    let mut found = Vec::new();
    match known {
        Ok(answer) if answer.status == 200 => found.push(issuer(&answer.body, public_url)),
        Ok(answer) => found.push(
            Finding::problem(Cause::PublicUrl, "this server's discovery document", format!("status {} at {address}", answer.status))
                .here("see that the proxy in front sends every path of this host here, unchanged"),
        ),
        Err(error @ LoginError::Tls { .. }) => found.push(tls(&error, &url)),
        Err(error) => found.push(
            Finding::problem(Cause::PublicUrl, format!("an answer at {public_url}"), unreachable(&error)).here(
                "see that the name leads to this server from here too, that the proxy in front runs, and that no firewall stands \
                 between",
            ),
        ),
    }
    match (found.first().map(|first| first.code), unknown) {
        (Some("public_url"), Err(LoginError::Tls { .. })) if public_url.starts_with("https:") => found.push(
            Finding::advice(
                Cause::TlsChain,
                "a certificate that every machine trusts",
                "one of a private authority: each application's machine has to be told",
            )
            .here("doorward ca show --pem prints the file to install there, doorward ca show how")
            .there("doorward app show NAME --snippet --ca-file FILE prints how an application is told of it"),
        ),
        (Some("public_url"), Ok(_)) if public_url.starts_with("https:") => {
            found.push(Finding::good(
                Cause::TlsChain,
                "this machine trusts the certificate without being told",
            ));
        }
        _ => {}
    }
    found
}

fn issuer(body: &[u8], public_url: &str) -> Finding {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match document.get("issuer").and_then(serde_json::Value::as_str) {
        Some(issuer) if issuer == public_url => Finding::good(Cause::PublicUrl, format!("{public_url} leads here")),
        Some(other) => Finding::problem(
            Cause::PublicUrl,
            format!("the issuer {public_url}"),
            format!("another server, whose issuer is {}", doorward_oidc::shown(other)),
        )
        .here("see where the name leads, and which server the proxy in front sends it to"),
        None => Finding::problem(Cause::PublicUrl, "this server's discovery document", "something else")
            .here("see that the proxy in front sends every path of this host here, unchanged"),
    }
}

fn tls(error: &LoginError, url: &Url) -> Finding {
    Finding::problem(
        Cause::TlsChain,
        format!("a certificate for {} that this machine trusts", url.host_str().unwrap_or_default()),
        unreachable(error),
    )
    .here(
        "send the whole chain, the intermediate certificates too; for a private authority: [applications] ca = \"/path/to/ca.pem\" \
         here, and the same file on each application's machine",
    )
}

/// When it ends, and whether the next one comes.
pub fn certificate(certificate: &Certificate, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some((problem, remedy)) = &certificate.problem {
        let finding = Finding::problem(Cause::Certificate, "the next certificate", problem.clone());
        let finding = finding.here(remedy.clone().unwrap_or_else(|| "doorward tls show".to_owned()));
        found.push(match certificate.source {
            "files" => finding,
            _ => finding.fix(Fix::RenewCertificate),
        });
    }
    let Some(ends) = certificate.not_after else {
        return found;
    };
    let left = ends.duration_since(now);
    if left < CERTIFICATE_SOON {
        let finding = Finding::problem(
            Cause::Certificate,
            "a certificate for two weeks at least",
            format!("it ends at {ends}"),
        );
        found.push(match certificate.source {
            "files" => finding.here("put the next one in the place of the file; it is read by itself"),
            _ => finding
                .here("doorward tls show says why; doorward tls renew tries at once")
                .fix(Fix::RenewCertificate),
        });
    } else if found.is_empty() {
        found.push(Finding::good(Cause::Certificate, format!("it lasts until {ends}")));
    }
    found
}

/// Who ends TLS, and whether this server believes them.
pub fn proxies(place: &Place, source: &str, public_url: &str) -> Finding {
    let is_https = public_url.starts_with("https:");
    match (is_https, source == "none", !place.trusted.is_empty()) {
        (true, true, false) => Finding::problem(
            Cause::Proxies,
            "the proxy in front among the trusted ones, since it ends TLS",
            "none is trusted: everybody has its address, so that one person's wrong passwords slow down all, and traces say nothing",
        )
        .here("[proxies] trusted = [\"10.0.0.5/32\"] in the configuration, with the proxy's address"),
        (true, false, true) => Finding::advice(
            Cause::Proxies,
            "trusted proxies only where one is in front",
            "this server ends TLS itself, and believes forwarded headers of others",
        )
        .here("take [proxies] trusted out of the configuration if nothing is in front"),
        (false, ..) => Finding::advice(Cause::Proxies, "https", format!("{public_url}: for trying things out on one machine"))
            .here("start with --public-url https://… before anybody else logs in: the issuer never changes afterwards"),
        _ => Finding::good(Cause::Proxies, if source == "none" { "a trusted proxy ends TLS" } else { "this server ends TLS" }),
    }
}

/// This machine's clock, compared with that of `reference`: a server that other people run.
pub async fn time(ways: &Ways, reference: Option<&str>) -> Finding {
    let unknown = |received: &str| {
        Finding::advice(Cause::OwnClock, "a clock to compare with", received.to_owned())
            .here("timedatectl must say: System clock synchronized: yes")
    };
    let Some(url) = reference else {
        return unknown("none is known: no upstream, and no authority for certificates");
    };
    let Ok(parsed) = Url::parse(url) else {
        return unknown("none that can be asked");
    };
    // Whoever set up an upstream on this machine has said that it is there.
    let way = ways.at(&parsed, is_private_name(&parsed));
    match measure_clock(url, way, &SystemClock, QUESTIONS).await {
        None => unknown("none that says what time it is"),
        Some(measured) => {
            // The offset is theirs minus ours: where theirs is behind, ours is ahead.
            let offset = measured.offset_ms.saturating_neg();
            let words = format!("{}, by {}", clock::words(offset), parsed.host_str().unwrap_or_default());
            if offset.saturating_abs().saturating_sub(measured.accuracy_ms) <= 1_000 {
                return Finding::good(Cause::OwnClock, words);
            }
            let expected = "the time that others have, to a second: applications refuse tokens from the future";
            Finding::problem(Cause::OwnClock, expected, words).here("timedatectl set-ntp true, or chronyc makestep")
        }
    }
}

/// Room on the disk of the data directory.
pub fn disk(data: &Path) -> Finding {
    let Ok(stat) = rustix::fs::statvfs(data) else {
        return Finding::advice(
            Cause::Disk,
            "a data directory",
            format!("{} cannot be looked at", data.display()),
        );
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let whole = stat.f_blocks.saturating_mul(stat.f_frsize).max(1);
    let words = format!("{} MiB of {} are free for {}", free >> 20, whole >> 20, data.display());
    let remedy = "doorward setting edit --trace-retention 7 keeps less; or give it a larger disk";
    if free < FULL {
        Finding::problem(Cause::Disk, "512 MiB at least", words).here(remedy)
    } else if free / (whole / 100).max(1) < TIGHT {
        Finding::advice(Cause::Disk, "a tenth of the disk", words).here(remedy)
    } else {
        Finding::good(Cause::Disk, words)
    }
}

/// How long a read of one row took, and what the database says of itself.
pub fn database(took: Duration, condition: &Condition, now: Timestamp) -> Vec<Finding> {
    let mut found = match condition {
        Condition::Sqlite { damage: None, .. } => Vec::new(),
        Condition::Sqlite {
            damage: Some(damage), ..
        } => vec![
            Finding::problem(Cause::Database, "a database without damage", damage.clone())
                .here("stop the server, and put the newest copy in the place of doorward.db"),
        ],
        Condition::Postgres {
            is_durable,
            is_standby,
            connections,
            now: theirs,
            ..
        } => postgres(
            *is_durable,
            *is_standby,
            *connections,
            theirs.saturating_sub(now.as_millisecond()),
        ),
    };
    if took > SLOW {
        let words = format!("a read takes {} ms", took.as_millis());
        let finding = Finding::advice(Cause::Database, "less than 100 ms for a read", words);
        found.push(finding.here("see how busy the database and its disk are: each login waits for several"));
    }
    if found.is_empty() {
        let what = match condition {
            Condition::Sqlite { bytes, .. } => format!("SQLite, {} KiB", bytes / 1024),
            Condition::Postgres { version, .. } => format!("PostgreSQL {version}"),
        };
        let words = format!("{what}: a read takes {} ms", took.as_millis());
        found.push(Finding::good(Cause::Database, words));
    }
    found
}

fn postgres(is_durable: bool, is_standby: bool, (used, most): (i64, i64), ahead_ms: i64) -> Vec<Finding> {
    let mut found = Vec::new();
    if !is_durable {
        let finding = Finding::problem(
            Cause::Database,
            "fsync and synchronous_commit that are on",
            "one of them is off: what was answered is lost when the machine of the database stops, spent codes among it",
        );
        found.push(finding.here("in postgresql.conf: fsync = on and synchronous_commit = on"));
    }
    if is_standby {
        let finding = Finding::problem(
            Cause::Database,
            "a server that takes writes",
            "one that follows another",
        );
        found.push(finding.here("--database must name the primary"));
    }
    if most.saturating_sub(used) < most / 10 {
        let finding = Finding::advice(
            Cause::Database,
            "a tenth of the connections left",
            format!("{used} of {most} are in use"),
        );
        found.push(
            finding.here("raise max_connections, or see who else holds them: a node that gets none refuses logins"),
        );
    }
    if ahead_ms.saturating_abs() > APART {
        let words = format!("the database's clock is {} s off this machine's", ahead_ms / 1000);
        let finding = Finding::advice(Cause::Database, "the same time on both", words);
        found.push(finding.here("timedatectl set-ntp true on both machines"));
    }
    found
}

/// Something that ends: whose it is, and what to type for the next one. `None` while there is time.
pub fn ending(what: &str, ends: Timestamp, now: Timestamp, remedy: String) -> Option<Finding> {
    let left = ends.duration_since(now);
    if left > SOON {
        return None;
    }
    let finding = if left.is_negative() || left.is_zero() {
        Finding::problem(
            Cause::Expired,
            format!("{what} that is valid"),
            format!("it ended at {ends}"),
        )
    } else {
        Finding::advice(
            Cause::Expires,
            format!("{what} for a month at least"),
            format!("it ends at {ends}"),
        )
    };
    Some(finding.here(remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_certificate_that_ends_soon_or_whose_next_one_does_not_come_is_wrong() {
        let good = Certificate {
            source: "acme",
            not_after: Some(at(24 * 60)),
            problem: None,
        };
        assert_eq!(certificate(&good, at(0))[0].weight, Weight::Good);
        assert_eq!(certificate(&good, at(24 * 50))[0].weight, Weight::Problem);
        let stuck = Certificate {
            problem: Some(("port 80 is closed".to_owned(), None)),
            ..good
        };
        assert_eq!(certificate(&stuck, at(0))[0].received, "port 80 is closed");
    }

    #[test]
    fn whoever_ends_tls_in_front_has_to_be_trusted() {
        let place = Place::default();
        let trusting = Place {
            trusted: vec!["10.0.0.5/32".parse().unwrap()],
            ..Place::default()
        };
        let weight = |place, source, url| proxies(place, source, url).weight;
        assert_eq!(weight(&place, "none", "https://sso.example.com"), Weight::Problem);
        assert_eq!(weight(&trusting, "none", "https://sso.example.com"), Weight::Good);
        assert_eq!(weight(&place, "acme", "https://sso.example.com"), Weight::Good);
        assert_eq!(weight(&trusting, "acme", "https://sso.example.com"), Weight::Advice);
        assert_eq!(weight(&place, "none", "http://localhost:8080"), Weight::Advice);
    }

    #[test]
    fn what_ends_is_said_a_month_before_and_what_has_ended_is_wrong() {
        let ends = at(24 * 100);
        let of = |hours| ending("the token x", ends, at(hours), String::new()).map(|finding| finding.weight);
        assert_eq!(of(0), None);
        assert_eq!(of(24 * 80), Some(Weight::Advice));
        assert_eq!(of(24 * 101), Some(Weight::Problem));
    }

    #[test]
    fn another_server_behind_the_name_is_told_from_this_one() {
        let url = "https://sso.example.com";
        assert_eq!(
            issuer(br#"{"issuer":"https://sso.example.com"}"#, url).weight,
            Weight::Good
        );
        for other in [r#"{"issuer":"https://sso.example.com/"}"#, "{}", "<html>", "[]"] {
            assert_eq!(issuer(other.as_bytes(), url).weight, Weight::Problem, "{other}");
        }
    }

    #[test]
    fn what_a_database_says_of_itself_is_judged() {
        let now = at(0);
        let weight = |condition: &Condition| {
            let found = database(Duration::from_millis(1), condition, now);
            (found.len(), found[0].weight)
        };
        let damage = |damage: Option<&str>| Condition::Sqlite {
            bytes: 4096,
            damage: damage.map(str::to_owned),
        };
        assert_eq!(weight(&damage(None)), (1, Weight::Good));
        assert_eq!(weight(&damage(Some("row 7 missing from index"))), (1, Weight::Problem));
        let postgres = |is_durable, is_standby, used, ahead| Condition::Postgres {
            version: "17.2".to_owned(),
            is_durable,
            is_standby,
            connections: (used, 100),
            now: ahead,
        };
        assert_eq!(weight(&postgres(true, false, 20, 100)), (1, Weight::Good));
        assert_eq!(weight(&postgres(false, false, 20, 0)), (1, Weight::Problem));
        assert_eq!(weight(&postgres(true, true, 20, 0)), (1, Weight::Problem));
        assert_eq!(weight(&postgres(true, false, 95, 0)), (1, Weight::Advice));
        assert_eq!(weight(&postgres(true, false, 20, -60_000)), (1, Weight::Advice));
        let slow = database(Duration::from_secs(1), &damage(None), now);
        assert_eq!(slow[0].weight, Weight::Advice);
    }

    #[test]
    fn there_is_room_or_not() {
        assert!(disk(Path::new("/")).received.contains("MiB of"));
        assert_eq!(disk(Path::new("/nowhere/at/all")).weight, Weight::Advice);
    }
}
