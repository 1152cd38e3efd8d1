//! The console's page of applications that register themselves.

use doorward_api as api;
use doorward_web::pages::console::{self, Aliases, ClientRegistration, Frame};
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    Sample,
    console::{Words, ago, now},
};

pub(super) fn samples(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let policy = api::ClientRegistration {
        mode: api::RegistrationMode::Token,
        endpoint: words.text("https://id.example.com/connect/register"),
        groups: words.texts(&["staff"]),
        unused_days: 30,
        most_unused: 100,
    };
    let token = api::InitialAccessToken {
        id: Uuid::nil(),
        label: words.text("the build machine"),
        created_by: words.text("ada"),
        created: ago(400),
        expires: now() + SignedDuration::from_hours(900),
        uses_left: Some(3),
        used: 2,
    };
    let view = ClientRegistration {
        policy: &policy,
        tokens: std::slice::from_ref(&token),
        may_change: true,
        error: None,
    };
    let shown = api::InitialAccessTokenShown {
        about: token.clone(),
        token: words.text("dwi_0r3fAy5mS1eQ8JkPpWcU2xV7bN4tZ6hD9gL"),
    };
    let alias = api::IssuerAlias {
        id: Uuid::nil(),
        address: words.text("https://sso.example.com/realms/main"),
        form: api::AliasForm::Keycloak,
        apps: words.texts(&["netbox"]),
        created_by: words.text("ada"),
        created: ago(400),
    };
    let aliases = Aliases {
        aliases: std::slice::from_ref(&alias),
        typed: "",
        may_change: true,
        error: None,
    };
    vec![
        ("console-aliases", console::aliases(&aliases, frame)),
        (
            "console-aliases-read-only",
            console::aliases(
                &Aliases {
                    aliases: &[],
                    may_change: false,
                    ..aliases
                },
                frame,
            ),
        ),
        (
            "console-aliases-refused",
            console::aliases(
                &Aliases {
                    typed: words.0("https://sso.example.com/realms/main/"),
                    error: Some(error),
                    ..aliases
                },
                frame,
            ),
        ),
        (
            "console-client-registration",
            console::client_registration(&view, frame),
        ),
        (
            "console-client-registration-read-only",
            console::client_registration(
                &ClientRegistration {
                    tokens: &[],
                    may_change: false,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-client-registration-token",
            console::initial_access_token(&shown, frame),
        ),
    ]
}
