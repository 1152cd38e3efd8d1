//! From a verified login to a session of this application.

use std::sync::Arc;

use doorward_oidc::Parameters;
use serde_json::Value;

use crate::sessions::{Held, Vault, after};
use crate::{Login, LoginError, Session, Verified};

/// A login that is complete.
pub struct Completed {
    /// The random value for the session cookie; the store knows its hash only.
    pub token: String,
    /// The session.
    pub session: Arc<Session>,
    /// Where the person wanted to go.
    pub return_to: String,
}

impl Login {
    /// Completes a login with the parameters that came back and the value of the browser's cookie, and makes a session.
    ///
    /// # Errors
    /// As [`Login::finish`]; nothing is remembered then.
    pub async fn complete(&self, answer: &Parameters, binding: Option<&str>) -> Result<Completed, LoginError> {
        let mut verified = self.finish(answer, binding).await?;
        let return_to = std::mem::take(&mut verified.return_to);
        let session = self.session_of(verified);
        let token = self.random_text();
        if !Vault(self.config()).insert(&token, &session).await? {
            return Err(LoginError::Ended);
        }
        tracing::info!(sub = session.sub, "logged in");
        Ok(Completed {
            token,
            session: Arc::new(session),
            return_to,
        })
    }

    fn session_of(&self, verified: Verified) -> Session {
        let config = self.config();
        let now = config.clock.now();
        let tokens = verified.tokens;
        let number = |claim| verified.claims.get(claim).and_then(Value::as_i64);
        let ends = after(now, config.session_lifetime);
        let is_refreshed = tokens.refresh_token.is_some();
        let token_life = tokens.expires.or_else(|| number("exp"));
        let bound = token_life.filter(|_| config.bound_to_tokens && !is_refreshed);
        Session {
            issuer: verified.issuer,
            sub: verified.sub,
            sid: verified.sid,
            issued: number("iat").unwrap_or(now),
            claims: verified.claims,
            id_token: verified.id_token,
            tokens: Held {
                access_token: tokens.access_token,
                refresh_token: tokens.refresh_token,
                obtained: now,
                expires: tokens.expires,
                scope: tokens.scope,
            },
            ends: bound.map_or(ends, |bound| bound.min(ends)),
        }
    }
}
