//! From nothing to a person who is logged in.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use doorward_e2e::{Browser, Client, Server, bounded};

#[tokio::test]
async fn the_first_link_makes_an_administrator_once() {
    bounded(120, async {
        let server = Server::start().await;
        let link = &server.first_link();
        let (file, log) = (server.first_link_file(), server.log());
        let mode = file.metadata().expect("the file of the link").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            log.contains("first-administrator.link"),
            "the log names the file: {log}"
        );
        assert!(!log.contains("/link/"), "and not what is in it: {log}");
        let mut browser = Browser::new();
        let page = browser.get(link).await;
        page.says("The first administrator");
        let account = [
            ("username", "root"),
            ("display_name", "Ruth Root"),
            ("new_password", "short"),
            ("repeat_password", "short"),
        ];
        let page = browser.submit(&page, "/link/", &account).await;
        assert_eq!(page.status, 422);
        page.says("The password is too short: at least 8 characters.");
        let long = [
            ("new_password", "long enough for all"),
            ("repeat_password", "long enough for all"),
        ];
        let page = browser.submit(&page, "/link/", &[&account[..2], &long].concat()).await;
        page.says("Ruth Root");
        page.says("Add one on the command line");
        for _ in 0..100 {
            if !file.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!file.exists(), "a link that was used is not left behind");

        let page = Browser::new().get(link).await;
        assert_eq!(page.status, 410);
        page.says("This link no longer works");
        let admins = server.json(&["admin", "list"]).await;
        assert_eq!(admins["items"][0]["name"], "root", "{admins}");
        assert_eq!(admins["items"][0]["role"], "full", "{admins}");
    })
    .await;
}

#[tokio::test]
async fn four_commands_let_a_person_in() {
    bounded(120, async {
        let server = Server::start().await;
        // The experience of an administrator's first day, typed as the README has it.
        server.json(&["group", "add", "netbox_users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["netbox_users"]).await;
        let client = Client::add(&server, "wiki", "netbox_users", &[]).await;

        let mut browser = client.browser();
        let page = browser.get(&client.authorize_url(&[])).await;
        page.says("Log in to");
        let page = browser.log_in(&page, &alice).await;
        page.says("asks to know you");
        page.says("Alice Archer");
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert_eq!(page.parameter("state").as_deref(), Some("the state"));
        assert_eq!(page.parameter("iss").as_deref(), Some(server.url.as_str()));
        let code = page.parameter("code").expect("a code");
        let tokens = client.redeem(&code).await.granted();
        assert_eq!(tokens.text("token_type"), "Bearer");
        assert_eq!(client.userinfo(tokens.text("access_token")).await, 200);

        let trace = server.latest_trace("wiki").await;
        assert_eq!(trace.outcome, "ok", "{trace:#?}");
        assert_eq!(trace.user.as_deref(), Some("alice"));
        assert!(
            trace.passed("authorize.pkce") && trace.passed("token.code"),
            "{trace:#?}"
        );
    })
    .await;
}

#[tokio::test]
async fn sigterm_ends_the_server_in_order_and_nothing_is_lost() {
    bounded(120, async {
        let mut server = Server::start().await;
        server.json(&["group", "add", "kept"]).await;
        let status = server.stop().await;
        assert!(status.success(), "{status}: {}", server.log());
        let ran = server.cli(&["group", "list"]).await;
        assert_eq!(ran.code, 3, "no server is reached: {ran:?}");
        assert!(ran.err.contains("doorward serve"), "{}", ran.err);
        server.restart().await;
        let groups = server.json(&["group", "list"]).await;
        let names = groups["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|group| group["name"].clone());
        assert!(names.into_iter().any(|name| name == "kept"), "{groups}");
    })
    .await;
}
