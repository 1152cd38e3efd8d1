//! The installation itself: how it looks from outside in, its certificate, its clock, its disk, and what wants renewal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_login::{HttpRequest, LoginError, SystemClock, measure_clock};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::{Finding, Ways, clock, logout::unreachable};

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
/// Questions for the time.
const QUESTIONS: usize = 3;

/// What the configuration says, as far as it is looked at.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The data directory.
    pub data: Option<PathBuf>,
    /// Whether forwarded headers of any proxy count.
    pub trusts_proxies: bool,
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
        ways.private().send(request).await
    };
    let (known, unknown) = tokio::join!(fetch(ways), fetch(strangers));
    let mut found = Vec::new();
    match known {
        Ok(answer) if answer.status == 200 => found.push(issuer(&answer.body, public_url)),
        Ok(answer) => found.push(
            Finding::problem("public_url", 5, "this server's discovery document", format!("status {} at {address}", answer.status))
                .here("see that the proxy in front sends every path of this host here, unchanged"),
        ),
        Err(error @ LoginError::Tls { .. }) => found.push(tls(&error, &url)),
        Err(error) => found.push(
            Finding::problem("public_url", 5, format!("an answer at {public_url}"), unreachable(&error)).here(
                "see that the name leads to this server from here too, that the proxy in front runs, and that no firewall stands \
                 between",
            ),
        ),
    }
    match (found.first().map(|first| first.code), unknown) {
        (Some("public_url"), Err(LoginError::Tls { .. })) if public_url.starts_with("https:") => found.push(
            Finding::advice(
                "tls_chain",
                40,
                "a certificate that every machine trusts",
                "one of a private authority: each application's machine has to be told",
            )
            .here("doorward ca show --pem prints the file to install there, doorward ca show how")
            .there("doorward app show NAME --snippet --ca-file FILE prints how an application is told of it"),
        ),
        (Some("public_url"), Ok(_)) if public_url.starts_with("https:") => {
            found.push(Finding::good(
                "tls_chain",
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
        Some(issuer) if issuer == public_url => Finding::good("public_url", format!("{public_url} leads here")),
        Some(other) => Finding::problem(
            "public_url",
            5,
            format!("the issuer {public_url}"),
            format!("another server, whose issuer is {}", doorward_oidc::shown(other)),
        )
        .here("see where the name leads, and which server the proxy in front sends it to"),
        None => Finding::problem("public_url", 5, "this server's discovery document", "something else")
            .here("see that the proxy in front sends every path of this host here, unchanged"),
    }
}

fn tls(error: &LoginError, url: &Url) -> Finding {
    Finding::problem(
        "tls_chain",
        6,
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
        let finding = Finding::problem("certificate", 10, "the next certificate", problem.clone());
        found.push(finding.here(remedy.clone().unwrap_or_else(|| "doorward tls show".to_owned())));
    }
    let Some(ends) = certificate.not_after else {
        return found;
    };
    let left = ends.duration_since(now);
    if left < CERTIFICATE_SOON {
        let finding = Finding::problem(
            "certificate",
            10,
            "a certificate for two weeks at least",
            format!("it ends at {ends}"),
        );
        found.push(finding.here(match certificate.source {
            "files" => "put the next one in the place of the file; it is read by itself",
            _ => "doorward tls show says why; doorward tls renew tries at once",
        }));
    } else if found.is_empty() {
        found.push(Finding::good("certificate", format!("it lasts until {ends}")));
    }
    found
}

/// Who ends TLS, and whether this server believes them.
pub fn proxies(place: &Place, source: &str, public_url: &str) -> Finding {
    let is_https = public_url.starts_with("https:");
    match (is_https, source == "none", place.trusts_proxies) {
        (true, true, false) => Finding::problem(
            "proxies",
            30,
            "the proxy in front among the trusted ones, since it ends TLS",
            "none is trusted: everybody has its address, so that one person's wrong passwords slow down all, and traces say nothing",
        )
        .here("[proxies] trusted = [\"10.0.0.5/32\"] in the configuration, with the proxy's address"),
        (true, false, true) => Finding::advice(
            "proxies",
            80,
            "trusted proxies only where one is in front",
            "this server ends TLS itself, and believes forwarded headers of others",
        )
        .here("take [proxies] trusted out of the configuration if nothing is in front"),
        (false, ..) => Finding::advice("proxies", 70, "https", format!("{public_url}: for trying things out on one machine"))
            .here("start with --public-url https://… before anybody else logs in: the issuer never changes afterwards"),
        _ => Finding::good("proxies", if source == "none" { "a trusted proxy ends TLS" } else { "this server ends TLS" }),
    }
}

/// This machine's clock, compared with that of `reference`: a server that other people run.
pub async fn time(ways: &Ways, reference: Option<&str>) -> Finding {
    let unknown = |received: &str| {
        Finding::advice("clock", 90, "a clock to compare with", received.to_owned())
            .here("timedatectl must say: System clock synchronized: yes")
    };
    let Some(url) = reference else {
        return unknown("none is known: no upstream, and no authority for certificates");
    };
    let Ok(parsed) = Url::parse(url) else {
        return unknown("none that can be asked");
    };
    let way = ways.at(&parsed, false);
    match measure_clock(url, way, &SystemClock, QUESTIONS).await {
        None => unknown("none that says what time it is"),
        Some(measured) => {
            // The offset is theirs minus ours: where theirs is behind, ours is ahead.
            let offset = measured.offset_ms.saturating_neg();
            let words = format!("{}, by {}", clock::words(offset), parsed.host_str().unwrap_or_default());
            if offset.saturating_abs().saturating_sub(measured.accuracy_ms) <= 1_000 {
                return Finding::good("clock", words);
            }
            let expected = "the time that others have, to a second: applications refuse tokens from the future";
            Finding::problem("clock", 20, expected, words).here("timedatectl set-ntp true, or chronyc makestep")
        }
    }
}

/// Room on the disk of the data directory.
pub fn disk(data: &Path) -> Finding {
    let Ok(stat) = rustix::fs::statvfs(data) else {
        return Finding::advice(
            "disk",
            90,
            "a data directory",
            format!("{} cannot be looked at", data.display()),
        );
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let whole = stat.f_blocks.saturating_mul(stat.f_frsize).max(1);
    let words = format!("{} MiB of {} are free for {}", free >> 20, whole >> 20, data.display());
    let remedy = "doorward setting edit --trace-retention 7 keeps less; or give it a larger disk";
    if free < FULL {
        Finding::problem("disk", 25, "512 MiB at least", words).here(remedy)
    } else if free / (whole / 100).max(1) < TIGHT {
        Finding::advice("disk", 65, "a tenth of the disk", words).here(remedy)
    } else {
        Finding::good("disk", words)
    }
}

/// How long a read of one row took.
pub fn database(took: Duration) -> Finding {
    let words = format!("a read takes {} ms", took.as_millis());
    if took > SLOW {
        Finding::advice("database", 60, "less than 100 ms for a read", words)
            .here("see how busy the database and its disk are: each login waits for several")
    } else {
        Finding::good("database", words)
    }
}

/// Something that ends: whose it is, and what to type for the next one. `None` while there is time.
pub fn ending(what: &str, ends: Timestamp, now: Timestamp, remedy: String) -> Option<Finding> {
    let left = ends.duration_since(now);
    if left > SOON {
        return None;
    }
    let finding = if left.is_negative() || left.is_zero() {
        Finding::problem(
            "expired",
            35,
            format!("{what} that is valid"),
            format!("it ended at {ends}"),
        )
    } else {
        Finding::advice(
            "expires",
            55,
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
            trusts_proxies: true,
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
    fn there_is_room_or_not() {
        assert!(disk(Path::new("/")).received.contains("MiB of"));
        assert_eq!(disk(Path::new("/nowhere/at/all")).weight, Weight::Advice);
    }
}
