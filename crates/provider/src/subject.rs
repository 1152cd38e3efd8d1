//! The `sub` by which an application knows a person.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use doorward_apps::App;
use doorward_directory::Facts;
use doorward_jose::{Secret, base64url};

use crate::Server;

/// The key that makes pairwise subjects: one for the life of a server, because each subject is what an application has
/// stored with its users.
#[derive(Clone)]
pub struct PairwiseSalt(Arc<hmac::Key>);

impl PairwiseSalt {
    /// From 32 random bytes.
    pub fn new(bytes: &Secret<Vec<u8>>) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes.expose())))
    }

    /// One that everybody knows: of a server that serves nobody.
    pub(crate) fn known() -> Self {
        Self::new(&Secret::new(vec![0; 32]))
    }
}

impl fmt::Debug for PairwiseSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairwiseSalt")
    }
}

/// The subject: the user's id, chosen once and never changed (OpenID Connect Core §2), or for an application with a sector
/// one that only the applications of that sector know, from which nobody without the salt finds back (§8.1).
///
/// The application is a parameter because one that was taken over from another provider keeps the subjects it knows.
pub fn subject(server: &Server, app: &App, facts: &Facts) -> String {
    match &app.sender.pairwise_sector {
        None => facts.user.id.hyphenated().to_string(),
        Some(sector) => pairwise(server.pairwise(), sector, facts),
    }
}

fn pairwise(salt: &PairwiseSalt, sector: &str, facts: &Facts) -> String {
    let mut context = hmac::Context::with_key(&salt.0);
    context.update(sector.as_bytes());
    context.update(&[0]);
    context.update(facts.user.id.as_bytes());
    base64url::encode(context.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing;

    fn server(salt: u8) -> Server {
        Server::new("https://sso.example.com").with_pairwise(PairwiseSalt::new(&Secret::new(vec![salt; 32])))
    }

    fn app(sector: Option<&str>) -> App {
        let mut app = testing::app();
        app.sender.pairwise_sector = sector.map(str::to_owned);
        app
    }

    #[test]
    fn applications_of_one_sector_know_a_person_by_one_subject_and_nobody_else_does() {
        let (server, facts) = (server(1), testing::facts());
        let sub = |sector| subject(&server, &app(sector), &facts);
        let one = sub(Some("a.example.com"));
        assert_eq!(one, sub(Some("a.example.com")));
        assert_eq!(one.len(), 43);
        assert_ne!(one, sub(Some("b.example.com")));
        assert_ne!(one, sub(None));
        assert_eq!(sub(None), facts.user.id.hyphenated().to_string());
        let mut other = testing::facts();
        other.user.id = Uuid::from_u128(8);
        assert_ne!(one, subject(&server, &app(Some("a.example.com")), &other));
        assert_ne!(one, subject(&self::server(2), &app(Some("a.example.com")), &facts));
    }

    #[test]
    fn every_token_of_a_person_has_the_same_subject_for_one_application() {
        let mut world = testing::World::new();
        world.server = server(1);
        let app = app(Some("a.example.com"));
        let issued = world.issued(&app, "openid");
        let claims = |token: &str| doorward_jose::peek_unverified(token, 8192).unwrap().1;
        let expected = subject(&world.server, &app, &testing::facts());
        assert_eq!(claims(&issued.access_token)["sub"], *expected);
        assert_eq!(claims(&issued.id_token.unwrap())["sub"], *expected);
    }
}
