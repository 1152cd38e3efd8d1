//! Logout tokens: what tells an application that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.4).

use doorward_apps::App;
use doorward_jose::JoseError;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Mint;
use crate::issue::{BACKDATED, token_id};

/// The `typ` of a logout token, so that it is taken for no other (§2.4, RFC 8725 §3.11).
pub const TYP: &str = "logout+jwt";
/// What the token says has happened.
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds that a logout token is valid: it is made anew for each attempt (§4 recommends two minutes at most).
const LIFETIME: i64 = 120;

/// Claims of a logout token. Always both the person and the session, so that every application finds what it has kept; never
/// a nonce, so that it cannot be passed off as an ID token.
#[derive(Debug, Clone, Serialize)]
pub struct LogoutTokenClaims {
    /// Issuer, the same as in the application's ID tokens.
    pub iss: String,
    /// The person, as the application knows them.
    pub sub: String,
    /// The application.
    pub aud: String,
    /// Issued at, a little in the past.
    pub iat: i64,
    /// Ends.
    pub exp: i64,
    /// Unique: the application takes each token once.
    pub jti: String,
    /// [`EVENT`], with an empty object.
    pub events: Value,
    /// The session.
    pub sid: Uuid,
}

impl LogoutTokenClaims {
    /// For one attempt to tell `app` that `session` of the person whom it knows as `subject` is over.
    pub fn new(mint: Mint<'_>, app: &App, subject: &str, session: Uuid) -> Self {
        Self {
            iss: mint.server.issuer(app).into_owned(),
            sub: subject.to_owned(),
            aud: app.client_id.clone(),
            iat: mint.now.saturating_sub(BACKDATED),
            exp: mint.now.saturating_add(LIFETIME),
            jti: token_id(mint.random),
            events: json!({ EVENT: {} }),
            sid: session,
        }
    }
}

/// Signs a logout token as the application's ID tokens are signed (§2.6): it has the key already.
///
/// # Errors
/// There is no active key for the application's algorithm, or the library failed: the machine's fault.
pub fn issue(mint: Mint<'_>, app: &App, subject: &str, session: Uuid) -> Result<String, JoseError> {
    let claims = LogoutTokenClaims::new(mint, app, subject, session);
    mint.keys.active(app.id_token_alg)?.sign(Some(TYP), &claims)
}

#[cfg(test)]
mod tests {
    use doorward_apps::IssuerStyle;
    use doorward_jose::{Algorithm, Typ, VerificationPolicy, verify};

    use super::*;
    use crate::testing::{self, NOW, World};

    const SESSION: Uuid = Uuid::from_u128(9);

    fn claims(world: &World, app: &App) -> serde_json::Map<String, Value> {
        let token = issue(world.mint(), app, "somebody", SESSION).unwrap();
        let policy = VerificationPolicy::new(Typ::Required(&[TYP]), Algorithm::ALL);
        verify(&token, world.keys.verification(), &policy)
            .unwrap()
            .claims()
            .clone()
    }

    #[test]
    fn a_logout_token_says_who_and_which_session_and_what_happened_and_has_no_nonce() {
        let world = World::new();
        let claims = claims(&world, &testing::app());
        assert_eq!(claims["iss"], "https://sso.example.com");
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!("netbox"), &json!("somebody")));
        assert_eq!(claims["sid"], SESSION.to_string());
        assert_eq!(claims["events"], json!({ EVENT: {} }));
        assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 125);
        assert!(claims["iat"].as_i64().unwrap() <= NOW);
        assert!(!claims.contains_key("nonce"), "§2.4 forbids it");
    }

    #[test]
    fn the_issuer_is_the_one_in_the_applications_id_tokens() {
        let world = World::new();
        let own = App {
            issuer_style: IssuerStyle::Own,
            ..testing::app()
        };
        assert_eq!(claims(&world, &own)["iss"], "https://sso.example.com/apps/netbox");
    }

    #[test]
    fn each_attempt_has_a_token_of_its_own() {
        let world = World::new();
        assert_ne!(
            claims(&world, &testing::app())["jti"],
            claims(&world, &testing::app())["jti"],
            "applications refuse a jti that they have seen"
        );
    }

    #[test]
    fn a_logout_token_is_no_id_token_hint() {
        let world = World::new();
        let token = issue(world.mint(), &testing::app(), "somebody", SESSION).unwrap();
        assert!(crate::issued_id_token::verify(&token, &world.server, &world.keys, |_| None).is_err());
    }
}
