//! Certificates from a real ACME authority: both proofs, renewal without a restart, restarts without an order, two nodes, and
//! what is said when the authority refuses.

use std::{
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, Instant},
};

use doorward_e2e::{Server, bounded, free_port, fresh_database, rigs::Pebble, tls};
use serde_json::Value;

const HOST: &str = "sso.example.com";
const NINETY_DAYS: Duration = Duration::from_hours(2160);

fn url(port: u16) -> String {
    format!("https://{HOST}:{port}")
}

/// A client that takes the name for this machine and trusts that root alone.
fn client(port: u16, root: &Path) -> reqwest::Client {
    let pem = std::fs::read(root).expect("the root was written");
    reqwest::Client::builder()
        .no_proxy()
        .resolve(HOST, ([127, 0, 0, 1], port).into())
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("a certificate")])
        .build()
        .expect("an HTTP client")
}

#[tokio::test]
async fn two_lines_bring_a_certificate_that_is_kept_and_renewed_without_a_restart() {
    bounded(300, async {
        let port = free_port();
        let mut pebble = Pebble::start(port, free_port(), NINETY_DAYS).await;
        let mut server = Server::start_over_tls(port, &url(port), &pebble.configuration(), None).await;
        let root = pebble.root_file().await;
        let first = tls::comes(port, HOST, &root, None).await;

        let client = client(port, &root);
        let health = format!("{}/healthz", url(port));
        assert_eq!(client.get(&health).send().await.expect("an answer").status(), 200);
        let shown = server.json(&["tls", "show"]).await;
        assert_eq!(
            (&shown["source"], &shown["problem"]),
            (&Value::from("acme"), &Value::Null)
        );
        assert_eq!(shown["certificate"]["fingerprint"], first, "{shown}");
        assert_eq!(shown["certificate"]["names"][0], HOST);
        let renewed: Vec<Value> = events(&server, "certificate.renew").await;
        assert_eq!(renewed.len(), 1, "{renewed:?}");

        // By hand, as after a key that somebody may have seen; open connections stay open.
        let asked = server.cli(&["tls", "renew"]).await;
        assert_eq!(asked.code, 0, "{}", asked.err);
        let second = tls::comes(port, HOST, &root, Some(&first)).await;
        assert_eq!(client.get(&health).send().await.expect("an answer").status(), 200);

        // A restart presents what is there, although the authority is gone.
        pebble.kill().await;
        assert!(server.stop().await.success());
        server.restart().await;
        assert_eq!(tls::comes(port, HOST, &root, None).await, second);
        let shown = server.cli(&["tls", "show"]).await;
        assert!(
            shown.out.contains(&second) && !shown.out.contains("does not come"),
            "{}",
            shown.out
        );

        // And what is out of reach is said, and stays a matter of the next certificate.
        server.cli(&["tls", "renew"]).await;
        let problem = problem(&server).await;
        assert_eq!(problem["code"], "acme_unreachable", "{problem}");
        assert_eq!(tls::comes(port, HOST, &root, None).await, second);
    })
    .await;
}

#[tokio::test]
async fn a_short_certificate_is_renewed_by_itself() {
    bounded(240, async {
        let port = free_port();
        let pebble = Pebble::start(port, free_port(), Duration::from_secs(45)).await;
        let server = Server::start_over_tls(port, &url(port), &pebble.configuration(), None).await;
        let root = pebble.root_file().await;
        let first = tls::comes(port, HOST, &root, None).await;
        let second = tls::comes(port, HOST, &root, Some(&first)).await;
        tls::comes(port, HOST, &root, Some(&second)).await;
        assert!(
            server.log().contains("presenting a new certificate"),
            "{}",
            server.log()
        );
    })
    .await;
}

#[tokio::test]
async fn the_name_is_proven_over_plain_http_which_has_nothing_else() {
    bounded(180, async {
        let (port, plain) = (free_port(), free_port());
        // Nothing of ours is where it would look for TLS.
        let pebble = Pebble::start(free_port(), plain, NINETY_DAYS).await;
        let configuration = format!("{}http = \"127.0.0.1:{plain}\"\n", pebble.configuration());
        let _server = Server::start_over_tls(port, &url(port), &configuration, None).await;
        tls::comes(port, HOST, &pebble.root_file().await, None).await;

        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        let ask = |path: &str| {
            client
                .get(format!("http://127.0.0.1:{plain}{path}"))
                .header("host", "evil.example")
        };
        let sent_on = ask("/login?next=1").send().await.expect("an answer");
        assert_eq!(sent_on.status(), 308);
        assert_eq!(sent_on.headers()["location"], format!("{}/login?next=1", url(port)));
        let posted = client
            .post(format!("http://127.0.0.1:{plain}/token"))
            .body("a=b")
            .send()
            .await;
        assert_eq!(posted.expect("an answer").status(), 403);
        let nothing = ask("/.well-known/acme-challenge/nobody-asks-for-this").send().await;
        assert_eq!(nothing.expect("an answer").status(), 404);
    })
    .await;
}

#[tokio::test]
async fn one_node_of_two_gets_the_certificate_and_both_present_it() {
    bounded(240, async {
        let (port, other) = (free_port(), free_port());
        let pebble = Pebble::start(port, free_port(), NINETY_DAYS).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = folder.path().join("master.key");
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&key);
        std::io::Write::write_all(&mut file.expect("a file"), "11".repeat(32).as_bytes()).expect("it can be written");
        let configuration = format!("master_key = \"{}\"\n{}", key.display(), pebble.configuration());
        let database = fresh_database(port).await;
        // The authority comes to the second, whichever of them orders: at first, when there is one alone, to nobody.
        let first = Server::start_over_tls(other, &url(port), &configuration, Some(database.clone())).await;
        let second = Server::start_over_tls(port, &url(port), &configuration, Some(database)).await;
        assert_eq!(problem(&first).await["code"], "acme_challenge_failed");
        assert_eq!(first.cli(&["tls", "renew"]).await.code, 0);
        let root = pebble.root_file().await;
        let here = tls::comes(other, HOST, &root, None).await;
        assert_eq!(tls::comes(port, HOST, &root, None).await, here);
        for server in [&first, &second] {
            assert_eq!(server.json(&["tls", "show"]).await["certificate"]["fingerprint"], here);
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_authority_refuses_is_said_with_the_remedy_and_not_asked_again_at_once() {
    bounded(180, async {
        let port = free_port();
        // It looks where nobody is.
        let pebble = Pebble::start(free_port(), free_port(), NINETY_DAYS).await;
        let server = Server::start_over_tls(port, &url(port), &pebble.configuration(), None).await;
        let refused = problem(&server).await;
        assert_eq!(refused["code"], "acme_challenge_failed", "{refused}");
        assert!(
            refused["remedy"]
                .as_str()
                .is_some_and(|remedy| remedy.contains("port 443")),
            "{refused}"
        );
        let shown = server.cli(&["tls", "show"]).await;
        assert!(
            shown.out.contains("doorward tls renew") && shown.out.contains("there is none yet"),
            "{}",
            shown.out
        );
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(
            problem(&server).await["at"],
            refused["at"],
            "it is left alone for a while"
        );
        assert_eq!(events(&server, "certificate.renew").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_the_authority_issues_nothing_for_is_said() {
    bounded(180, async {
        let port = free_port();
        let pebble = Pebble::start(port, free_port(), NINETY_DAYS).await;
        let blocked = format!("https://blocked.example.com:{port}");
        let server = Server::start_over_tls(port, &blocked, &pebble.configuration(), None).await;
        assert_eq!(problem(&server).await["code"], "acme_name_refused");
    })
    .await;
}

#[tokio::test]
async fn a_directory_with_an_unknown_ca_is_not_trusted() {
    bounded(180, async {
        let port = free_port();
        let pebble = Pebble::start(port, free_port(), NINETY_DAYS).await;
        let known = pebble.configuration();
        let configuration: Vec<_> = known.lines().filter(|line| !line.starts_with("acme_ca")).collect();
        let configuration = configuration.join("\n");
        let server = Server::start_over_tls(port, &url(port), &configuration, None).await;
        let refused = problem(&server).await;
        assert_eq!(refused["code"], "acme_untrusted", "{refused}");
        assert!(
            refused["remedy"]
                .as_str()
                .is_some_and(|remedy| remedy.contains("acme_ca")),
            "{refused}"
        );
    })
    .await;
}

/// What keeps the next certificate from coming, once it is known.
async fn problem(server: &Server) -> Value {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let mut shown = server.json(&["tls", "show"]).await;
        if shown["problem"].is_object() {
            return shown["problem"].take();
        }
        assert!(Instant::now() < deadline, "{shown}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn events(server: &Server, action: &str) -> Vec<Value> {
    let list = server.json(&["event", "list", "--action", action]).await;
    list["items"].as_array().cloned().unwrap_or_default()
}
