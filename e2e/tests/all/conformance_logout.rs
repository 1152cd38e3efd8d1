//! What the OpenID conformance suite asks of logout, module by module: each test has its module's name (docs/conformance.md).

use doorward_e2e::{Answering, Browser, Client, Page, Person, Receiver, Server, bounded, claims};
use serde_json::Value;

const AFTER: &str = "http://127.0.0.1:9/wiki/bye";

/// Somebody who is logged in to an application.
struct Scene {
    server: Server,
    alice: Person,
    client: Client,
    browser: Browser,
    id_token: String,
    receiver: Receiver,
}

impl Scene {
    async fn start() -> Self {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let receiver = Receiver::start(Answering::Done).await;
        let uri = receiver.uri();
        let settings = [
            "--consent",
            "skip",
            "--add-post-logout-uri",
            AFTER,
            "--backchannel-logout-uri",
            &uri,
        ];
        let client = Client::add(&server, "wiki", "staff", &settings).await;
        let mut browser = client.browser();
        let code = client.code(&mut browser, &alice).await;
        let id_token = client.redeem(&code).await.granted().text("id_token").to_owned();
        Self {
            server,
            alice,
            client,
            browser,
            id_token,
            receiver,
        }
    }

    async fn logout(&mut self, parameters: &[(&str, &str)]) -> Page {
        let mut url = url::Url::parse(&format!("{}/logout", self.server.url)).expect("a URL");
        url.query_pairs_mut().extend_pairs(parameters);
        self.browser.get(url.as_str()).await
    }

    /// Whether the application gets a code without the person being asked.
    async fn is_logged_in(&mut self) -> bool {
        let page = self
            .browser
            .get(&self.client.authorize_url(&[("prompt", "none")]))
            .await;
        match page.parameter("error").as_deref() {
            None => true,
            Some(error) => {
                assert_eq!(error, "login_required");
                false
            }
        }
    }

    /// The person says yes on the page that asks.
    async fn agree(&mut self, page: &Page) -> Page {
        page.says("Log out?");
        assert!(self.is_logged_in().await, "the question alone ends nothing");
        self.browser
            .submit(page, "/logout/confirm", &[("decision", "allow")])
            .await
    }
}

async fn metadata(server: &Server) -> Value {
    let address = format!("{}/.well-known/openid-configuration", server.url);
    Browser::new().get(&address).await.json()
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    bounded(60, async {
        let server = Server::start().await;
        let metadata = metadata(&server).await;
        assert_eq!(metadata["end_session_endpoint"], format!("{}/logout", server.url));
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        assert!(scene.is_logged_in().await);
        let hint = scene.id_token.clone();
        let page = scene
            .logout(&[
                ("id_token_hint", &hint),
                ("post_logout_redirect_uri", AFTER),
                ("state", "a b&c"),
            ])
            .await;
        assert!(page.url.as_str().starts_with(AFTER), "{}", page.url);
        assert_eq!(page.parameter("state").as_deref(), Some("a b&c"));
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let hint = scene.id_token.clone();
        let elsewhere = "http://127.0.0.1:9/elsewhere";
        let page = scene
            .logout(&[
                ("id_token_hint", &hint),
                ("post_logout_redirect_uri", elsewhere),
                ("state", "s"),
            ])
            .await;
        assert!(page.url.as_str().starts_with(&scene.server.url), "{}", page.url);
        page.says("an address that is not registered for it");
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let (hint, more) = (scene.id_token.clone(), format!("{AFTER}?foo=bar"));
        let page = scene
            .logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", &more)])
            .await;
        assert!(page.url.as_str().starts_with(&scene.server.url), "{}", page.url);
        page.says("an address that is not registered for it");
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        // One letter of the signature, not the last: its low bits say nothing.
        let at = scene.id_token.len() - 20;
        let mut bytes = scene.id_token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let hint = String::from_utf8(bytes).expect("letters");
        let page = scene
            .logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER)])
            .await;
        let page = scene.agree(&page).await;
        assert!(page.url.as_str().starts_with(&scene.server.url), "{}", page.url);
        page.says("You are logged out");
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        for hint in ["", "nonsense", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."] {
            let page = scene
                .logout(&[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER)])
                .await;
            assert!(page.url.as_str().starts_with(&scene.server.url), "{}", page.url);
            page.says("Log out?");
        }
        assert!(scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let page = scene
            .logout(&[
                ("client_id", "wiki"),
                ("post_logout_redirect_uri", AFTER),
                ("state", "s"),
            ])
            .await;
        let page = scene.agree(&page).await;
        assert!(page.url.as_str().starts_with(AFTER), "{}", page.url);
        assert_eq!(page.parameter("state").as_deref(), Some("s"));
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let page = scene.logout(&[]).await;
        let page = scene.agree(&page).await;
        page.says("You are logged out");
        assert!(!scene.is_logged_in().await);
        // Somebody who is logged out already lands as friendly.
        scene.logout(&[]).await.says("You are logged out");
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let hint = scene.id_token.clone();
        let page = scene.logout(&[("id_token_hint", &hint), ("state", "s")]).await;
        page.says("You are logged out");
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let hint = scene.id_token.clone();
        let page = scene
            .logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER)])
            .await;
        assert_eq!(page.url.as_str(), AFTER, "no state comes back that was not sent");
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let page = scene.logout(&[("state", "s")]).await;
        let page = scene.agree(&page).await;
        page.says("You are logged out");
        assert!(!scene.is_logged_in().await);
    })
    .await;
}

#[tokio::test]
async fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    bounded(60, async {
        let server = Server::start().await;
        let metadata = metadata(&server).await;
        assert_eq!(metadata["backchannel_logout_supported"], true);
        assert_eq!(metadata["backchannel_logout_session_supported"], true);
    })
    .await;
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let hint = scene.id_token.clone();
        let page = scene
            .logout(&[
                ("id_token_hint", &hint),
                ("post_logout_redirect_uri", AFTER),
                ("state", "s"),
            ])
            .await;
        assert!(page.url.as_str().starts_with(AFTER), "{}", page.url);
        let token = scene.receiver.takes(1).await.remove(0);
        let (token, id_token) = (claims(&token), claims(&scene.id_token));
        for claim in ["iss", "aud", "sub", "sid"] {
            assert_eq!(token[claim], id_token[claim], "{claim}");
        }
        assert!(token["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert!(token["jti"].is_string() && token["iat"].is_i64() && token["exp"].is_i64());
        assert!(token.get("nonce").is_none());
        assert!(!scene.is_logged_in().await);
        // Logged in again it is another session.
        let code = scene.client.code(&mut scene.browser, &scene.alice).await;
        let again = scene.client.redeem(&code).await.granted();
        assert_ne!(claims(again.text("id_token"))["sid"], id_token["sid"]);
    })
    .await;
}
