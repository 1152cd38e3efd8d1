//! Requests to the token endpoint, and how the application proves who it is there (RFC 6749 §2.3, §4.1.3, §6).

use data_encoding::BASE64;
use doorward_jose::Secret;
use doorward_oidc::{ErrorResponse, TokenResponse, encode};

use crate::LoginError;
use crate::config::Config;
use crate::error::{Step, shown};
use crate::network::HttpRequest;
use crate::provider::{Known, json};
use crate::verified::Tokens;

const MAX_BYTES: usize = 64 * 1024;

/// Sends a grant (`grant_type` and what belongs to it) with the client's authentication.
pub(crate) async fn ask<'a>(
    config: &'a Config,
    known: &Known,
    mut grant: Vec<(&'a str, &'a str)>,
) -> Result<TokenResponse, LoginError> {
    let mut authorization = None;
    match &config.secret {
        None => grant.push(("client_id", &config.client_id)),
        Some(secret) if takes_basic(known) => {
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let part = |text: &str| encode([("", text)]).trim_start_matches('=').to_owned();
            let pair = format!("{}:{}", part(&config.client_id), part(secret.expose()));
            authorization = Some(format!("Basic {}", BASE64.encode(pair.as_bytes())));
        }
        Some(secret) => {
            grant.push(("client_id", &config.client_id));
            grant.push(("client_secret", secret.expose()));
        }
    }
    let url = known.metadata.token_endpoint.clone();
    let request = HttpRequest {
        url: url.clone(),
        authorization,
        form: Some(encode(grant)),
        max_bytes: MAX_BYTES,
    };
    let answer = config.http.send(request).await?;
    if answer.status != 200 {
        let refused: ErrorResponse = json(Step::Token, &url, "a token response or an error", &answer)?;
        return Err(LoginError::TokenRefused {
            status: answer.status,
            error: shown(&refused.error),
            description: refused.error_description.as_deref().map(shown),
        });
    }
    let tokens: TokenResponse = json(Step::Token, &url, "a token response", &answer)?;
    if tokens.token_type.eq_ignore_ascii_case("bearer") {
        return Ok(tokens);
    }
    Err(LoginError::Answer {
        step: Step::Token,
        url,
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

/// Basic is what everybody must have (RFC 6749 §2.3.1), and the default when nothing is said (Discovery §3).
fn takes_basic(known: &Known) -> bool {
    let methods = &known.metadata.token_endpoint_auth_methods_supported;
    methods.iter().any(|method| method == "client_secret_basic")
        || !methods.iter().any(|method| method == "client_secret_post")
}
