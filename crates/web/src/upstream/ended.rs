//! A logout that goes on to the upstream, and comes back (OpenID Connect RP-Initiated Logout 1.0).

use std::{sync::Arc, time::Duration};

use axum::extract::{Query, State};
use data_encoding::BASE64URL_NOPAD;
use doorward_oidc::EndSessionRequest;
use doorward_store::MasterKey;
use doorward_upstreams::LogoutHint;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::{Door, answer::see_other, failure::Answer, protocol::logged_out, visit::Visit};

/// Where upstreams send people back to after a logout.
pub(crate) const PATH: &str = "/logged-out";

const PURPOSE: &str = "where a logout leads after the upstream";

/// Seconds that a person may linger at the upstream's own logout page.
const LIFETIME: i64 = 3600;

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

/// Where a logout leads after the upstream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Then<'a> {
    /// An address of the application, which was checked.
    Address(&'a str),
    /// Our own page about this session.
    Page(Uuid),
}

/// What stands before the session in place of an address, which has a scheme.
const OF_SESSION: &str = "session ";

impl Then<'_> {
    fn written(self) -> String {
        match self {
            Self::Address(address) => address.to_owned(),
            Self::Page(session) => format!("{OF_SESSION}{session}"),
        }
    }
}

/// Where the browser ends the upstream's session too, if it can do so; from there it comes back to `then`. Nothing that fails
/// here keeps a person logged in: the session here has ended.
pub(crate) async fn onward(door: &Door, visit: &Visit, hint: LogoutHint, then: Option<Then<'_>>) -> Option<String> {
    let snapshot = door.upstreams.snapshot().await.ok()?;
    let upstream = snapshot.by_id(hint.upstream).filter(|upstream| upstream.enabled)?;
    let login = door.upstreams.login(upstream).ok()?;
    let request = EndSessionRequest {
        id_token_hint: hint.id_token.map(|token| token.expose().clone()),
        post_logout_redirect_uri: Some(door.upstreams.public().post_logout_redirect_uri()),
        state: then.map(|then| seal(&door.master, &then.written(), visit.now)),
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
    let then = query
        .state
        .as_deref()
        .and_then(|state| open(&door.master, state, visit.now));
    let session = match then {
        Some(then) => match then.strip_prefix(OF_SESSION) {
            Some(session) => Uuid::parse_str(session).ok(),
            None => return Ok(see_other(&then)),
        },
        None => None,
    };
    let ended = logged_out::Ended {
        session,
        ..logged_out::Ended::default()
    };
    logged_out::page(&door, &visit, ended).await
}

/// A checked address with its end and the proof that both are ours, so that nobody makes this page lead elsewhere, nor keeps a
/// link that leads to where an application was long ago.
fn seal(master: &MasterKey, then: &str, now: Timestamp) -> String {
    let encoded = BASE64URL_NOPAD.encode(then.as_bytes());
    let said = format!("{encoded}.{}", now.as_second().saturating_add(LIFETIME));
    let mac = BASE64URL_NOPAD.encode(&master.mac(PURPOSE, said.as_bytes()));
    format!("{said}.{mac}")
}

fn open(master: &MasterKey, state: &str, now: Timestamp) -> Option<String> {
    let (said, given) = state.rsplit_once('.')?;
    let given = BASE64URL_NOPAD.decode(given.as_bytes()).ok()?;
    if !master.is_mac(PURPOSE, said.as_bytes(), &given) {
        return None;
    }
    let (encoded, expires) = said.split_once('.')?;
    let expires: i64 = expires.parse().ok()?;
    let then = String::from_utf8(BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?).ok()?;
    (now.as_second() < expires).then_some(then)
}

#[cfg(test)]
mod tests {
    use doorward_jose::Secret;

    use super::*;

    #[test]
    fn an_address_comes_back_unchanged_until_its_end_and_no_other_does() {
        let master = MasterKey::from_bytes(&Secret::new([7; 32]));
        let at = |second| Timestamp::from_second(1_700_000_000 + second).unwrap();
        let then = "https://wiki.example/bye?state=so.long";
        let state = seal(&master, then, at(0));
        assert_eq!(open(&master, &state, at(LIFETIME - 1)).as_deref(), Some(then));
        assert_eq!(open(&master, &state, at(LIFETIME)), None);
        let longer = state.replacen(&(1_700_000_000 + LIFETIME).to_string(), "1900000000", 1);
        assert_ne!(longer, state);
        let other = MasterKey::from_bytes(&Secret::new([8; 32]));
        assert_eq!(open(&other, &state, at(0)), None);
        for forged in [
            longer.as_str(),
            "",
            ".",
            "..",
            "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv.1900000000.x",
        ] {
            assert_eq!(open(&master, forged, at(0)), None, "{forged}");
        }
    }
}
