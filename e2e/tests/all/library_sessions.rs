//! Sessions of the `login` library over time: tabs, refreshes under load, restarts, and ends that come from the provider.

use doorward_e2e::{
    Browser, Place, Portal, bounded,
    rigs::{Keycloak, KeycloakClient, OidcProvider},
};
use doorward_login::open_sqlite;
use serde_json::{Value, json};

fn client(id: &str, place: &Place) -> Value {
    json!({
        "client_id": id,
        "redirect_uris": [place.redirect_uri()],
        "post_logout_redirect_uris": [place.after_logout()],
        "grant_types": ["authorization_code", "refresh_token"],
        "backchannel_logout_uri": place.backchannel_logout(),
        "backchannel_logout_session_required": true,
    })
}

async fn portal(provider: &OidcProvider, id: &str, place: &Place) -> Portal {
    Portal::open(place, &provider.registration(id), |builder| {
        builder.scopes("profile email groups").expect("scopes")
    })
    .await
}

#[tokio::test]
async fn parallel_tabs_all_succeed() {
    bounded(60, async {
        let place = Place::new();
        let provider = OidcProvider::start(&[client("portal", &place)]).await;
        let portal = portal(&provider, "portal", &place).await;
        let mut browser = Browser::new();
        let first = portal.begin(&mut browser).await;
        let second = portal.begin(&mut browser).await;
        let third = portal.begin(&mut browser).await;
        for tab in [second, first, third] {
            let page = provider.log_in(&mut browser, &tab, &provider.alice()).await;
            assert_eq!(page.json()["sub"], "alice", "{}", page.text());
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_is_refreshed_once_however_many_requests_wait() {
    bounded(60, async {
        let place = Place::new();
        let provider = OidcProvider::start(&[client("portal", &place)]).await;
        let portal = portal(&provider, "portal", &place).await;
        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        provider.log_in(&mut browser, &page, &provider.alice()).await;
        for round in ["first", "second", "third"] {
            // The access token lives for a minute; the provider takes each refresh token once, and a second use ends all.
            provider.move_alice(&[round]).await;
            portal.advance(61);
            let requests: Vec<_> = (0..40)
                .map(|_| {
                    let (mut browser, url) = (browser.clone(), format!("{}/private", portal.url));
                    tokio::spawn(async move { browser.get(&url).await.json() })
                })
                .collect();
            for request in requests {
                let seen = request.await.expect("it answers");
                assert_eq!(seen, json!({ "sub": "alice", "groups": [round] }));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_logout_in_one_application_ends_the_session_in_another() {
    bounded(60, async {
        let places = [Place::new(), Place::new()];
        let provider = OidcProvider::start(&[client("wiki", &places[0]), client("chat", &places[1])]).await;
        let wiki = portal(&provider, "wiki", &places[0]).await;
        let chat = portal(&provider, "chat", &places[1]).await;
        // A browser for each application, which know nothing of each other but that the provider's session is one.
        let mut browser = Browser::new();
        let page = wiki.begin(&mut browser).await;
        let page = provider.log_in(&mut browser, &page, &provider.alice()).await;
        assert_eq!(page.json()["sub"], "alice");
        let mut reading = browser.clone();
        let page = chat.begin(&mut browser).await;
        assert_eq!(page.json()["sub"], "alice", "single sign-on");

        let page = chat.log_out(&mut browser).await;
        provider.log_out(&mut browser, &page).await;
        assert_eq!(chat.who(&mut browser).await, Value::Null);
        wiki.forgets(&mut reading).await;
    })
    .await;
}

#[tokio::test]
async fn a_restart_keeps_sessions_and_ends_them_when_the_provider_says_so() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("restart").await;
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::new();
        let registration = realm
            .add_client(&KeycloakClient {
                id: "portal",
                redirect_uri: &place.redirect_uri(),
                algorithm: "ES256",
                signed_userinfo: true,
                backchannel_logout: Some(&place.backchannel_logout()),
                frontchannel_logout: None,
                after_logout: None,
            })
            .await;
        let sessions = open_sqlite(folder.path().join("sessions.db")).await.expect("a store");
        let portal = Portal::open(&place, &registration, |builder| builder.sessions(sessions)).await;
        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        realm.log_in(&mut browser, &page, &realm.person("alice")).await;
        let before = portal.who(&mut browser).await;
        assert_eq!(before["preferred_username"], "alice", "userinfo came signed: {before}");

        portal.close().await;
        let sessions = open_sqlite(folder.path().join("sessions.db")).await.expect("a store");
        let portal = Portal::open(&place, &registration, |builder| builder.sessions(sessions)).await;
        assert_eq!(portal.who(&mut browser).await, before);

        realm.end_sessions("alice").await;
        portal.forgets(&mut browser).await;
        let page = portal.begin(&mut browser).await;
        assert!(
            page.url.as_str().starts_with(&registration.issuer),
            "it asks again: {}",
            page.url
        );
    })
    .await;
}
