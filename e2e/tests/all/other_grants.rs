//! Grants that do not begin in the browser: devices, people who are asked somewhere else, exchanged tokens, assertions of service
//! accounts, applications that register themselves. With npm openid-client, and by hand what it never does.

use doorward_e2e::{Answering, Client, Engine, Page, Person, Receiver, Server, bounded, claims, run_node};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A server with Alice, who may use its applications.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) alice: Person,
}

impl House {
    async fn new() -> Self {
        Self::of(Server::start().await).await
    }

    pub(crate) async fn of(server: Server) -> Self {
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        Self { server, alice }
    }

    pub(crate) async fn app(&self, id: &str, settings: &[&str]) -> Client {
        let usual = [
            "--consent",
            "skip",
            "--request-scopes",
            "openid,profile,email,offline_access",
        ];
        Client::add(&self.server, id, "staff", &[&usual, settings].concat()).await
    }

    /// What the device authorization endpoint gives a confidential application.
    async fn device(&self, client: &Client, scope: &str) -> Value {
        let given = client.try_post("device_authorization", &[("scope", scope)]).await;
        given.expect("the endpoint answers").granted().body
    }

    /// The person's browser on a page of the server.
    pub(crate) async fn at(&self, browser: &mut doorward_e2e::Browser, path: &str) -> Page {
        let page = browser.get(&format!("{}{path}", self.server.url)).await;
        if page.is_login() {
            return browser.log_in(&page, &self.alice).await;
        }
        page
    }
}

async fn poll(client: &Client, device: &Value) -> doorward_e2e::Tokens {
    let code = device["device_code"].as_str().expect("a device code");
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    client.token(&[("grant_type", grant), ("device_code", code)]).await
}

#[tokio::test]
async fn npm_openid_client_uses_every_other_grant() {
    bounded(240, async {
        let house = House::new().await;
        let server = &house.server;
        let keys = super::openid_client::key_pair().await;
        let jwks = server.data().join("other.jwks");
        std::fs::write(&jwks, json!({ "keys": [keys["public"]] }).to_string()).expect("the keys can be written");
        let jwks = jwks.to_str().expect("a path of text");
        let bank = house.app("bank", &["--ciba", "on"]).await;
        let front = house
            .app("front", &["--add-resource", "https://files.example.com/"])
            .await;
        let gateway = house.app("gateway", &["--add-exchange", "delegate:front:api"]).await;
        let api = house.app("api", &["--jwt-bearer", "true"]).await;
        let public = ["--kind", "public", "--authentication", "none", "--device", "true"];
        add_without_secret(server, "tv", &public).await;
        let signed = [
            "--authentication",
            "private_key_jwt",
            "--jwks",
            jwks,
            "--ciba",
            "signed",
        ];
        add_without_secret(server, "signer", &signed).await;
        server.json(&["service", "add", "robot"]).await;
        server.json(&["group", "member", "add", "staff", "robot"]).await;
        server.json(&["service", "key", "add", "robot", jwks]).await;
        server
            .json(&["app", "registration", "set", "--mode", "token", "--groups", "staff"])
            .await;
        let words = ["app", "registration", "token", "add", "--label", "tests", "--uses", "1"];
        let token = server.json(&words).await;
        let secret = |client: &Client| json!({ "secret": client.secret });
        let config = json!({
            "issuer": server.url,
            "person": { "name": house.alice.name, "password": house.alice.password },
            "initialAccessToken": token["token"],
            "robot": { "name": "robot", "privateJwk": keys["private"] },
            "apps": {
                "bank": secret(&bank), "front": secret(&front), "gateway": secret(&gateway), "api": secret(&api),
                "tv": {}, "signer": { "privateJwk": keys["private"] },
            },
        });
        run_node("node/grants.mjs", &config, 180).await;
    })
    .await;
}

async fn add_without_secret(server: &Server, id: &str, settings: &[&str]) {
    let mut command = vec![
        "app",
        "add",
        "generic",
        "http://127.0.0.1:9/",
        "--name",
        id,
        "--group",
        "staff",
    ];
    command.extend([
        "--consent",
        "skip",
        "--request-scopes",
        "openid,profile,email,offline_access",
    ]);
    command.extend(settings);
    server.json(&command).await;
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down_and_its_code_works_once() {
    bounded(120, async {
        let house = House::new().await;
        let told = Receiver::start(Answering::Done).await;
        let tv = house
            .app("tv", &["--device", "true", "--backchannel-logout-uri", &told.uri()])
            .await;
        let device = house.device(&tv, "openid profile").await;
        assert_eq!(device["interval"], 5, "{device}");
        poll(&tv, &device).await.refused("authorization_pending");
        poll(&tv, &device).await.refused("slow_down");

        let code = device["user_code"].as_str().expect("a user code");
        let mut browser = tv.browser();
        let page = house.at(&mut browser, &format!("/device?user_code={code}")).await;
        page.says("Log in to");
        page.says(code);
        page.says("If somebody sent you the code or a link, say no");
        // The application asks nobody for consent; of a device is said what it gets all the same.
        page.says("Your name and user name");
        // Opening the page has allowed nothing.
        poll(&tv, &device).await.refused("slow_down");
        browser
            .submit(&page, "/asked/answer", &[("decision", "allow")])
            .await
            .says("You are logged in there");
        let tokens = poll(&tv, &device).await.granted();
        assert_eq!(tv.userinfo(tokens.text("access_token")).await, StatusCode::OK);
        poll(&tv, &device).await.refused("invalid_grant");
        // Answered is answered: the same form again changes nothing.
        let again = browser.submit(&page, "/asked/answer", &[("decision", "deny")]).await;
        assert_eq!(again.status, 410);
        assert_eq!(tv.userinfo(tokens.text("access_token")).await, StatusCode::OK);

        let events = house.server.json(&["event", "list", "--action", "login"]).await;
        let event = &events["items"][0];
        assert_eq!(
            (&event["data"]["way"], &event["actor"]["name"]),
            (&"device".into(), &"alice".into()),
            "{event}"
        );
        // What ends the person's sessions ends the device's tokens, and the application is told.
        house.server.json(&["user", "end-sessions", "alice"]).await;
        assert_eq!(tv.userinfo(tokens.text("access_token")).await, StatusCode::UNAUTHORIZED);
        let logout = claims(&told.takes(1).await[0]);
        let id_token = claims(tokens.text("id_token"));
        assert_eq!((&logout["sub"], &logout["sid"]), (&id_token["sub"], &id_token["sid"]));
    })
    .await;
}

#[tokio::test]
async fn a_code_of_a_device_is_of_no_use_to_anybody_else() {
    bounded(120, async {
        let house = House::new().await;
        let tv = house.app("tv", &["--device", "true"]).await;
        let other = house.app("other", &["--device", "true"]).await;
        let plain = house.app("plain", &[]).await;
        let device = house.device(&tv, "openid").await;
        poll(&other, &device).await.refused("invalid_grant");
        poll(&plain, &device).await.refused("unauthorized_client");
        let refused = plain.try_post("device_authorization", &[("scope", "openid")]).await;
        refused.expect("an answer").refused("unauthorized_client");
        let mut wrong = tv.clone();
        wrong.secret = "wrong".to_owned();
        let refused = wrong.try_post("device_authorization", &[("scope", "openid")]).await;
        refused.expect("an answer").refused("invalid_client");

        // A form that no page has shown, and one of another session, answer nothing.
        let code = device["user_code"].as_str().expect("a user code");
        let mut browser = tv.browser();
        let page = house.at(&mut browser, &format!("/device?user_code={code}")).await;
        for (field, value, status) in [
            ("csrf", "", 403),
            ("shown", "", 410),
            ("shown", "x", 410),
            ("request", "x", 410),
        ] {
            let answer = browser
                .submit(&page, "/asked/answer", &[("decision", "allow"), (field, value)])
                .await;
            assert_eq!(answer.status, status, "{field}={value:?}");
        }
        poll(&tv, &device).await.refused("authorization_pending");

        // Of an application that asks, what was allowed on this page is a consent like any other.
        house.server.json(&["app", "edit", "tv", "--consent", "ask"]).await;
        let device = house.device(&tv, "openid").await;
        let code = device["user_code"].as_str().expect("a user code");
        let page = house.at(&mut browser, &format!("/device?user_code={code}")).await;
        browser
            .submit(&page, "/asked/answer", &[("decision", "allow")])
            .await
            .says("You are logged in there");
        let given = house.server.json(&["event", "list", "--action", "consent.give"]).await;
        assert_eq!(given["items"].as_array().map(Vec::len), Some(1), "{given}");
        assert_eq!(
            given["items"][0]["data"]["scopes"],
            serde_json::json!(["openid"]),
            "{given}"
        );

        // Guessing is paid for: ten tries, then a wait.
        let mut last = page.status;
        for _ in 0..12 {
            last = house.at(&mut browser, "/device?user_code=BBBB-BBBB").await.status;
        }
        assert_eq!(last, 429);
        let unreadable = house.at(&mut browser, "/device?user_code=AAAA").await;
        assert_eq!(unreadable.status, 422);
    })
    .await;
}

#[tokio::test]
async fn a_page_elsewhere_spends_nobody_s_tries() {
    bounded(120, async {
        let house = House::new().await;
        let tv = house.app("tv", &["--device", "true"]).await;
        let device = house.device(&tv, "openid").await;
        let code = device["user_code"].as_str().expect("a user code");
        let mut own = tv.browser();
        house.at(&mut own, "/device").await;
        // The same browser, as it asks for what a page elsewhere has it open.
        let site = (
            reqwest::header::HeaderName::from_static("sec-fetch-site"),
            reqwest::header::HeaderValue::from_static("cross-site"),
        );
        let mut sent =
            doorward_e2e::Browser::made_of(reqwest::Client::builder().default_headers([site].into_iter().collect()));
        sent.take_cookies_of(&own);
        for _ in 0..12 {
            let page = house.at(&mut sent, "/device?user_code=BBBB-BBBB").await;
            assert_eq!(page.status, 200, "{}", page.text());
        }
        let link = format!("/device?user_code={code}");
        let filled = house.at(&mut sent, &link).await;
        assert!(filled.html.contains(code), "the code is filled in: {}", filled.text());
        house.at(&mut own, &link).await.says("Log in to");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_may_not_use_the_application_lets_no_device_in() {
    bounded(120, async {
        let house = House::new().await;
        let tv = house.app("tv", &["--device", "true"]).await;
        let device = house.device(&tv, "openid").await;
        house
            .server
            .json(&["group", "member", "remove", "staff", "alice"])
            .await;
        let code = device["user_code"].as_str().expect("a user code");
        let page = house.at(&mut tv.browser(), &format!("/device?user_code={code}")).await;
        assert_eq!(page.status, 403, "{}", page.text());
        poll(&tv, &device).await.refused("authorization_pending");
    })
    .await;
}

#[tokio::test]
async fn a_backchannel_request_is_refused_for_each_thing_that_is_wrong_with_it() {
    bounded(120, async {
        let house = House::of(Server::start_on(Engine::Postgres).await).await;
        let bank = house.app("bank", &["--ciba", "on"]).await;
        let plain = house.app("plain", &[]).await;
        let bob = house.server.add_person("bob", "Bob Baker", &[]).await;
        let ask = async |client: &Client, form: &[(&str, &str)]| {
            client.try_post("bc-authorize", form).await.expect("an answer")
        };
        ask(&plain, &[("scope", "openid"), ("login_hint", "alice")])
            .await
            .refused("unauthorized_client");
        for (form, error) in [
            (vec![("login_hint", "alice")], "invalid_request"),
            (vec![("scope", "profile"), ("login_hint", "alice")], "invalid_scope"),
            (vec![("scope", "openid")], "invalid_request"),
            (vec![("scope", "openid"), ("login_hint_token", "x")], "invalid_request"),
            (vec![("scope", "openid"), ("id_token_hint", "x")], "invalid_request"),
            (
                vec![("scope", "openid"), ("login_hint", "alice"), ("id_token_hint", "x")],
                "invalid_request",
            ),
            (vec![("scope", "openid"), ("login_hint", "nobody")], "unknown_user_id"),
            (vec![("scope", "openid"), ("login_hint", &bob.name)], "unknown_user_id"),
            (
                vec![
                    ("scope", "openid"),
                    ("login_hint", "alice"),
                    ("binding_message", "a\nb"),
                ],
                "invalid_binding_message",
            ),
            (
                vec![
                    ("scope", "openid"),
                    ("login_hint", "alice"),
                    ("requested_expiry", "soon"),
                ],
                "invalid_request",
            ),
            (
                vec![("scope", "openid"), ("login_hint", "alice"), ("request", "x.y.z")],
                "invalid_request",
            ),
        ] {
            ask(&bank, &form).await.refused(error);
        }
        // Three questions to one person and no more, also of those that come at the same time.
        let good = [
            ("scope", "openid"),
            ("login_hint", "alice"),
            ("requested_expiry", "600"),
        ];
        let first = ask(&bank, &good).await.granted();
        assert_eq!(first.body["expires_in"], 600, "{}", first.body);
        let (mut granted, mut asking) = (0, tokio::task::JoinSet::new());
        for _ in 0..8 {
            let bank = bank.clone();
            asking.spawn(async move { bank.try_post("bc-authorize", &good).await.expect("an answer") });
        }
        while let Some(answer) = asking.join_next().await {
            let answer = answer.expect("nobody panicked");
            if answer.status == StatusCode::OK {
                granted += 1;
            } else {
                answer.refused("access_denied");
            }
        }
        assert_eq!(granted, 2);

        let fetch = async |client: &Client| {
            let grant = "urn:openid:params:grant-type:ciba";
            client
                .token(&[("grant_type", grant), ("auth_req_id", first.text("auth_req_id"))])
                .await
        };
        fetch(&bank).await.refused("authorization_pending");
        fetch(&plain).await.refused("unauthorized_client");
        // Somebody else cannot answer it.
        let mut browser = bank.browser();
        let page = browser.get(&format!("{}/", house.server.url)).await;
        browser.log_in(&page, &bob).await;
        let mut own = bank.browser();
        let start = house.at(&mut own, "/").await;
        let question = own.press(&start, "Look").await;
        assert_eq!(browser.get(question.url.as_str()).await.status, 410);
        own.submit(&question, "/asked/answer", &[("decision", "deny")])
            .await
            .says("Nothing was allowed");
        fetch(&bank).await.refused("access_denied");
        // Saying no makes no room for the next question.
        ask(&bank, &good).await.refused("access_denied");
    })
    .await;
}
