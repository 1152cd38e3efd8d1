//! Refreshing tokens: one flight per session, however many requests wait and however many processes share the store.
//!
//! A flight is a task of its own, so that a browser that hangs up does not throw away a refresh token that the provider has
//! already replaced. Between processes the store's lease decides who flies; whoever waited takes what the other brought.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorward_jose::{Secret, peek_unverified};
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::error::claimed;
use crate::id_token::{self, Expected};
use crate::provider::Known;
use crate::sessions::{Found, Key, Vault, after};
use crate::{Login, LoginError, Session, Tokens, token_endpoint, userinfo};

/// Seconds for which a failed flight stands, so that a provider that is down is not asked at every request.
const FAILED_FOR: i64 = 5;
/// Failures that are remembered before old ones are cleared.
const MAX_FAILURES: usize = 1000;
/// Requests of a refresh, one after the other: metadata, keys, tokens, keys again for one that is not known, userinfo.
const REQUESTS: u32 = 5;
/// What a refresh does besides asking, at most, on a machine that is busy.
const OWN_TIME: Duration = Duration::from_secs(30);
/// How often, and how many times, a process looks whether another one is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 100;
/// Seconds before its end at which an access token is not given out any more: it has a way to go.
const MARGIN: i64 = 5;

/// What a flight brings: the session as it is now, or `None` when it has ended.
type Outcome = Result<Option<Found>, LoginError>;

/// The flights of a relying party.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<Key, Flight>>);

enum Flight {
    Under(watch::Receiver<Option<Outcome>>),
    Failed { until: i64, error: LoginError },
}

/// Why the tokens of a session were not replaced.
enum Failure {
    /// They never will be: the session ends.
    Over(LoginError),
    /// The same may work in a moment.
    Later(LoginError),
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn landed(&self, key: Key, outcome: &Outcome, now: i64) {
        let mut flights = self.lock();
        flights.remove(&key);
        let Err(error) = outcome else { return };
        if flights.len() >= MAX_FAILURES {
            flights.retain(|_, flight| !matches!(flight, Flight::Failed { until, .. } if *until <= now));
        }
        let (until, error) = (now.saturating_add(FAILED_FOR), error.clone());
        flights.insert(key, Flight::Failed { until, error });
    }
}

impl Login {
    /// The session with tokens that are good for a while: refreshed in the background when four fifths of their life are
    /// over, and waited for when it is all over. A provider that does not answer changes nothing, unless the session is
    /// bound to its tokens. `None` when the provider has ended it.
    pub(crate) async fn kept_fresh(&self, found: Found) -> Outcome {
        let (now, tokens) = (self.config().clock.now(), &found.session.tokens);
        if tokens.refresh_token.is_none() || !tokens.is_due(now) {
            return Ok(Some(found));
        }
        let flight = self.fly(&found);
        if !tokens.is_over(now) {
            return Ok(Some(found));
        }
        match landing(flight).await {
            Err(error) if self.config().bound_to_tokens => Err(error),
            Err(_) => Ok(Some(found)),
            outcome => outcome,
        }
    }

    /// The access token of a session, refreshed if it is over.
    pub(crate) async fn access_token_of(&self, found: &Found) -> Result<Secret<String>, LoginError> {
        let tokens = &found.session.tokens;
        if !tokens.is_over(self.config().clock.now().saturating_add(MARGIN)) {
            return Ok(tokens.access_token.clone());
        }
        if tokens.refresh_token.is_none() {
            return Err(LoginError::AccessToken);
        }
        let now = landing(self.fly(found)).await?.ok_or(LoginError::Ended)?;
        Ok(now.session.tokens.access_token.clone())
    }

    /// Joins the flight for this session, or starts it.
    fn fly(&self, found: &Found) -> Result<watch::Receiver<Option<Outcome>>, LoginError> {
        let now = self.config().clock.now();
        let mut flights = self.flights().lock();
        match flights.get(&found.key) {
            // A task that panicked has dropped its side.
            Some(Flight::Under(landing)) if landing.has_changed().is_ok() => return Ok(landing.clone()),
            Some(Flight::Failed { until, error }) if now < *until => return Err(error.clone()),
            _ => {}
        }
        let (done, landing) = watch::channel(None);
        flights.insert(found.key, Flight::Under(landing.clone()));
        let (login, found) = (self.clone(), found.clone());
        tokio::spawn(async move {
            let outcome = login.refresh(&found).await;
            if let Err(error) = &outcome {
                tracing::warn!(code = error.code(), %error, sub = found.session.sub, "tokens were not refreshed");
            }
            login.flights().landed(found.key, &outcome, login.config().clock.now());
            let _ = done.send(Some(outcome));
        });
        Ok(landing)
    }

    async fn refresh(&self, found: &Found) -> Outcome {
        let vault = Vault(self.config());
        let lease = lease(self.config().timeout);
        for look in 0.. {
            if vault.lease(found, lease).await? {
                break;
            }
            if look == LOOKS {
                let detail = "another process holds the right to refresh this session";
                return Err(LoginError::Sessions(detail.to_owned()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
            match vault.again(found).await? {
                Some(same) if same.version == found.version => {}
                other => return Ok(other),
            }
        }
        let current = match vault.again(found).await? {
            Some(same) if same.version == found.version => same,
            other => {
                vault.release(found).await?;
                return Ok(other);
            }
        };
        match self.refreshed(&current.session).await {
            Ok(session) => match vault.replace(&current, session).await? {
                Some(replaced) => Ok(Some(replaced)),
                // Ended while the provider was asked.
                None => vault.again(found).await,
            },
            Err(Failure::Over(error)) => self.over(&current, &error).await,
            Err(Failure::Later(error)) => {
                vault.release(found).await?;
                Err(error)
            }
        }
    }

    /// The provider will not go on with these tokens. If somebody else has replaced them meanwhile, that is why, and
    /// theirs are good.
    async fn over(&self, current: &Found, error: &LoginError) -> Outcome {
        let vault = Vault(self.config());
        match vault.again(current).await? {
            Some(other) if other.version != current.version => Ok(Some(other)),
            _ => {
                tracing::info!(code = error.code(), %error, sub = current.session.sub, "the provider ended the session");
                vault.forget(current).await?;
                Ok(None)
            }
        }
    }

    /// Asks for new tokens (RFC 6749 §6) and for what is now true of the person.
    async fn refreshed(&self, session: &Session) -> Result<Session, Failure> {
        let config = self.config();
        let known = self.provider().known(self).await.map_err(Failure::Later)?;
        let Some(refresh_token) = &session.tokens.refresh_token else {
            return Err(Failure::Over(LoginError::AccessToken));
        };
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose().as_str()),
        ];
        let obtained = config.clock.now();
        let answer = token_endpoint::ask(self, &known, &grant).await.map_err(|error| {
            let is_over = matches!(&error, LoginError::TokenRefused { error, .. } if error == "invalid_grant");
            if is_over {
                Failure::Over(error)
            } else {
                Failure::Later(error)
            }
        })?;
        let id_token = answer.id_token.clone();
        let tokens = token_endpoint::tokens(answer, obtained);
        let mut new = session.clone();
        if let Some(id_token) = id_token {
            new.claims = self.same_person(&id_token, session, &tokens, &known).await?;
            new.id_token = Some(Secret::new(id_token));
        } else {
            new.claims = signed_claims(session);
        }
        match userinfo::add(&mut new.claims, tokens.access_token.expose(), self, &known).await {
            Ok(()) => {}
            Err(error @ LoginError::UserinfoSubject { .. }) => return Err(Failure::Over(error)),
            Err(error) => {
                // The tokens are replaced at the provider, so they are kept, with what was true of the person before.
                tracing::warn!(code = error.code(), %error, "the claims of a session are not renewed");
                new.claims.clone_from(&session.claims);
            }
        }
        new.tokens.replace(tokens, obtained);
        Ok(new)
    }

    /// Verifies the ID token of a refresh and that it is about the same login (OpenID Connect Core §12.2).
    async fn same_person(
        &self,
        id_token: &str,
        session: &Session,
        tokens: &Tokens,
        known: &std::sync::Arc<Known>,
    ) -> Result<Map<String, Value>, Failure> {
        let expected = Expected {
            access_token: Some(tokens.access_token.expose()),
            ..Expected::default()
        };
        let verified = id_token::verified(id_token, &expected, self, known).await;
        let verified = verified.map_err(|error| match error {
            LoginError::Claim { .. } => Failure::Over(error),
            other => Failure::Later(other),
        })?;
        let (before, now) = (Value::from(session.issuer()), Value::from(verified.issuer));
        is_as_before("iss", Some(&before), Some(&now))?;
        let mut claims = verified.claims;
        for claim in ["sub", "azp"] {
            is_as_before(claim, session.claims.get(claim), claims.get(claim))?;
        }
        if claims.contains_key("nonce") {
            is_as_before("nonce", session.claims.get("nonce"), claims.get("nonce"))?;
        }
        // What was said of the login itself stays as it was then.
        for claim in ["auth_time", "nonce", "sid", "acr", "amr"] {
            if let Some(before) = session.claims.get(claim) {
                claims.insert(claim.to_owned(), before.clone());
            }
        }
        Ok(claims)
    }
}

/// Seconds for which a process may refresh a session: longer than all its requests to the provider can take, so that nobody
/// else sends the same refresh token meanwhile.
fn lease(timeout: Duration) -> i64 {
    after(0, timeout.saturating_mul(REQUESTS).saturating_add(OWN_TIME))
}

async fn landing(flight: Result<watch::Receiver<Option<Outcome>>, LoginError>) -> Outcome {
    let mut flight = flight?;
    let gone = |_| LoginError::Sessions("the task that refreshes this session ended".to_owned());
    let landed = flight.wait_for(Option::is_some).await.map_err(gone)?;
    landed.clone().unwrap_or(Ok(None))
}

/// What the ID token of the login says, without what userinfo added to it: that may have vanished. Without an ID token it is
/// who the person is.
fn signed_claims(session: &Session) -> Map<String, Value> {
    let token = session.id_token.as_ref();
    if let Some(Ok((_, claims))) = token.map(|token| peek_unverified(token.expose(), usize::MAX)) {
        return claims;
    }
    let identity = session
        .claims
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "iss" | "sub"));
    identity.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_as_before(claim: &'static str, before: Option<&Value>, now: Option<&Value>) -> Result<(), Failure> {
    if before == now {
        return Ok(());
    }
    Err(Failure::Over(LoginError::Claim {
        token: "refreshed ID token",
        claim,
        expected: claimed(before),
        received: claimed(now),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_may_refresh_while_a_slow_provider_is_asked() {
        assert_eq!(lease(Duration::from_secs(5)), 55);
        assert!(lease(Duration::from_mins(1)) > 5 * 60);
        assert_eq!(lease(Duration::MAX), i64::MAX);
    }
}
