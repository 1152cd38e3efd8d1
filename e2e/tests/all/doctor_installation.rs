//! `doorward doctor` without more: a server as it starts, one that nobody reaches, one with an authority of its own; and an upstream.

use doorward_e2e::{Browser, NginxAt, Server, bounded, free_port};
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
        for told in ["proxies", "mail", "clock", "backup"] {
            assert_eq!(finding(&body, told).0, "advice", "{told}: {body:#}");
        }
        assert!(
            finding(&body, "headers").1.contains("as they were sent, by 127.0.0.1"),
            "{body:#}"
        );
        assert!(finding(&body, "database").1.contains("SQLite"), "{body:#}");

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

        // Anybody may register applications: mended here, one by one, and never what may keep somebody out.
        server.json(&["app", "registration", "set", "--weaken-open"]).await;
        let body = looked(&server).await;
        let is_open = |body: &Value| body["findings"].to_string().contains("weaken-open");
        assert!(is_open(&body), "{body:#}");
        let fixed = server.cli(&["doctor", "--fix", "--yes"]).await;
        assert!(
            fixed
                .err
                .contains("Done: let applications register themselves with an initial"),
            "{fixed:?}"
        );
        assert!(
            fixed.err.contains("Left as it is, since --yes does not take"),
            "{fixed:?}"
        );
        let body = looked(&server).await;
        assert!(!is_open(&body), "{body:#}");
        assert!(finding(&body, "weakened").1.contains("weaken-pkce-if-sent"), "{body:#}");
        let mixed = server.cli(&["doctor", "--fix", "app", "netbox"]).await;
        assert_eq!(mixed.code, 2, "{mixed:?}");
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

/// The lines that the documentation has for nginx, inside of the braces.
fn documented() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating.md");
    let text = std::fs::read_to_string(path).expect("the documentation is there");
    let (_, block) = text.split_once("```nginx\nlocation / {\n").expect("an nginx block");
    block.split_once("\n}\n```").expect("its end").0.to_owned()
}

#[tokio::test]
async fn what_a_real_nginx_makes_of_headers_is_said_and_how_old_the_newest_copy_is() {
    bounded(90, async {
        let at = NginxAt::port(free_port()).await;
        let url = at.url();
        let copies = tempfile::tempdir().expect("a temporary folder");
        let common = format!(
            "[applications]\nca = \"{}\"\n[backup]\nfolder = \"{}\"\n",
            at.certificate_file(),
            copies.path().display()
        );
        let trusting = format!("[proxies]\ntrusted = [\"127.0.0.1\"]\n{common}");
        let (server, doubting) = tokio::join!(
            Box::pin(Server::start_behind(&url, &trusting)),
            Box::pin(Server::start_behind(&url, &common)),
        );
        let right = documented();
        let mut nginx = at.start(&server.own_url(), &right).await;
        let body = looked(&server).await;
        assert_eq!(finding(&body, "public_url").0, "good", "{body:#}");
        let (weight, said) = finding(&body, "headers");
        assert!(weight == "good" && said.contains("nobody chooses an address"), "{said}");
        assert!(finding(&body, "backup").1.contains("none"), "{body:#}");

        std::fs::copy(server.data().join("doorward.db"), copies.path().join("copy.db"))
            .expect("the database can be copied");
        let body = looked(&server).await;
        // Both are on one disk here, which is said too.
        assert!(body["findings"].to_string().contains("copy.db is of"), "{body:#}");

        let pass = "            proxy_pass http://127.0.0.1:8080;";
        for (lines, weight, words) in [
            (pass.to_owned(), "problem", "the one that a stranger wrote"),
            (
                format!("{pass}\nproxy_set_header X-Forwarded-For \"\";"),
                "problem",
                "none: everybody has the address of 127.0.0.1",
            ),
            (
                format!("{right}\nproxy_set_header X-Forwarded-Host $http_x_forwarded_host;").replacen(
                    "    proxy_set_header X-Forwarded-Host $http_host;",
                    "",
                    1,
                ),
                "advice",
                "X-Forwarded-Host",
            ),
            (
                format!("{right}\nproxy_set_header Doorward-Doctor \"\";"),
                "advice",
                "status 404",
            ),
            (
                format!("{right}\nproxy_hide_header Set-Cookie;"),
                "problem",
                "a cookie that the proxy in front took away",
            ),
        ] {
            nginx.restart(&server.own_url(), &lines).await;
            let (is, said) = finding(&looked(&server).await, "headers");
            assert!(is == weight && said.contains(words), "{lines}: {is} {said}");
        }

        // Nobody's word counts, though somebody stands in front: who that is, is said.
        nginx.restart(&doubting.own_url(), &right).await;
        let body = looked(&doubting).await;
        let (weight, said) = finding(&body, "headers");
        assert!(
            weight == "problem" && said.contains(r#"trusted = [\"127.0.0.1\"]"#),
            "{said}"
        );
        // For whoever has no token of the doctor's the page is not there.
        let page = Browser::new()
            .get(&format!("{}/doctor/arrived", server.own_url()))
            .await;
        assert_eq!(page.status, 404);
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
