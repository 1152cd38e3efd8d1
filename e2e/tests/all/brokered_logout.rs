//! The way out: a logout here goes on to the upstream, comes back, and leads to the application.

use doorward_e2e::{Client, bounded};

use crate::houses::Houses;

#[tokio::test]
async fn a_logout_here_ends_the_session_there_and_comes_back_to_the_application() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let bye = "http://127.0.0.1:9/wiki/bye";
        let client = Client::add(
            here,
            "wiki",
            "crew",
            &["--consent", "skip", "--add-post-logout-uri", bye],
        )
        .await;
        let mut browser = client.browser();
        let page = browser.get(&client.authorize_url(&[])).await;
        let page = houses.through(&mut browser, &page, "Log in with Corp", &alice).await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
        let tokens = client.redeem(&code).await.granted();
        let page = browser.get(&format!("{}/", there.url)).await;
        page.says("Alice Archer");

        let mut logout = url::Url::parse(&format!("{}/logout", here.url)).expect("a URL");
        logout
            .query_pairs_mut()
            .append_pair("id_token_hint", tokens.text("id_token"))
            .append_pair("post_logout_redirect_uri", bye)
            .append_pair("state", "so long");
        let page = browser.get(logout.as_str()).await;
        assert!(page.url.as_str().starts_with(bye), "{} {}", page.url, page.text());
        assert_eq!(page.parameter("state").as_deref(), Some("so long"));
        for server in [here, there] {
            let page = browser.get(&format!("{}/", server.url)).await;
            assert!(page.is_login(), "{} {}", page.url, page.text());
        }

        // The page that people come back to leads nowhere by itself, whatever its address says.
        let evil = "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv";
        for state in [
            format!("{evil}.{evil}"),
            evil.to_owned(),
            ".".to_owned(),
            format!("{evil}."),
        ] {
            let page = browser.get(&format!("{}?state={state}", here.logged_out())).await;
            assert_eq!((page.status, page.url.path()), (200, "/logged-out"), "{}", page.url);
            page.says("You are logged out");
        }
    })
    .await;
}
