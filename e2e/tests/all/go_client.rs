//! A client on `golang.org/x/oauth2` and `coreos/go-oidc`, with which nearly every program in Go logs in: by the browser and by the
//! code of a device.

use doorward_e2e::{Client, Go, Server, bounded};

fn start(server: &Server, client: &Client, way: &str) -> Go {
    Go::start_at(&server.url, (&client.id, &client.secret, &client.redirect_uri), way)
}

async fn house() -> (Server, doorward_e2e::Person, Client) {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let settings = [
        "--consent",
        "skip",
        "--device",
        "true",
        "--request-scopes",
        "openid,profile,email,offline_access",
    ];
    let client = Client::add(&server, "gopher", "staff", &settings).await;
    (server, alice, client)
}

#[tokio::test]
async fn a_program_in_go_logs_in_by_the_browser() {
    bounded(120, async {
        let (server, alice, client) = house().await;
        let mut go = start(&server, &client, "code");
        let url = go.said().await;
        let mut browser = client.browser();
        let page = browser.get(url["url"].as_str().expect("a URL")).await;
        let back = browser.log_in(&page, &alice).await;
        go.hear(&back.url).await;
        let report = go.said().await;
        assert_eq!(
            (&report["name"], &report["same"]),
            (&"alice".into(), &true.into()),
            "{report}"
        );
        assert_eq!(report["refreshed"], true, "{report}");
    })
    .await;
}

#[tokio::test]
async fn a_program_in_go_logs_in_by_the_code_of_a_device() {
    bounded(120, async {
        let (server, alice, mut client) = house().await;
        // The library asks for a code without a secret, also where it has one: programs on devices are public clients.
        let public = ["app", "edit", "gopher", "--kind", "public", "--authentication", "none"];
        server.json(&public).await;
        client.secret = String::new();
        let mut go = start(&server, &client, "device");
        let asked = go.said().await;
        let mut browser = client.browser();
        let page = browser.get(asked["url"].as_str().expect("a URL")).await;
        let field = browser.log_in(&page, &alice).await;
        field.says("Type the code that your device shows");
        let code = asked["code"].as_str().expect("a code").to_lowercase();
        let question = browser.submit(&field, "/device", &[("user_code", &code)]).await;
        browser
            .submit(&question, "/asked/answer", &[("decision", "allow")])
            .await;
        let report = go.said().await;
        assert_eq!(
            (&report["name"], &report["same"]),
            (&"alice".into(), &true.into()),
            "{report}"
        );
    })
    .await;
}
