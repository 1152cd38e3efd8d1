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

#[tokio::test]
async fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    bounded(60, async {
        let server = Server::start().await;
        let metadata = metadata(&server).await;
        assert_eq!(metadata["frontchannel_logout_supported"], true);
        assert_eq!(metadata["frontchannel_logout_session_supported"], true);
        assert!(
            metadata.get("check_session_iframe").is_none(),
            "no application's pages ask"
        );
    })
    .await;
}

/// In Chromium: `e2e/browser/frames.mjs`.
#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let edit = async |server: &Server, uri: &str| {
            server
                .cli(&["app", "edit", "wiki", "--frontchannel-logout-uri", uri])
                .await
        };
        for stranger in [
            "https://evil.example/",
            "https://127.0.0.1:9/",
            "http://127.0.0.1:90/",
            "javascript:alert(1)",
        ] {
            let refused = edit(&scene.server, stranger).await;
            assert!(refused.code != 0, "{stranger}");
            assert!(refused.err.contains("received"), "{}", refused.err);
        }
        let frame = "http://127.0.0.1:9/wiki/frontchannel?a=b";
        let edited = edit(&scene.server, frame).await;
        assert_eq!(edited.code, 0, "{}", edited.err);
        let shown = scene.server.cli(&["app", "show", "wiki"]).await;
        assert!(shown.out.contains("nobody learns whether it works"), "{}", shown.out);

        let hint = scene.id_token.clone();
        let whole = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", AFTER),
            ("state", "s"),
        ];
        let page = scene.logout(&whole).await;
        // The frame first, then on to where the application wants the browser, by a header and by a link.
        assert!(page.url.as_str().starts_with(&scene.server.url), "{}", page.url);
        let sid = claims(&scene.id_token)["sid"].as_str().expect("a session").to_owned();
        let issuer: String = url::form_urlencoded::byte_serialize(scene.server.url.as_bytes()).collect();
        let html = page.html.replace("&amp;", "&#38;");
        let source = format!("src=\"{frame}&#38;iss={issuer}&#38;sid={sid}\"");
        assert!(html.contains(&source), "{source}: {}", page.html);
        assert!(
            html.contains("sandbox=\"allow-scripts allow-same-origin\""),
            "{}",
            page.html
        );
        let header = |name: &str| page.headers[name].to_str().expect("text").to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains(" frame-src http://127.0.0.1:9;"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(header("refresh"), format!("3;url={AFTER}?state=s"));
        assert!(html.contains(&format!("href=\"{AFTER}?state=s\"")), "{}", page.html);
        assert!(!scene.is_logged_in().await);
        let told = scene.server.json(&["app", "logouts", "wiki"]).await;
        let reference = told["items"][0]["trace"].as_str().expect("a reference").to_owned();
        let trace = scene.server.json(&["trace", &reference]).await.to_string();
        assert!(trace.contains("wiki: a frame in the page"), "{trace}");

        // Whoever has the ID token and not the browser is shown no frame, which would name the session's applications.
        let code = scene.client.code(&mut scene.browser, &scene.alice).await;
        let again = scene.client.redeem(&code).await.granted().text("id_token").to_owned();
        let stranger = format!("{}/logout?id_token_hint={again}", scene.server.url);
        let page = Browser::new().get(&stranger).await;
        page.says("You are logged out");
        assert!(!page.html.contains("<iframe"), "{}", page.html);
        // An origin that it has no redirect URI of any more has no frame either.
        let moved = [
            "app",
            "edit",
            "wiki",
            "--remove-redirect-uri",
            "http://127.0.0.1:9/wiki/callback",
        ];
        let moved = [&moved[..], &["--add-redirect-uri", "https://wiki.example.com/callback"]].concat();
        let refused = scene.server.cli(&moved).await;
        assert!(
            refused.code != 0 && refused.err.contains("redirect URI"),
            "{}",
            refused.err
        );
    })
    .await;
}

/// What the frame answers, in Chromium: `e2e/browser/frames.mjs`.
#[tokio::test]
async fn oidcc_session_management_discovery_endpoint_verification() {
    bounded(60, async {
        let mut scene = Scene::start().await;
        let page = scene.browser.get(&scene.client.authorize_url(&[])).await;
        assert!(page.parameter("session_state").is_none(), "who did not ask for it");
        scene
            .server
            .json(&["app", "edit", "wiki", "--session-management", "true"])
            .await;
        let metadata = metadata(&scene.server).await;
        let frame = metadata["check_session_iframe"].as_str().expect("an address");
        assert_eq!(frame, format!("{}/check-session", scene.server.url));

        let framed_by = async |referer: Option<&str>| {
            let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
            let mut request = http.get(frame);
            if let Some(referer) = referer {
                request = request.header("referer", referer);
            }
            let answer = request.send().await.expect("an answer");
            let header = |name: &str| {
                answer
                    .headers()
                    .get(name)
                    .map(|value| value.to_str().expect("text").to_owned())
            };
            assert!(answer.status().is_success());
            assert_eq!(header("vary").as_deref(), Some("referer"));
            let policy = header("content-security-policy").expect("a policy");
            let by = policy.split("frame-ancestors ").nth(1).expect("a directive").to_owned();
            (by, header("x-frame-options"))
        };
        let deny = || Some("DENY".to_owned());
        assert_eq!(framed_by(None).await, ("'none'".to_owned(), deny()));
        for stranger in ["https://evil.example/", "http://127.0.0.1:90/", "nonsense", "null"] {
            assert_eq!(
                framed_by(Some(stranger)).await,
                ("'none'".to_owned(), deny()),
                "{stranger}"
            );
        }
        let own = framed_by(Some("http://127.0.0.1:9/wiki/")).await;
        assert_eq!(own, ("http://127.0.0.1:9".to_owned(), None));

        let page = scene.browser.get(&scene.client.authorize_url(&[])).await;
        let state = page.parameter("session_state").expect("what its pages ask by");
        assert!(scene.browser.has_cookie("127.0.0.1", "doorward-state"));
        // What came with the code is not overwritten by what comes with the tokens.
        let tokens = scene
            .client
            .redeem(&page.parameter("code").expect("a code"))
            .await
            .granted();
        assert!(tokens.body.get("session_state").is_none(), "{}", tokens.body);
        let sid = claims(tokens.text("id_token"))["sid"]
            .as_str()
            .expect("a session")
            .to_owned();
        assert!(!state.contains(&sid), "{state}");
        let page = scene.browser.get(&scene.client.authorize_url(&[])).await;
        assert_ne!(page.parameter("session_state"), Some(state), "a salt of its own");
    })
    .await;
}
