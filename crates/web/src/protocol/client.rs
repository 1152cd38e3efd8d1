//! Which application calls, and has it proven so (RFC 6749 §2.3).

use std::sync::Arc;

use doorward_apps::{App, ClientAuthentication as Method, Snapshot};
use doorward_jose::JwkSet;
use doorward_oidc::{ClientAuthentication, Parameters, Refusal};
use doorward_provider::{
    Keyed, Steps,
    client_authentication::{ASSERTION_INVALID, Authenticated, CLIENT_CERTIFICATE_WRONG, authenticate, named_app},
};
use doorward_store::{StoreError, replay};
use http::header;
use jiff::Timestamp;

use super::error::Trouble;
use crate::{Door, visit::Visit};

/// Whether the caller used the `Authorization` header.
pub(crate) fn used_header(visit: &Visit) -> bool {
    visit.headers.contains_key(header::AUTHORIZATION)
}

/// Authenticates the calling application.
pub(crate) async fn authenticated(
    door: &Door,
    visit: &Visit,
    snapshot: &Snapshot,
    form: &Parameters,
    steps: &mut Steps,
) -> Result<Arc<App>, Trouble> {
    let authorization = visit
        .headers
        .get(header::AUTHORIZATION)
        .map(http::HeaderValue::as_bytes);
    let presented = steps.record("client.presented", ClientAuthentication::parse(authorization, form))?;
    let app = presented
        .as_ref()
        .and_then(|presented| named_app(presented, |client_id| snapshot.find(client_id).map(|app| &**app)));
    // At the issuer of an earlier provider there are its own applications alone, and to the outside the others are not there.
    let app = match (app, &visit.asked) {
        (Some(app), Some(asked)) if !asked.is_of(app) => {
            steps.info("client.issuer", asked.detail(app));
            None
        }
        _ => app,
    };
    let published = published(door, visit, presented.as_ref(), app, steps).await?;
    let keyed = app.map(|app| Keyed::with(app, published.as_deref()));
    let secret = |app: &App, presented: &str| door.apps.secret_matches(app, presented, visit.now);
    // Reading one costs signatures: only where the application is to be known by it.
    let certificate = visit
        .certificate
        .as_ref()
        .zip(app)
        .and_then(|(chain, app)| door.mtls.read(chain, app.authentication, visit.now));
    let certificate = certificate.as_ref();
    let (server, now) = (&door.server, visit.seconds());
    let proof = authenticate(presented.as_ref(), keyed, server, now, &secret, certificate, steps)?;
    claim(door, visit, &proof, steps).await?;
    let app = app.and_then(|app| snapshot.by_id(app.id));
    app.cloned()
        .ok_or_else(|| Trouble::Failed("an authenticated application that does not exist".into()))
}

/// The keys that the application publishes, where what came is to be verified by them.
async fn published(
    door: &Door,
    visit: &Visit,
    presented: Option<&ClientAuthentication>,
    app: Option<&App>,
    steps: &mut Steps,
) -> Result<Option<Arc<JwkSet>>, Trouble> {
    let Some(app) = app.filter(|app| !app.disabled) else {
        return Ok(None);
    };
    let found = match (app.authentication, presented) {
        (Method::PrivateKeyJwt, Some(ClientAuthentication::PrivateKeyJwt { assertion, .. })) => {
            let assertion = Some(assertion.expose().as_str());
            door.client_keys.published(app, assertion, visit.now).await
        }
        (Method::SelfSignedTlsClientAuth, _) if visit.certificate.is_some() => {
            door.client_keys.published(app, None, visit.now).await
        }
        _ => return Ok(None),
    };
    found.map_err(|problem| {
        let kind = match app.authentication {
            Method::PrivateKeyJwt => &ASSERTION_INVALID,
            _ => &CLIENT_CERTIFICATE_WRONG,
        };
        let refusal = Refusal::response(kind, problem).with_remedy(
            "look whether this machine reaches the address; a private CA is named as `[applications] ca` in the configuration file",
        );
        steps.refused("client.keys", &refusal);
        refusal.into()
    })
}

/// An assertion counts once (RFC 7523 §3).
async fn claim(door: &Door, visit: &Visit, proof: &Authenticated, steps: &mut Steps) -> Result<(), Trouble> {
    let Some(used) = &proof.assertion else { return Ok(()) };
    let (key, until) = (
        used.key.clone(),
        Timestamp::from_second(used.expires_at).unwrap_or(Timestamp::MAX),
    );
    let is_first = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| replay::claim(tx, "client_assertion", &key, until))
        .await?;
    if is_first {
        return Ok(());
    }
    let refusal = used.replayed();
    steps.refused("client.assertion", &refusal);
    Err(refusal.into())
}
