//! How far the clocks of provider and relying party may be apart (RFC 7519 §4.1.4, OpenID Connect Core 3.1.3.7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ClaimError;
use crate::evaluation::Run;
use crate::login_rules::wrong;
use crate::reason::{Code, Effect, shown};

/// Tolerances in seconds, one for each time in a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Leeway {
    /// How long after `exp` a token still counts.
    pub exp: u32,
    /// How long before `nbf` it already counts.
    pub nbf: u32,
    /// How far `iat` may be in the future.
    pub iat: u32,
}

impl Default for Leeway {
    /// Half a minute each: clocks that nobody looks after drift, and a login that fails by milliseconds helps nobody.
    fn default() -> Self {
        Self {
            exp: 30,
            nbf: 30,
            iat: 30,
        }
    }
}

impl Leeway {
    /// Widest tolerance. Whoever needs more has a clock to mend.
    pub const MAX: u32 = 600;

    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn check(self) -> Result<(), ClaimError> {
        for (rule, seconds) in [
            ("leeway.exp", self.exp),
            ("leeway.nbf", self.nbf),
            ("leeway.iat", self.iat),
        ] {
            if seconds > Self::MAX {
                let expected = format!("at most {} seconds", Self::MAX);
                return Err(wrong(rule, expected, format!("{seconds} seconds")));
            }
        }
        Ok(())
    }

    pub(crate) fn judge(self, max_age: Option<u32>, now: i64, run: &mut Run<'_>) {
        let (exp, nbf, iat) = (i64::from(self.exp), i64::from(self.nbf), i64::from(self.iat));
        let latest = now.saturating_sub(exp);
        let (code, effect) = match time(run.claims.get("exp")) {
            Time::At(at) if at > latest => (Code::NotExpired, Effect::Passed),
            Time::At(_) => (Code::Expired, Effect::Denied),
            Time::Absent | Time::Wrong => (Code::ExpiryMissing, Effect::Denied),
        };
        say(run, "leeway.exp", code, effect, format!("`exp` after {latest}"), "exp");
        for (rule, claim, leeway, fine, refused) in [
            ("leeway.nbf", "nbf", nbf, Code::AlreadyValid, Code::NotYetValid),
            ("leeway.iat", "iat", iat, Code::IssuedInPast, Code::IssuedInFuture),
        ] {
            let earliest = now.saturating_add(leeway);
            let (code, effect) = match time(run.claims.get(claim)) {
                Time::Absent => continue,
                Time::At(at) if at <= earliest => (fine, Effect::Passed),
                Time::At(_) => (refused, Effect::Denied),
                Time::Wrong => (Code::ClaimWrongType, Effect::Denied),
            };
            say(
                run,
                rule,
                code,
                effect,
                format!("`{claim}` not after {earliest}"),
                claim,
            );
        }
        if let Some(max_age) = max_age {
            // The proof may be as old as asked for, and the clocks as far apart as for `exp`.
            let oldest = now.saturating_sub(i64::from(max_age)).saturating_sub(exp);
            let (code, effect) = match time(run.claims.get("auth_time")) {
                Time::At(at) if at >= oldest => (Code::AuthRecent, Effect::Passed),
                Time::At(_) => (Code::AuthTooOld, Effect::Denied),
                Time::Absent | Time::Wrong => (Code::AuthTimeMissing, Effect::Denied),
            };
            let expected = format!("`auth_time` not before {oldest}");
            say(run, "max_age", code, effect, expected, "auth_time");
        }
    }
}

fn say(run: &mut Run<'_>, rule: &str, code: Code, effect: Effect, expected: String, claim: &str) {
    let received = shown(run.claims.get(claim));
    run.say(rule, code, effect, Vec::new(), expected, received);
}

enum Time {
    Absent,
    At(i64),
    Wrong,
}

/// A `NumericDate` (RFC 7519 §2), fractions cut off.
fn time(value: Option<&Value>) -> Time {
    match value {
        None | Some(Value::Null) => Time::Absent,
        Some(value) => match (value.as_i64(), value.as_f64()) {
            (Some(at), _) => Time::At(at),
            #[expect(clippy::cast_possible_truncation, reason = "it saturates, and fractions are cut off")]
            (None, Some(at)) if at.is_finite() => Time::At(at as i64),
            _ => Time::Wrong,
        },
    }
}
