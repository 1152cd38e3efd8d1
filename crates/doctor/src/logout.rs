//! Whether the address that takes logout tokens takes any: it is knocked at with something that is no token.

use doorward_apps::App;
use doorward_login::{HttpRequest, LoginError, is_this_machine};
use url::Url;

use crate::{Cause, Finding, Fix, Ways, registration::in_private, way::may_be_private};

/// What is sent: nobody takes it for a token.
const NO_TOKEN: &str = "logout_token=doorward.doctor.looks";

/// What is said of an address in a private network that does not answer, unless somebody has said that it is one.
pub(crate) const UNTOLD: &str = "no answer";

/// Knocks; `None` when the application is told of no logouts.
pub(crate) async fn knock(ways: &Ways, app: &App) -> Option<Finding> {
    let uri = app.logout.backchannel_uri.as_deref()?;
    let url = Url::parse(uri).ok()?;
    let request = HttpRequest {
        url: uri.to_owned(),
        form: Some(NO_TOKEN.to_owned()),
        max_bytes: 64 * 1024,
        redirects: true,
        ..HttpRequest::default()
    };
    let way = ways.to(app, &url);
    if is_this_machine(&url) && !may_be_private(app) {
        let finding = Finding::advice(
            Cause::Logout,
            "an address that this server may go to",
            format!("{uri} is this server's own machine, and is not asked"),
        );
        return Some(finding.here(in_private(app)).fix(Fix::WeakenPrivateAddress));
    }
    let answer = way.http.send(request).await;
    if !way.tells && answer.is_ok() {
        let received =
            format!("{uri} answers; what it answers is told only of a private network that somebody has named");
        return Some(Finding::advice(Cause::Logout, "an answer that is judged", received).here(in_private(app)));
    }
    let expected = "an answer with status 400 to what is no logout token (Back-Channel Logout §2.8)";
    let edit = format!("doorward app edit {} --backchannel-logout-uri URL", app.client_id);
    Some(match answer.map(|answer| answer.status) {
        Ok(400 | 401 | 415 | 422 | 501) => Finding::good(Cause::Logout, format!("{uri} judges what it gets")),
        Ok(404 | 405 | 410) => Finding::problem(Cause::Logout, expected, format!("{uri} is not there"))
            .here(edit)
            .there("see that this version of the application takes logout tokens, and where"),
        Ok(403) => Finding::advice(Cause::Logout, expected, format!("{uri} answers 403"))
            .there("see that neither a firewall nor a protection against forged forms stands before it"),
        Ok(status @ 300..=399) => {
            Finding::problem(Cause::Logout, expected, format!("{uri} answers {status}, a redirect")).here(edit)
        }
        Ok(status @ 500..) => Finding::advice(Cause::Logout, expected, format!("{uri} answers {status}"))
            .there("look into its log: it fails on what is no token, and may on what is one"),
        Ok(status) => Finding::advice(Cause::Logout, expected, format!("{uri} answers {status}"))
            .there("it says that it has ended a session for something that is no logout token: see that this address is the one"),
        Err(error) => {
            let why = if way.tells { unreachable(&error) } else { UNTOLD.to_owned() };
            let finding = Finding::problem(Cause::Logout, expected, why);
            finding.here(edit).there("open its address for this server")
        }
    })
}

/// Why an address of the application was not reached from here, in a few words.
pub(crate) fn unreachable(error: &LoginError) -> String {
    match error {
        LoginError::Tls { detail, .. } => format!("its certificate is not trusted here: {detail}"),
        LoginError::TooSlow { milliseconds, .. } => format!("no answer within {} s", milliseconds / 1000),
        LoginError::PrivateAddress { received, .. } => format!("its name leads to {received}, which is not public"),
        LoginError::Unreachable { detail, .. } if detail.contains("dns error") => {
            "its name cannot be resolved from here".to_owned()
        }
        LoginError::Unreachable { detail, .. } if detail.contains("refused") => {
            "nothing listens there (connection refused)".to_owned()
        }
        LoginError::Unreachable { .. } => "no connection".to_owned(),
        LoginError::TooLarge { limit, .. } => format!("more than {limit} bytes"),
        other => other.code().to_owned(),
    }
}
