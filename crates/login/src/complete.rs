//! From a verified login to a session of this application.

use std::sync::Arc;

use doorward_oidc::Parameters;

use crate::session::Key;
use crate::{Login, LoginError, Session};

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
        let config = self.config();
        let verified = self.finish(answer, binding).await?;
        let lifetime = i64::try_from(config.session_lifetime.as_secs()).unwrap_or(i64::MAX);
        let session = Arc::new(Session {
            sub: verified.sub,
            id_token: verified
                .id_token
                .map(|token| token.expose().clone())
                .unwrap_or_default(),
            claims: verified.claims,
            expires: config.clock.now().saturating_add(lifetime),
        });
        let token = self.random_text();
        config.sessions.insert(Key::of(&token), Arc::clone(&session)).await?;
        tracing::info!(sub = session.sub, "logged in");
        Ok(Completed {
            token,
            session,
            return_to: verified.return_to,
        })
    }
}
