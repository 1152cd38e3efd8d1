//! Apache's mod_auth_openidc as a gateway, set up by the printed file alone: it logs people in, lets groups decide, ends sessions here, and takes our logout tokens.

use std::time::Duration;

use doorward_e2e::{Browser, Gateway, Page, Server, bounded};

const APP: &str = "mod-auth-openidc";
/// What a note of the preset says about groups.
const OPS: &str = "<Location /ops>\nAuthType openid-connect\nRequire claim groups:ops\n</Location>";

fn user(page: &Page) -> &str {
    let header = page.headers.get("x-user");
    header.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Waits until the gateway was told of so many logouts.
async fn told(server: &Server, count: u64) {
    for _ in 0..200 {
        let logouts = server.json(&["app", "logouts", APP]).await;
        if logouts["told"] == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:#}", server.json(&["app", "logouts", APP]).await);
}

#[tokio::test]
async fn apaches_gateway_logs_people_in_and_ends_the_session_that_ends_here_and_no_other() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["staff", "ops"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let gateway = Gateway::start(&server, "staff", OPS).await;

        let mut browsers = [Browser::new(), Browser::new()];
        for browser in &mut browsers {
            let page = browser.get(&gateway.page("/")).await;
            assert!(page.is_login(), "{} {}", page.url, page.text());
            let page = browser.log_in(&page, &alice).await;
            assert_eq!(
                (page.url.as_str(), user(&page)),
                (gateway.page("/").as_str(), "alice"),
                "{}",
                page.text()
            );
            page.says("Behind the gateway");
        }

        let [mut leaving, mut staying] = browsers;
        assert_eq!(leaving.get(&gateway.page("/ops/")).await.status, 401);
        server.json(&["group", "member", "add", "ops", "alice"]).await;
        let mut member = Browser::new();
        let page = member.get(&gateway.page("/ops/")).await;
        let page = member.log_in(&page, &alice).await;
        assert_eq!(
            (page.url.as_str(), user(&page)),
            (gateway.page("/ops/").as_str(), "alice")
        );

        // Its own logout leads here with the ID token, and back.
        let out = gateway.page("/oidc/callback?logout=") + &gateway.page("/");
        let page = member.get(&out).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        assert!(
            member.get(&format!("{}/", server.url)).await.is_login(),
            "the session here has ended"
        );
        told(&server, 1).await;

        let page = leaving.get(&format!("{}/logout", server.url)).await;
        let page = leaving.submit(&page, "/logout/confirm", &[("decision", "allow")]).await;
        page.says("You are logged out");
        told(&server, 2).await;
        let page = leaving.get(&gateway.page("/")).await;
        assert!(
            page.is_login(),
            "the gateway still lets them in: {} {}",
            page.url,
            page.text()
        );
        let page = staying.get(&gateway.page("/")).await;
        assert_eq!(user(&page), "alice", "another session of the same person goes on");

        server.json(&["user", "disable", "alice"]).await;
        told(&server, 3).await;
        let page = staying.get(&gateway.page("/")).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
    })
    .await;
}
