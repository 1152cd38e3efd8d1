//! What the doctor may mend at this server, as the ordinary operations that do it.

use doorward_api as api;
use doorward_apps::App;
use doorward_doctor::Fix;

use super::apps::shown_algorithm;

/// The operation behind a fix. `app` is whose finding it is, if it is an application's; nothing without one that needs it.
pub(super) fn shown(fix: Fix, app: Option<&App>) -> Option<api::DoctorFix> {
    match fix {
        Fix::CloseRegistration => Some(api::DoctorFix {
            about:
                "let applications register themselves with an initial access token only; those that are registered stay"
                    .to_owned(),
            needs_a_person: false,
            change: api::DoctorChange::ClientRegistration(api::ClientRegistrationChange {
                mode: Some(api::RegistrationMode::Token),
                ..api::ClientRegistrationChange::default()
            }),
        }),
        Fix::RenewCertificate => Some(api::DoctorFix {
            about: "ask for the next certificate at once".to_owned(),
            needs_a_person: false,
            change: api::DoctorChange::RenewCertificate,
        }),
        Fix::Strict { client_id, name } => {
            let (about, change) = strict(name)?;
            Some(of_app(format!("{client_id}: {about}"), client_id, true, change))
        }
        fix => {
            let (about, needs_a_person, change) = of_login(fix)?;
            Some(of_app(about, app?.client_id.clone(), needs_a_person, change))
        }
    }
}

fn of_app(about: String, client_id: String, needs_a_person: bool, change: api::AppChange) -> api::DoctorFix {
    api::DoctorFix {
        about,
        needs_a_person,
        change: api::DoctorChange::App(Box::new(api::DoctorAppChange { client_id, change })),
    }
}

/// What an application's logins need; whether it opens something or may keep somebody out.
fn of_login(fix: Fix) -> Option<(String, bool, api::AppChange)> {
    let mut change = api::AppChange::default();
    let (about, needs_a_person) = match fix {
        Fix::AddRedirectUri { uri, is_usual } => {
            let about = format!("register the redirect URI {uri}: codes of logins are sent there");
            change.add_redirect_uris = vec![uri];
            (about, !is_usual)
        }
        Fix::WeakenPkce => {
            change.pkce = Some(api::Pkce::WeakenIfSent);
            let about = "accept requests without PKCE: weaker, only for an application that cannot send it";
            (about.to_owned(), true)
        }
        Fix::SignWith(algorithm) => {
            change.id_token_alg = Some(shown_algorithm(algorithm));
            // Where somebody has chosen another one, its configuration may name that.
            (format!("sign its ID tokens with {algorithm}"), true)
        }
        Fix::PlainUserinfo => {
            change.userinfo_signed_alg = api::Edit::Clear;
            // Where somebody has chosen a signed answer, its configuration may want that.
            ("answer userinfo with plain JSON".to_owned(), true)
        }
        Fix::ClientIdAudience => {
            change.audience_client_id = Some(true);
            let about = "put its client id among the audiences of its access tokens";
            (about.to_owned(), false)
        }
        Fix::Enable => {
            change.disabled = Some(false);
            // Whoever switched it off had a reason.
            ("let people log in to it again".to_owned(), true)
        }
        Fix::WeakenPrivateAddress => {
            change.logout = Some(private_logouts(true));
            let about = "go to its addresses, for logouts and for the doctor, wherever in a private network their names lead: weaker";
            (about.to_owned(), true)
        }
        Fix::CloseRegistration | Fix::RenewCertificate | Fix::Strict { .. } => return None,
    };
    Some((about, needs_a_person, change))
}

/// The strict setting in the place of a weakened one, where one change does it.
fn strict(name: &str) -> Option<(&'static str, api::AppChange)> {
    let mut change = api::AppChange::default();
    let about = match name {
        "weaken-pkce-if-sent" => {
            change.pkce = Some(api::Pkce::Required);
            "demand PKCE: logins fail if it cannot send any"
        }
        "weaken-consent-skip-public" => {
            change.consent = Some(api::Consent::Ask);
            "ask people for consent at their next login"
        }
        "weaken-logout-private-address" => {
            change.logout = Some(private_logouts(false));
            "no longer go into private networks for its logouts and for the doctor, unless its names are private"
        }
        "weaken-jwks-private-address" => {
            change.keys = Some(api::KeySettingsChange {
                weaken_private_address: Some(false),
                ..api::KeySettingsChange::default()
            });
            "no longer fetch its keys from private networks, unless the name is private"
        }
        _ => return None,
    };
    Some((about, change))
}

fn private_logouts(may: bool) -> api::AppLogoutChange {
    api::AppLogoutChange {
        weaken_private_address: Some(may),
        ..api::AppLogoutChange::default()
    }
}
