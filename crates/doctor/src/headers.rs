//! What the proxy in front makes of headers: the public URL is asked for a page that says what arrived, with headers that no honest
//! browser sends.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorward_jose::Random;
use doorward_login::{HttpRequest, LoginError};
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{Cause, Finding, Ways};

/// Where the page is, below the public URL.
pub const PATH: &str = "/doctor/arrived";
/// The header with the token that opens it once.
pub const TOKEN: HeaderName = HeaderName::from_static("doorward-doctor");

/// An address of documentation (RFC 5737 §3), at which nobody is.
const INVENTED: &str = "203.0.113.77";
/// A name that leads nowhere (RFC 6761 §6.4).
const NOBODY: &str = "doorward-doctor.invalid";
/// How long a token opens the page.
const LASTS: Duration = Duration::from_secs(30);
/// Most that is read of the page, in bytes.
const LARGEST: usize = 16 * 1024;
/// Addresses of one header that are looked at.
const MOST_HOPS: usize = 32;
/// A network that is larger than this holds strangers, in bits of its prefix.
const WIDE: u8 = 8;

/// What arrived of a request that the doctor sent to the public URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The other end of the connection; `None` for a socket without an address.
    pub peer: Option<IpAddr>,
    /// `X-Forwarded-For`, every line.
    pub forwarded_for: Vec<String>,
    /// `X-Forwarded-Host`, every line.
    pub forwarded_host: Vec<String>,
    /// What the page sets as a cookie.
    pub cookie: String,
}

impl Arrived {
    /// Reads a request.
    pub fn of(peer: Option<IpAddr>, headers: &HeaderMap, cookie: &str) -> Self {
        let all = |name: &str| -> Vec<String> {
            let values = headers.get_all(name).iter().take(MOST_HOPS);
            values
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect()
        };
        Self {
            peer: peer.map(|address| address.to_canonical()),
            forwarded_for: all("x-forwarded-for"),
            forwarded_host: all("x-forwarded-host"),
            cookie: cookie.to_owned(),
        }
    }

    /// Addresses in `X-Forwarded-For`, from the browser's to the last proxy's.
    fn hops(&self) -> Vec<&str> {
        let hops = self.forwarded_for.iter().flat_map(|line| line.split(','));
        hops.map(str::trim)
            .filter(|hop| !hop.is_empty())
            .take(MOST_HOPS)
            .collect()
    }

    /// Whether anything was changed on the way: somebody stands in front.
    fn shows_a_proxy(&self) -> bool {
        self.hops() != [INVENTED] || last(&self.forwarded_host) != Some(NOBODY)
    }
}

/// Tokens that were handed out and not used.
#[derive(Default)]
pub(crate) struct Awaited(Mutex<HashMap<String, Instant>>);

impl Awaited {
    fn expect(&self, random: &dyn Random) -> String {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        let token = format!("{:032x}", u128::from_be_bytes(bytes));
        let mut awaited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.retain(|_, since| since.elapsed() < LASTS);
        awaited.insert(token.clone(), Instant::now());
        token
    }

    /// Whether somebody waits for it: once.
    pub(crate) fn take(&self, token: &str) -> bool {
        let mut awaited = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.remove(token).is_some_and(|since| since.elapsed() < LASTS)
    }
}

/// What came of asking.
pub(crate) enum Asked {
    /// The page, and whether its cookie came through as it was set.
    Answered(Arrived, bool),
    /// Something else answered, with this status.
    Other(u16),
}

/// Asks the public URL what arrives there.
pub(crate) async fn ask(
    ways: &Ways,
    awaited: &Awaited,
    random: &dyn Random,
    public_url: &str,
) -> Result<Asked, LoginError> {
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-forwarded-for", INVENTED), ("x-forwarded-host", NOBODY)] {
        if let Ok(value) = value.parse::<HeaderValue>() {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if let Ok(token) = awaited.expect(random).parse() {
        headers.insert(TOKEN, token);
    }
    let request = HttpRequest {
        url: format!("{public_url}{PATH}"),
        max_bytes: LARGEST,
        headers,
        redirects: true,
        ..HttpRequest::default()
    };
    let answer = ways.own().send(request).await?;
    let arrived = (answer.status == 200).then(|| serde_json::from_slice::<Arrived>(&answer.body).ok());
    Ok(match arrived.flatten() {
        Some(arrived) => {
            let is_whole = answer.header("set-cookie") == Some(arrived.cookie.as_str());
            Asked::Answered(arrived, is_whole)
        }
        None => Asked::Other(answer.status),
    })
}

/// What that means, with the networks whose word counts. `ends_tls`: this server ends TLS itself, or there is none.
pub(crate) fn judge(asked: &Asked, trusted: &[IpNet], ends_tls: bool) -> Vec<Finding> {
    let mut found: Vec<Finding> = too_wide(trusted).into_iter().collect();
    let (arrived, cookie_is_whole) = match asked {
        Asked::Answered(arrived, is_whole) => (arrived, *is_whole),
        Asked::Other(status) => {
            let finding = Finding::advice(
                Cause::Headers,
                "the doctor's own page behind the public URL",
                format!(
                    "status {status}: the proxy in front keeps the path {PATH} or the header {TOKEN} back, or another node answered"
                ),
            );
            found.push(
                finding.here("let the proxy in front send every path and header here; with several nodes, look again"),
            );
            return found;
        }
    };
    if !cookie_is_whole {
        let finding = Finding::problem(
            Cause::Headers,
            "cookies as this server sets them",
            "a cookie that the proxy in front took away or changed: browsers refuse cookies of the kind __Host- then",
        );
        found.push(finding.here(
            "take proxy_cookie_path, proxy_cookie_domain and what is like them out of the proxy's configuration",
        ));
    }
    let Some(peer) = arrived.peer else {
        return found;
    };
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    if !is_trusted(&peer) {
        found.push(untrusted(arrived, peer, ends_tls));
        return found;
    }
    found.extend(believed(arrived, peer, is_trusted));
    if found.is_empty() {
        let words = format!("{peer} says where people come from, and nobody chooses an address of their own");
        found.push(Finding::good(Cause::Headers, words));
    }
    found
}

fn untrusted(arrived: &Arrived, peer: IpAddr, ends_tls: bool) -> Finding {
    if ends_tls && !arrived.shows_a_proxy() {
        return Finding::good(
            Cause::Headers,
            format!("they arrive as they were sent, by {peer}, and nobody's word on where they come from counts"),
        );
    }
    Finding::problem(
        Cause::Headers,
        "the proxy in front among the trusted ones",
        format!(
            "{peer} passes requests on and is not trusted: everybody has its address, so that one person's wrong passwords slow down \
             all, and traces say nothing"
        ),
    )
    .here(format!("[proxies] trusted = [\"{peer}\"] in the configuration"))
}

/// What a proxy whose word counts lets through.
fn believed(arrived: &Arrived, peer: IpAddr, is_trusted: impl Fn(&IpAddr) -> bool) -> Vec<Finding> {
    let hops = arrived.hops();
    let mut found = Vec::new();
    match hops.as_slice() {
        [] => found.push(
            Finding::problem(
                Cause::Headers,
                "an X-Forwarded-For of the proxy in front",
                format!("none: everybody has the address of {peer}"),
            )
            .here("in nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"),
        ),
        [.., last] if *last == INVENTED => found.push(
            Finding::problem(
                Cause::Headers,
                "the address that the proxy in front sees, as the last in X-Forwarded-For",
                format!(
                    "the one that a stranger wrote there, passed on by {peer}: everybody chooses their own address, for traces, events \
                     and the counting of wrong passwords"
                ),
            )
            .here("in nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;")
            .here(format!("if {peer} is no proxy: take it out of [proxies] trusted")),
        ),
        _ => {
            // Behind what a stranger wrote stands who asked, and then every proxy but the last.
            let begin = hops.iter().position(|hop| *hop == INVENTED).map_or(1, |at| at + 2);
            let asked = begin.checked_sub(1).and_then(|at| hops.get(at)).and_then(|hop| hop.parse::<IpAddr>().ok());
            let is_proxy = |asked: &IpAddr| is_trusted(asked) && !asked.is_loopback() && *asked != peer;
            if let Some(outer) = asked.filter(|asked| begin > 1 && is_proxy(asked)) {
                // The doctor asks from a proxy's machine, or that proxy has not said whom it stands for.
                let finding = Finding::advice(
                    Cause::Headers,
                    "an X-Forwarded-For of every proxy on the way",
                    format!(
                        "{outer}, which is trusted, right behind what a stranger wrote: unless it is this machine, it passes that on, and \
                         everybody chooses their own address"
                    ),
                );
                found.push(finding.here(format!("on {outer}: let it add the address that it sees to X-Forwarded-For")));
            }
            let between = hops.iter().skip(begin).filter_map(|hop| hop.parse::<IpAddr>().ok());
            if let Some(stranger) = between.into_iter().find(|hop| !is_trusted(hop)) {
                let finding = Finding::problem(
                    Cause::Headers,
                    "every proxy on the way among the trusted ones",
                    format!("{stranger} passes requests on to {peer} and is not: everybody has its address"),
                );
                found.push(finding.here(format!("add \"{stranger}\" to [proxies] trusted")));
            }
        }
    }
    if last(&arrived.forwarded_host) == Some(NOBODY) {
        let finding = Finding::advice(
            Cause::Headers,
            "an X-Forwarded-Host of the proxy in front, or none",
            "the one that a stranger wrote: it is believed where several issuers answer, and decides nothing else",
        );
        found.push(finding.here("in nginx: proxy_set_header X-Forwarded-Host $http_host;"));
    }
    found
}

/// Networks that hold more than proxies.
fn too_wide(trusted: &[IpNet]) -> Option<Finding> {
    let wide = trusted.iter().find(|network| network.prefix_len() < WIDE)?;
    let finding = Finding::problem(
        Cause::Proxies,
        "proxies of one's own among the trusted ones",
        format!("{wide}, which is most of the world: anybody says where they come from, and is believed"),
    );
    Some(finding.here("[proxies] trusted = [\"10.0.0.5\"] in the configuration, with the proxy's address alone"))
}

fn last(lines: &[String]) -> Option<&str> {
    lines.last()?.rsplit(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;

    fn arrived(peer: &str, forwarded_for: &[&str], host: &[&str]) -> Asked {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let arrived = Arrived {
            peer: Some(peer.parse().unwrap()),
            forwarded_for: texts(forwarded_for),
            forwarded_host: texts(host),
            ..Arrived::default()
        };
        Asked::Answered(arrived, true)
    }

    fn judged(asked: &Asked, trusted: &[&str]) -> Vec<(Weight, String)> {
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let found = judge(asked, &trusted, true).into_iter();
        found
            .map(|finding| {
                let remedies: Vec<String> = finding.remedies.into_iter().map(|remedy| remedy.text).collect();
                (finding.weight, format!("{} {}", finding.received, remedies.join(" ")))
            })
            .collect()
    }

    #[track_caller]
    fn says(asked: &Asked, trusted: &[&str], weight: Weight, words: &str) {
        let found = judged(asked, trusted);
        assert!(
            found.iter().any(|(is, said)| *is == weight && said.contains(words)),
            "{words}: {found:#?}"
        );
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_named_by_its_address() {
        let asked = arrived("10.0.0.5", &["203.0.113.77, 192.0.2.1"], &[NOBODY]);
        says(&asked, &[], Weight::Problem, "trusted = [\"10.0.0.5\"]");
        // It took away what the stranger wrote.
        let asked = arrived("10.0.0.5", &["192.0.2.1"], &[]);
        says(&asked, &[], Weight::Problem, "trusted = [\"10.0.0.5\"]");
    }

    #[test]
    fn without_a_proxy_nothing_is_changed_and_nothing_believed() {
        let asked = arrived("192.0.2.1", &[INVENTED], &[NOBODY]);
        says(&asked, &[], Weight::Good, "nobody's word");
    }

    #[test]
    fn a_proxy_that_appends_is_as_it_should_be() {
        let asked = arrived("10.0.0.5", &["203.0.113.77, 192.0.2.1"], &["sso.example.com"]);
        says(&asked, &["10.0.0.5/32"], Weight::Good, "nobody chooses");
        // The doctor asks from the proxy's own machine.
        let asked = arrived("127.0.0.1", &["203.0.113.77, 127.0.0.1"], &["sso.example.com"]);
        says(&asked, &["127.0.0.1/32"], Weight::Good, "nobody chooses");
    }

    #[test]
    fn a_proxy_that_passes_on_what_strangers_write_is_wrong() {
        let asked = arrived("10.0.0.5", &[INVENTED], &["sso.example.com"]);
        says(&asked, &["10.0.0.5/32"], Weight::Problem, "chooses their own address");
        let asked = arrived("10.0.0.5", &["203.0.113.77, 192.0.2.1"], &[NOBODY]);
        says(&asked, &["10.0.0.5/32"], Weight::Advice, "X-Forwarded-Host");
    }

    #[test]
    fn a_proxy_that_says_nothing_and_one_between_that_is_not_known_are_wrong() {
        says(
            &arrived("10.0.0.5", &[], &[]),
            &["10.0.0.5/32"],
            Weight::Problem,
            "none: everybody",
        );
        let chain = arrived("10.0.0.5", &["203.0.113.77, 192.0.2.1, 10.0.0.9"], &[]);
        says(&chain, &["10.0.0.5/32"], Weight::Problem, "add \"10.0.0.9\"");
        says(&chain, &["10.0.0.5/32", "10.0.0.9/32"], Weight::Good, "nobody chooses");
        // The outer one says nothing of whom it stands for.
        let outer = arrived("10.0.0.5", &["203.0.113.77, 10.0.0.9"], &[]);
        says(
            &outer,
            &["10.0.0.5/32", "10.0.0.9/32"],
            Weight::Advice,
            "on 10.0.0.9: let it add",
        );
    }

    #[test]
    fn everybody_trusted_a_changed_cookie_and_another_page_are_said() {
        let asked = arrived("10.0.0.5", &["203.0.113.77, 192.0.2.1"], &[]);
        says(&asked, &["0.0.0.0/0"], Weight::Problem, "most of the world");
        assert!(
            judged(&asked, &["0.0.0.0/0"])
                .iter()
                .all(|(weight, _)| *weight != Weight::Good)
        );
        let Asked::Answered(page, _) = asked else { panic!() };
        says(
            &Asked::Answered(page, false),
            &["10.0.0.5/32"],
            Weight::Problem,
            "cookie",
        );
        says(&Asked::Other(404), &[], Weight::Advice, "status 404");
    }

    #[test]
    fn a_token_opens_the_page_once() {
        let awaited = Awaited::default();
        let token = awaited.expect(&doorward_jose::SystemRandom);
        assert!(!awaited.take("other"));
        assert!(awaited.take(&token));
        assert!(!awaited.take(&token));
    }
}
