//! The answer of the code flow, from the callback to verified claims (OpenID Connect Core §3.1, RFC 7636, RFC 9207).

use std::sync::Arc;

use doorward_jose::Secret;
use doorward_oidc::{AuthorizationResponse, Parameters, TokenResponse};
use serde_json::{Map, Value};

use crate::attempt::{ATTEMPT_LIFETIME, Attempt, MAX_RESTARTS};
use crate::config::Config;
use crate::error::shown;
use crate::id_token::{self, Expected, seconds};
use crate::provider::Known;
use crate::sessions::Vault;
use crate::verified::Verified;
use crate::{Login, LoginError, token_endpoint, userinfo};

impl Login {
    /// Finishes a login with the parameters that came back, in a query or in a form, and the value of the browser's
    /// cookie. No session is made.
    ///
    /// # Errors
    /// Whatever does not hold, in the order of the specification. [`LoginError::Expired`] holds the options with which
    /// [`Login::begin_with`] begins the same login anew.
    pub async fn finish(&self, answer: &Parameters, binding: Option<&str>) -> Result<Verified, LoginError> {
        self.finish_in(answer, binding.as_slice()).await
    }

    /// The same in a browser that has several such cookies: the login is finished if it began with any of them. Tabs that an
    /// application opens at the same time in a fresh browser each get one.
    ///
    /// # Errors
    /// As [`Login::finish`].
    pub async fn finish_in(&self, answer: &Parameters, bindings: &[&str]) -> Result<Verified, LoginError> {
        let config = self.config();
        let answer = AuthorizationResponse::parse(answer).map_err(LoginError::Response)?;
        let (AuthorizationResponse::Code { state, iss, .. } | AuthorizationResponse::Error { state, iss, .. }) =
            &answer;
        let attempt = self.attempt(state.as_deref(), bindings).await?;
        let known = self.provider().known(self).await?;
        is_from_issuer(iss.as_deref(), config, &known)?;
        let code = match answer {
            AuthorizationResponse::Code { code, .. } => code,
            AuthorizationResponse::Error {
                error,
                error_description,
                ..
            } => {
                return Err(LoginError::Denied {
                    error: shown(&error),
                    description: error_description.as_deref().map(shown),
                });
            }
        };
        let attempt = in_time(attempt, config)?;
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &attempt.redirect_uri),
            ("code_verifier", &attempt.code_verifier),
        ];
        let answer = token_endpoint::ask(self, &known, &grant).await?;
        let (issuer, claims) = if known.has_id_tokens {
            self.signed_identity(&answer, &code, &attempt, &known).await?
        } else {
            let endpoint = known.metadata.userinfo_endpoint.as_deref().unwrap_or_default();
            let userinfo = userinfo::fetch(endpoint, &answer.access_token, self, &known).await?;
            (config.issuer.clone(), userinfo::identity(userinfo, self)?)
        };
        Ok(Verified {
            id_token: answer.id_token.clone().filter(|_| known.has_id_tokens).map(Secret::new),
            tokens: token_endpoint::tokens(answer, config.clock.now()),
            return_to: attempt.options.return_to,
            issuer,
            sub: text(&claims, "sub").unwrap_or_default(),
            sid: text(&claims, "sid"),
            auth_time: claims.get("auth_time").and_then(seconds),
            acr: text(&claims, "acr"),
            amr: texts(&claims, "amr"),
            claims,
        })
    }

    /// What userinfo says to an access token of this provider, as it came; `None` where there is no such endpoint. A login has
    /// asked already unless [`crate::Builder::without_userinfo`] was said: this is for looking at the answer by itself.
    ///
    /// # Errors
    /// The endpoint cannot be asked, or does not answer with userinfo.
    pub async fn userinfo(&self, access_token: &str) -> Result<Option<Map<String, Value>>, LoginError> {
        let known = self.provider().known(self).await?;
        let Some(endpoint) = known.metadata.userinfo_endpoint.as_deref() else {
            return Ok(None);
        };
        userinfo::fetch(endpoint, access_token, self, &known).await.map(Some)
    }

    /// Issuer and claims of the ID token, with userinfo about the same person.
    async fn signed_identity(
        &self,
        answer: &TokenResponse,
        code: &str,
        attempt: &Attempt,
        known: &Arc<Known>,
    ) -> Result<(String, Map<String, Value>), LoginError> {
        let id_token = answer.id_token.as_deref().ok_or(LoginError::NoIdToken)?;
        let expected = Expected {
            nonce: Some(&attempt.nonce),
            access_token: Some(&answer.access_token),
            code: Some(code),
            max_age: attempt.options.max_age,
        };
        let mut token = id_token::verified(id_token, &expected, self, known).await?;
        userinfo::add(&mut token.claims, &answer.access_token, self, known).await?;
        Ok((token.issuer, token.claims))
    }

    /// The login under way that the answer belongs to, taken once, in the browser that began it.
    async fn attempt(&self, state: Option<&str>, bindings: &[&str]) -> Result<Attempt, LoginError> {
        let config = self.config();
        let taken = match state {
            Some(state) => Vault(config).take(state, bindings).await?,
            None => None,
        };
        let attempt = taken.ok_or_else(unknown)?;
        if attempt.issuer != config.issuer {
            return Err(LoginError::AttemptIssuer {
                expected: attempt.issuer,
                received: config.issuer.clone(),
            });
        }
        Ok(attempt)
    }
}

/// A person who took too long gets another login by themselves: the provider still knows them, so that it costs a moment.
/// Twice in a row something else is wrong.
fn in_time(attempt: Attempt, config: &Config) -> Result<Attempt, LoginError> {
    if config.clock.now() < attempt.expires {
        return Ok(attempt);
    }
    let mut again = attempt.options;
    if again.restarts >= MAX_RESTARTS {
        return Err(unknown());
    }
    again.restarts += 1;
    Err(LoginError::Expired(Box::new(again)))
}

fn unknown() -> LoginError {
    LoginError::Attempt {
        minutes: ATTEMPT_LIFETIME.as_secs() / 60,
    }
}

/// RFC 9207 §2.4: the answer names the issuer that was asked, and must do so when the provider says that it does.
fn is_from_issuer(iss: Option<&str>, config: &Config, known: &Known) -> Result<(), LoginError> {
    let received = match iss {
        Some(iss) if config.protocol.is_issuer(&config.issuer, iss) => return Ok(()),
        None if !known.metadata.authorization_response_iss_parameter_supported => return Ok(()),
        Some(other) => format!("`{}`", shown(other)),
        None => "none".to_owned(),
    };
    Err(LoginError::ResponseIssuer {
        expected: config.issuer.clone(),
        received,
    })
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn texts(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = claims.get(name).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
