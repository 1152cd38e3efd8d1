//! Miniflux, set up by the printed environment alone: people come in and get accounts, whoever was there before connects theirs, and
//! the doctor names what is broken.

use doorward_e2e::{
    Browser, Person, Server, bounded,
    rigs::{Ground, Miniflux, Printed},
};
use serde_json::json;

use crate::{
    doctor_app::{looked, may_be_here, names},
    doctor_table::Tried,
};

#[tokio::test]
async fn people_enter_miniflux_by_the_printed_environment_and_each_broken_line_is_named() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
        let bob = server.add_person("bob", "Bob Baker", &[]).await;
        let root = server.add_person("root", "Rita Root", &["users"]).await;
        let ground = Ground::of("miniflux");
        let printed = Printed::add(&server, "miniflux", &ground.url, "users").await;
        let mut reader = Miniflux::start(ground, &printed, &root).await;

        let mut browser = Browser::new();
        let page = browser.get(&reader.page("/")).await;
        let page = browser.press(&page, "Sign in with Single sign-on").await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(
            page.url.as_str(),
            reader.page("/unread"),
            "{}\n{}",
            page.text(),
            reader.log()
        );
        assert!(page.html.contains("Logged in as alice"), "{}", page.html);
        let users = browser.get(&reader.page("/users")).await;
        assert_eq!(users.status, 403, "she is no administrator: {}", users.text());

        let page = reader.enter(&mut Browser::new(), &bob).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);

        // Whoever is there already connects the login while logged in with a password.
        let mut browser = Browser::new();
        let page = reader.enter(&mut browser, &root).await;
        assert_eq!((page.status, page.text().as_str()), (400, "This user already exists."));
        explained(&server, &page.text(), "under Settings").await;
        let page = browser.get(&reader.page("/")).await;
        let page = browser.log_in(&page, &root).await;
        assert_eq!(page.url.path(), "/unread", "{}", page.text());
        let page = browser.get(&reader.page("/settings")).await;
        let page = browser.press(&page, "Link my Single sign-on account").await;
        page.says("Your external account is now linked!");
        let page = reader.enter(&mut Browser::new(), &root).await;
        assert!(page.html.contains("Logged in as root"), "{}", page.html);

        is_known_to_the_doctor(&server, &mut reader, &printed, &alice).await;
    })
    .await;
}

/// One broken line after the other.
async fn is_known_to_the_doctor(server: &Server, reader: &mut Miniflux, printed: &Printed, person: &Person) {
    let app = "miniflux";
    may_be_here(server, app).await;
    let mut tried = Tried::row(app, app);
    tried.registration(server, &printed.url).await;

    reader.restart(printed, &[("OAUTH2_CLIENT_ID", "minflux")]).await;
    tried
        .names(server, "client id", "client_id", &["minflux", "nobody has here"])
        .await;
    let callback = format!("{}/", printed.setting("OAUTH2_REDIRECT_URL"));
    reader.restart(printed, &[("OAUTH2_REDIRECT_URL", &callback)]).await;
    let page = reader.enter(&mut Browser::new(), person).await;
    page.says("The way back is not registered");

    // What stops it before anybody is sent here leads back to its own login page.
    let issuer = printed.setting("OAUTH2_OIDC_DISCOVERY_ENDPOINT");
    for (wrong, means) in [
        (format!("{issuer}/"), "a slash at its end"),
        (
            format!("{issuer}/.well-known/openid-configuration"),
            "the well-known path, which Miniflux adds itself",
        ),
        ("http://127.0.0.1:9".to_owned(), "Miniflux does not reach"),
    ] {
        reader
            .restart(printed, &[("OAUTH2_OIDC_DISCOVERY_ENDPOINT", &wrong)])
            .await;
        let page = reader.enter(&mut Browser::new(), person).await;
        assert_eq!(page.url.as_str(), reader.page("/"), "{}", page.text());
        explained(server, &reader.log(), means).await;
    }
    names(
        &looked(server, app).await,
        "login_fails",
        &["leads back to its own pages"],
    );

    // What only a login shows.
    reader
        .restart(printed, &[("OAUTH2_CLIENT_SECRET", "of-last-year")])
        .await;
    let page = reader.enter(&mut Browser::new(), person).await;
    assert_eq!(page.url.as_str(), reader.page("/"), "{}", page.text());
    explained(server, &reader.log(), "set OAUTH2_CLIENT_SECRET to it").await;
    tried
        .names(server, "secret", "authentication", &["client.secret", "app secret"])
        .await;

    // Accounts are made because a line says so. Ada is new there.
    let ada = server.add_person("ada", "Ada Ames", &["users"]).await;
    reader.restart(printed, &[("OAUTH2_USER_CREATION", "0")]).await;
    let page = reader.enter(&mut Browser::new(), &ada).await;
    assert_eq!(page.status, 403, "{}", page.text());
    explained(server, &page.text(), "OAUTH2_USER_CREATION=1").await;

    // It does not look at ID tokens, and takes userinfo as a signed token: that is no reason for a word.
    reader.restart(printed, &[]).await;
    server
        .json(&["app", "edit", app, "--id-token-alg", "EdDSA", "--userinfo-alg", "RS256"])
        .await;
    let page = reader.enter(&mut Browser::new(), person).await;
    assert_eq!(page.url.path(), "/unread", "{}\n{}", page.text(), reader.log());
    let body = looked(server, app).await;
    assert_eq!(body["findings"][0]["weight"], json!("good"), "{body:#}");
    assert_eq!(
        body["sent"]["redirect_uri"],
        json!(printed.setting("OAUTH2_REDIRECT_URL")),
        "{body:#}"
    );
    let shown = server.cli(&["preset", "show", app]).await.out;
    assert!(shown.contains("signature, iat, exp of ID tokens"), "{shown}");
    assert!(!shown.contains("null"), "{shown}");
    tried.ends();
}

/// What `doctor explain` makes of what it says, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "miniflux", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}
