//! What must hold of every application, whatever was edited.

use doorward_oidc::Refusal;

use crate::{App, AppKind, ClientAuthentication, Pkce, grant_settings, keys, logout, profile, requests, values};

/// Entries of a list at most.
const LONGEST_LIST: usize = 100;

/// Refuses settings that contradict each other.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    let id = &app.client_id;
    match (app.kind, app.authentication) {
        (AppKind::Public, ClientAuthentication::None) => {
            if app.pkce == Pkce::IfSent {
                return Err(values::invalid(
                    "a public client must use PKCE (RFC 9700 §2.1.1): it has nothing else to prove that \
                                    a code is its own",
                )
                .with_remedy("leave out --weaken-pkce-if-sent, or make it confidential"));
            }
            if app.client_credentials {
                return Err(values::invalid(
                    "a public client cannot log in as itself: it has no credential (RFC 6749 §4.4)",
                )
                .with_remedy(format!("doorward app edit {id} --kind confidential")));
            }
        }
        (AppKind::Public, _) => {
            return Err(
                values::invalid("a public client authenticates with nothing; expected authentication `none`")
                    .with_remedy(format!("doorward app edit {id} --kind confidential")),
            );
        }
        (AppKind::Confidential, ClientAuthentication::None) => {
            return Err(
                values::invalid("a confidential client must authenticate; expected a secret or keys")
                    .with_remedy(format!("doorward app edit {id} --kind public")),
            );
        }
        (AppKind::Confidential, ClientAuthentication::TlsClientAuth) if app.sender.certificate_name.is_none() => {
            return Err(
                values::invalid("tls_client_auth needs the name in the application's certificate")
                    .with_remedy(format!("doorward app edit {id} --certificate-name subject_dn=CN=…")),
            );
        }
        (
            AppKind::Confidential,
            ClientAuthentication::PrivateKeyJwt | ClientAuthentication::SelfSignedTlsClientAuth,
        ) if !app.has_keys() => {
            return Err(values::invalid(
                "private_key_jwt and self_signed_tls_client_auth need the application's public keys",
            )
            .with_remedy(format!("doorward app edit {id} --jwks FILE")));
        }
        (AppKind::Confidential, _) => {}
    }
    logout::check(app)?;
    if !app.sender.encrypt.is_empty() && app.sender.encryption_key.is_none() {
        return Err(values::invalid("what is to be encrypted needs the application's key")
            .with_remedy(format!("doorward app edit {id} --encryption-key FILE")));
    }
    few("redirect URIs", app.redirect_uris.len())?;
    few("post-logout redirect URIs", app.post_logout_redirect_uris.len())?;
    few("CORS origins", app.cors_origins.len())?;
    few("audiences", app.audiences.extra.len())?;
    few("claim rules", app.claim_rules.len())?;
    few("request URIs", app.requests.request_uris.len())?;
    few("resources", app.requests.resources.len())?;
    few("types of authorization details", app.requests.detail_types.len())?;
    requests::check(app)?;
    profile::check(app)?;
    // After the profile, which says what it asks for instead.
    keys::check(app)?;
    grant_settings::check(app)?;
    app.lifetimes.check()
}

fn few(what: &str, count: usize) -> Result<(), Refusal> {
    if count <= LONGEST_LIST {
        return Ok(());
    }
    Err(values::invalid(format!(
        "expected at most {LONGEST_LIST} {what}, received {count}"
    )))
}
