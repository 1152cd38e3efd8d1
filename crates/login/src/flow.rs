//! The code flow, from "log in" to a session (OpenID Connect Core §3.1, RFC 7636, RFC 9207).

use std::sync::Arc;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use doorward_claims::is_protocol_claim;
use doorward_jose::constant_time_eq;
use doorward_oidc::{
    AuthorizationRequest, AuthorizationResponse, CodeVerifier, ErrorResponse, Parameters, TokenResponse, append_query,
    encode,
};
use serde_json::{Map, Value};

use crate::config::Config;
use crate::error::{claimed, shown};
use crate::id_token::{self, Expected};
use crate::network::HttpRequest;
use crate::provider::{Known, json};
use crate::session::{ATTEMPT_LIFETIME, Attempt, Key};
use crate::{Login, LoginError, Session};

const MAX_BYTES: usize = 64 * 1024;

/// A login that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// The `state` of this login.
    pub state: String,
    /// A random value for a cookie of this browser, to be shown again at [`Login::complete`].
    pub binding: String,
}

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
    /// Begins a login that comes back to `return_to`, a path of this application; anything else becomes `/`.
    ///
    /// # Errors
    /// The provider's metadata cannot be had, or the store fails.
    pub async fn begin(&self, return_to: &str) -> Result<Begun, LoginError> {
        let config = self.config();
        let known = self.provider().known(config).await?;
        let verifier = CodeVerifier::generate(config.random.as_ref());
        let (state, nonce, binding) = (self.random_text(), self.random_text(), self.random_text());
        let mut request = AuthorizationRequest::new(&config.client_id, config.redirect_uri());
        request.scope = config.scopes.clone();
        request.state = Some(state.clone());
        request.nonce = Some(nonce.clone());
        request.code_challenge = Some(verifier.challenge());
        let lifetime = i64::try_from(ATTEMPT_LIFETIME.as_secs()).unwrap_or(i64::MAX);
        let attempt = Attempt {
            browser: Key::of(&binding),
            nonce,
            code_verifier: verifier.expose().to_owned(),
            return_to: local_path(return_to).to_owned(),
            expires: config.clock.now().saturating_add(lifetime),
        };
        config.sessions.begin(Key::of(&state), attempt).await?;
        let pairs = request.to_pairs();
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        Ok(Begun {
            location: append_query(&known.metadata.authorization_endpoint, pairs),
            state,
            binding,
        })
    }

    /// Completes a login with the parameters that came back and the value of the browser's cookie.
    ///
    /// # Errors
    /// Whatever does not hold, in the order of the specification; nothing is remembered then.
    pub async fn complete(&self, answer: &Parameters, binding: Option<&str>) -> Result<Completed, LoginError> {
        let config = self.config();
        let answer = AuthorizationResponse::parse(answer).map_err(LoginError::Response)?;
        let (AuthorizationResponse::Code { state, iss, .. } | AuthorizationResponse::Error { state, iss, .. }) =
            &answer;
        let attempt = self.attempt(state.as_deref(), binding).await?;
        let known = self.provider().known(config).await?;
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
        let tokens = redeem(&code, &attempt, config, &known).await?;
        let id_token = tokens.id_token.as_deref().ok_or(LoginError::NoIdToken)?;
        let expected = Expected {
            nonce: &attempt.nonce,
            access_token: &tokens.access_token,
        };
        let mut claims = id_token::verified(id_token, &expected, config, self.provider(), &known).await?;
        if let Some(endpoint) = known.metadata.userinfo_endpoint.as_deref().filter(|_| config.userinfo) {
            merge(&mut claims, userinfo(endpoint, &tokens.access_token, config).await?)?;
        }
        let lifetime = i64::try_from(config.session_lifetime.as_secs()).unwrap_or(i64::MAX);
        let session = Arc::new(Session {
            sub: text(&claims, "sub").to_owned(),
            id_token: id_token.to_owned(),
            claims,
            expires: config.clock.now().saturating_add(lifetime),
        });
        let token = self.random_text();
        config.sessions.insert(Key::of(&token), Arc::clone(&session)).await?;
        tracing::info!(sub = session.sub, "logged in");
        Ok(Completed {
            token,
            session,
            return_to: attempt.return_to,
        })
    }

    /// The login under way that the answer belongs to, taken once, in the browser that began it.
    async fn attempt(&self, state: Option<&str>, binding: Option<&str>) -> Result<Attempt, LoginError> {
        let config = self.config();
        let unknown = || LoginError::Attempt {
            minutes: ATTEMPT_LIFETIME.as_secs() / 60,
        };
        let state = state.ok_or_else(unknown)?;
        let taken = config.sessions.take(Key::of(state)).await?;
        let attempt = taken
            .filter(|attempt| config.clock.now() < attempt.expires)
            .ok_or_else(unknown)?;
        let browser = binding.map(Key::of).ok_or(LoginError::Browser)?;
        if constant_time_eq(browser.bytes(), attempt.browser.bytes()) {
            Ok(attempt)
        } else {
            Err(LoginError::Browser)
        }
    }

    /// 256 random bits in 43 characters.
    fn random_text(&self) -> String {
        let mut bytes = [0; 32];
        self.config().random.fill(&mut bytes);
        BASE64URL_NOPAD.encode(&bytes)
    }
}

/// RFC 9207 §2.4: the answer names the issuer that was asked, and must do so when the provider says that it does.
fn is_from_issuer(iss: Option<&str>, config: &Config, known: &Known) -> Result<(), LoginError> {
    let received = match iss {
        Some(iss) if iss == config.issuer => return Ok(()),
        None if !known.metadata.authorization_response_iss_parameter_supported => return Ok(()),
        Some(other) => format!("`{}`", shown(other)),
        None => "none".to_owned(),
    };
    Err(LoginError::ResponseIssuer {
        expected: config.issuer.clone(),
        received,
    })
}

async fn redeem(code: &str, attempt: &Attempt, config: &Config, known: &Known) -> Result<TokenResponse, LoginError> {
    let redirect_uri = config.redirect_uri();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", &attempt.code_verifier),
    ];
    let mut authorization = None;
    match &config.secret {
        None => form.push(("client_id", &config.client_id)),
        Some(secret) if takes_basic(known) => {
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let part = |text: &str| encode([("", text)]).trim_start_matches('=').to_owned();
            let pair = format!("{}:{}", part(&config.client_id), part(secret.expose()));
            authorization = Some(format!("Basic {}", BASE64.encode(pair.as_bytes())));
        }
        Some(secret) => {
            form.push(("client_id", &config.client_id));
            form.push(("client_secret", secret.expose()));
        }
    }
    let url = known.metadata.token_endpoint.clone();
    let request = HttpRequest {
        url: url.clone(),
        authorization,
        form: Some(encode(form)),
        max_bytes: MAX_BYTES,
    };
    let answer = config.http.send(request).await?;
    if answer.status != 200 {
        let refused: ErrorResponse = json(&url, "a token response or an error", &answer)?;
        return Err(LoginError::TokenRefused {
            status: answer.status,
            error: shown(&refused.error),
            description: refused.error_description.as_deref().map(shown),
        });
    }
    let tokens: TokenResponse = json(&url, "a token response", &answer)?;
    if tokens.token_type.eq_ignore_ascii_case("bearer") {
        return Ok(tokens);
    }
    Err(LoginError::Answer {
        url,
        expected: "a token of type Bearer",
        received: format!("`{}`", shown(&tokens.token_type)),
    })
}

/// Basic is what everybody must have (RFC 6749 §2.3.1), and the default when nothing is said (Discovery §3).
fn takes_basic(known: &Known) -> bool {
    let methods = &known.metadata.token_endpoint_auth_methods_supported;
    methods.iter().any(|method| method == "client_secret_basic")
        || !methods.iter().any(|method| method == "client_secret_post")
}

async fn userinfo(url: &str, access_token: &str, config: &Config) -> Result<Map<String, Value>, LoginError> {
    let request = HttpRequest {
        url: url.to_owned(),
        authorization: Some(format!("Bearer {access_token}")),
        form: None,
        max_bytes: MAX_BYTES,
    };
    let answer = config.http.send(request).await?;
    let unexpected = |received: String| LoginError::Answer {
        url: url.to_owned(),
        expected: "userinfo as application/json with status 200",
        received,
    };
    if answer.status != 200 {
        return Err(unexpected(format!("status {}", answer.status)));
    }
    if answer.content_type != "application/json" {
        return Err(unexpected(format!("`{}`", shown(&answer.content_type))));
    }
    doorward_jose::parse_object(&answer.body, "userinfo").map_err(|error| unexpected(error.to_string()))
}

/// Userinfo about the same person adds to the ID token and is newer where both speak; what belongs to the protocol stays
/// as it was signed (OpenID Connect Core §5.3.2).
fn merge(claims: &mut Map<String, Value>, userinfo: Map<String, Value>) -> Result<(), LoginError> {
    if text(claims, "sub") != text(&userinfo, "sub") {
        return Err(LoginError::UserinfoSubject {
            expected: claimed(claims.get("sub")),
            received: claimed(userinfo.get("sub")),
        });
    }
    claims.extend(userinfo.into_iter().filter(|(name, _)| !is_protocol_claim(name)));
    Ok(())
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A path of this application, so that nobody can make a login lead elsewhere: one slash, then no second one and no
/// backslash, which browsers read as a slash.
fn local_path(path: &str) -> &str {
    let mut characters = path.chars();
    let is_local = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    let is_plain = path.len() <= 2048 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local && is_plain { path } else { "/" }
}
