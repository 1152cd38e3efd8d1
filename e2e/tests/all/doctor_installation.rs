//! `doorward doctor` without more: a server as it starts, one that nobody reaches, one with an authority of its own; and an upstream.

use doorward_e2e::{Server, bounded, free_port};
use serde_json::{Value, json};

async fn looked(server: &Server) -> Value {
    let ran = server.cli(&["--json", "doctor"]).await;
    let body: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(body["usable"] == json!(true), ran.code == 0, "{ran:?}");
    body
}

/// Weight and text of the finding with that code.
fn finding(body: &Value, code: &str) -> (String, String) {
    let findings = body["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["code"] == code);
    let found = found.unwrap_or_else(|| panic!("{code}: {body:#}"));
    let weight = found["weight"].as_str().expect("a weight");
    (weight.to_owned(), found.to_string())
}

#[tokio::test]
async fn the_installation_is_looked_at_and_what_ends_soon_or_is_weak_is_named() {
    bounded(90, async {
        let server = Server::start().await;
        let body = looked(&server).await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        for good in ["public_url", "keys", "expires", "weakened"] {
            assert_eq!(finding(&body, good).0, "good", "{good}: {body:#}");
        }
        // How full the disk is and how busy the machine is not the server's to say.
        assert!(finding(&body, "disk").1.contains("MiB of"), "{body:#}");
        assert!(finding(&body, "database").1.contains("a read takes"), "{body:#}");
        for told in ["proxies", "mail", "clock"] {
            assert_eq!(finding(&body, told).0, "advice", "{told}: {body:#}");
        }

        server.json(&["service", "add", "ci"]).await;
        server
            .json(&[
                "service",
                "token",
                "add",
                "ci",
                "--label",
                "nightly",
                "--lifetime",
                "7d",
            ])
            .await;
        server
            .json(&["app", "add", "netbox", "https://netbox.example.com"])
            .await;
        let body = looked(&server).await;
        let (weight, said) = finding(&body, "expires");
        assert_eq!(weight, "advice", "{said}");
        assert!(
            said.contains("nightly of ci") && said.contains("doorward service token add ci"),
            "{said}"
        );
        let (weight, said) = finding(&body, "weakened");
        assert_eq!(weight, "advice", "{said}");
        assert!(
            said.contains("weaken-pkce-if-sent") && said.contains("--pkce required"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_server_that_nobody_reaches_by_its_name_says_so_and_one_with_its_own_authority_which_file_to_install() {
    bounded(90, async {
        let port = free_port();
        let url = format!("https://localhost:{port}");
        let (lost, own) = tokio::join!(
            Box::pin(Server::start_behind("https://sso.localhost", "")),
            Box::pin(Server::start_over_tls(port, &url, "[tls]\nca = true\n", None)),
        );
        let body = looked(&lost).await;
        assert_eq!(body["usable"], json!(false), "{body:#}");
        let first = &body["findings"][0];
        assert_eq!(first["code"], json!("public_url"), "{body:#}");
        // Somebody ends TLS in front, and nobody is believed.
        assert_eq!(finding(&body, "proxies").0, "problem", "{body:#}");

        let body = looked(&own).await;
        assert_eq!(finding(&body, "public_url").0, "good", "{body:#}");
        assert_eq!(finding(&body, "certificate").0, "good", "{body:#}");
        let (weight, said) = finding(&body, "tls_chain");
        assert_eq!(weight, "advice", "{said}");
        assert!(said.contains("doorward ca show --pem"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn an_upstream_that_is_not_the_issuer_is_named_with_the_right_one() {
    bounded(90, async {
        let (server, other) = tokio::join!(Box::pin(Server::start()), Box::pin(Server::start_as_neighbour()));
        other.json(&["group", "add", "staff"]).await;
        let callback = format!("{}/upstream/house/callback", server.url);
        let mut registration = other.add_relying_party("house", &callback, &[]).await;
        registration.issuer.push('/');
        let added = server
            .try_upstream("generic", "house", &registration, &["--no-probe"])
            .await;
        assert_eq!(added.code, 0, "{added:?}");
        let ran = server.cli(&["doctor", "upstream", "house"]).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.out.contains(&format!("the right issuer: --issuer {}", other.url)),
            "{ran:?}"
        );
        server
            .json(&["upstream", "edit", "house", "--issuer", &other.url])
            .await;
        let ran = server.cli(&["doctor", "upstream", "house"]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("Logins through it can work."), "{ran:?}");
    })
    .await;
}
