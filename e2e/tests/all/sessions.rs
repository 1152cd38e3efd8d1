//! Sessions of an application that is made with the `login` library: in Chromium's tabs, under load, over a restart, and when
//! the provider ends them.

use doorward_e2e::{
    Browser, Place, Portal, Server, Tools, bounded, output_folder,
    rigs::{OidcProvider, Registration},
    run_node,
};
use doorward_login::open_sqlite;
use serde_json::{Value, json};

/// The life of an access token at Doorward, the shortest that it gives.
const TOKEN_LIFE: &str = "access_token=60s";

/// The application with its sessions in a file: opened again, it is the same one after a restart.
async fn portal(place: &Place, registration: &Registration, file: &std::path::Path) -> Portal {
    let store = open_sqlite(file).await.expect("the file can be opened");
    Portal::open(place, registration, |builder| {
        let builder = builder.scopes("profile email offline_access").expect("scopes");
        builder.sessions(store)
    })
    .await
}

/// How many token responses of that kind Doorward has given.
async fn token_responses(server: &Server, grant_type: &str) -> u64 {
    let page = Browser::new().get(&format!("{}/metrics", server.url)).await;
    let line = format!("doorward_token_responses_total{{grant_type=\"{grant_type}\"}} ");
    let found = page.html.lines().find_map(|one| one.strip_prefix(&line));
    found.map_or(0, |count| count.parse().expect("a number"))
}

#[tokio::test]
async fn an_application_keeps_its_people_in_every_tab_under_load_and_over_a_restart() {
    bounded(240, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let place = Place::new();
        let settings = [
            "--request-scopes",
            "openid,profile,email,offline_access",
            "--lifetime",
            TOKEN_LIFE,
        ];
        let registration = server
            .add_relying_party("portal", &place.redirect_uri(), &settings)
            .await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("sessions.db");
        let house = |part: &str| {
            json!({
                "part": part,
                "url": server.url,
                "app": place.url,
                "person": { "name": alice.name, "password": alice.password },
                "state": folder.path().join("browser.json"),
                "doorward": Tools::doorward(),
                "data": server.data(),
                "chromium": Tools::chromium(),
                "screenshots": output_folder("screenshots"),
            })
        };

        let before = portal(&place, &registration, &file).await;
        run_node("browser/sessions.mjs", &house("tabs"), 90).await;
        assert_eq!(token_responses(&server, "refresh_token").await, 0);
        before.close().await;

        let after = portal(&place, &registration, &file).await;
        after.advance(61);
        run_node("browser/sessions.mjs", &house("load"), 90).await;
        assert_eq!(
            token_responses(&server, "refresh_token").await,
            1,
            "one flight, however many wait"
        );

        let ended = server.cli(&["user", "end-sessions", "alice"]).await;
        assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
        after.advance(61);
        run_node("browser/sessions.mjs", &house("ended"), 90).await;
    })
    .await;
}

fn client(id: &str, place: &Place) -> Value {
    json!({
        "client_id": id,
        "redirect_uris": [place.redirect_uri()],
        "post_logout_redirect_uris": [place.after_logout()],
        "backchannel_logout_uri": place.backchannel_logout(),
        "backchannel_logout_session_required": true,
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email groups offline_access",
        "id_token_signed_response_alg": "ES256",
    })
}

#[tokio::test]
async fn whoever_logs_out_of_one_application_of_oidc_provider_is_logged_out_of_the_others() {
    bounded(120, async {
        let (here, there) = (Place::new(), Place::new());
        let provider = OidcProvider::start(&[client("here", &here), client("there", &there)]).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [first, second] = ["here", "there"].map(|name| (provider.registration(name), folder.path().join(name)));
        let here = portal(&here, &first.0, &first.1).await;
        let there = portal(&there, &second.0, &second.1).await;

        let mut browser = Browser::new();
        let page = here.begin(&mut browser).await;
        provider.log_in(&mut browser, &page, &provider.alice()).await;
        there.begin(&mut browser).await;
        assert_eq!(here.who(&mut browser).await["sub"], "alice");
        assert_eq!(
            there.who(&mut browser).await["sub"],
            "alice",
            "the provider knows the browser"
        );
        let mut elsewhere = Browser::new();
        let page = here.begin(&mut elsewhere).await;
        provider.log_in(&mut elsewhere, &page, &provider.alice()).await;

        let page = there.log_out(&mut browser).await;
        provider.log_out(&mut browser, &page).await;
        here.forgets(&mut browser).await;
        assert_eq!(
            here.who(&mut elsewhere).await["sub"],
            "alice",
            "another browser is another session"
        );
    })
    .await;
}

#[tokio::test]
async fn an_upstream_that_is_down_logs_nobody_out() {
    bounded(120, async {
        let place = Place::new();
        let mut provider = OidcProvider::start(&[client("here", &place)]).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let registration = provider.registration("here");
        let portal = portal(&place, &registration, &folder.path().join("sessions.db")).await;
        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        provider.log_in(&mut browser, &page, &provider.alice()).await;
        let first = browser.get(&format!("{}/token", portal.url)).await;
        assert_eq!(first.status, 200, "{}", first.text());

        provider.stop().await;
        portal.advance(50);
        let stale = browser.get(&format!("{}/token", portal.url)).await;
        assert_eq!(stale.html, first.html, "good until it is over");
        portal.advance(20);
        assert_eq!(browser.get(&format!("{}/token", portal.url)).await.status, 503);
        assert_eq!(portal.who(&mut browser).await["sub"], "alice");
    })
    .await;
}
