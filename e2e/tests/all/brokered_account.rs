//! What people and administrators do with logins at a second Doorward: connect them, remove them, look at one, go through them in a
//! real browser.

use doorward_e2e::{Browser, Page, Person, Tools, bounded, output_folder, run_node};
use serde_json::json;

use crate::houses::{Houses, events, identities, is_in};

#[tokio::test]
async fn a_login_is_connected_by_its_person_alone_and_the_last_way_in_stays() {
    let walk = Box::pin(async {
        let houses = Houses::start(&["--link", "confirmed", "--create-users", "off"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let there_alice = there.add_person("alice", "Alice There", &["staff"]).await;
        let here_alice = here.add_person("alice", "Alice Here", &["staff"]).await;
        let logins = format!("{}/account/logins", here.url);

        // Neither the name nor the address makes her the one who is here.
        let (_, page) = houses.by_button(&there_alice).await;
        assert_eq!(page.status, 403, "{} {}", page.url, page.text());
        assert_eq!(identities(here).await, 0);

        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.log_in(&page, &here_alice).await;
        is_in(&page, here);
        // A link of a stranger connects nobody, nor does one with a token of somebody else's.
        browser.stop_at(&there.url);
        for link in ["go?upstream=corp", "go?upstream=corp&csrf=x"] {
            let page = browser.get(&format!("{logins}/{link}")).await;
            assert_eq!((page.status, page.url.path()), (200, "/account/logins"), "{}", page.url);
        }
        browser.stop_nowhere();
        let page = browser.get(&logins).await;
        page.says("Connect another");
        let forged = [("upstream", "corp"), ("csrf", "x")];
        let refused = browser.submit(&page, "/account/logins/connect", &forged).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        let page = browser
            .submit(&page, "/account/logins/connect", &[("upstream", "corp")])
            .await;
        page.says("On to Corp");
        let asked = houses.through(&mut browser, &page, "Continue", &there_alice).await;
        assert_eq!(
            (asked.status, asked.url.path()),
            (200, "/upstream/corp/callback"),
            "{}",
            asked.text()
        );
        asked.says("Connect this login to your account?");
        asked.says("alice@example.com (Alice There)");
        asked.says("alice (Alice Here)");
        assert_eq!(identities(here).await, 0, "nothing before she says so");
        let confirm = "/account/logins/confirm";
        let forged = browser
            .submit(&asked, confirm, &[("decision", "allow"), ("csrf", "x")])
            .await;
        assert_eq!(forged.status, 403, "{}", forged.text());
        let refused = browser.submit(&asked, confirm, &[("decision", "deny")]).await;
        assert_eq!(refused.url.path(), "/account/logins");
        let late = browser.submit(&asked, confirm, &[("decision", "allow")]).await;
        late.says("The question was open for too long");
        assert_eq!(identities(here).await, 0, "the answer was no");
        let page = browser.get(&logins).await;
        let page = browser
            .submit(&page, "/account/logins/connect", &[("upstream", "corp")])
            .await;
        let asked = browser.press(&page, "Continue").await;
        // She is known there now, and may choose somebody else.
        let other = [("account", "other")];
        let asked = browser.submit(&asked, "/login/account", &other).await;
        let asked = browser.log_in(&asked, &there_alice).await;
        let page = browser.submit(&asked, confirm, &[("decision", "allow")]).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/account/logins"),
            "{}",
            page.text()
        );
        page.says("The login has been connected");
        page.says("alice@example.com");
        assert_eq!(identities(here).await, 1);

        let (_, page) = houses.by_button(&there_alice).await;
        is_in(&page, here);
        assert_eq!(
            events(here, &["--action", "session.begin", "--by", "alice"])
                .await
                .len(),
            3
        );

        // Somebody else here cannot take the login from her.
        let bob = here.add_person("bob", "Bob Baker", &["staff"]).await;
        let mut other = Browser::new();
        let page = houses.login_page(&mut other).await;
        other.log_in(&page, &bob).await;
        let page = other.get(&logins).await;
        let page = other
            .submit(&page, "/account/logins/connect", &[("upstream", "corp")])
            .await;
        let page = houses.through(&mut other, &page, "Continue", &there_alice).await;
        here.refused_upstream(&page, "link_refused").await;

        let page = browser.get(&logins).await;
        let id = page.form("/account/logins/remove").fields;
        let id = id
            .iter()
            .find(|field| field.name == "login")
            .expect("a button")
            .value
            .clone();
        // Nor remove it.
        let his = other.get(&logins).await;
        let csrf = his.form("/account/logins/connect").fields;
        let csrf = &csrf.iter().find(|field| field.name == "csrf").expect("a token").value;
        let stolen = browser_form(&his, "/account/logins/remove");
        other
            .submit(&stolen, "/account/logins/remove", &[("csrf", csrf), ("login", &id)])
            .await;
        assert_eq!(identities(here).await, 1);
        let page = browser.submit(&page, "/account/logins/remove", &[("login", &id)]).await;
        page.says("The login has been removed");
        assert_eq!(identities(here).await, 0);

        // Whoever has no password keeps the one way in.
        here.json(&["upstream", "edit", "corp", "--create-users", "on"]).await;
        let dora = there.add_person("dora", "Dora Dyer", &["staff"]).await;
        let (mut browser, page) = houses.by_button(&dora).await;
        is_in(&page, here);
        let page = browser.get(&logins).await;
        let field = page.form("/account/logins/remove").fields;
        let id = field
            .iter()
            .find(|field| field.name == "login")
            .expect("a button")
            .value
            .clone();
        let page = browser.submit(&page, "/account/logins/remove", &[("login", &id)]).await;
        page.says("This is your only way in");
        assert_eq!(identities(here).await, 1);
    });
    bounded(240, walk).await;
}

/// A page as it would be with an empty form to `action`: what somebody makes who wants to send one.
fn browser_form(page: &Page, action: &str) -> Page {
    Page {
        html: format!("<form method=\"post\" action=\"{action}\"></form>"),
        ..page.clone()
    }
}

#[tokio::test]
async fn a_preview_shows_administrators_what_a_login_comes_to_and_creates_nothing() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let carl = here.add_person("carl", "Carl Carter", &["staff"]).await;
        let ada = here.add_person("ada", "Ada Admin", &["staff"]).await;
        here.json(&["admin", "grant", "full", "ada"]).await;
        let shown = here.json(&["upstream", "preview", "corp"]).await;
        let preview = shown["preview_uri"].as_str().expect("an address").to_owned();
        assert_eq!(preview, format!("{}/upstream/corp/preview", here.url));
        let ran = here.cli(&["upstream", "preview", "corp"]).await;
        assert_eq!(
            (ran.code, ran.out.trim()),
            (0, preview.as_str()),
            "the address alone, for scripts"
        );
        assert!(ran.err.contains("Nothing is"), "{}", ran.err);

        let mut browser = Browser::new();
        let page = browser.get(&preview).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        browser.stop_at(&there.url);
        let page = browser.log_in(&page, &carl).await;
        assert_eq!(page.status, 404, "{} {}", page.url, page.text());

        let mut browser = Browser::new();
        let page = browser.get(&preview).await;
        let page = browser.log_in(&page, &ada).await;
        assert!(
            page.url.as_str().starts_with(&there.url),
            "{} {}",
            page.url,
            page.text()
        );
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/upstream/corp/callback"),
            "{}",
            page.text()
        );
        page.says("This would be a new account: alice");
        page.says("Nothing was created or changed");
        page.says("alice@example.com");
        page.says("crew");
        assert_eq!(here.cli(&["user", "show", "alice"]).await.code, 1, "nobody was made");
        assert_eq!(identities(here).await, 0);
        assert!(events(here, &["--action", "upstream.login"]).await.is_empty());
        // The administrator is still who she was.
        let page = browser.get(&format!("{}/", here.url)).await;
        page.says("Ada Admin");
    })
    .await;
}

#[tokio::test]
async fn people_go_through_an_upstream_in_chromium() {
    bounded(300, async {
        let settings = ["--create-users", "on", "--link", "confirmed"];
        let routed = ["--domains", "example.com", "--groups", "office"];
        let houses = Houses::start(&[settings, routed].concat()).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let olga = there.add_person("olga", "Olga Oak", &["staff"]).await;
        let nina = there.add_person("nina", "Nina New", &["staff"]).await;
        let bob = here.add_person("bob", "Bob Baker", &["staff"]).await;
        let carl = here.add_person("carl", "Carl Carter", &["staff"]).await;
        here.json(&["group", "add-member", "office", "carl"]).await;
        let person = |person: &Person| json!({ "name": person.name, "password": person.password });
        let house = json!({
            "url": here.url,
            "doorward": Tools::doorward(),
            "data": here.data(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
            "person": person(&bob),
            "always": person(&carl),
            "there": {
                "url": there.url,
                "person": person(&alice),
                "other": person(&olga),
                "unknown": person(&nina),
            },
        });
        run_node("browser/brokered.mjs", &house, 280).await;
    })
    .await;
}
