//! What the provider says about sessions that ended there: in a request of its own (OpenID Connect Back-Channel Logout 1.0),
//! or in a frame of the browser (Front-Channel Logout 1.0).

use serde_json::Value;

use super::token::mismatch;
use crate::error::shown;
use crate::sessions::{SaidBy, Vault, Whose};
use crate::{Login, LoginError, LogoutToken};

impl Login {
    /// Verifies a logout token and ends the sessions that it means: those of its `sid`, or without one all that its `sub`
    /// had when it was issued. Gives how many there were. A login that was under way then never becomes a session.
    ///
    /// # Errors
    /// As [`LogoutToken::verify`]; the token was used before; the store fails, and then the same token may come again.
    pub async fn back_channel_logout(&self, logout_token: &str) -> Result<u64, LoginError> {
        let token = LogoutToken::verify(self, logout_token).await?;
        let vault = Vault(self.config());
        let whose = match (&token.sid, &token.sub) {
            (Some(sid), _) => Whose::ProviderSession(sid),
            (None, Some(sub)) => Whose::Subject(sub),
            (None, None) => return Ok(0),
        };
        // First what it says and then that it was used: should the store fail in between, it can come again, and whatever
        // began after it was issued is left alone in any case.
        let ended = vault.end_all(&token.issuer, whose, token.issued, SaidBy::Proof).await?;
        if !vault.is_first_use(&token.issuer, &token.jti, token.expires).await? {
            let received = Value::from(token.jti.as_str());
            return Err(mismatch("jti", "a name that was not used before", Some(&received)));
        }
        tracing::info!(ended, sub = token.sub, sid = token.sid, "logged out by the provider");
        Ok(ended)
    }

    /// Ends the sessions that belong to the provider's session `sid`, as a frame in the browser says it. Nothing proves who
    /// says so, but only the provider and the application know the name. Gives how many there were.
    ///
    /// # Errors
    /// `iss` is not the issuer; the store fails.
    pub async fn front_channel_logout(&self, iss: &str, sid: &str) -> Result<u64, LoginError> {
        let config = self.config();
        let issuer = self.known_issuer(iss).ok_or_else(|| LoginError::ResponseIssuer {
            expected: config.issuer.clone(),
            received: format!("`{}`", shown(iss)),
        })?;
        let whose = Whose::ProviderSession(sid);
        let vault = Vault(config);
        let ended = vault
            .end_all(issuer, whose, config.clock.now(), SaidBy::Anybody)
            .await?;
        tracing::info!(ended, "logged out by the provider in the browser");
        Ok(ended)
    }

    /// The issuer by which people of `iss` are known here: of the provider itself, whichever of its spellings it is, or of a tenant
    /// that is let in. `None` for any other.
    pub fn known_issuer<'a>(&'a self, iss: &'a str) -> Option<&'a str> {
        let config = self.config();
        let is_known = config.protocol.is_issuer(&config.issuer, iss);
        is_known.then(|| config.protocol.tenants.as_ref().map_or(config.issuer.as_str(), |_| iss))
    }

    /// Ends all sessions that a person has now, for instance because the application locked them out. They are gone at the
    /// next request. Gives how many there were.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end_all_of(&self, sub: &str) -> Result<u64, LoginError> {
        let (config, mut ended) = (self.config(), 0);
        for issuer in config.protocol.issuers(&config.issuer) {
            let whose = Whose::Subject(sub);
            let now = config.clock.now();
            ended += Vault(config).end_all(&issuer, whose, now, SaidBy::Proof).await?;
        }
        Ok(ended)
    }
}
