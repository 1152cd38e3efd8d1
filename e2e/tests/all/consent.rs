//! The person agrees to what the page shows, and to nothing that changed behind it.

use doorward_e2e::{Client, Page, Person, Server, bounded};

async fn house() -> (Server, Person, Client) {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let mut client = Client::add(&server, "wiki", "staff", &[]).await;
    "openid email".clone_into(&mut client.scope);
    (server, alice, client)
}

#[track_caller]
fn asks(page: &Page) {
    assert_eq!((page.status, page.url.path()), (200, "/consent"), "{}", page.text());
}

#[tokio::test]
async fn an_answer_counts_for_the_data_that_were_shown() {
    bounded(120, async {
        let (server, alice, client) = house().await;
        let mut browser = client.browser();
        let login = browser.get(&client.authorize_url(&[])).await;
        let page = browser.log_in(&login, &alice).await;
        asks(&page);
        page.says("alice@example.com");
        // While the page is open, the address becomes another one.
        server
            .json(&["user", "edit", "alice", "--email", "archer@example.com"])
            .await;
        let again = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        asks(&again);
        again.says("archer@example.com");
        // The old page once more, with a digest of one's own making.
        let forged = [("decision", "allow"), ("shown", "forged")];
        asks(&browser.submit(&again, "/consent", &forged).await);
        let agreed = server.json(&["event", "list", "--action", "consent.give"]).await;
        assert_eq!(agreed["items"].as_array().map(Vec::len), Some(0), "{agreed}");

        let page = browser.submit(&again, "/consent", &[("decision", "allow")]).await;
        let code = page.parameter("code").expect("what is shown is what is agreed to");
        client.redeem(&code).await.granted();
    })
    .await;
}

#[tokio::test]
async fn what_was_not_asked_before_is_asked_and_what_was_is_not() {
    bounded(120, async {
        let (_server, alice, mut client) = house().await;
        let mut browser = client.browser();
        client.code(&mut browser, &alice).await;
        let page = browser.get(&client.authorize_url(&[])).await;
        assert!(page.parameter("code").is_some(), "the same again: {}", page.url);

        "openid email profile".clone_into(&mut client.scope);
        let page = browser.get(&client.authorize_url(&[])).await;
        asks(&page);
        page.says("Alice Archer");
        let refused = browser.submit(&page, "/consent", &[("decision", "deny")]).await;
        assert_eq!(refused.parameter("error").as_deref(), Some("access_denied"));
        // A no is not remembered as a yes.
        asks(&browser.get(&client.authorize_url(&[])).await);
        // A single claim of a scope that was agreed to is nothing new.
        "openid email".clone_into(&mut client.scope);
        let claims = [("claims", r#"{"id_token":{"email":{"essential":true}}}"#)];
        let page = browser.get(&client.authorize_url(&claims)).await;
        assert!(page.parameter("code").is_some(), "{} {}", page.url, page.text());
    })
    .await;
}

#[tokio::test]
async fn whoever_logs_in_next_in_the_browser_is_asked_themselves() {
    bounded(120, async {
        let (server, alice, client) = house().await;
        let bob = server.add_person("bob", "Bob Baker", &["staff"]).await;
        let mut browser = client.browser();
        let login = browser.get(&client.authorize_url(&[])).await;
        let page = browser.log_in(&login, &alice).await;
        asks(&page);
        // In another tab, Alice logs out and Bob logs in.
        let logout = browser.get(&format!("{}/logout", server.url)).await;
        browser.submit(&logout, "/logout", &[("decision", "allow")]).await;
        let other_tab = browser.get(&format!("{}/login", server.url)).await;
        browser.log_in(&other_tab, &bob).await;
        let after = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert_eq!(
            after.parameter("code"),
            None,
            "Alice's answer is not Bob's: {}",
            after.url
        );
        asks(&after);
        after.says("bob@example.com");
    })
    .await;
}
