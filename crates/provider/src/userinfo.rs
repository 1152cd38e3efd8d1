//! The userinfo endpoint (OpenID Connect Core §5.3).
//!
//! A plain OAuth token of a person is answered too, with the claims of its scopes: some applications never ask for
//! `openid`, and this is the only place where they learn who logged in.

use doorward_apps::{App, Encrypted};
use doorward_directory::Facts;
use doorward_oidc::{Refusal, RefusalKind, Turn};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::issue::{BACKDATED, sealed, userinfo_claims};
use crate::token::current_scope;
use crate::{AccessToken, Failure, GrantFacts, Mint, Steps, access_token, extent};

/// The token speaks for an application, not for a person.
pub static NO_PERSON_IN_TOKEN: RefusalKind = RefusalKind {
    code: "no_person_in_token",
    oauth: "insufficient_scope",
    public: "This access token belongs to an application, not to a person.",
    meaning: "Userinfo speaks of the person behind a token (OpenID Connect Core §5.3); a token of client_credentials has \
              none.",
    turn: Turn::Application,
};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Userinfo {
    /// `application/json`.
    Json(Map<String, Value>),
    /// `application/jwt`, signed, encrypted or both: only for an application that asked for it.
    Jwt(String),
}

/// What the endpoint looks up before it asks.
#[derive(Debug, Clone, Copy)]
pub struct Bearer<'a> {
    /// The verified token.
    pub token: &'a AccessToken,
    /// The application with the token's client id.
    pub app: Option<&'a App>,
    /// The token's grant when it is live; `None` when it was revoked.
    pub grant: Option<&'a GrantFacts>,
    /// What the directory says of the grant's user; `None` when the user is gone.
    pub facts: Option<&'a Facts>,
}

/// Answers for a verified token.
///
/// # Errors
/// `invalid_token` when the token, its grant, its application or its user has ended, or access was withdrawn;
/// `insufficient_scope` for a token without a person.
pub fn respond(mint: Mint<'_>, bearer: Bearer<'_>, steps: &mut Steps) -> Result<Userinfo, Failure> {
    const CHECK: &str = "userinfo.token";
    steps.record(CHECK, bearer.token.is_current(mint.now))?;
    if bearer.token.grant.is_none() {
        let refusal = Refusal::response(
            &NO_PERSON_IN_TOKEN,
            format!("the token belongs to {}", bearer.token.client_id),
        );
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    }
    if bearer.token.exchanged {
        let refusal = Refusal::response(
            &access_token::ACCESS_TOKEN_INVALID,
            format!(
                "{} got it by exchange: it is for its audience alone",
                bearer.token.client_id
            ),
        );
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    }
    let (Some(app), Some(grant), Some(facts)) = (bearer.app.filter(|app| !app.disabled), bearer.grant, bearer.facts)
    else {
        let refusal = access_token::revoked();
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    };
    if let Err(refusal) = extent::is_for_us(app, bearer.token, mint.server) {
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    }
    let scope = current_scope(app, facts, &bearer.token.scope, mint.now, steps).map_err(|refusal| Refusal {
        remedy: refusal.remedy.clone(),
        ..Refusal::response(&access_token::ACCESS_TOKEN_INVALID, refusal.detail)
    })?;
    let claims = userinfo_claims(mint.server, app, facts, &scope, &grant.claims);
    let Some(algorithm) = app.userinfo_signed_alg else {
        return Ok(match sealed::claims(mint, app, Encrypted::Userinfo, &claims)? {
            Some(encrypted) => Userinfo::Jwt(encrypted),
            None => Userinfo::Json(claims),
        });
    };
    let payload = Signed {
        iss: &mint.server.issuer(app),
        aud: &app.client_id,
        iat: mint.now.saturating_sub(BACKDATED),
        claims: &claims,
    };
    let signed = mint.keys.active(algorithm)?.sign(Some("JWT"), &payload)?;
    Ok(Userinfo::Jwt(sealed::signed(mint, app, Encrypted::Userinfo, signed)?))
}

/// Signed userinfo names issuer and audience (Core §5.3.2).
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use doorward_jose::{Algorithm, Typ, VerificationPolicy, verify};
    use serde_json::json;

    use super::*;
    use crate::issue::issue_to_client;
    use crate::testing::{self, NOW, World, scope};

    struct Call {
        world: World,
        app: App,
        facts: Facts,
        grant: Option<GrantFacts>,
        token: AccessToken,
    }

    impl Call {
        fn new(list: &str) -> Self {
            let world = World::new();
            let issued = world.issued(&testing::app(), list);
            let token = access_token::verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap();
            Self {
                world,
                app: testing::app(),
                facts: testing::facts(),
                grant: Some(testing::grant(list)),
                token,
            }
        }

        fn respond(&self) -> Result<Userinfo, Failure> {
            let bearer = Bearer {
                token: &self.token,
                app: Some(&self.app),
                grant: self.grant.as_ref(),
                facts: Some(&self.facts),
            };
            respond(self.world.mint(), bearer, &mut Steps::new())
        }

        fn oauth_error(&self) -> &'static str {
            match self.respond() {
                Err(Failure::Refused(refusal)) => refusal.kind.oauth,
                other => panic!("expected a refusal, got {other:?}"),
            }
        }
    }

    #[test]
    fn json_by_default_with_the_claims_of_the_scope() {
        let Userinfo::Json(claims) = Call::new("openid email").respond().unwrap() else {
            panic!("expected JSON")
        };
        assert_eq!(claims["email"], "alice@example.com");
        assert_eq!(claims["sub"], "00000000-0000-0000-0000-000000000007");
        assert!(!claims.contains_key("name"));
    }

    #[test]
    fn signed_only_when_the_application_asks() {
        let mut call = Call::new("openid email");
        call.app.userinfo_signed_alg = Some(Algorithm::EdDSA);
        let Userinfo::Jwt(token) = call.respond().unwrap() else {
            panic!("expected a JWT")
        };
        let policy = VerificationPolicy::new(Typ::PLAIN, &[Algorithm::EdDSA]);
        let claims = verify(&token, call.world.keys.verification(), &policy)
            .unwrap()
            .into_claims();
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&json!("https://sso.example.com"), &json!("netbox"))
        );
        assert_eq!(claims["email"], "alice@example.com");
    }

    #[test]
    fn a_signed_answer_is_no_id_token_for_a_logout() {
        let mut call = Call::new("openid");
        call.app.userinfo_signed_alg = Some(Algorithm::ES256);
        let Userinfo::Jwt(token) = call.respond().unwrap() else {
            panic!("expected a JWT")
        };
        assert!(crate::issued_id_token::verify(&token, &call.world.server, &call.world.keys, |_| None).is_err());
    }

    #[test]
    fn an_ended_token_a_revoked_grant_and_a_switched_off_application_are_invalid_token() {
        let mut expired = Call::new("openid");
        expired.token.exp = NOW;
        assert_eq!(expired.oauth_error(), "invalid_token");
        let mut revoked = Call::new("openid");
        revoked.grant = None;
        assert_eq!(revoked.oauth_error(), "invalid_token");
        let mut off = Call::new("openid");
        off.app.disabled = true;
        assert_eq!(off.oauth_error(), "invalid_token");
    }

    #[test]
    fn who_left_the_group_is_gone_at_once() {
        let mut call = Call::new("openid email");
        call.facts.groups.clear();
        assert_eq!(call.oauth_error(), "invalid_token");
        let mut disabled = Call::new("openid email");
        disabled.facts.user.disabled = true;
        assert_eq!(disabled.oauth_error(), "invalid_token");
    }

    #[test]
    fn an_applications_own_token_speaks_of_nobody() {
        let mut call = Call::new("openid");
        let own = issue_to_client(call.world.mint(), &call.app, scope("api")).unwrap();
        call.token = access_token::verify(&own.access_token, &call.world.server, &call.world.keys, |_| None).unwrap();
        assert_eq!(call.oauth_error(), "insufficient_scope");
    }

    #[test]
    fn a_token_that_was_narrowed_to_a_resource_is_not_for_us_whatever_the_resource_is_registered_as() {
        let world = World::new();
        let mut app = testing::app();
        app.requests.resources = vec!["https://api.example".to_owned()];
        let mut grant = testing::grant("openid email");
        grant.extent.resources.clone_from(&app.requests.resources);
        let refused = |app: &App, narrowed| {
            let mut grant = grant.clone();
            grant.extent.narrowed = narrowed;
            let issued = crate::issue::issue(world.mint(), app, &testing::facts(), &grant, scope("openid email"));
            let token =
                access_token::verify(&issued.unwrap().access_token, &world.server, &world.keys, |_| None).unwrap();
            // What it is registered as when the token comes.
            ["a resource", "an audience", "nothing"].map(|known| {
                let mut app = app.clone();
                app.requests.resources.retain(|_| known == "a resource");
                let extra = (known == "an audience").then(|| "https://api.example".to_owned());
                app.audiences.extra.extend(extra);
                let bearer = Bearer {
                    token: &token,
                    app: Some(&app),
                    grant: Some(&grant),
                    facts: Some(&testing::facts()),
                };
                respond(world.mint(), bearer, &mut Steps::new()).is_err()
            })
        };
        assert_eq!(refused(&app, true), [true; 3]);
        assert_eq!(refused(&app, false), [false; 3]);
        app.audiences.client_id = false;
        assert_eq!(refused(&app, false), [true; 3], "for the resource alone");
    }

    #[test]
    fn a_plain_oauth_token_is_answered_too() {
        let Userinfo::Json(claims) = Call::new("email").respond().unwrap() else {
            panic!("expected JSON")
        };
        assert_eq!(claims["email"], "alice@example.com");
    }
}
