//! A stranger cannot lock anybody out.

use doorward_e2e::{Browser, Client, Person, Server, bounded};

/// 10,000 as the issue has it are the business of a unit test; here each goes through the page.
const TRIES: usize = 200;

#[tokio::test]
async fn after_many_wrong_tries_from_elsewhere_a_known_browser_still_gets_in() {
    bounded(180, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let client = Client::add(&server, "wiki", "staff", &["--consent", "skip"]).await;
        let mut known = client.browser();
        client.code(&mut known, &alice).await;
        // The session goes, the browser is remembered.
        let page = known.get(&format!("{}/logout", server.url)).await;
        let page = known.submit(&page, "/logout", &[("decision", "allow")]).await;
        page.says("You are logged out");
        assert!(known.has_cookie("127.0.0.1", "doorward-browser"));

        let guess = Person {
            password: "a wrong guess".into(),
            ..alice.clone()
        };
        let mut stranger = Browser::new();
        let mut page = stranger.get(&client.authorize_url(&[])).await;
        let mut waits = 0;
        for _ in 0..TRIES {
            page = stranger.log_in(&page, &guess).await;
            match page.status {
                401 => page.says("User name and password do not match"),
                429 => {
                    waits += 1;
                    assert!(page.headers.contains_key("retry-after"));
                }
                other => panic!("{other}: {}", page.text()),
            }
        }
        assert!(waits > TRIES / 2, "only {waits} of {TRIES} tries were held back");
        page.says("There were too many tries. Wait");
        // The right password does not help the stranger: nobody can tell a guess that hit.
        let page = stranger.log_in(&page, &alice).await;
        assert_eq!(page.status, 429, "{}", page.text());

        let page = known.get(&client.authorize_url(&[])).await;
        assert!(page.is_login());
        let page = known.log_in(&page, &alice).await;
        assert!(page.parameter("code").is_some(), "{} {}", page.url, page.text());
    })
    .await;
}
