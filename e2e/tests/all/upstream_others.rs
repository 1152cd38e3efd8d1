//! People of other providers log in here: each with what only it has.

use std::time::Duration;

use doorward_e2e::{
    Browser, Page, Server, bounded,
    rigs::{Dex, Keycloak, KeycloakClient, OidcProvider, Registration},
};
use serde_json::json;

const BY_EMAIL: &str = r#"
email = { claim = "email" }
name = { claim = "name" }
username = { claim = "email", form = "before-at" }
"#;

/// The rules above, and a group there that is one here.
pub(crate) fn group(there: &str, here: &str) -> String {
    format!("{BY_EMAIL}\n[groups]\nclaim = \"groups\"\n[[groups.map]]\ngroup = \"{there}\"\ngroups = [\"{here}\"]\n")
}

pub(crate) async fn press(server: &Server, browser: &mut Browser, title: &str) -> Page {
    let page = browser.get(&format!("{}/login", server.url)).await;
    browser.press(&page, title).await
}

#[track_caller]
pub(crate) fn is_in(page: &Page) {
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

/// A key pair as an administrator makes one: the private key's file, and the public key in PEM.
fn key_pair(server: &Server, name: &str) -> (String, String) {
    let file = server.data().join(name);
    let file = file.to_string_lossy().into_owned();
    let openssl = |arguments: &[&str]| {
        let ran = std::process::Command::new("openssl").args(arguments).output();
        let ran = ran.expect("the Debian package openssl is installed");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).expect("PEM is text")
    };
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl(&[&["genpkey", "-out", &file][..], &curve].concat());
    let public = openssl(&["pkey", "-in", &file, "-pubout"]);
    (file, public)
}

#[tokio::test]
async fn this_server_proves_itself_to_oidc_provider_with_a_key() {
    bounded(240, async {
        let server = Server::start().await;
        let (registered, public) = key_pair(&server, "registered.pem");
        let (other, _) = key_pair(&server, "other.pem");
        let client = |name: &str, key: (&str, String)| {
            json!({
                "client_id": format!("doorward-{name}"),
                "redirect_uris": [server.callback(name)],
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "ES256",
                key.0: key.1,
            })
        };
        let published = format!("{}/upstream/turning/jwks", server.url);
        let provider = OidcProvider::start(&[
            client("corp", ("public_key_pem", public)),
            client("turning", ("jwks_uri", published.clone())),
        ])
        .await;
        let secret = std::fs::read_to_string(&registered).expect("a key");
        for name in ["corp", "turning"] {
            let registration = Registration {
                secret: secret.clone(),
                ..provider.registration(&format!("doorward-{name}"))
            };
            let settings = ["--authentication", "private_key_jwt"];
            server.add_upstream("generic", name, &registration, "", &settings).await;
        }
        let shown = server.json(&["upstream", "show", "turning"]).await;
        assert_eq!(shown["jwks_uri"], published, "{shown}");
        let log_in = async |name: &str| {
            let mut browser = Browser::new();
            let page = press(&server, &mut browser, name).await;
            provider.log_in(&mut browser, &page, &provider.alice()).await
        };
        is_in(&log_in("corp").await);
        is_in(&log_in("turning").await);
        // Another key: the provider finds it where it is published, and nowhere else.
        for name in ["corp", "turning"] {
            let secret = ["upstream", "secret", "set", name, "--secret-file", &other];
            server.json(&secret).await;
        }
        let page = log_in("corp").await;
        server.refused_upstream(&page, "token_exchange_failed").await;
        // It keeps a key set for a minute.
        tokio::time::sleep(Duration::from_secs(61)).await;
        is_in(&log_in("turning").await);
        let keys = Browser::new().get(&published).await;
        let keys = keys.json();
        let key = keys["keys"][0].as_object().expect("a key");
        assert!(
            key.contains_key("x") && !key.contains_key("d"),
            "the public part alone: {key:?}"
        );

        // What is no key is refused when it is set, with what was expected.
        let text = server.data().join("text.pem");
        std::fs::write(&text, "a password").expect("the file can be written");
        let text = text.to_string_lossy();
        let ran = server
            .cli(&["upstream", "secret", "set", "corp", "--secret-file", &text])
            .await;
        assert!(
            ran.code != 0 && ran.err.contains("PKCS#8 in PEM"),
            "{}{}",
            ran.out,
            ran.err
        );
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
                frontchannel_logout: None,
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
