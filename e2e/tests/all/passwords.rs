//! Choosing a password: what the page says of one that nobody should have.

use doorward_e2e::{Browser, Page, Person, Server, bounded};

const COMMON: &str = "This password is one of the most common ones: whoever guesses begins with them. Choose another.";
const WEAK: &str = "Choose another password: at least 8 characters, and not your name or e-mail address.";

fn chosen(password: &str) -> [(&'static str, &str); 2] {
    [("new_password", password), ("repeat_password", password)]
}

#[track_caller]
fn is_refused(page: &Page, sentence: &str) {
    assert_eq!(page.status, 422, "{}", page.text());
    page.says(sentence);
}

#[tokio::test]
async fn the_page_says_why_a_password_is_not_good_enough_and_keeps_the_link() {
    bounded(120, async {
        let server = Server::start().await;
        let command = ["user", "add", "alice", "--email", "alice.archer@example.com"];
        let added = server.json(&command).await;
        let link = added["enrolment"]["url"].as_str().expect("an enrolment link");
        let mut browser = Browser::new();
        let mut page = browser.get(link).await;
        for (password, sentence) in [("Password1", COMMON), ("Alice.Archer@example.com", WEAK)] {
            page = browser.submit(&page, "/link/", &chosen(password)).await;
            is_refused(&page, sentence);
        }
        // As a Macintosh writes it; everybody else composes.
        page = browser.submit(&page, "/link/", &chosen("Gru\u{308}n ist sie")).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());

        let change = format!("{}/account/password", server.url);
        page = browser.get(&change).await;
        let current = [("current_password", "Gr\u{fc}n\u{a0}ist sie")];
        for (password, sentence) in [("qwertyuiop", COMMON), ("alice.archer@example.com", WEAK)] {
            let fields = [&current[..], &chosen(password)].concat();
            page = browser.submit(&page, "/account/password", &fields).await;
            is_refused(&page, sentence);
        }
        let fields = [&current[..], &chosen("correct horse")].concat();
        page = browser.submit(&page, "/account/password", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text());

        let alice = Person {
            name: "alice".into(),
            password: "correct horse".into(),
        };
        let mut elsewhere = Browser::new();
        let login = elsewhere.get(&format!("{}/login", server.url)).await;
        let page = elsewhere.log_in(&login, &alice).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
    })
    .await;
}
