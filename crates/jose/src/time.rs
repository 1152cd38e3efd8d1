//! The time claims of a token (RFC 7519 §4.1.4 to §4.1.6), each rule with a refusal of its own.

use serde_json::{Map, Value};

use crate::JoseError;

/// What the time claims of one kind of token must satisfy. All values are seconds; the clock is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRules {
    /// The clock here: seconds since 1970 (NumericDate).
    pub now: i64,
    /// How far the other side's clock may differ.
    pub leeway: i64,
    /// Whether `exp` must be there.
    pub require_exp: bool,
    /// Whether `iat` must be there.
    pub require_iat: bool,
    /// How long ago `iat` may be; a token with this rule must have `iat`.
    pub max_age: Option<i64>,
    /// How far ahead `exp` may be, for tokens that are remembered until then (client assertions).
    pub max_lifetime: Option<i64>,
}

impl TimeRules {
    /// The rules for a token that must have `exp`, and whose `nbf` and `iat` must not be in the future where present.
    pub const fn new(now: i64, leeway: i64) -> Self {
        Self {
            now,
            leeway,
            require_exp: true,
            require_iat: false,
            max_age: None,
            max_lifetime: None,
        }
    }

    /// Checks `exp`, then `nbf`, then `iat`.
    ///
    /// # Errors
    /// The first rule that does not hold, with both values.
    pub fn check(&self, claims: &Map<String, Value>) -> Result<(), JoseError> {
        self.has_not_expired(seconds(claims, "exp")?)?;
        self.has_begun(seconds(claims, "nbf")?)?;
        self.was_issued_sensibly(seconds(claims, "iat")?)
    }

    fn has_not_expired(&self, exp: Option<i64>) -> Result<(), JoseError> {
        let (now, leeway) = (self.now, self.leeway);
        let Some(exp) = exp else {
            return missing_if(self.require_exp || self.max_lifetime.is_some(), "exp");
        };
        // RFC 7519 §4.1.4: not "on or after" exp.
        if now.saturating_sub(leeway) >= exp {
            return Err(JoseError::Expired { exp, now, leeway });
        }
        match self.max_lifetime {
            Some(max_lifetime) if exp.saturating_sub(now) > max_lifetime.saturating_add(leeway) => {
                Err(JoseError::LivesTooLong { exp, now, max_lifetime })
            }
            _ => Ok(()),
        }
    }

    fn has_begun(&self, nbf: Option<i64>) -> Result<(), JoseError> {
        let (now, leeway) = (self.now, self.leeway);
        match nbf {
            Some(nbf) if nbf > now.saturating_add(leeway) => Err(JoseError::NotYetValid { nbf, now, leeway }),
            _ => Ok(()),
        }
    }

    fn was_issued_sensibly(&self, iat: Option<i64>) -> Result<(), JoseError> {
        let (now, leeway) = (self.now, self.leeway);
        let Some(iat) = iat else {
            return missing_if(self.require_iat || self.max_age.is_some(), "iat");
        };
        if iat > now.saturating_add(leeway) {
            return Err(JoseError::IssuedInFuture { iat, now, leeway });
        }
        match self.max_age {
            Some(max_age) if now.saturating_sub(iat) > max_age.saturating_add(leeway) => {
                Err(JoseError::TooOld { iat, now, max_age })
            }
            _ => Ok(()),
        }
    }
}

fn missing_if(required: bool, claim: &'static str) -> Result<(), JoseError> {
    if required {
        return Err(JoseError::ClaimMissing { claim });
    }
    Ok(())
}

/// A NumericDate (RFC 7519 §2): a JSON number, whole or not. Fractions are cut towards the past.
fn seconds(claims: &Map<String, Value>, claim: &'static str) -> Result<Option<i64>, JoseError> {
    let wrong = |received| JoseError::ClaimType {
        claim,
        expected: "a number of seconds since 1970",
        received,
    };
    match claims.get(claim) {
        None => Ok(None),
        Some(Value::Number(number)) => whole_seconds(number)
            .map(Some)
            .ok_or_else(|| wrong("a number outside of the range of dates")),
        Some(Value::Null) => Err(wrong("null")),
        Some(Value::Bool(_)) => Err(wrong("a boolean")),
        Some(Value::String(_)) => Err(wrong("a string")),
        Some(Value::Array(_)) => Err(wrong("an array")),
        Some(Value::Object(_)) => Err(wrong("an object")),
    }
}

fn whole_seconds(number: &serde_json::Number) -> Option<i64> {
    /// The year 9999; what is beyond is a mistake (milliseconds, mostly).
    const LATEST: i64 = 253_402_300_799;
    let whole = match number.as_i64() {
        Some(whole) => whole,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "float to integer casts saturate, and the range is checked below"
        )]
        None => number.as_f64()?.floor() as i64,
    };
    (0..=LATEST).contains(&whole).then_some(whole)
}
