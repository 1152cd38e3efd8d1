//! The `login` library in an application, at providers of others.

use doorward_e2e::{
    Browser, Place, Portal, Server, bounded,
    rigs::{Dex, Keycloak, KeycloakClient, OidcProvider},
};
use serde_json::{Value, json};

/// What each algorithm is asked of npm oidc-provider: ID token and userinfo.
fn client(place: &Place, algorithm: &str) -> Value {
    json!({
        "client_id": format!("portal-{algorithm}"),
        "redirect_uris": [place.redirect_uri()],
        "post_logout_redirect_uris": [place.after_logout()],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email groups offline_access",
        "id_token_signed_response_alg": algorithm,
    })
}

#[tokio::test]
async fn oidc_provider_logs_people_in_with_each_algorithm() {
    bounded(120, async {
        let algorithms = ["RS256", "ES256", "EdDSA"];
        let places = algorithms.map(|_| Place::new());
        let clients: Vec<Value> = algorithms
            .iter()
            .zip(&places)
            .map(|(a, place)| client(place, a))
            .collect();
        let provider = OidcProvider::start(&clients).await;
        for (algorithm, place) in algorithms.iter().zip(&places) {
            let registration = provider.registration(&format!("portal-{algorithm}"));
            let portal = Portal::open(place, &registration, |builder| {
                builder.scopes("profile email groups").expect("scopes")
            })
            .await;
            let mut browser = Browser::new();
            let page = portal.begin(&mut browser).await;
            let page = provider.log_in(&mut browser, &page, &provider.alice()).await;
            assert_eq!(
                page.json(),
                json!({ "sub": "alice", "groups": ["staff", "net/ops"] }),
                "{algorithm}"
            );
            let who = portal.who(&mut browser).await;
            assert_eq!(
                (&who["email"], &who["name"]),
                (&json!("alice@example.com"), &json!("Alice Archer"))
            );

            // The logout ends both sessions: the next login asks for the password again.
            let page = portal.log_out(&mut browser).await;
            let page = provider.log_out(&mut browser, &page).await;
            assert_eq!(page.url.as_str(), format!("{}/", place.url));
            assert_eq!(portal.who(&mut browser).await, Value::Null);
            let page = portal.begin(&mut browser).await;
            assert!(page.url.path().starts_with("/interaction/"), "{}", page.url);
        }
    })
    .await;
}

#[tokio::test]
async fn keycloak_logs_people_in_with_each_algorithm() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("library").await;
        realm.grant_role("vault-dev", "reader", "alice").await;
        for (algorithm, signed_userinfo) in [("RS256", false), ("ES256", false), ("EdDSA", false)] {
            let place = Place::new();
            let registration = realm
                .add_client(&KeycloakClient {
                    id: &format!("portal-{algorithm}"),
                    redirect_uri: &place.redirect_uri(),
                    algorithm,
                    signed_userinfo,
                    backchannel_logout: None,
                    frontchannel_logout: None,
                    after_logout: Some(&place.after_logout()),
                })
                .await;
            let portal = Portal::open(&place, &registration, |builder| builder).await;
            let mut browser = Browser::new();
            let page = portal.begin(&mut browser).await;
            let page = realm.log_in(&mut browser, &page, &realm.person("alice")).await;
            let groups = page.json()["groups"].clone();
            let names: Vec<&str> = groups
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            assert!(
                names.contains(&"/company/netops/leads") && names.contains(&"/company/helpdesk"),
                "{groups}"
            );
            let who = portal.who(&mut browser).await;
            assert_eq!(who["resource_access"]["vault-dev"]["roles"], json!(["reader"]), "{who}");
            let audience: Vec<&str> = who["aud"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            assert!(
                audience.contains(&"vault-dev") && audience.contains(&registration.client_id.as_str()),
                "{who}"
            );
            assert_eq!(realm.sessions("alice").await, 1);

            let page = portal.log_out(&mut browser).await;
            assert_eq!(page.url.as_str(), format!("{}/", place.url), "{}", page.text());
            assert_eq!(portal.who(&mut browser).await, Value::Null);
            assert_eq!(realm.sessions("alice").await, 0, "the logout ended Keycloak's session");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ends_at_keycloak_ends_in_the_application() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("ending").await;
        let place = Place::new();
        let client = KeycloakClient {
            id: "portal",
            redirect_uri: &place.redirect_uri(),
            algorithm: "ES256",
            signed_userinfo: false,
            backchannel_logout: Some(&place.backchannel_logout()),
            frontchannel_logout: None,
            after_logout: None,
        };
        let registration = realm.add_client(&client).await;
        let portal = Portal::open(&place, &registration, |builder| builder).await;
        let mut browsers = [Browser::new(), Browser::new(), Browser::new()];
        for (browser, name) in browsers.iter_mut().zip(["alice", "alice", "bob"]) {
            let page = portal.begin(browser).await;
            realm.log_in(browser, &page, &realm.person(name)).await;
            assert_eq!(portal.who(browser).await["preferred_username"], name);
        }
        realm.end_sessions("alice").await;
        let [first, second, bob] = &mut browsers;
        portal.forgets(first).await;
        portal.forgets(second).await;
        assert_eq!(portal.who(bob).await["preferred_username"], "bob", "nobody else's");
    })
    .await;
}

#[tokio::test]
async fn keycloak_may_rotate_its_keys_while_people_log_in() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("rotation").await;
        let place = Place::new();
        let client = KeycloakClient {
            id: "portal",
            redirect_uri: &place.redirect_uri(),
            algorithm: "RS256",
            signed_userinfo: false,
            backchannel_logout: None,
            frontchannel_logout: None,
            after_logout: None,
        };
        let registration = realm.add_client(&client).await;
        let portal = Portal::open(&place, &registration, |builder| builder).await;
        for dropped in [None, Some(false), Some(true)] {
            if let Some(dropped) = dropped {
                realm.rotate_rsa(dropped).await;
                // A key set is fetched again at most every 30 seconds.
                portal.advance(31);
            }
            let mut browser = Browser::new();
            let page = portal.begin(&mut browser).await;
            let page = realm.log_in(&mut browser, &page, &realm.person("bob")).await;
            assert_eq!(page.status, 200, "{dropped:?}: {}", page.text());
            assert_eq!(portal.who(&mut browser).await["preferred_username"], "bob");
        }
    })
    .await;
}

#[tokio::test]
async fn dex_logs_people_in_by_password_and_by_connector() {
    bounded(120, async {
        let place = Place::new();
        let dex = Dex::start(&place.redirect_uri()).await;
        let portal = Portal::open(&place, &dex.registration(), |builder| {
            builder.scopes("profile email groups").expect("scopes")
        })
        .await;
        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        let page = dex.log_in(&mut browser, &page, &dex.alice()).await;
        assert_eq!(page.json()["groups"], json!([]), "its password list has no groups");
        let alice = portal.who(&mut browser).await;
        assert_eq!(
            (&alice["email"], &alice["name"]),
            (&json!("alice@example.com"), &json!("alice"))
        );

        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        let page = dex.log_in_by_mock(&mut browser, &page).await;
        assert_eq!(page.json()["groups"], json!(["authors"]));
        assert_ne!(portal.who(&mut browser).await["sub"], alice["sub"]);

        // Dex has no end of sessions: the library's logout ends here.
        let page = portal.log_out(&mut browser).await;
        assert_eq!(page.url.as_str(), format!("{}/", place.url));
        assert_eq!(portal.who(&mut browser).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_second_doorward_logs_people_in() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let place = Place::new();
        let registration = server
            .add_relying_party(
                "portal",
                &place.redirect_uri(),
                &["--request-scopes", "openid,profile,email,groups"],
            )
            .await;
        let portal = Portal::open(&place, &registration, |builder| {
            builder.scopes("profile email groups").expect("scopes")
        })
        .await;
        let mut browser = Browser::new();
        let page = portal.begin(&mut browser).await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.json()["groups"], json!(["staff"]), "{}", page.text());
    })
    .await;
}
