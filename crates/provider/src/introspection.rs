//! Introspection (RFC 7662): a confidential client asks about its own tokens, or about those that are meant for it. For
//! everything else the answer is `active: false` and nothing more (§2.2, §4).

use doorward_apps::{App, AppKind, Encrypted};
use doorward_jose::{Algorithm, JoseError};
use doorward_oidc::{IntrospectionResponse, Refusal, RefusalKind, Scope, ScopeSet, Turn};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::access_token::Audience;
use crate::issue::{BACKDATED, Mint, sealed};
use crate::{AccessToken, Confirmation, Server};

/// A public client asks.
pub static INTROSPECTION_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "introspection_not_allowed",
    oauth: "unauthorized_client",
    public: "This client may not ask about tokens.",
    meaning: "Who asks has to prove who it is, or anybody could try tokens (RFC 7662 §2.1); a public client cannot.",
    turn: Turn::Application,
};

/// Whether the authenticated client may ask at all.
///
/// # Errors
/// [`INTROSPECTION_NOT_ALLOWED`].
pub fn may_ask(asker: &App) -> Result<(), Refusal> {
    match asker.kind {
        AppKind::Confidential => Ok(()),
        AppKind::Public => Err(Refusal::response(
            &INTROSPECTION_NOT_ALLOWED,
            format!("{} is a public client", asker.client_id),
        )),
    }
}

/// The answer about an access token that [`crate::access_token::verify`] accepted. `live` says that its grant (or, for a
/// token of the application itself, the application) still counts and that the token was not revoked. `username` is for
/// people to read.
pub fn of_access_token(
    asker: &App,
    token: &AccessToken,
    live: bool,
    username: Option<&str>,
    now: i64,
) -> IntrospectionResponse {
    let concerns = token.client_id == asker.client_id || is_meant_for(&token.aud, asker);
    if !live || !concerns || token.is_current(now).is_err() {
        return IntrospectionResponse::inactive();
    }
    let mut response = IntrospectionResponse {
        active: true,
        scope: Some(token.scope.to_string()),
        client_id: Some(token.client_id.clone()),
        username: told(asker, &token.scope, username),
        token_type: Some(token.cnf.token_type().to_owned()),
        exp: Some(token.exp),
        iat: Some(token.iat),
        sub: Some(token.sub.clone()),
        aud: serde_json::to_value(&token.aud).ok(),
        iss: Some(token.iss.clone()),
        jti: Some(token.jti.clone()),
        ..IntrospectionResponse::default()
    };
    // RFC 9396 §9.2.
    let details = &token.authorization_details;
    let details = (!details.is_empty())
        .then(|| serde_json::to_value(details).ok())
        .flatten();
    let more = [
        ("sid", token.sid.map(|sid| Value::from(sid.hyphenated().to_string()))),
        ("auth_time", token.auth_time.map(Value::from)),
        ("acr", token.acr.as_deref().map(Value::from)),
        ("authorization_details", details),
        ("cnf", confirmation(&token.cnf)),
        ("act", token.act.clone()),
    ];
    let known = more
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    response.more.extend(known);
    response
}

/// What the store knows of a refresh token.
#[derive(Debug, Clone, Copy)]
pub struct RefreshFacts<'a> {
    /// The application of its grant.
    pub app_id: Uuid,
    /// The person.
    pub subject: &'a str,
    /// What was granted.
    pub scope: &'a ScopeSet,
    /// When it ends.
    pub expires_at: i64,
    /// Whether it is the current one of its family and its grant is live.
    pub live: bool,
    /// What it is bound to.
    pub confirmation: &'a Confirmation,
}

/// The answer about a refresh token: only its own client may know.
pub fn of_refresh_token(
    asker: &App,
    token: RefreshFacts<'_>,
    server: &Server,
    username: Option<&str>,
    now: i64,
) -> IntrospectionResponse {
    if !token.live || token.app_id != asker.id || now >= token.expires_at {
        return IntrospectionResponse::inactive();
    }
    IntrospectionResponse {
        active: true,
        scope: Some(token.scope.to_string()),
        client_id: Some(asker.client_id.clone()),
        username: told(asker, token.scope, username),
        exp: Some(token.expires_at),
        sub: Some(token.subject.to_owned()),
        iss: Some(server.issuer(asker).into_owned()),
        more: confirmation(token.confirmation)
            .map(|cnf| ("cnf".to_owned(), cnf))
            .into_iter()
            .collect(),
        ..IntrospectionResponse::default()
    }
}

/// The name for people to read. Whoever knows people by subjects of its own is told it when the profile was granted, since a name says who
/// it is everywhere.
fn told(asker: &App, scope: &ScopeSet, username: Option<&str>) -> Option<String> {
    let may_know = asker.sender.pairwise_sector.is_none() || scope.contains(Scope::PROFILE);
    username.filter(|_| may_know).map(str::to_owned)
}

/// The `cnf` member (RFC 9449 §6.2, RFC 8705 §3.2): whoever accepts the token has to demand the key.
fn confirmation(cnf: &Confirmation) -> Option<Value> {
    (!cnf.is_none()).then(|| serde_json::to_value(cnf).ok()).flatten()
}

/// What a resource server that wants to keep proof of the answer asks for in `Accept` (RFC 9701 §4).
pub const SIGNED_ANSWER: &str = "application/token-introspection+jwt";

/// The answer as a token for the asker, signed and, if it wants that, encrypted (RFC 9701 §5). Its type keeps it from
/// passing as an access token.
///
/// # Errors
/// There is no active key for the asker's algorithm, or the library failed: the machine's fault.
pub fn signed(mint: Mint<'_>, asker: &App, answer: &IntrospectionResponse) -> Result<String, JoseError> {
    #[derive(Serialize)]
    struct Claims<'a> {
        iss: &'a str,
        aud: &'a str,
        iat: i64,
        token_introspection: &'a IntrospectionResponse,
    }
    let claims = Claims {
        iss: &mint.server.issuer(asker),
        aud: &asker.client_id,
        iat: mint.now.saturating_sub(BACKDATED),
        token_introspection: answer,
    };
    let algorithm = asker.sender.introspection_alg.unwrap_or(Algorithm::RS256);
    let token = mint
        .keys
        .active(algorithm)?
        .sign(Some("token-introspection+jwt"), &claims)?;
    sealed::signed(mint, asker, Encrypted::Introspection, token)
}

/// A resource server knows itself by its client id, or by the address under which it is registered.
fn is_meant_for(audience: &Audience, asker: &App) -> bool {
    audience.contains(&asker.client_id) || (!asker.url.is_empty() && audience.contains(&asker.url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, NOW, World, scope};

    fn token(app: &App) -> AccessToken {
        let world = World::new();
        let issued = world.issued(app, "openid");
        crate::access_token::verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap()
    }

    fn resource_server() -> App {
        App {
            id: Uuid::from_u128(2),
            client_id: "api".to_owned(),
            url: "https://api.example.com".to_owned(),
            ..testing::app()
        }
    }

    #[test]
    fn only_a_confidential_client_may_ask() {
        let mut app = testing::app();
        assert!(may_ask(&app).is_ok());
        app.kind = AppKind::Public;
        assert_eq!(may_ask(&app).unwrap_err().kind, &INTROSPECTION_NOT_ALLOWED);
    }

    #[test]
    fn the_client_itself_learns_everything_about_a_live_token() {
        let app = testing::app();
        let response = of_access_token(&app, &token(&app), true, Some("alice"), NOW);
        assert!(response.active);
        assert_eq!(response.username.as_deref(), Some("alice"));
        assert_eq!(response.scope.as_deref(), Some("openid"));
        assert_eq!(response.aud, Some(Value::from("netbox")));
        assert_eq!(response.more["auth_time"], NOW - 62);
    }

    #[test]
    fn whoever_knows_people_by_subjects_of_its_own_learns_a_name_with_the_profile_alone() {
        let mut app = testing::app();
        app.sender.pairwise_sector = Some("app.example.com".to_owned());
        let mut token = token(&app);
        let named = |token: &AccessToken| of_access_token(&app, token, true, Some("alice"), NOW).username;
        assert_eq!(named(&token), None);
        token.scope = scope("openid profile");
        assert_eq!(named(&token).as_deref(), Some("alice"));
    }

    #[test]
    fn a_resource_server_learns_of_tokens_that_are_meant_for_it_and_nobody_else_does() {
        let mut app = testing::app();
        let stranger = of_access_token(&resource_server(), &token(&app), true, None, NOW);
        assert_eq!(stranger, IntrospectionResponse::inactive());
        for audience in ["api", "https://api.example.com"] {
            app.audiences.extra = vec![audience.to_owned()];
            assert!(
                of_access_token(&resource_server(), &token(&app), true, None, NOW).active,
                "{audience}"
            );
        }
        let nameless = App {
            url: String::new(),
            ..resource_server()
        };
        app.audiences.extra = vec![String::new()];
        assert!(!of_access_token(&nameless, &token(&app), true, None, NOW).active);
    }

    #[test]
    fn what_has_ended_or_was_revoked_is_inactive_and_says_nothing_more() {
        let app = testing::app();
        let token = token(&app);
        assert_eq!(
            of_access_token(&app, &token, false, Some("alice"), NOW),
            IntrospectionResponse::inactive()
        );
        let later = of_access_token(&app, &token, true, Some("alice"), token.exp);
        assert_eq!(serde_json::to_string(&later).unwrap(), r#"{"active":false}"#);
    }

    #[test]
    fn a_refresh_token_concerns_its_client_only() {
        let (app, granted) = (testing::app(), scope("openid"));
        let server = Server::new("https://sso.example.com");
        let facts = RefreshFacts {
            app_id: app.id,
            subject: "s",
            scope: &granted,
            expires_at: NOW + 1,
            live: true,
            confirmation: Confirmation::NONE,
        };
        assert!(of_refresh_token(&app, facts, &server, None, NOW).active);
        assert!(!of_refresh_token(&app, facts, &server, None, NOW + 1).active);
        assert!(!of_refresh_token(&app, RefreshFacts { live: false, ..facts }, &server, None, NOW).active);
        assert!(!of_refresh_token(&resource_server(), facts, &server, None, NOW).active);
    }
}
