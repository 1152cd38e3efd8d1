//! Revocation (RFC 7009): a client gives back its own tokens. Anything that is no token of ours is a success, because it
//! is of no use to anybody (§2.2).

use doorward_apps::App;
use doorward_oidc::{Refusal, RefusalKind, Turn};
use uuid::Uuid;

use crate::text::shown;
use crate::{KeyRing, Server, access_token};

/// The token belongs to another client.
pub static TOKEN_OF_ANOTHER_CLIENT: RefusalKind = RefusalKind {
    code: "token_of_another_client",
    oauth: "invalid_request",
    public: "This token was not issued to this client.",
    meaning: "A client can revoke its own tokens only (RFC 7009 §2.1).",
    turn: Turn::Application,
};

/// What to do with a presented token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// Remember the access token as revoked until it ends.
    AccessToken {
        /// Its `jti`.
        jti: String,
        /// When it ends, in seconds since the epoch.
        expires_at: i64,
        /// Its grant, which stays: the refresh token can be given back too.
        grant: Option<Uuid>,
    },
    /// It may be a refresh token: find it, ask [`is_of_this_client`], revoke its grant.
    PerhapsRefreshToken,
    /// Nothing: it is no token of ours.
    Nothing,
}

/// Says what a presented token is.
///
/// # Errors
/// [`TOKEN_OF_ANOTHER_CLIENT`].
pub fn plan(app: &App, token: &str, server: &Server, keys: &KeyRing, now: i64) -> Result<Revocation, Refusal> {
    if !token.contains('.') {
        return Ok(Revocation::PerhapsRefreshToken);
    }
    let Ok(verified) = access_token::verify(token, server, keys, |client_id| {
        (client_id == app.client_id).then_some(app)
    }) else {
        return Ok(Revocation::Nothing);
    };
    if verified.client_id != app.client_id {
        return Err(of_another(app, &verified.client_id));
    }
    if verified.is_current(now).is_err() {
        return Ok(Revocation::Nothing);
    }
    Ok(Revocation::AccessToken {
        jti: verified.jti,
        expires_at: verified.exp,
        grant: verified.grant,
    })
}

/// The refresh token that was found belongs to the asking client.
///
/// # Errors
/// [`TOKEN_OF_ANOTHER_CLIENT`].
pub fn is_of_this_client(app: &App, grant_app_id: Uuid) -> Result<(), Refusal> {
    if app.id == grant_app_id {
        return Ok(());
    }
    Err(of_another(app, "another application"))
}

fn of_another(app: &App, owner: &str) -> Refusal {
    let detail = format!(
        "{} wanted to revoke a token that was issued to {}",
        app.client_id,
        shown(owner)
    );
    Refusal::response(&TOKEN_OF_ANOTHER_CLIENT, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, NOW, World};

    #[test]
    fn a_client_gives_back_its_own_token_and_nobody_elses() {
        let (world, app) = (World::new(), testing::app());
        let issued = world.issued(&app, "openid");
        let ask = |app: &App, token: &str, now| plan(app, token, &world.server, &world.keys, now);
        let own = ask(&app, &issued.access_token, NOW).unwrap();
        assert_eq!(
            own,
            Revocation::AccessToken {
                jti: issued.access_token_id.clone(),
                expires_at: issued.expires_at,
                grant: Some(testing::grant("").id),
            }
        );
        let other = App {
            client_id: "grafana".to_owned(),
            ..testing::app()
        };
        assert_eq!(
            ask(&other, &issued.access_token, NOW).unwrap_err().kind,
            &TOKEN_OF_ANOTHER_CLIENT
        );
        assert_eq!(
            ask(&app, &issued.access_token, issued.expires_at).unwrap(),
            Revocation::Nothing
        );
    }

    #[test]
    fn what_is_no_token_of_ours_is_a_success() {
        let (world, app) = (World::new(), testing::app());
        let foreign = World::new().issued(&app, "openid").access_token;
        for token in [foreign.as_str(), "a.b.c", "..", "x.y"] {
            assert_eq!(
                plan(&app, token, &world.server, &world.keys, NOW).unwrap(),
                Revocation::Nothing,
                "{token}"
            );
        }
        let id_token = world.issued(&app, "openid").id_token.unwrap();
        assert_eq!(
            plan(&app, &id_token, &world.server, &world.keys, NOW).unwrap(),
            Revocation::Nothing
        );
        assert_eq!(
            plan(&app, "opaque", &world.server, &world.keys, NOW).unwrap(),
            Revocation::PerhapsRefreshToken
        );
    }

    #[test]
    fn a_refresh_token_of_another_client_is_refused() {
        let app = testing::app();
        assert!(is_of_this_client(&app, app.id).is_ok());
        assert_eq!(
            is_of_this_client(&app, Uuid::from_u128(2)).unwrap_err().kind,
            &TOKEN_OF_ANOTHER_CLIENT
        );
    }
}
