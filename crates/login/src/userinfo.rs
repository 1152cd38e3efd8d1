//! The userinfo answer: about the same person as the ID token, plain or signed (OpenID Connect Core §5.3).

use std::sync::Arc;

use doorward_claims::is_protocol_claim;
use doorward_jose::{TimeRules, VerifiedJws, parse_object};
use serde_json::{Map, Value};

use crate::error::{Step, claimed, mismatch, shown};
use crate::id_token::has_audience;
use crate::network::HttpRequest;
use crate::provider::Known;
use crate::signed::{self, Kind};
use crate::{Login, LoginError};

const MAX_BYTES: usize = 64 * 1024;

/// Asks who logged in.
pub(crate) async fn fetch(
    url: &str,
    access_token: &str,
    login: &Login,
    known: &Arc<Known>,
) -> Result<Map<String, Value>, LoginError> {
    let request = HttpRequest {
        url: url.to_owned(),
        authorization: Some(format!("Bearer {access_token}")),
        max_bytes: MAX_BYTES,
        ..HttpRequest::default()
    };
    let answer = login.config().http.send(request).await?;
    let unexpected = |received: String| LoginError::Answer {
        step: Step::Userinfo,
        url: url.to_owned(),
        expected: "userinfo as application/json or application/jwt with status 200",
        received,
    };
    if answer.status != 200 {
        return Err(unexpected(format!("status {}", answer.status)));
    }
    match answer.content_type().as_str() {
        "application/json" => parse_object(&answer.body, "userinfo").map_err(|error| unexpected(error.to_string())),
        "application/jwt" if known.has_id_tokens => {
            let token =
                std::str::from_utf8(&answer.body).map_err(|_| unexpected("a token that is no text".to_owned()))?;
            let token = signed::verified(&Kind::USERINFO, token.trim(), login, known).await?.jws;
            says_what_is_expected(&token, login)?;
            Ok(token.into_claims())
        }
        other => Err(unexpected(format!("`{}`", shown(other)))),
    }
}

/// A signed answer names its issuer and its audience (Core §5.3.2); one that leaves them out came over the same connection
/// as a plain one would.
fn says_what_is_expected(token: &VerifiedJws, login: &Login) -> Result<(), LoginError> {
    let config = login.config();
    let claims = token.claims();
    if claims.contains_key("iss") {
        let iss = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        if !config.protocol.is_issuer(&config.issuer, iss) {
            let expected = format!("`{}`", config.issuer);
            return Err(mismatch(Kind::USERINFO.name, "iss", expected, claims.get("iss")));
        }
    }
    if claims.contains_key("aud") {
        has_audience(Kind::USERINFO.name, claims, &config.client_id)?;
    }
    let mut times = TimeRules::new(config.clock.now(), config.leeway());
    times.require_exp = false;
    times.check(claims).map_err(|error| Kind::USERINFO.refused(error))
}

/// Adds what is known of the person now to `claims`, if there is a userinfo endpoint and it is wanted.
pub(crate) async fn add(
    claims: &mut Map<String, Value>,
    access_token: &str,
    login: &Login,
    known: &Arc<Known>,
) -> Result<(), LoginError> {
    let endpoint = known.metadata.userinfo_endpoint.as_deref();
    let Some(endpoint) = endpoint.filter(|_| login.config().userinfo || !known.has_id_tokens) else {
        return Ok(());
    };
    let userinfo = fetch(endpoint, access_token, login, known).await?;
    if known.has_id_tokens {
        return merge(claims, userinfo);
    }
    merge(claims, identity(userinfo, login)?)
}

/// Userinfo about the same person adds to the ID token and is newer where both speak; what belongs to the protocol stays
/// as it was signed (OpenID Connect Core §5.3.2).
fn merge(claims: &mut Map<String, Value>, userinfo: Map<String, Value>) -> Result<(), LoginError> {
    let sub = |claims: &Map<String, Value>| claims.get("sub").and_then(Value::as_str).map(str::to_owned);
    if sub(claims).is_none() || sub(claims) != sub(&userinfo) {
        return Err(LoginError::UserinfoSubject {
            expected: claimed(claims.get("sub")),
            received: claimed(userinfo.get("sub")),
        });
    }
    claims.extend(userinfo.into_iter().filter(|(name, _)| !is_protocol_claim(name)));
    Ok(())
}

/// The claims of a provider without ID tokens. Its own names for `iss` and the like mean something else here, so they are
/// left out, and the configured claim becomes `sub`.
pub(crate) fn identity(userinfo: Map<String, Value>, login: &Login) -> Result<Map<String, Value>, LoginError> {
    let config = login.config();
    let wanted = &config.protocol.subject_claim;
    let received = userinfo.get(wanted);
    let subject = match received {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 255 => Some(text.clone()),
        Some(Value::Number(number)) if number.is_u64() => Some(number.to_string()),
        _ => None,
    };
    let Some(subject) = subject else {
        let expected = format!("a text of 1 to 255 characters or a whole number in `{}`", shown(wanted));
        return Err(mismatch(Kind::USERINFO.name, "sub", expected, received));
    };
    let mut claims: Map<_, _> = userinfo
        .into_iter()
        .filter(|(name, _)| !is_protocol_claim(name))
        .collect();
    claims.insert("iss".to_owned(), Value::String(config.issuer.clone()));
    claims.insert("sub".to_owned(), Value::String(subject));
    Ok(claims)
}
