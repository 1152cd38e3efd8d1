//! A logout that goes on to the upstream, and comes back (OpenID Connect RP-Initiated Logout 1.0).

use std::{sync::Arc, time::Duration};

use axum::extract::{Query, State};
use doorward_jose::sha256;
use doorward_oidc::EndSessionRequest;
use doorward_upstreams::LogoutHint;
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Door,
    answer::{self, see_other},
    failure::Answer,
    pages::{self, LoggedOut},
    visit::Visit,
};

/// Where upstreams send people back to after a logout.
pub(crate) const PATH: &str = "/logged-out";

const PURPOSE: &str = "where a logout leads after the upstream";

/// How long a logout waits to learn where the upstream's ends. It usually knows already.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a logout of this session takes along, if it began through an upstream. Asked before it ends.
pub(crate) async fn hint(door: &Door, session: Uuid) -> Option<LogoutHint> {
    match door.upstreams.logout_hint(session).await {
        Ok(hint) => hint,
        Err(error) => {
            tracing::warn!(%error, "the logout does not go on to the upstream");
            None
        }
    }
}

/// Where the browser ends the upstream's session too, if it can do so; from there it comes back to `then`. Nothing that fails
/// here keeps a person logged in: the session here has ended.
pub(crate) async fn onward(door: &Door, hint: LogoutHint, then: Option<&str>) -> Option<String> {
    let snapshot = door.upstreams.snapshot().await.ok()?;
    let upstream = snapshot.by_id(hint.upstream).filter(|upstream| upstream.enabled)?;
    let login = door.upstreams.login(upstream).ok()?;
    let request = EndSessionRequest {
        id_token_hint: hint.id_token.map(|token| token.expose().clone()),
        post_logout_redirect_uri: Some(door.upstreams.public().post_logout_redirect_uri()),
        state: then.map(|then| seal(door, then)),
        ..EndSessionRequest::default()
    };
    match tokio::time::timeout(PATIENCE, login.end_session_url(request)).await {
        Ok(Ok(location)) => location,
        Ok(Err(error)) => {
            tracing::warn!(upstream = upstream.name, code = error.code(), %error, "the logout does not go on to the upstream");
            None
        }
        Err(_) => {
            tracing::warn!(
                upstream = upstream.name,
                "the logout does not go on to the upstream, which is slow"
            );
            None
        }
    }
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct BackQuery {
    state: Option<String>,
}

/// GET `/logged-out`: on to where the application wanted the person to go, or a friendly page.
pub(crate) async fn back(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<BackQuery>) -> Answer {
    if let Some(then) = query.state.as_deref().and_then(|state| open(&door, state)) {
        return Ok(see_other(&then));
    }
    let view = LoggedOut {
        app: None,
        back: None,
        login: Some("/login"),
    };
    let html = pages::logged_out(&view, &visit.chrome(&door, None));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

/// A checked address with the proof that it is ours, so that nobody makes this page lead elsewhere.
fn seal(door: &Door, then: &str) -> String {
    let encoded = data_encoding::BASE64URL_NOPAD.encode(then.as_bytes());
    format!("{encoded}.{}", mac(door, then))
}

fn open(door: &Door, state: &str) -> Option<String> {
    let (encoded, given) = state.split_once('.')?;
    let then = String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?).ok()?;
    // Digests of both are compared, so that the time it takes tells nothing of the right one.
    (sha256(given.as_bytes()) == sha256(mac(door, &then).as_bytes())).then_some(then)
}

fn mac(door: &Door, then: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&door.master.keyed_hash(PURPOSE, then.as_bytes()))
}
