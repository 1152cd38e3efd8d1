//! Applications are told of logouts: all that can be, each exactly accounted for, whatever happens to the server meanwhile.

use std::time::Duration;

use doorward_e2e::{
    Answering, Browser, Client, Engine, Person, Receiver, Server, bounded, claims, free_port, run_node,
};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// Logs somebody in to an application, in this browser, and gives the ID token.
async fn log_in(client: &Client, browser: &mut Browser, person: &Person) -> String {
    let code = client.code(browser, person).await;
    client.redeem(&code).await.granted().text("id_token").to_owned()
}

async fn add(server: &Server, id: &str, uri: &str) -> Client {
    let settings = ["--consent", "skip", "--backchannel-logout-uri", uri];
    Client::add(server, id, "staff", &settings).await
}

async fn logouts(server: &Server, app: &str) -> Value {
    server.json(&["app", "logouts", app]).await
}

/// Waits until an application's logouts stand so.
async fn stand(server: &Server, app: &str, so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..900 {
        let found = logouts(server, app).await;
        if so(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{app}: {:#}\n{}", logouts(server, app).await, server.log());
}

/// A server over TLS whose certificate nobody trusts.
async fn untrusted(folder: &std::path::Path) -> (Child, String) {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .await
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = free_port();
    let serving = Command::new("openssl")
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-key",
        ])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("openssl can be started");
    (serving, format!("https://localhost:{port}/backchannel-logout"))
}

#[tokio::test]
async fn of_eight_applications_all_that_can_be_are_told_although_the_server_is_killed_on_sqlite() {
    bounded(300, eight_applications(Engine::Sqlite)).await;
}

#[tokio::test]
async fn of_eight_applications_all_that_can_be_are_told_although_the_server_is_killed_on_postgresql() {
    bounded(300, eight_applications(Engine::Postgres)).await;
}

async fn eight_applications(engine: Engine) {
    let mut server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let healthy = [
        ("netbox", Receiver::start(Answering::Done).await),
        ("grafana", Receiver::start(Answering::Done).await),
        ("wiki", Receiver::start(Answering::Done).await),
        ("cloud", Receiver::start(Answering::Done).await),
    ];
    let slow = Receiver::start(Answering::Late(Duration::from_secs(4))).await;
    let refusing = Receiver::start(Answering::Refusing).await;
    let mut down = Receiver::down(Answering::Done);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_serving, broken) = untrusted(folder.path()).await;
    let mut places: Vec<(&str, String)> = healthy.iter().map(|(id, receiver)| (*id, receiver.uri())).collect();
    places.extend([
        ("slow", slow.uri()),
        ("refusing", refusing.uri()),
        ("down", down.uri()),
        ("broken", broken),
    ]);
    let mut clients = Vec::new();
    for (id, uri) in &places {
        clients.push(add(&server, id, uri).await);
    }
    let (mut one, mut two) = (clients[0].browser(), clients[0].browser());
    let mut sids = Vec::new();
    for browser in [&mut one, &mut two] {
        for client in &clients {
            let id_token = log_in(client, browser, &alice).await;
            sids.push(claims(&id_token)["sid"].as_str().expect("a session").to_owned());
        }
    }
    sids.dedup();
    assert_eq!(sids.len(), 2, "two browsers are two sessions");

    // An administrator ends both; while the slow one thinks, the power goes.
    server.json(&["user", "end-sessions", "alice"]).await;
    slow.takes(2).await;
    server.kill().await;
    server.restart().await;

    let mut checked = Vec::new();
    for (id, receiver) in &healthy {
        let found = stand(&server, id, |found| found["told"] == 2).await;
        assert_eq!(
            (&found["waiting"], &found["given_up"]),
            (&json!(0), &json!(0)),
            "{found}"
        );
        let tokens = receiver.takes(2).await;
        for sid in &sids {
            let token = tokens.iter().rev().find(|token| claims(token)["sid"] == **sid);
            let token = token.unwrap_or_else(|| panic!("{id} was not told of {sid}"));
            let sub = claims(token)["sub"].clone();
            checked.push(json!({ "token": token, "audience": id, "sid": sid, "sub": sub }));
        }
    }
    let config = json!({
        "issuer": server.url, "jwks": format!("{}/jwks.json", server.url), "tokens": checked,
    });
    run_node("node/logout_tokens.mjs", &config, 60).await;

    // The slow one's answers were lost with the server: it is told again, by another token.
    let found = stand(&server, "slow", |found| found["told"] == 2).await;
    assert_eq!(found["waiting"], 0, "{found}");
    assert!(slow.tokens().len() >= 4);

    for (id, problem) in [
        ("refusing", "answered with status 400, expected 200"),
        ("down", "(connection refused)"),
        ("broken", "the certificate of localhost"),
    ] {
        let found = stand(&server, id, |found| {
            let items = found["items"].as_array().expect("a list");
            items
                .iter()
                .all(|item| item["problem"].is_string() && item["tries"].as_u64() > Some(0))
        })
        .await;
        assert_eq!(
            (&found["waiting"], &found["told"]),
            (&json!(2), &json!(0)),
            "{id}: {found}"
        );
        for item in found["items"].as_array().expect("a list") {
            let said = item["problem"].as_str().expect("a problem");
            assert!(said.contains(problem), "{id}: {said}");
        }
        let shown = server.cli(&["app", "show", id]).await;
        assert!(shown.err.contains(problem), "{}", shown.err);
        assert!(shown.err.contains("It does not know of 2 logouts"), "{}", shown.err);
    }

    // It comes up, and somebody does not want to wait.
    down.listen().await;
    let retried = server.json(&["app", "logouts", "down", "--retry"]).await;
    assert_eq!(retried["retried"], 2);
    stand(&server, "down", |found| found["told"] == 2 && found["waiting"] == 0).await;
    assert_eq!(down.tokens().len(), 2);
}

#[tokio::test]
async fn the_page_after_a_logout_says_which_applications_know_and_which_cannot_be_told() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let receiver = Receiver::start(Answering::Done).await;
        let down = Receiver::down(Answering::Done);
        let netbox = add(&server, "netbox", &receiver.uri()).await;
        let vault = add(&server, "vault", &down.uri()).await;
        let deaf = Client::add(&server, "deaf", "staff", &["--consent", "skip"]).await;
        let unused = add(&server, "unused", &receiver.uri()).await;
        let mut browser = netbox.browser();
        for client in [&netbox, &vault, &deaf] {
            log_in(client, &mut browser, &alice).await;
        }
        // Without redeeming the code it has no tokens, and no session to end.
        unused.code(&mut browser, &alice).await;

        let page = browser.get(&format!("{}/logout", server.url)).await;
        let page = browser.submit(&page, "/logout/confirm", &[("decision", "allow")]).await;
        page.says("You are logged out");
        let text = page.text();
        let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
        assert!(place("Also logged out of") < place("netbox"), "{text}");
        assert!(place("netbox") < place("Not reached yet"), "{text}");
        assert!(place("Not reached yet") < place("vault"), "{text}");
        assert!(place("vault") < place("Still open"), "{text}");
        assert!(place("Still open") < place("deaf"), "{text}");
        assert!(!text.contains("unused"), "{text}");
        assert_eq!(logouts(&server, "unused").await["told"], 0);

        let found = logouts(&server, "netbox").await;
        let reference = found["items"][0]["trace"].as_str().expect("a reference").to_owned();
        let trace = server.json(&["trace", &reference]).await;
        let told = trace.to_string();
        assert!(told.contains("netbox was told, attempt 1"), "{trace:#}");
        assert!(told.contains("vault: nothing listens at"), "{trace:#}");
    })
    .await;
}

#[tokio::test]
async fn an_applications_server_ends_the_session_that_its_id_token_names_and_no_other() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let receiver = Receiver::start(Answering::Done).await;
        let wiki = add(&server, "wiki", &receiver.uri()).await;
        let (mut one, mut two) = (wiki.browser(), wiki.browser());
        let first = log_in(&wiki, &mut one, &alice).await;
        let second = log_in(&wiki, &mut two, &alice).await;
        // What a gateway's server sends: no cookie, the ID token (oauth2-proxy's --backend-logout-url).
        let mut gateway = Browser::new();
        let page = gateway
            .get(&format!("{}/logout?id_token_hint={first}", server.url))
            .await;
        page.says("You are logged out");
        assert_eq!(claims(&receiver.takes(1).await[0])["sid"], claims(&first)["sid"]);
        assert!(one.get(&format!("{}/", server.url)).await.is_login());
        two.get(&format!("{}/", server.url)).await.says("Alice Archer");
        // Again it ends nothing, and neither does one that was changed.
        let at = second.len() - 20;
        let other = if second.as_bytes()[at] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &second[..at], &second[at + 1..]);
        for hint in [first.as_str(), &forged] {
            gateway
                .get(&format!("{}/logout?id_token_hint={hint}", server.url))
                .await;
        }
        two.get(&format!("{}/", server.url)).await.says("Alice Archer");
        assert_eq!(receiver.tokens().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn whatever_ends_somebodys_standing_ends_their_sessions_at_applications() {
    bounded(240, async {
        let server = Server::start().await;
        for group in ["staff", "crew"] {
            server.json(&["group", "add", group]).await;
        }
        let receiver = Receiver::start(Answering::Done).await;
        let client = add(&server, "wiki", &receiver.uri()).await;
        let causes: [(&str, &[&str], &str); 5] = [
            ("disabled", &["user", "disable", "disabled"], "ended"),
            ("deleted", &["user", "delete", "deleted", "--yes"], "ended"),
            ("ended", &["user", "end-sessions", "ended"], "ended"),
            ("revoked", &["user", "revoke", "revoked", "wiki"], "revoked"),
            (
                "groupless",
                &["group", "member", "remove", "staff", "groupless"],
                "no-access",
            ),
        ];
        for (number, (name, command, cause)) in causes.into_iter().enumerate() {
            let person = server.add_person(name, name, &["staff"]).await;
            let mut browser = client.browser();
            let id_token = claims(&log_in(&client, &mut browser, &person).await);
            server.json(command).await;
            let tokens = receiver.takes(number + 1).await;
            let told = claims(tokens.last().expect("one"));
            assert_eq!(
                (&told["sub"], &told["sid"]),
                (&id_token["sub"], &id_token["sid"]),
                "{name}"
            );
            let found = stand(&server, "wiki", |found| found["told"] == number + 1).await;
            let items = found["items"].as_array().expect("a list");
            let item = items.iter().find(|item| item["session"] == id_token["sid"]);
            assert_eq!(item.expect("accounted for")["cause"], cause, "{name}");
        }
        assert_eq!(receiver.tokens().len(), causes.len(), "and nobody else");
    })
    .await;
}

#[tokio::test]
async fn an_application_is_told_when_a_token_of_it_is_stolen_and_when_it_is_disabled() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let receiver = Receiver::start(Answering::Done).await;
        let uri = receiver.uri();
        let settings = [
            "--consent",
            "skip",
            "--expects-refresh",
            "true",
            "--backchannel-logout-uri",
            &uri,
        ];
        let wiki = Client::add(&server, "wiki", "staff", &settings).await;
        let mut browser = wiki.browser();

        // Whoever comes second with a code: one of the two is a thief.
        let code = wiki.code(&mut browser, &alice).await;
        let first = claims(wiki.redeem(&code).await.granted().text("id_token"));
        wiki.redeem(&code).await.refused("invalid_grant");
        let told = claims(&receiver.takes(1).await[0]);
        assert_eq!((&told["sid"], &told["sub"]), (&first["sid"], &first["sub"]));
        browser.get(&format!("{}/", server.url)).await.says("Alice Archer");

        // She comes back, and the thief with the same old code ends nothing of that.
        let code_again = wiki.code(&mut browser, &alice).await;
        let tokens = wiki.redeem(&code_again).await.granted();
        wiki.redeem(&code).await.refused("invalid_grant");
        let old = tokens.text("refresh_token").to_owned();
        let next = wiki.refresh(&old).await.granted().text("refresh_token").to_owned();
        let last = wiki.refresh(&next).await.granted().text("refresh_token").to_owned();
        assert_eq!(receiver.tokens().len(), 1, "nothing was stolen since");
        wiki.refresh(&old).await.refused("invalid_grant");
        wiki.refresh(&last).await.refused("invalid_grant");
        assert_eq!(claims(&receiver.takes(2).await[1])["sid"], first["sid"]);
        let stolen = server.json(&["event", "list", "--action", "grant.stolen"]).await;
        let because: Vec<&Value> = stolen["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|event| &event["data"]["because"])
            .collect();
        assert_eq!(because, ["refresh_replayed", "code_replayed"], "{stolen:#}");

        // Disabled, it loses what it has, and gets nothing of it back.
        let code = wiki.code(&mut browser, &alice).await;
        let tokens = wiki.redeem(&code).await.granted();
        server.json(&["app", "disable", "wiki"]).await;
        receiver.takes(3).await;
        server.json(&["app", "enable", "wiki"]).await;
        wiki.refresh(tokens.text("refresh_token"))
            .await
            .refused("invalid_grant");
        assert!(!wiki.is_active(tokens.text("access_token")).await);
        let found = stand(&server, "wiki", |found| found["waiting"] == 0).await;
        let item = &found["items"].as_array().expect("a list")[0];
        assert_eq!(item["cause"], "no-app", "{found:#}");
    })
    .await;
}
