//! What goes wrong on the way through a second Doorward, and what it is called.

use doorward_e2e::{Browser, Page, Server, bounded};

use crate::houses::{Houses, events, is_in};

/// The login page there, if the button leads to it.
async fn page_there(houses: &Houses) -> Option<Page> {
    let mut browser = Browser::new();
    let page = houses.login_page(&mut browser).await;
    let page = browser.press(&page, "Log in with Corp").await;
    page.url.as_str().starts_with(&houses.there.url).then_some(page)
}

/// The page and its trace say why; there is no event, because anybody can send such a thing at any rate.
async fn of_nobody(server: &Server, page: &Page, reason: &str) {
    assert_eq!(page.status, 403, "{reason}: {} {}", page.url, page.text());
    let expected = match reason {
        "attempt_of_another_browser" => "This login began in another browser.",
        _ => "This login is not under way any more.",
    };
    page.says(expected);
    let reference = page.reference();
    let trace = server.trace(&reference).await;
    assert_eq!(
        (trace.outcome.as_str(), trace.refusal().check.as_str()),
        ("refused", "upstream.login"),
        "{trace:?}"
    );
    assert!(events(server, &["--trace", &reference]).await.is_empty());
}

#[tokio::test]
async fn each_failure_on_the_way_has_its_reason_on_page_trace_and_event() {
    let walk = Box::pin(async {
        let mut houses = Houses::start(&["--create-users", "on"]).await;
        let alice = houses.there.add_person("alice", "Alice Archer", &["staff"]).await;
        let here = &houses.here;

        // The answer in another browser, or in one with a login of its own, gets nobody in; then it is spent.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let page = Browser::new().get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_of_another_browser").await;
        let mut neighbour = Browser::new();
        houses.login_page(&mut neighbour).await;
        let page = neighbour.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_of_another_browser").await;
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;

        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let page = browser.get(answer.url.as_str()).await;
        is_in(&page, here);
        // The same answer twice.
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;
        // A login that was swept away meanwhile.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        here.sql("DELETE FROM upstream_attempts").await;
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;
        // Nothing, or not an answer at all.
        for query in ["", "?code=x", "?state=a&state=b&code=x", "?error=%00"] {
            let page = browser.get(&format!("{}{query}", here.callback("corp"))).await;
            of_nobody(here, &page, "attempt_unknown").await;
        }
        // A code that is not the one that was given.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let code = answer.parameter("code").expect("a code");
        let injected = answer.url.as_str().replace(&code, "another");
        let page = browser.get(&injected).await;
        here.refused_upstream(&page, "token_exchange_failed").await;

        // The person goes back at the other login.
        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.press(&page, "Log in with Corp").await;
        let page = browser.press(&page, "Cancel").await;
        here.refused_upstream(&page, "denied_by_provider").await;
        // Somebody whom nobody let in there reads so there.
        let eve = houses.there.add_person("eve", "Eve", &[]).await;
        let (_, page) = houses.by_button(&eve).await;
        assert!(page.url.as_str().starts_with(&houses.there.url), "{}", page.url);
        page.says("No access to");
        assert_eq!(here.cli(&["user", "show", "eve"]).await.code, 1);

        let wrong = here.data().join("wrong.secret");
        std::fs::write(&wrong, "not the secret").expect("the file can be written");
        let right = here.data().join("corp.secret");
        let set = |file: &std::path::Path| {
            let file = file.to_string_lossy().into_owned();
            async move {
                here.json(&["upstream", "secret", "set", "corp", "--secret-file", &file])
                    .await;
            }
        };
        set(&wrong).await;
        let (_, page) = houses.by_button(&alice).await;
        here.refused_upstream(&page, "token_exchange_failed").await;
        set(&right).await;
        let (_, page) = houses.by_button(&alice).await;
        is_in(&page, here);

        here.json(&["upstream", "edit", "corp", "--enabled", "off"]).await;
        let page = houses.login_page(&mut Browser::new()).await;
        assert!(!page.text().contains("Corp"), "{}", page.text());
        here.json(&["upstream", "edit", "corp", "--enabled", "on"]).await;

        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        houses.there.kill().await;
        let page = browser.get(answer.url.as_str()).await;
        houses.here.refused_upstream(&page, "upstream_unreachable").await;
        // After a restart here nothing of it is known any more.
        houses.here.stop().await;
        houses.here.restart().await;
        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.press(&page, "Log in with Corp").await;
        houses.here.refused_upstream(&page, "upstream_unreachable").await;
        houses.there.restart().await;
        // It is asked again after a while, not by every login.
        let mut waits = 0;
        while page_there(&houses).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            waits += 1;
            assert!(waits < 60, "not asked again for a minute");
        }
        let (_, page) = houses.by_button(&alice).await;
        is_in(&page, &houses.here);
    });
    bounded(240, walk).await;
}
