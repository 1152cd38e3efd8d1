//! People of a real Keycloak log in here, and from here to a real application.

use doorward_e2e::{
    Browser, Package, Page, Server, Site, bounded,
    rigs::{Keycloak, KeycloakClient, Realm},
};

/// Which roles of a client there are which groups here.
const CLIENT_ROLES: &str = r#"
username = { claim = "preferred_username" }
email = { claim = "email" }
name = { claim = "name" }

[groups]
claim = "/resource_access/vault-dev/roles"

[[groups.map]]
group = "reader"
groups = ["readers"]

[[groups.map]]
group = "writer"
groups = ["writers"]
"#;

/// Groups there by their full path.
const FULL_PATHS: &str = r#"
username = { claim = "preferred_username" }
email = { claim = "email" }
name = { claim = "name" }

[groups]
claim = "groups"

[[groups.map]]
group = "/company/netops/leads"
groups = ["readers"]
"#;

/// A server with the realm as its upstream `corp`.
async fn house(realm: &Realm, algorithm: &str, rules: &str) -> Server {
    let server = Server::start().await;
    for group in ["readers", "writers"] {
        server.json(&["group", "add", group]).await;
    }
    let registration = realm
        .add_client(&KeycloakClient {
            id: "doorward",
            redirect_uri: &server.callback("corp"),
            algorithm,
            signed_userinfo: algorithm != "RS256",
            backchannel_logout: Some(&server.backchannel_logout("corp")),
            frontchannel_logout: None,
            after_logout: Some(&server.logged_out()),
        })
        .await;
    server.add_upstream("keycloak", "corp", &registration, rules, &[]).await;
    server
}

/// From a login page here to Keycloak's and through it.
async fn through(realm: &Realm, browser: &mut Browser, page: &Page, name: &str) -> Page {
    let page = browser.press(page, "corp").await;
    realm.log_in(browser, &page, &realm.person(name)).await
}

#[tokio::test]
async fn nested_client_roles_open_an_application_and_close_it_again() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("broker").await;
        realm.grant_role("vault-dev", "reader", "alice").await;
        let server = house(&realm, "RS256", CLIENT_ROLES).await;
        let site = Site::add(&server, Package::Mozilla, "readers").await.start().await;

        let mut browser = Browser::new();
        let page = site.begin(&mut browser).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert_eq!(page.status, 200, "{} {}\n{}", page.url, page.text(), site.log());
        assert_eq!(site.who(&mut browser).await["email"], "alice@example.com");
        assert_eq!(server.groups_of("alice").await, ["readers"]);
        let trace = server.latest_trace("mozilla-django-oidc").await;
        assert_eq!(
            (trace.outcome.as_str(), trace.user.as_deref()),
            ("ok", Some("alice")),
            "{trace:#?}"
        );
        assert!(
            trace.passed("upstream.answer") && trace.passed("upstream.account"),
            "{trace:#?}"
        );

        // What vanished there vanishes here, at the next login.
        realm.revoke_role("vault-dev", "reader", "alice").await;
        let mut browser = Browser::new();
        let page = site.begin(&mut browser).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert!(
            page.url.as_str().starts_with(&server.url),
            "not let into the application: {}",
            page.url
        );
        assert_eq!(page.status, 403, "{}", page.text());
        assert!(server.groups_of("alice").await.is_empty());

        realm.grant_role("vault-dev", "reader", "alice").await;
        let mut browser = Browser::new();
        let page = site.begin(&mut browser).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert_eq!(page.status, 200, "{} {}", page.url, page.text());
    })
    .await;
}

#[tokio::test]
async fn groups_by_full_path_come_with_signed_userinfo_and_es256() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("paths").await;
        let server = house(&realm, "ES256", FULL_PATHS).await;
        for (left, expected) in [(false, vec!["readers"]), (true, vec![])] {
            if left {
                realm.leave_group("/company/netops/leads", "alice").await;
            }
            let mut browser = Browser::new();
            let page = browser.get(&format!("{}/login", server.url)).await;
            let page = through(&realm, &mut browser, &page, "alice").await;
            assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
            page.says("Alice Archer");
            assert_eq!(server.groups_of("alice").await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ends_at_keycloak_ends_here_and_the_other_way_round() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("logout").await;
        let server = house(&realm, "EdDSA", FULL_PATHS).await;
        let start = format!("{}/", server.url);
        let mut browser = Browser::new();
        let page = browser.get(&start).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert_eq!(realm.sessions("alice").await, 1);

        // There: an administrator ends it.
        realm.end_sessions("alice").await;
        let mut page = browser.get(&start).await;
        for _ in 0..100 {
            if page.is_login() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            page = browser.get(&start).await;
        }
        assert!(page.is_login(), "the session ended with Keycloak's: {}", page.text());

        // Here: the logout goes on to Keycloak and comes back.
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert_eq!(realm.sessions("alice").await, 1);
        let page = browser.get(&format!("{}/logout", server.url)).await;
        let page = browser.submit(&page, "/logout", &[("decision", "allow")]).await;
        assert!(
            page.url.as_str().starts_with(&server.url),
            "{} {}",
            page.url,
            page.text()
        );
        assert_eq!(realm.sessions("alice").await, 0, "Keycloak's session ended too");
        assert!(browser.get(&start).await.is_login());
    })
    .await;
}

#[tokio::test]
async fn a_wrong_secret_is_named_and_the_remedy_works() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("secret").await;
        let server = house(&realm, "RS256", FULL_PATHS).await;
        let secret = server.data().join("corp.secret");
        let right = std::fs::read(&secret).expect("the file is there");
        let set = [
            "upstream",
            "secret",
            "set",
            "corp",
            "--secret-file",
            &secret.to_string_lossy(),
        ];
        std::fs::write(&secret, "of last year").expect("the file can be written");
        assert_eq!(server.cli(&set).await.code, 0);
        let mut browser = Browser::new();
        let page = browser.get(&format!("{}/login", server.url)).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        server.refused_upstream(&page, "token_exchange_failed").await;

        std::fs::write(&secret, right).expect("the file can be written");
        assert_eq!(server.cli(&set).await.code, 0);
        let mut browser = Browser::new();
        let page = browser.get(&format!("{}/login", server.url)).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        assert_eq!(page.status, 200, "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn an_issuer_that_is_almost_right_is_refused_with_the_right_one() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("issuer").await;
        let server = Server::start().await;
        let mut registration = realm
            .add_client(&KeycloakClient {
                id: "doorward",
                redirect_uri: &server.callback("corp"),
                algorithm: "RS256",
                signed_userinfo: false,
                backchannel_logout: None,
                frontchannel_logout: None,
                after_logout: None,
            })
            .await;
        let right = registration.issuer.clone();
        registration.issuer = format!("{right}/");
        let ran = server.try_upstream("keycloak", "corp", &registration, &[]).await;
        let said = format!("{}{}", ran.out, ran.err);
        assert_ne!(ran.code, 0, "{said}");
        assert!(said.contains(&right), "{said}");
        registration.issuer = right;
        let ran = server.try_upstream("keycloak", "corp", &registration, &[]).await;
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    })
    .await;
}

#[tokio::test]
async fn somebody_who_is_disabled_here_is_told_so() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("disabled").await;
        let server = house(&realm, "RS256", FULL_PATHS).await;
        let login = format!("{}/login", server.url);
        let mut browser = Browser::new();
        let page = browser.get(&login).await;
        through(&realm, &mut browser, &page, "alice").await;
        server.json(&["user", "disable", "alice"]).await;
        let mut browser = Browser::new();
        let page = browser.get(&login).await;
        let page = through(&realm, &mut browser, &page, "alice").await;
        server.refused_upstream(&page, "account_disabled").await;
    })
    .await;
}

#[tokio::test]
async fn a_logout_at_keycloak_ends_the_session_here_through_a_frame() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("frames").await;
        let server = Server::start().await;
        let registration = realm
            .add_client(&KeycloakClient {
                id: "doorward",
                redirect_uri: &server.callback("corp"),
                algorithm: "RS256",
                signed_userinfo: false,
                backchannel_logout: None,
                frontchannel_logout: Some(&server.frontchannel_logout("corp")),
                after_logout: None,
            })
            .await;
        server.add_upstream("keycloak", "corp", &registration, "", &[]).await;
        let start = format!("{}/", server.url);
        let log_in = async || {
            let mut browser = Browser::new();
            let page = browser.get(&format!("{}/login", server.url)).await;
            let page = through(&realm, &mut browser, &page, "alice").await;
            assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
            browser
        };
        let (mut one, mut other) = (log_in().await, log_in().await);

        // Names that somebody makes up end nothing, and nothing remembers them.
        let frame = server.frontchannel_logout("corp");
        let made_up = [
            frame.clone(),
            format!("{frame}?iss={}&sid=made-up", realm.issuer()),
            format!("{frame}?iss=https://evil.example&sid=made-up"),
        ];
        for address in made_up {
            Browser::new().get(&address).await;
        }
        assert!(!one.get(&start).await.is_login());

        let page = realm.log_out(&mut one).await;
        let frames = one.load_frames(&page).await;
        assert!(
            frames
                .iter()
                .any(|url| url.starts_with(&frame) && url.contains("sid=") && url.contains("iss=")),
            "{frames:?} on {} {}",
            page.url,
            page.html
        );
        assert!(one.get(&start).await.is_login(), "ended there, ended here");
        assert!(
            !other.get(&start).await.is_login(),
            "another session there is another one here"
        );
        let events = server.json(&["event", "list", "--action", "upstream.logout"]).await;
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
    })
    .await;
}
