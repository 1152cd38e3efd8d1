//! Access tokens that come back to us, verified once and remembered; their grant is asked every time.

use std::sync::Arc;

use doorward_jose::sha256;
use doorward_oidc::Refusal;
use doorward_provider::{AccessToken, GrantFacts, KeyRing, access_token};
use doorward_store::{StoreError, grants, revoked_tokens};
use moka::sync::Cache;
use uuid::Uuid;

use super::{error::Trouble, grant};
use crate::{Door, visit::Visit};

/// Tokens remembered at the most; each costs about a kilobyte.
const MOST: u64 = 4096;

/// Verified tokens by the digest of token and key set: another set may have lost the key that signed them.
#[derive(Clone)]
pub struct SeenTokens {
    cache: Cache<[u8; 32], Arc<Seen>>,
}

impl Default for SeenTokens {
    fn default() -> Self {
        Self {
            cache: Cache::new(MOST),
        }
    }
}

/// A verified token and the immutable part of its grant.
pub(super) struct Seen {
    pub(super) token: AccessToken,
    /// The grant's facts, its person and its trace; `None` for a token of an application itself.
    pub(super) grant: Option<(GrantFacts, Option<Uuid>, Option<String>)>,
}

/// What [`look`] found.
pub(super) struct Looked {
    pub(super) seen: Arc<Seen>,
    /// Whether the grant lives and the token was not revoked.
    pub(super) live: bool,
    /// Whether this token is seen for the first time here.
    pub(super) first: bool,
}

/// Verifies `token`, or remembers that it was, and asks its grant.
pub(super) async fn look(door: &Door, visit: &Visit, keys: &Arc<KeyRing>, token: &str) -> Result<Looked, Trouble> {
    let key = sha256(&[token.as_bytes(), keys.jwks_etag().as_bytes()].concat());
    if let Some(seen) = door.seen_tokens.cache.get(&key) {
        is_of_issuer(visit, &seen.token)?;
        let live = is_live(door, visit, &seen.token).await?;
        return Ok(Looked {
            seen,
            live,
            first: false,
        });
    }
    let snapshot = door.snapshots.current().await?;
    let verified = access_token::verify(token, &door.server, keys, |client_id| {
        snapshot.find(client_id).map(|app| &**app)
    })?;
    is_of_issuer(visit, &verified)?;
    let stored = match verified.grant {
        Some(id) => door.store.read::<_, StoreError>(move |tx| grants::find(tx, id)).await?,
        None => None,
    };
    let grant = stored.map(|grant| remembered(&grant)).transpose()?;
    let seen = Arc::new(Seen { token: verified, grant });
    door.seen_tokens.cache.insert(key, Arc::clone(&seen));
    let live = is_live(door, visit, &seen.token).await?;
    Ok(Looked {
        seen,
        live,
        first: true,
    })
}

/// At the issuer of an earlier provider only its own tokens count, whoever has others of ours.
fn is_of_issuer(visit: &Visit, token: &AccessToken) -> Result<(), Refusal> {
    match visit.asked.as_ref().map(|asked| asked.issuer(&token.client_id)) {
        Some(asked) if asked != token.iss => Err(access_token::of_another_issuer(token, &asked)),
        _ => Ok(()),
    }
}

fn remembered(stored: &grants::Grant) -> Result<(GrantFacts, Option<Uuid>, Option<String>), Trouble> {
    Ok((grant::facts(stored, false)?, stored.user_id, stored.trace.clone()))
}

async fn is_live(door: &Door, visit: &Visit, token: &AccessToken) -> Result<bool, StoreError> {
    let (grant, jti, now) = (token.grant, token.jti.clone(), visit.now);
    door.store
        .read(move |tx| match grant {
            Some(id) => grants::is_live_for(tx, id, &jti, now),
            None => revoked_tokens::is_revoked(tx, &jti).map(|revoked| !revoked),
        })
        .await
}
