//! Verification of the ID token (OpenID Connect Core §3.1.3.7).

use std::sync::Arc;

use doorward_jose::{TimeRules, VerifiedJws, constant_time_eq, half_hash};
use serde_json::{Map, Value};

use crate::config::Config;
use crate::error::{claimed, mismatch};
use crate::provider::Known;
use crate::signed::{Kind, is_key_of_issuer, verified as verified_signature};
use crate::{Login, LoginError};

const TOKEN: &str = Kind::ID_TOKEN.name;

/// What the token must say beside its signature.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    /// The nonce of the login; a token that a refresh brought may come without.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    /// How long ago the person may have authenticated, in seconds.
    pub(crate) max_age: Option<u32>,
}

/// A verified ID token.
pub(crate) struct IdToken {
    /// The issuer that it is of: for a templated one that of the tenant.
    pub(crate) issuer: String,
    pub(crate) claims: Map<String, Value>,
}

/// Verifies the token and gives its claims.
pub(crate) async fn verified(
    token: &str,
    expected: &Expected<'_>,
    login: &Login,
    known: &Arc<Known>,
) -> Result<IdToken, LoginError> {
    let signed = verified_signature(&Kind::ID_TOKEN, token, login, known).await?;
    let config = login.config();
    let claims = signed.jws.claims();
    let issuer = config.protocol.issuer_of(TOKEN, &config.issuer, claims)?;
    is_key_of_issuer(&signed, &issuer)?;
    has_subject(claims)?;
    has_audience(TOKEN, claims, &config.client_id)?;
    has_times(claims, config)?;
    has_nonce(claims, expected)?;
    has_hashes(&signed.jws, expected)?;
    is_recent(claims, expected, config)?;
    Ok(IdToken {
        issuer,
        claims: signed.jws.into_claims(),
    })
}

fn has_subject(claims: &Map<String, Value>) -> Result<(), LoginError> {
    let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    if sub.is_empty() || sub.len() > 255 {
        return Err(mismatch(
            TOKEN,
            "sub",
            "1 to 255 characters".to_owned(),
            claims.get("sub"),
        ));
    }
    Ok(())
}

/// The client is the audience; with more than one, it is the authorized party too (Core §3.1.3.7, 3 to 5).
pub(crate) fn has_audience(
    token: &'static str,
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(), LoginError> {
    let audience = claims.get("aud");
    let (is_among, is_alone) = match audience {
        Some(Value::String(one)) => (one == client_id, true),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client_id), all.len() == 1),
        _ => (false, true),
    };
    if !is_among {
        return Err(mismatch(token, "aud", format!("`{client_id}`"), audience));
    }
    if !is_alone || claims.contains_key("azp") {
        is(token, "azp", claims, client_id)?;
    }
    Ok(())
}

fn has_times(claims: &Map<String, Value>, config: &Config) -> Result<(), LoginError> {
    let mut times = TimeRules::new(config.clock.now(), config.leeway());
    times.require_iat = true;
    times.check(claims).map_err(|error| Kind::ID_TOKEN.refused(error))
}

/// The nonce is a secret of this browser's login until now, so it is not repeated in the message.
fn has_nonce(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), LoginError> {
    let Some(wanted) = expected.nonce else {
        return Ok(());
    };
    let nonce = claims.get("nonce").and_then(Value::as_str).unwrap_or_default();
    if constant_time_eq(nonce.as_bytes(), wanted.as_bytes()) {
        return Ok(());
    }
    Err(LoginError::Claim {
        token: TOKEN,
        claim: "nonce",
        expected: "the one of this login".to_owned(),
        received: if nonce.is_empty() { "none" } else { "another one" }.to_owned(),
    })
}

/// `at_hash` and `c_hash` where they are: in the code flow they may be left out (Core §3.1.3.6, §3.3.2.11).
fn has_hashes(token: &VerifiedJws, expected: &Expected<'_>) -> Result<(), LoginError> {
    let claims = token.claims();
    for (claim, value) in [("at_hash", expected.access_token), ("c_hash", expected.code)] {
        if let Some(value) = value.filter(|_| claims.contains_key(claim)) {
            is(TOKEN, claim, claims, &half_hash(token.header().alg, value))?;
        }
    }
    Ok(())
}

/// `auth_time` must be there when `max_age` was asked for, and must not be longer ago (Core §3.1.2.1, §3.1.3.7, 13).
fn is_recent(claims: &Map<String, Value>, expected: &Expected<'_>, config: &Config) -> Result<(), LoginError> {
    let Some(max_age) = expected.max_age else {
        return Ok(());
    };
    let (now, leeway) = (config.clock.now(), config.leeway());
    let oldest = now.saturating_sub(i64::from(max_age)).saturating_sub(leeway);
    let auth_time = claims.get("auth_time");
    match auth_time.and_then(seconds) {
        Some(at) if (oldest..=now.saturating_add(leeway)).contains(&at) => Ok(()),
        _ => Err(mismatch(
            TOKEN,
            "auth_time",
            format!("a time in the last {max_age} s, the clock here says {now}"),
            auth_time,
        )),
    }
}

/// A NumericDate, whole or not.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float to integer casts saturate, and whoever uses it compares with our clock"
    )]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|float| float.floor() as i64))
}

fn is(token: &'static str, claim: &'static str, claims: &Map<String, Value>, expected: &str) -> Result<(), LoginError> {
    match claims.get(claim) {
        Some(Value::String(text)) if text == expected => Ok(()),
        other => Err(LoginError::Claim {
            token,
            claim,
            expected: format!("`{expected}`"),
            received: claimed(other),
        }),
    }
}
