//! Keycloak as a relying party: it takes our logout tokens, and its session ends.

use std::time::Duration;

use doorward_e2e::{
    Browser, Server, bounded,
    rigs::{Keycloak, KeycloakClient, Realm},
};

const BACK: &str = "http://127.0.0.1:9/app";

/// Waits until somebody has so many sessions in the realm.
async fn sessions(realm: &Realm, name: &str, count: usize, server: &Server) {
    for _ in 0..200 {
        if realm.sessions(name).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let logouts = server.json(&["app", "logouts", "keycloak"]).await;
    panic!("{name} has {} sessions: {logouts:#}", realm.sessions(name).await);
}

#[tokio::test]
async fn keycloak_ends_its_session_when_ours_ends_and_keeps_the_others() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("party").await;
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let carol = server.add_person("carol", "Carol Carter", &["staff"]).await;
        let names = ["--attribute", "given_name=Carol", "--attribute", "family_name=Carter"];
        server.json(&[&["user", "edit", "carol"], &names[..]].concat()).await;

        let (redirect_uri, logout_uri) = realm.as_relying_party("doorward");
        let settings = ["--backchannel-logout-uri", &logout_uri];
        let registration = server.add_relying_party("keycloak", &redirect_uri, &settings).await;
        realm.add_provider("doorward", &registration).await;
        let client = KeycloakClient {
            id: "app",
            redirect_uri: BACK,
            algorithm: "RS256",
            signed_userinfo: false,
            backchannel_logout: None,
            frontchannel_logout: None,
            after_logout: None,
        };
        realm.add_client(&client).await;

        let mut browsers = [Browser::new().stopping_at(BACK), Browser::new().stopping_at(BACK)];
        for browser in &mut browsers {
            let page = browser.get(&realm.begin(&client, "doorward")).await;
            assert!(page.is_login(), "{} {}", page.url, page.text());
            let page = browser.log_in(&page, &carol).await;
            assert!(page.url.as_str().starts_with(BACK), "{} {}", page.url, page.text());
            assert!(page.parameter("code").is_some(), "{}", page.url);
        }
        sessions(&realm, "carol", 2, &server).await;

        let page = browsers[0].get(&format!("{}/logout", server.url)).await;
        let page = browsers[0]
            .submit(&page, "/logout/confirm", &[("decision", "allow")])
            .await;
        page.says("You are logged out");
        sessions(&realm, "carol", 1, &server).await;

        server.json(&["user", "disable", "carol"]).await;
        sessions(&realm, "carol", 0, &server).await;
        let logouts = server.json(&["app", "logouts", "keycloak"]).await;
        assert_eq!(
            (&logouts["told"], &logouts["waiting"]),
            (&2.into(), &0.into()),
            "{logouts:#}"
        );
    })
    .await;
}
