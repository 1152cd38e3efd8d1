//! oauth2-proxy, unmodified and set up with what was printed: people come in, groups decide, tokens are renewed, and signing out ends the session here.

use std::time::Duration;

use doorward_e2e::{
    Answering, Browser, Person, Receiver, Server, bounded,
    rigs::{Oauth2Proxy, Oauth2ProxyAt},
};

async fn enter(proxy: &Oauth2Proxy, browser: &mut Browser, person: &Person) {
    let page = browser.get(&proxy.page("/")).await;
    assert!(page.is_login(), "{} {}", page.url, page.text());
    let page = browser.log_in(&page, person).await;
    assert_eq!(page.url.as_str(), proxy.page("/"), "{}", page.text());
    page.says("Authenticated");
}

/// Asks again, since the gateway renews by whole seconds.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..50 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("this did not come to be within five seconds");
}

#[tokio::test]
async fn people_enter_through_oauth2_proxy_and_signing_out_there_ends_their_session_everywhere() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["staff", "crew"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let carol = server.add_person("carol", "Carol Carter", &["staff"]).await;
        server
            .json(&["user", "edit", "alice", "--email-verified", "true"])
            .await;
        server
            .json(&["user", "edit", "carol", "--email-verified", "true"])
            .await;

        let receiver = Receiver::start(Answering::Done).await;
        let at = Oauth2ProxyAt::free();
        let added = server
            .json(&[
                "app",
                "add",
                "oauth2-proxy",
                &at.url,
                "--name",
                "gateway",
                "--group",
                "staff",
            ])
            .await;
        server
            .json(&["app", "edit", "gateway", "--backchannel-logout-uri", &receiver.uri()])
            .await;
        let proxy = Oauth2Proxy::start(at, &added, &["--allowed-group=crew", "--cookie-refresh=1s"]).await;

        let (mut one, mut two) = (Browser::new(), Browser::new());
        enter(&proxy, &mut one, &alice).await;
        enter(&proxy, &mut two, &alice).await;
        let who = one.get(&proxy.page("/oauth2/userinfo")).await.json();
        assert_eq!(who["preferredUsername"], "alice", "{who}");
        assert_eq!(who["email"], "alice@example.com", "{who}");
        assert_eq!(who["groups"].as_array().map(Vec::len), Some(2), "{who}");

        // Who has no group that the gateway lets in is logged in here, and refused there.
        let mut stranger = Browser::new();
        let page = stranger.get(&proxy.page("/")).await;
        let page = stranger.log_in(&page, &carol).await;
        assert_eq!(page.status, 403, "{}", page.text());

        // Its tokens are renewed, and what it knows of the person afterwards is what holds by then.
        server
            .json(&[
                "user",
                "edit",
                "alice",
                "--email",
                "baker@example.com",
                "--email-verified",
                "true",
            ])
            .await;
        until(async || one.get(&proxy.page("/oauth2/userinfo")).await.json()["email"] == "baker@example.com").await;

        // It calls us with the ID token of that session, from its own server.
        one.get(&proxy.page("/oauth2/sign_out")).await;
        assert_eq!(receiver.takes(1).await.len(), 1);
        assert!(one.get(&format!("{}/", server.url)).await.is_login());
        assert!(one.get(&proxy.page("/")).await.is_login());
        two.get(&format!("{}/", server.url)).await.says("Alice Archer");
        two.get(&proxy.page("/")).await.says("Authenticated");

        // Whoever loses the account loses the gateway with its next renewal.
        server.json(&["user", "disable", "alice"]).await;
        until(async || two.get(&proxy.page("/")).await.is_login()).await;
    })
    .await;
}
