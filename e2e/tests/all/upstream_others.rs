//! People of other providers log in here: each with what only it has.

use std::time::Duration;

use doorward_e2e::{
    Browser, Page, Server, bounded,
    rigs::{Cloud, Dex, Keycloak, KeycloakClient, OidcProvider},
};
use serde_json::json;

const BY_EMAIL: &str = r#"
email = { claim = "email" }
name = { claim = "name" }
username = { claim = "email", form = "before-at" }
"#;

/// The rules above, and a group there that is one here.
fn group(there: &str, here: &str) -> String {
    format!("{BY_EMAIL}\n[groups]\nclaim = \"groups\"\n[[groups.map]]\ngroup = \"{there}\"\ngroups = [\"{here}\"]\n")
}

async fn press(server: &Server, browser: &mut Browser, title: &str) -> Page {
    let page = browser.get(&format!("{}/login", server.url)).await;
    browser.press(&page, title).await
}

#[track_caller]
fn is_in(page: &Page) {
    assert_eq!(
        (page.status, page.url.path()),
        (200, "/"),
        "{} {}",
        page.url,
        page.text()
    );
}

#[tokio::test]
async fn oidc_provider_is_an_upstream_in_three_algorithms() {
    bounded(240, async {
        let server = Server::start().await;
        server.json(&["group", "add", "ops"]).await;
        let algorithms = ["RS256", "ES256", "EdDSA"];
        let clients = algorithms.map(|algorithm| {
            let name = algorithm.to_lowercase();
            json!({
                "client_id": format!("doorward-{name}"),
                "redirect_uris": [server.callback(&name)],
                "post_logout_redirect_uris": [server.logged_out()],
                "backchannel_logout_uri": server.backchannel_logout(&name),
                "backchannel_logout_session_required": true,
                "id_token_signed_response_alg": algorithm,
            })
        });
        let provider = OidcProvider::start(&clients).await;
        let add = async |name: &str, rules: &str, link: &str| {
            let registration = provider.registration(&format!("doorward-{name}"));
            let settings = ["--scopes", "openid profile email groups", "--link", link];
            server
                .add_upstream("generic", name, &registration, rules, &settings)
                .await;
        };
        let rules = group("net/ops", "ops");
        add("rs256", &rules, "never").await;
        add("es256", &rules, "never").await;
        add("eddsa", &rules, "confirmed").await;
        let mut browser = Browser::new();
        let page = press(&server, &mut browser, "rs256").await;
        is_in(&provider.log_in(&mut browser, &page, &provider.alice()).await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);

        // The logout goes through the provider's own page and comes back.
        let page = browser.get(&format!("{}/logout", server.url)).await;
        let page = browser.submit(&page, "/logout", &[("decision", "allow")]).await;
        let page = provider.log_out(&mut browser, &page).await;
        assert_eq!(page.url.path(), "/logged-out", "{}", page.text());

        // Another upstream is another identity, and an address makes nobody alice. Their tokens hold as well.
        for (name, stranger) in [("es256", "alice-2"), ("eddsa", "alice-3")] {
            let mut browser = Browser::new();
            let page = press(&server, &mut browser, name).await;
            is_in(&provider.log_in(&mut browser, &page, &provider.alice()).await);
            assert_eq!(server.groups_of(stranger).await, ["ops"]);
            assert_eq!(server.json(&["user", "show", stranger]).await["email"], json!(null));
            // An administrator says who she is here.
            let unlinked = server.cli(&["upstream", "unlink", name, "--subject", "alice"]).await;
            assert_eq!(unlinked.code, 0, "{}", unlinked.err);
            let other = format!("{name}-alice");
            let subject = ["upstream", "link", name, "--subject", "alice", "--user", &other];
            server.add_person(&other, "Alice Archer", &[]).await;
            server.json(&subject).await;
            let mut browser = Browser::new();
            let page = press(&server, &mut browser, name).await;
            let page = provider.log_in(&mut browser, &page, &provider.alice()).await;
            is_in(&page);
            assert_eq!(server.groups_of(&other).await, ["ops"]);
        }
        let identities = server.json(&["upstream", "identities", "rs256"]).await;
        assert_eq!(identities["items"].as_array().map(Vec::len), Some(1), "{identities}");
    })
    .await;
}

#[tokio::test]
async fn a_person_who_says_no_is_told_what_the_provider_said() {
    bounded(120, async {
        let server = Server::start().await;
        let client = json!({ "client_id": "doorward", "redirect_uris": [server.callback("corp")] });
        let provider = OidcProvider::start(&[client]).await;
        server
            .add_upstream("generic", "corp", &provider.registration("doorward"), "", &[])
            .await;
        let mut browser = Browser::new();
        let page = press(&server, &mut browser, "corp").await;
        let page = provider.refuse(&mut browser, &page).await;
        server.refused_upstream(&page, "denied_by_provider").await;
    })
    .await;
}

#[tokio::test]
async fn dex_is_an_upstream() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "writers"]).await;
        let dex = Dex::start(&server.callback("dex")).await;
        let settings = ["--scopes", "openid profile email groups"];
        server
            .add_upstream(
                "generic",
                "dex",
                &dex.registration(),
                &group("authors", "writers"),
                &settings,
            )
            .await;
        let mut browser = Browser::new();
        let page = press(&server, &mut browser, "dex").await;
        is_in(&dex.log_in(&mut browser, &page, &dex.alice()).await);
        assert!(
            server.groups_of("alice").await.is_empty(),
            "its password list has no groups"
        );

        let mut browser = Browser::new();
        let page = press(&server, &mut browser, "dex").await;
        is_in(&dex.log_in_by_mock(&mut browser, &page).await);
        assert_eq!(server.groups_of("kilgore").await, ["writers"]);
    })
    .await;
}

#[tokio::test]
async fn a_second_doorward_is_an_upstream() {
    bounded(120, async {
        let (server, neighbour) = (Server::start().await, Server::start_as_neighbour().await);
        for house in [&server, &neighbour] {
            house.json(&["group", "add", "staff"]).await;
        }
        let alice = neighbour.add_person("alice", "Alice Archer", &["staff"]).await;
        let settings = ["--request-scopes", "openid,profile,email,groups"];
        let registration = neighbour
            .add_relying_party("door", &server.callback("door"), &settings)
            .await;
        let settings = ["--scopes", "openid profile email groups"];
        server
            .add_upstream("generic", "door", &registration, &group("staff", "staff"), &settings)
            .await;
        let mut browser = Browser::new();
        let page = press(&server, &mut browser, "door").await;
        assert!(page.url.as_str().starts_with(&neighbour.url), "{}", page.url);
        is_in(&browser.log_in(&page, &alice).await);
        assert_eq!(server.groups_of("alice").await, ["staff"]);
    })
    .await;
}

#[tokio::test]
async fn entra_keeps_out_who_has_too_many_groups_to_be_told_of() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        server.json(&["group", "add", "ops"]).await;
        let rules = group("aaaaaaaa-0000-4000-8000-000000000001", "ops");
        server
            .add_upstream("entra", "corp", &cloud.entra(Cloud::TENANT), &rules, &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);

        // Microsoft Graph cannot be reached from here, as behind a firewall: nobody comes in with no groups by mistake …
        cloud.set("entra", json!({ "overage": true })).await;
        let page = press(&server, &mut Browser::new(), "corp").await;
        server.refused_upstream(&page, "lookup_failed").await;
        // … and who is said to keep the last ones does.
        server
            .json(&["upstream", "edit", "corp", "--lookup-failure", "keep"])
            .await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);
    })
    .await;
}

#[tokio::test]
async fn okta_and_google_are_upstreams_by_their_presets() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        server.json(&["group", "add", "ops"]).await;
        server
            .add_upstream("okta", "okta", &cloud.okta_org(), &group("Net Ops", "ops"), &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "okta").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);

        // No address: that of Okta's alice makes nobody at Google her.
        let rules = "username = { claim = \"sub\" }\n[[admission.claims]]\nclaim = \"hd\"\nany = [\"example.com\"]\n";
        server
            .add_upstream("google", "google", &cloud.google(), rules, &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "google").await);
        // Whoever has a Google account at all is somebody; the domain is in the token or nobody comes in.
        for behaviour in [
            json!({ "private_account": true }),
            json!({ "private_account": null, "hd": "example.net" }),
        ] {
            cloud.set("google", behaviour).await;
            let page = press(&server, &mut Browser::new(), "google").await;
            server.refused_upstream(&page, "bound_claims_mismatch").await;
        }
    })
    .await;
}

#[tokio::test]
async fn keycloak_may_change_its_key_and_forget_the_old_one() {
    bounded(400, async {
        let realm = Keycloak::shared().await.realm("keys").await;
        let server = Server::start().await;
        let registration = realm
            .add_client(&KeycloakClient {
                id: "doorward",
                redirect_uri: &server.callback("corp"),
                algorithm: "RS256",
                signed_userinfo: false,
                backchannel_logout: None,
                after_logout: None,
            })
            .await;
        server.add_upstream("keycloak", "corp", &registration, "", &[]).await;
        for rotated in [false, true] {
            if rotated {
                realm.rotate_rsa(true).await;
                // A key set is fetched again at most every 30 seconds.
                tokio::time::sleep(Duration::from_secs(31)).await;
            }
            let mut browser = Browser::new();
            let page = press(&server, &mut browser, "corp").await;
            is_in(&realm.log_in(&mut browser, &page, &realm.person("alice")).await);
        }
    })
    .await;
}
