//! The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6).

use doorward_jose::{TimeRules, Typ};
use serde_json::{Map, Value};

use crate::config::Config;
use crate::error::claimed;
use crate::signed::{self, Kind};
use crate::{Login, LoginError};

const NAME: &str = "logout token";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// `logout+jwt` says what it is (§2.4), and most providers still say `JWT` or nothing. What tells it from an ID token then
/// is `events`, which an ID token has not, and `nonce`, which a logout token has not.
const KIND: Kind = Kind {
    name: NAME,
    typ: Typ::Optional(&["logout+jwt", "JWT"]),
    algorithms: |known| &known.id_token_algorithms,
};
/// Longest identifiers that are taken.
const MAX_TEXT: usize = 255;

/// The provider's order to end sessions, verified: who is meant by `sub`, `sid` or both.
///
/// Whether it was used before is the caller's to remember, by [`LogoutToken::jti`] until [`LogoutToken::expires`];
/// [`Login::back_channel_logout`] does so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// The issuer.
    pub issuer: String,
    /// All sessions of this person, when there is no `sid`.
    pub sub: Option<String>,
    /// The session of the provider that ended.
    pub sid: Option<String>,
    /// The token's own name.
    pub jti: String,
    /// When it was issued, NumericDate.
    pub issued: i64,
    /// Until when it is valid, NumericDate, leeway included.
    pub expires: i64,
}

impl LogoutToken {
    /// Verifies a logout token for the relying party `login`. Keys are fetched again once when it names one that is not
    /// known.
    ///
    /// # Errors
    /// The rule of §2.6 that does not hold, or the provider's keys cannot be had.
    pub async fn verify(login: &Login, token: &str) -> Result<Self, LoginError> {
        let known = login.provider().known(login).await?;
        let signed = signed::verified(&KIND, token, login, &known).await?;
        Self::read(signed.jws.claims(), login.config())
    }

    fn read(claims: &Map<String, Value>, config: &Config) -> Result<Self, LoginError> {
        let client_id = config.client_id.as_str();
        let leeway = config.leeway();
        let expected = |claim, expected: &str| mismatch(claim, expected, claims.get(claim));
        let issuer = config.protocol.issuer_of(NAME, &config.issuer, claims)?;
        let is_audience = match claims.get("aud") {
            Some(Value::String(one)) => one == client_id,
            Some(Value::Array(all)) => all.iter().any(|one| one == client_id),
            _ => false,
        };
        if !is_audience {
            return Err(expected("aud", &format!("`{client_id}`")));
        }
        let mut times = TimeRules::new(config.clock.now(), leeway);
        times.require_iat = true;
        times.check(claims).map_err(|error| KIND.refused(error))?;
        if !claims
            .get("events")
            .is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object))
        {
            return Err(expected("events", &format!("an object with `{EVENT}`")));
        }
        if claims.contains_key("nonce") {
            return Err(mismatch("nonce", "none", claims.get("nonce")));
        }
        let text = |claim: &'static str| match claims.get(claim) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_TEXT => Ok(Some(text.clone())),
            Some(_) => Err(expected(claim, "1 to 255 characters")),
        };
        let (sub, sid) = (text("sub")?, text("sid")?);
        if sub.is_none() && sid.is_none() {
            return Err(expected("sid", "a session, or a person as `sub`,"));
        }
        let seconds = |claim| claims.get(claim).and_then(Value::as_f64).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "the rules above bound both")]
        let (issued, exp) = (seconds("iat") as i64, seconds("exp") as i64);
        Ok(Self {
            issuer,
            sub,
            sid,
            jti: text("jti")?.ok_or_else(|| expected("jti", "1 to 255 characters"))?,
            issued,
            expires: exp.saturating_add(leeway),
        })
    }
}

pub(super) fn mismatch(claim: &'static str, expected: &str, received: Option<&Value>) -> LoginError {
    LoginError::Claim {
        token: NAME,
        claim,
        expected: expected.to_owned(),
        received: claimed(received),
    }
}
