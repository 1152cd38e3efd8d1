//! A stranger cannot lock anybody out, nor fill the disk.

use doorward_e2e::{Browser, Client, Person, Server, bounded};

/// What an address may begin without logging in, and then one each 200 ms.
const FREE: usize = 600;
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

/// Somebody at this address, as the proxy in front says.
fn from(address: &'static str) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(
            [(
                reqwest::header::HeaderName::from_static("x-forwarded-for"),
                reqwest::header::HeaderValue::from_static(address),
            )]
            .into_iter()
            .collect(),
        )
        .build()
        .expect("an HTTP client")
}

#[tokio::test]
async fn an_address_that_begins_logins_without_end_is_told_to_wait_and_nobody_else_is() {
    bounded(180, async {
        let url = format!("http://localhost:{}", doorward_e2e::free_port());
        let server = Server::start_behind(&url, "[proxies]\ntrusted = [\"127.0.0.1\"]\n").await;
        server.json(&["group", "add", "staff"]).await;
        let client = Client::add(&server, "wiki", "staff", &["--consent", "skip"]).await;
        let begin = client.authorize_url(&[]).replace(&server.url, &server.own_url());
        let flood = from("203.0.113.9");
        let mut begun = 0;
        let refused = loop {
            let answer = flood.get(&begin).send().await.expect("the server answers");
            if answer.status() == 429 {
                break answer;
            }
            assert_eq!(answer.status(), 303, "{begun}");
            begun += 1;
            assert!(begun < 20 * FREE, "never told to wait");
        };
        assert!(begun >= FREE, "after {begun} only");
        let wait = refused.headers()["retry-after"].to_str().expect("text");
        assert!((1..=2).contains(&wait.parse().unwrap_or(0)), "{wait}");
        let other = from("203.0.113.10")
            .get(&begin)
            .send()
            .await
            .expect("the server answers");
        assert_eq!(other.status(), 303);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_manages_registrations_without_end_is_told_to_wait() {
    bounded(180, async {
        let url = format!("http://localhost:{}", doorward_e2e::free_port());
        let server = Server::start_behind(&url, "[proxies]\ntrusted = [\"127.0.0.1\"]\n").await;
        let at = format!("{}/connect/register/somebody", server.own_url());
        for (method, address) in [
            (reqwest::Method::GET, "203.0.113.11"),
            (reqwest::Method::PUT, "203.0.113.12"),
            (reqwest::Method::DELETE, "203.0.113.13"),
        ] {
            let flood = from(address);
            let mut asked = 0;
            let refused = loop {
                let request = flood
                    .request(method.clone(), &at)
                    .bearer_auth("none-of-ours")
                    .body("{}");
                let answer = request.send().await.expect("the server answers");
                if answer.status() == 429 {
                    break answer;
                }
                assert!(answer.status().is_client_error(), "{method}: {}", answer.status());
                asked += 1;
                assert!(asked < 20 * FREE, "{method}: never told to wait");
            };
            assert!(asked >= FREE, "{method}: after {asked} only");
            assert!(refused.headers().contains_key("retry-after"), "{method}");
        }
    })
    .await;
}
