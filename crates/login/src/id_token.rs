//! Verification of the ID token (OpenID Connect Core §3.1.3.7).

use std::sync::Arc;

use doorward_jose::{
    JoseError, TimeRules, Typ, UnknownMembers, VerificationPolicy, VerifiedJws, constant_time_eq, half_hash, verify,
};
use serde_json::{Map, Value};

use crate::LoginError;
use crate::config::Config;
use crate::error::claimed;
use crate::provider::{Known, Provider};

/// Seconds by which the provider's clock may differ from ours.
pub(crate) const LEEWAY: i64 = 30;

/// What the token must say beside its signature.
pub(crate) struct Expected<'a> {
    /// `None` when it belongs to no request of ours, as after a refresh.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: &'a str,
}

/// Verifies the token and gives its claims. Keys are fetched again once when the token names one that is not known.
pub(crate) async fn verified(
    token: &str,
    expected: &Expected<'_>,
    config: &Config,
    provider: &Provider,
    known: &Arc<Known>,
) -> Result<Map<String, Value>, LoginError> {
    let signed = match signed(token, known) {
        Err(error @ (JoseError::UnknownKey { .. } | JoseError::AmbiguousKey { .. })) => {
            match provider.newer(config, known).await? {
                Some(newer) => self::signed(token, &newer).map_err(refused)?,
                None => return Err(refused(error)),
            }
        }
        other => other.map_err(refused)?,
    };
    says_what_is_expected(&signed, expected, config)?;
    Ok(signed.into_claims())
}

fn signed(token: &str, known: &Known) -> Result<VerifiedJws, JoseError> {
    let policy = VerificationPolicy::new(Typ::PLAIN, &known.algorithms).with_unknown_members(UnknownMembers::Ignored);
    verify(token, &known.keys, &policy)
}

fn refused(error: JoseError) -> LoginError {
    LoginError::Token {
        token: "ID token",
        error,
    }
}

fn says_what_is_expected(token: &VerifiedJws, expected: &Expected<'_>, config: &Config) -> Result<(), LoginError> {
    let claims = token.claims();
    is("iss", claims, &config.issuer)?;
    let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if sub.is_empty() || sub.len() > 255 {
        return Err(mismatch("sub", "1 to 255 characters".to_owned(), claims.get("sub")));
    }
    has_audience(claims, &config.client_id)?;
    let mut times = TimeRules::new(config.clock.now(), LEEWAY);
    times.require_iat = true;
    times.check(claims).map_err(refused)?;
    if let Some(expected) = expected.nonce {
        has_nonce(claims, expected)?;
    }
    if claims.contains_key("at_hash") {
        is("at_hash", claims, &half_hash(token.header().alg, expected.access_token))?;
    }
    Ok(())
}

/// The nonce is a secret of this browser's login until now, so it is not repeated in the message.
fn has_nonce(claims: &Map<String, Value>, expected: &str) -> Result<(), LoginError> {
    let nonce = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    if constant_time_eq(nonce.as_bytes(), expected.as_bytes()) {
        return Ok(());
    }
    Err(LoginError::Claim {
        token: "ID token",
        claim: "nonce",
        expected: "the one of this login".to_owned(),
        received: if nonce.is_empty() { "none" } else { "another one" }.to_owned(),
    })
}

/// The client is the audience; with more than one, it is the authorized party too (Core §3.1.3.7, 3 to 5).
fn has_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), LoginError> {
    let audience = claims.get("aud");
    let (is_among, is_alone) = match audience {
        Some(Value::String(one)) => (one == client_id, true),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client_id), all.len() == 1),
        _ => (false, true),
    };
    if !is_among {
        return Err(mismatch("aud", format!("`{client_id}`"), audience));
    }
    if !is_alone || claims.contains_key("azp") {
        is("azp", claims, client_id)?;
    }
    Ok(())
}

fn is(claim: &'static str, claims: &Map<String, Value>, expected: &str) -> Result<(), LoginError> {
    match claims.get(claim) {
        Some(Value::String(text)) if text == expected => Ok(()),
        other => Err(mismatch(claim, format!("`{expected}`"), other)),
    }
}

fn mismatch(claim: &'static str, expected: String, received: Option<&Value>) -> LoginError {
    LoginError::Claim {
        token: "ID token",
        claim,
        expected,
        received: claimed(received),
    }
}
