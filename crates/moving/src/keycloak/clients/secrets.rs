//! How a client authenticates, and what it proves itself with.

use doorward_apps::{AppKind, ClientAuthentication, ClientSecret, Edit, KeysEdit, Pkce};

use super::Draft;

/// A secret that is shorter can be guessed from what is compared with it, should that ever be stolen.
const SHORT_SECRET: usize = 22;

pub(super) fn authentication(draft: &mut Draft<'_>) {
    let client = draft.client;
    if client.public_client {
        draft.edits.push(Edit::Kind(AppKind::Public));
        if draft.text("pkce.code.challenge.method").is_none() {
            let what = "a public client must send a code challenge (PKCE), which was not demanded there; its next login shows whether \
                        it does";
            draft.translated(what, "Most libraries have a switch for PKCE (S256).");
        }
        return;
    }
    match draft.text("pkce.code.challenge.method").as_deref() {
        Some("S256") => draft.edits.push(Edit::Pkce(Pkce::Required)),
        Some("plain") => {
            draft.edits.push(Edit::Pkce(Pkce::IfSent));
            let remedy = "Switch it to S256, then doorward app edit NAME --pkce required";
            draft.left("PKCE with the method `plain` is refused (RFC 9700 §2.1.1)", remedy);
        }
        _ => {
            draft.edits.push(Edit::Pkce(Pkce::IfSent));
            let what = "PKCE is not demanded, as before, which is weaker";
            draft.translated(
                what,
                "When its logins show a code challenge: doorward app edit NAME --pkce required",
            );
        }
    }
    match client.client_authenticator_type.as_str() {
        "" | "client-secret" => {}
        "client-jwt" => keys(draft),
        "client-x509" => draft.left(
            "it authenticates with a certificate; its name does not come, and it gets a secret",
            "doorward app edit NAME --certificate-name subject_dn=…",
        ),
        _ => draft.left(
            "it authenticates in a way that does not exist here; it gets a secret",
            "doorward app secret show NAME",
        ),
    }
}

fn keys(draft: &mut Draft<'_>) {
    if draft.flag("use.jwks.url")
        && let Some(uri) = draft.text("jwks.url")
    {
        draft.edits.push(Edit::Keys(KeysEdit::Uri(Some(uri))));
        return;
    }
    match draft.text("jwks.string") {
        Some(jwks) => draft.edits.push(Edit::Jwks(Some(jwks))),
        None => draft.left(
            "it authenticates with a key of which the export has a certificate only; it gets a secret until its keys are here",
            "doorward app edit NAME --jwks FILE",
        ),
    }
}

pub(super) fn secret(draft: &mut Draft<'_>) -> Option<ClientSecret> {
    let client = draft.client;
    let uses_secret = !client.public_client
        && !draft.edits.iter().any(|edit| {
            matches!(
                edit,
                Edit::Jwks(Some(_))
                    | Edit::Keys(KeysEdit::Uri(Some(_)))
                    | Edit::Authentication(ClientAuthentication::PrivateKeyJwt)
            )
        });
    if !uses_secret {
        return None;
    }
    let held = client.secret.as_ref().map(|secret| secret.expose().as_str());
    let Some(held) = held.filter(|text| !text.is_empty() && !text.chars().all(|c| c == '*')) else {
        draft.left(
            "the export does not hold its secret; it gets a new one",
            "doorward app secret show NAME; or export with kc.sh export, which writes secrets",
        );
        return None;
    };
    let Ok(secret) = ClientSecret::from_elsewhere(held) else {
        draft.left(
            "its secret is too short, too long or has other than printable ASCII characters; it gets a new one",
            "doorward app secret show NAME, and give it to the application",
        );
        return None;
    };
    if held.len() < SHORT_SECRET {
        draft.translated(
            "its secret is short: it comes, and should be replaced",
            "doorward app secret rotate NAME --overlap 24h",
        );
    }
    Some(secret)
}
