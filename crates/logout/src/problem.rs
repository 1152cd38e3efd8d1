//! Why an application was not told, in words for whoever can mend it. Of an address that may be a private one less is said: whoever may
//! name addresses would read by its answers what only this machine can reach.

use doorward_apps::App;
use doorward_login::{HttpAnswer, LoginError, Reach};
use url::Url;

/// Characters of an application's answer that are kept.
const LONGEST_ANSWER: usize = 200;
/// Letters of the code of an error (Back-Channel Logout §2.8) that is kept of anybody.
const LONGEST_CODE: usize = 40;

/// The request came to nothing.
pub(crate) fn of_error(app: &App, url: &str, reach: Reach, error: &LoginError) -> String {
    let host = host(url);
    match error {
        LoginError::Unreachable { detail, .. } if detail.contains("dns error") => {
            format!("could not resolve {host} from this host")
        }
        LoginError::Unreachable { detail, .. } if detail.contains("refused") => {
            format!("nothing listens at {host} (connection refused)")
        }
        LoginError::Unreachable { detail, .. } if detail.contains("timed out") || detail.contains("elapsed") => {
            format!("no connection to {host} in time")
        }
        LoginError::Unreachable { detail, .. } => format!("no connection to {host}: {detail}"),
        LoginError::Tls { detail, .. } => format!("the certificate of {host} is not trusted here: {detail}"),
        LoginError::TooSlow { milliseconds, .. } => format!("no answer from {host} within {} s", milliseconds / 1000),
        LoginError::Redirected { .. } if reach > Reach::Public => {
            "answered with a redirect, expected 200: register the address that it leads to".to_owned()
        }
        LoginError::Redirected { location, .. } => {
            format!("answered with a redirect to {location}, expected 200: register the address that it leads to")
        }
        other => {
            let allow = format!(
                "doorward app edit {} --weaken-logout-private-address true",
                app.client_id
            );
            other.out_of_reach(&allow).unwrap_or_else(|| other.to_string())
        }
    }
}

/// The application answered with something else than "done". Of what it said, the code of the error alone when that was private.
pub(crate) fn of_answer(answer: &HttpAnswer, reach: Reach) -> String {
    let said = match reach {
        Reach::Public => words(answer),
        Reach::PrivateNetworks | Reach::Loopback => code(answer).unwrap_or_default(),
    };
    if said.is_empty() {
        format!("answered with status {}, expected 200", answer.status)
    } else {
        format!("answered with status {}, expected 200: {said}", answer.status)
    }
}

/// What an answer says, short and in one line; nothing of a page.
pub(crate) fn words(answer: &HttpAnswer) -> String {
    let said = String::from_utf8_lossy(&answer.body);
    let said: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_ANSWER)
        .collect();
    let said = said.trim();
    if said.starts_with('<') {
        return String::new();
    }
    said.to_owned()
}

/// The `error` of an answer, if it looks like one of OAuth's.
fn code(answer: &HttpAnswer) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let code = answer.get("error")?.as_str()?;
    let is_code =
        code.len() <= LONGEST_CODE && code.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
    is_code.then(|| code.to_owned())
}

/// Host and port, as somebody would look them up.
pub(crate) fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str).unwrap_or(url);
    match parsed.as_ref().and_then(Url::port) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer {
            status,
            body: body.as_bytes().to_vec(),
            ..HttpAnswer::default()
        }
    }

    #[test]
    fn what_an_application_says_is_kept_short_and_pages_are_not_kept() {
        let of_answer = |answer: &HttpAnswer| of_answer(answer, Reach::Public);
        assert_eq!(
            of_answer(&answer(400, "{\"error\":\"invalid_request\"}\n")),
            "answered with status 400, expected 200: {\"error\":\"invalid_request\"}"
        );
        assert_eq!(
            of_answer(&answer(500, "<html>…")),
            "answered with status 500, expected 200"
        );
        assert_eq!(
            of_answer(&answer(404, "\u{1b}[31m\u{0}")),
            "answered with status 404, expected 200: [31m"
        );
        assert!(of_answer(&answer(500, &"x".repeat(5000))).len() < 300);
    }

    #[test]
    fn of_what_a_private_address_says_the_code_of_an_error_is_kept_and_nothing_else() {
        let of_answer = |status, body| of_answer(&answer(status, body), Reach::PrivateNetworks);
        let plain = "answered with status 400, expected 200";
        assert_eq!(
            of_answer(400, "{\"error\":\"invalid_request\"}"),
            format!("{plain}: invalid_request")
        );
        for body in [
            "secret",
            "{\"error\":\"root:x:0:0\"}",
            "{\"error\":\"Token 7\",\"secret\":\"s\"}",
            "{\"error\":{\"a\":1}}",
            "[1]",
            "",
        ] {
            assert_eq!(of_answer(400, body), plain, "{body}");
        }
        let long = format!("{{\"error\":\"{}\"}}", "a".repeat(41));
        assert_eq!(of_answer(400, &long), plain);
    }

    #[test]
    fn a_host_is_named_as_it_is_looked_up() {
        assert_eq!(host("https://vault.lan/logout"), "vault.lan");
        assert_eq!(host("http://127.0.0.1:9000/x"), "127.0.0.1:9000");
    }
}
