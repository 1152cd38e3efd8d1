//! Why an application was not told, in words for whoever can mend it.

use doorward_apps::App;
use doorward_login::{HttpAnswer, LoginError};
use url::Url;

/// Characters of an application's answer that are kept.
const LONGEST_ANSWER: usize = 200;

/// The request came to nothing.
pub(crate) fn of_error(app: &App, url: &str, error: &LoginError) -> String {
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
        LoginError::Redirected { location, .. } => {
            format!("answered with a redirect to {location}, expected 200: register the address that it leads to")
        }
        LoginError::PrivateAddress { received, .. } => format!(
            "{host} is at {received}, which is not public; if it is meant to be there: doorward app edit {} \
             --weaken-logout-private-address true",
            app.client_id
        ),
        other => other.to_string(),
    }
}

/// The application answered with something else than "done".
pub(crate) fn of_answer(answer: &HttpAnswer) -> String {
    let said = String::from_utf8_lossy(&answer.body);
    let said: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_ANSWER)
        .collect();
    let said = said.trim();
    if said.is_empty() || said.starts_with('<') {
        format!("answered with status {}, expected 200", answer.status)
    } else {
        format!("answered with status {}, expected 200: {said}", answer.status)
    }
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
    fn a_host_is_named_as_it_is_looked_up() {
        assert_eq!(host("https://vault.lan/logout"), "vault.lan");
        assert_eq!(host("http://127.0.0.1:9000/x"), "127.0.0.1:9000");
    }
}
