//! Access tokens that come back to us: at userinfo, introspection and revocation (RFC 9068 §4, RFC 6750).

use doorward_apps::App;
use doorward_jose::{Algorithm, Typ, VerificationPolicy, verify_bytes};
use doorward_oidc::{AuthorizationDetails, Refusal, RefusalKind, ScopeSet, Turn};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub use crate::issue::Audience;
use crate::{Confirmation, KeyRing, Server};

/// The token is not one of ours, has ended, or was revoked.
pub static ACCESS_TOKEN_INVALID: RefusalKind = RefusalKind {
    code: "access_token_invalid",
    oauth: "invalid_token",
    public: "The access token is not valid.",
    meaning: "An access token is signed by this server, typed at+jwt, within its time, and its grant has not been revoked \
              (RFC 9068 §4, RFC 6750 §3.1).",
    turn: Turn::Application,
};

/// An access token whose signature, type and issuer hold: what may be cached. Time is asked each time
/// ([`AccessToken::is_current`]), and so is the grant, by the caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessToken {
    /// Issuer, one of ours.
    pub iss: String,
    /// The person, or the application itself.
    pub sub: String,
    /// Who it is for.
    pub aud: Audience,
    /// The application it was issued to.
    pub client_id: String,
    /// Unique.
    pub jti: String,
    /// Issued at.
    pub iat: i64,
    /// Ends.
    pub exp: i64,
    /// What was granted.
    pub scope: ScopeSet,
    /// The grant; `None` for a token that an application fetched for itself.
    #[serde(rename = "doorward_grant")]
    pub grant: Option<Uuid>,
    /// It is for resource servers alone.
    #[serde(rename = "doorward_elsewhere", default)]
    pub elsewhere: bool,
    /// The session.
    pub sid: Option<Uuid>,
    /// When the person authenticated.
    pub auth_time: Option<i64>,
    /// The context that was reached.
    pub acr: Option<String>,
    /// What may be done with it (RFC 9396 §9.1).
    #[serde(default)]
    pub authorization_details: AuthorizationDetails,
    /// What it is bound to.
    #[serde(default)]
    pub cnf: Confirmation,
    /// Who acts for the person, with those before (RFC 8693 §4.1).
    #[serde(default)]
    pub act: Option<Value>,
    /// It came of an exchange: it is for its audience, and opens nothing here.
    #[serde(default, rename = "doorward_exchanged")]
    pub exchanged: bool,
}

/// `typ` keeps an ID token from passing as an access token (RFC 9068 §4).
const POLICY: VerificationPolicy<'static> = VerificationPolicy::new(Typ::Required(&["at+jwt"]), Algorithm::ALL);

/// Verifies signature, type and issuer. Costs a signature verification: callers keep a bounded cache. `find` is the snapshot's
/// lookup by client id: the application may have the issuer of an earlier provider.
///
/// # Errors
/// [`ACCESS_TOKEN_INVALID`].
pub fn verify<'a>(
    token: &str,
    server: &Server,
    keys: &KeyRing,
    find: impl FnOnce(&str) -> Option<&'a App>,
) -> Result<AccessToken, Refusal> {
    let (_, payload) = verify_bytes(token, keys.verification(), &POLICY).map_err(|error| invalid(error.to_string()))?;
    let token: AccessToken = serde_json::from_slice(&payload)
        .map_err(|error| invalid(format!("the claims are not those of an access token: {error}")))?;
    if !server.is_issuer_of(&token.iss, find(&token.client_id)) {
        return Err(invalid(format!(
            "iss: expected one of ours, received {}",
            crate::text::shown(&token.iss)
        )));
    }
    Ok(token)
}

impl AccessToken {
    /// Whether it has not ended.
    ///
    /// # Errors
    /// [`ACCESS_TOKEN_INVALID`].
    pub fn is_current(&self, now: i64) -> Result<(), Refusal> {
        if now < self.exp {
            return Ok(());
        }
        Err(invalid(format!("exp is {}, the clock here says {now}", self.exp)))
    }
}

/// The refusal for a token that is shown at the issuer of an earlier provider, and comes from another.
pub fn of_another_issuer(token: &AccessToken, asked: &str) -> Refusal {
    invalid(format!(
        "iss: expected {asked}, which was asked, received {}",
        crate::text::shown(&token.iss)
    ))
}

/// The refusal for a token that was revoked itself or whose grant was.
pub fn revoked() -> Refusal {
    invalid("the token or its grant was revoked".to_owned())
}

fn invalid(detail: String) -> Refusal {
    Refusal::response(&ACCESS_TOKEN_INVALID, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::issue_to_client;
    use crate::testing::{self, World};

    #[test]
    fn only_a_token_of_ours_with_its_type_passes() {
        let world = World::new();
        let app = testing::app();
        let token = issue_to_client(world.mint(), &app, testing::scope("api"))
            .unwrap()
            .access_token;
        let verified = verify(&token, &world.server, &world.keys, |_| None).unwrap();
        assert_eq!(verified.client_id, "netbox");
        assert!(verified.is_current(testing::NOW).is_ok());

        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = World::new();
        for (name, bad) in [
            ("no token", "x".to_owned()),
            ("cut", signed.to_owned()),
            ("unsigned", format!("{signed}.")),
            (
                "another signature",
                format!("{signed}.{}", signature.chars().rev().collect::<String>()),
            ),
        ] {
            assert_eq!(
                verify(&bad, &world.server, &world.keys, |_| None).unwrap_err().kind,
                &ACCESS_TOKEN_INVALID,
                "{name}"
            );
        }
        assert!(
            verify(&token, &world.server, &other.keys, |_| None).is_err(),
            "another server's keys"
        );
        assert!(
            verify(&token, &Server::new("https://other.example"), &world.keys, |_| None).is_err(),
            "another issuer"
        );
    }

    #[test]
    fn an_id_token_is_no_access_token() {
        let world = World::new();
        let issued = world.issued(&testing::app(), "openid");
        assert!(verify(&issued.id_token.unwrap(), &world.server, &world.keys, |_| None).is_err());
    }

    #[test]
    fn a_token_ends_at_its_second() {
        let world = World::new();
        let issued = world.issued(&testing::app(), "openid");
        let token = verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap();
        assert!(token.is_current(issued.expires_at - 1).is_ok());
        assert!(token.is_current(issued.expires_at).is_err());
    }
}
