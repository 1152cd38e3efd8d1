//! Logins under way at a second Doorward: those that take too long, and several at once.

use doorward_e2e::{Browser, Client, Clock, Page, bounded};

use crate::houses::{Houses, is_in};

#[tokio::test]
async fn a_login_that_took_too_long_there_begins_again_by_itself() {
    bounded(180, async {
        let clock = Clock::new();
        let houses = Houses::start_under(&clock, &["--create-users", "on"]).await;
        let alice = houses.there.add_person("alice", "Alice Archer", &["staff"]).await;
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        clock.set("+11m");
        // She is known there still, so that the second login shows her nothing.
        let page = browser.get(answer.url.as_str()).await;
        is_in(&page, &houses.here);
        page.says("Alice Archer");

        // After an hour nothing is known of it any more.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        clock.set("+72m");
        let page = browser.get(answer.url.as_str()).await;
        assert_eq!(page.status, 403, "{} {}", page.url, page.text());
        page.says("This login is not under way any more.");
    })
    .await;
}

/// A copy of the browser for each tab: they begin before any of them has an answer. What they were given is then in one jar.
async fn tabs(urls: &[String], browser: &Browser) -> (Vec<Page>, Browser) {
    let opened = urls.iter().map(|url| {
        let (url, mut tab) = (url.clone(), browser.clone());
        tokio::spawn(async move {
            let page = tab.get(&url).await;
            (page, tab)
        })
    });
    let opened: Vec<_> = opened.collect();
    let (mut pages, mut jar) = (Vec::new(), browser.clone());
    for tab in opened {
        let (page, tab) = tab.await.expect("a tab");
        jar.take_cookies_of(&tab);
        pages.push(page);
    }
    (pages, jar)
}

#[tokio::test]
async fn four_tabs_that_a_fresh_browser_opens_at_once_all_log_in() {
    bounded(240, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let bob = here.add_person("bob", "Bob Baker", &["crew"]).await;
        let client = Client::add(here, "wiki", "crew", &["--consent", "skip"]).await;
        let urls: Vec<String> = (0..3)
            .map(|_| client.authorize_url(&[]))
            .chain([format!("{}/login", here.url)])
            .collect();

        // By password, the last first.
        let (pages, mut browser) = tabs(&urls, &client.browser()).await;
        for page in pages.iter().rev() {
            assert!(page.is_login(), "{} {}", page.url, page.text());
            let page = browser.log_in(page, &bob).await;
            assert!(
                page.parameter("code").is_some() || page.url.path() == "/",
                "{} {}",
                page.url,
                page.text()
            );
        }

        // Through the upstream: all four are there before the first comes back.
        let (pages, mut browser) = tabs(&urls, &client.browser()).await;
        let mut answers = Vec::new();
        browser.stop_at(&here.callback("corp"));
        for page in &pages {
            let page = browser.press(page, "Log in with Corp").await;
            let is_known = page.status == 0;
            answers.push(if is_known {
                page
            } else {
                browser.log_in(&page, &alice).await
            });
        }
        browser.stop_nowhere();
        browser.stop_at("http://127.0.0.1:9/");
        for answer in answers.iter().rev() {
            assert_eq!(answer.status, 0, "{} {}", answer.url, answer.text());
            let page = browser.get(answer.url.as_str()).await;
            assert!(
                page.parameter("code").is_some() || page.url.path() == "/",
                "{} {}",
                page.url,
                page.text()
            );
        }

        // A stranger's browser has none of their cookies.
        let (pages, _) = tabs(&urls, &client.browser()).await;
        let mut stranger = client.browser();
        let page = stranger.log_in(&pages[0], &bob).await;
        assert!(page.parameter("code").is_none(), "{}", page.url);
    })
    .await;
}
