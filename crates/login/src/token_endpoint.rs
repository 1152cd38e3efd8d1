//! Requests to the token endpoint, and how the application proves who it is there (RFC 6749 §2.3, §4.1.3, §6, RFC 7523).

use data_encoding::BASE64;
use doorward_jose::{Secret, SigningKey};
use doorward_oidc::{ClientAuthMethod, JWT_BEARER_ASSERTION, TokenResponse, encode};
use serde_json::{Map, Value, json};

use crate::config::setting;
use crate::error::{Step, shown};
use crate::network::HttpRequest;
use crate::provider::{Known, json as parsed};
use crate::verified::Tokens;
use crate::{Login, LoginError};

const MAX_BYTES: usize = 64 * 1024;
/// Seconds for which a client assertion holds; it is used at once.
const ASSERTION_LIFETIME: i64 = 60;

/// Sends a grant (`grant_type` and what belongs to it) with the client's authentication.
pub(crate) async fn ask(login: &Login, known: &Known, grant: &[(&str, &str)]) -> Result<TokenResponse, LoginError> {
    let url = known.metadata.token_endpoint.as_str();
    let proof = proof(login, known)?;
    let own = proof.form.iter().map(|(name, value)| (*name, value.expose().as_str()));
    let request = HttpRequest {
        url: url.to_owned(),
        authorization: proof.authorization,
        form: Some(encode(grant.iter().copied().chain(own))),
        max_bytes: MAX_BYTES,
        ..HttpRequest::default()
    };
    let answer = login.config().http.send(request).await?;
    let expected = "a token response or an error";
    let mut members: Map<String, Value> = parsed(Step::Token, url, expected, &answer)?;
    // GitHub answers errors with status 200.
    if let Some(error) = members.get("error").and_then(Value::as_str) {
        let description = members.get("error_description").and_then(Value::as_str);
        return Err(LoginError::TokenRefused {
            status: answer.status,
            error: shown(error),
            description: description.map(shown),
        });
    }
    let unexpected = |received: String| LoginError::Answer {
        step: Step::Token,
        url: url.to_owned(),
        expected,
        received,
    };
    if answer.status != 200 {
        return Err(unexpected(format!("status {} without `error`", answer.status)));
    }
    // Some write the number of seconds as text.
    if let Some(seconds) = members.get("expires_in").and_then(Value::as_str)
        && let Ok(seconds) = seconds.parse::<u64>()
    {
        members.insert("expires_in".to_owned(), seconds.into());
    }
    let tokens: TokenResponse =
        serde_json::from_value(Value::Object(members)).map_err(|error| unexpected(shown(&error.to_string())))?;
    if tokens.token_type.eq_ignore_ascii_case("bearer") {
        return Ok(tokens);
    }
    Err(LoginError::Answer {
        step: Step::Token,
        url: url.to_owned(),
        expected: "a token of type Bearer",
        received: format!("`{}`", shown(&tokens.token_type)),
    })
}

/// The tokens of an answer that came `now`, as secrets.
pub(crate) fn tokens(answer: TokenResponse, now: i64) -> Tokens {
    let lifetime = answer.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
    Tokens {
        access_token: Secret::new(answer.access_token),
        refresh_token: answer.refresh_token.map(Secret::new),
        expires: lifetime.map(|seconds| now.saturating_add(seconds)),
        scope: answer.scope,
        token_type: answer.token_type,
    }
}

/// What shows that the request is the client's.
struct Proof {
    authorization: Option<String>,
    form: Vec<(&'static str, Secret<String>)>,
}

fn proof(login: &Login, known: &Known) -> Result<Proof, LoginError> {
    let config = login.config();
    let client_id = ("client_id", Secret::new(config.client_id.clone()));
    let in_form = |form| Proof {
        authorization: None,
        form,
    };
    let secret = config.secret.as_ref();
    match (method(login, known), secret, &config.protocol.client_key) {
        (ClientAuthMethod::ClientSecretBasic, Some(secret), _) => Ok(Proof {
            authorization: Some(basic(&config.client_id, secret)),
            form: Vec::new(),
        }),
        (ClientAuthMethod::ClientSecretPost, Some(secret), _) => {
            Ok(in_form(vec![client_id, ("client_secret", secret.clone())]))
        }
        (ClientAuthMethod::PrivateKeyJwt, _, Some(key)) => Ok(in_form(vec![
            client_id,
            ("client_assertion_type", Secret::new(JWT_BEARER_ASSERTION.to_owned())),
            ("client_assertion", assertion(key, login, known)?),
        ])),
        _ => Ok(in_form(vec![client_id])),
    }
}

fn method(login: &Login, known: &Known) -> ClientAuthMethod {
    let config = login.config();
    let taken = &known.metadata.token_endpoint_auth_methods_supported;
    let takes = |method: ClientAuthMethod| taken.iter().any(|name| name == method.as_str());
    if let Some(method) = config.protocol.client_auth {
        return method;
    }
    if config.protocol.client_key.is_some() {
        return ClientAuthMethod::PrivateKeyJwt;
    }
    if config.secret.is_none() {
        return ClientAuthMethod::None;
    }
    // Basic is what everybody must have (RFC 6749 §2.3.1), and the default when nothing is said (Discovery §3).
    if takes(ClientAuthMethod::ClientSecretPost) && !takes(ClientAuthMethod::ClientSecretBasic) {
        return ClientAuthMethod::ClientSecretPost;
    }
    ClientAuthMethod::ClientSecretBasic
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
fn basic(client_id: &str, secret: &Secret<String>) -> String {
    let part = |text: &str| encode([("", text)]).trim_start_matches('=').to_owned();
    let pair = Secret::new(format!("{}:{}", part(client_id), part(secret.expose())));
    format!("Basic {}", BASE64.encode(pair.expose().as_bytes()))
}

/// A client assertion (RFC 7523 §3, OpenID Connect Core §9), for this token endpoint and once.
fn assertion(key: &SigningKey, login: &Login, known: &Known) -> Result<Secret<String>, LoginError> {
    let config = login.config();
    let accepted = &known.metadata.token_endpoint_auth_signing_alg_values_supported;
    let algorithm = key.algorithm().name();
    if !accepted.is_empty() && !accepted.iter().any(|name| name == algorithm) {
        let detail = format!(
            "expected a key for {}, got one for {algorithm}",
            shown(&accepted.join(", "))
        );
        return Err(setting("client_key", detail));
    }
    let now = config.clock.now();
    let claims = json!({
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": known.metadata.token_endpoint,
        "jti": login.random_text(),
        "iat": now,
        "exp": now.saturating_add(ASSERTION_LIFETIME),
    });
    let signed = key.sign(Some("JWT"), &claims);
    signed
        .map(Secret::new)
        .map_err(|error| setting("client_key", error.to_string()))
}
