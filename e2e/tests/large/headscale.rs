//! Headscale, set up by the printed lines alone: people come in as a device would send them, a group decides, and the doctor names what
//! is broken.

use std::time::Instant;

use doorward_e2e::{
    Browser, Person, Server, bounded,
    rigs::{Ground, Headscale, Printed},
    silence,
};
use serde_json::json;

use crate::{
    doctor_app::{looked, may_be_here},
    doctor_table::Tried,
};

#[tokio::test]
async fn people_enter_headscale_by_the_printed_lines_if_they_have_the_group() {
    bounded(200, async {
        let server = Server::start().await;
        for group in ["users", "headscale-users"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "headscale-users"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let ground = Ground::of("headscale");
        let printed = Printed::add(&server, "headscale", &ground.url, "users").await;
        let mut headscale = Headscale::start(ground, &printed).await;

        // The login ends at a device that is not there; the person is made before that.
        let page = headscale.enter(&mut Browser::new(), &alice).await;
        assert_eq!(page.url.path(), "/oidc/callback", "{}", page.text());
        explained(&server, &headscale.log(), "The login succeeded").await;
        let page = headscale.enter(&mut Browser::new(), &bob).await;
        assert_eq!((page.status, page.html.trim()), (401, "unauthorised group"));
        explained(&server, &page.html, "allowed_groups").await;
        // Here it is a silence after the token, which a rule of Headscale's own may be the reason of.
        silence(Instant::now()).await;
        let trace = server.latest_trace("headscale").await;
        let shown = server.json(&["trace", &trace.reference]).await;
        assert_eq!(shown["conclusion"]["code"], json!("refused_there"), "{shown:#}");
        assert!(
            shown["conclusion"].to_string().contains("oidc.allowed_groups"),
            "{shown:#}"
        );
        let people = headscale.people().await;
        assert_eq!(people.as_array().map(Vec::len), Some(1), "{people:#}");
        let person = ["name", "display_name", "email", "provider"].map(|name| &people[0][name]);
        assert_eq!(
            person,
            ["alice", "Alice Archer", "alice@example.com", "oidc"],
            "{people:#}"
        );

        is_known_to_the_doctor(&server, &mut headscale, &printed, &alice).await;
    })
    .await;
}

/// One broken line after the other.
async fn is_known_to_the_doctor(server: &Server, headscale: &mut Headscale, printed: &Printed, person: &Person) {
    let app = "headscale";
    may_be_here(server, app).await;
    let mut tried = Tried::row(app, app);
    tried.registration(server, &printed.url).await;
    for (right, wrong, column, code, words) in [
        (
            "client_id: \"headscale\"",
            "client_id: \"headscail\"",
            "client id",
            "client_id",
            ["headscail", "nobody has here"],
        ),
        (
            "\"openid\", \"profile\", \"email\", \"groups\"",
            "\"openid\", \"email\"",
            "scope",
            "scope",
            ["groups", "it does not ask for"],
        ),
        (
            "enabled: true",
            "enabled: false",
            "PKCE",
            "pkce",
            ["oidc.pkce.enabled: true", "S256"],
        ),
    ] {
        headscale.restart(printed, &[(right, wrong)]).await;
        tried.names(server, column, code, &words).await;
    }

    // What only a login shows.
    headscale
        .restart(printed, &[("client_secret: \"", "client_secret: \"x")])
        .await;
    let page = headscale.enter(&mut Browser::new(), person).await;
    assert_eq!((page.status, page.html.trim()), (403, "invalid code"));
    explained(server, &headscale.log(), "set client_secret to it").await;
    tried
        .names(server, "secret", "authentication", &["client.secret", "app secret"])
        .await;

    // It reads both forms of userinfo, and takes what discovery lists.
    headscale.restart(printed, &[]).await;
    server
        .json(&["app", "edit", app, "--id-token-alg", "ES256", "--userinfo-alg", "RS256"])
        .await;
    headscale.enter(&mut Browser::new(), person).await;
    explained(server, &headscale.log(), "The login succeeded").await;
    let body = looked(server, app).await;
    assert_eq!(body["usable"], json!(true), "{body:#}");
    assert!(!body["findings"].to_string().contains("userinfo_form"), "{body:#}");

    let issuer = format!("issuer: \"{}\"", server.url);
    for (wrong, means) in [
        (format!("issuer: \"{}/\"", server.url), "a slash at its end"),
        ("issuer: \"http://127.0.0.1:9\"".to_owned(), "does not reach"),
    ] {
        let said = headscale.fails(printed, &[(&issuer, &wrong)]).await;
        explained(server, &said, means).await;
    }
    tried.ends();
}

/// What `doctor explain` makes of what it says, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "headscale", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}
