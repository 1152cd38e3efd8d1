//! Terms and conditions: asked on the way in, asked again when they change, and what becomes of who says no.

use std::fs;

use doorward_e2e::{Browser, Client, Page, Person, Server, Tools, bounded, output_folder, run_node};
use serde_json::{Value, json};

async fn publish(server: &Server, text: &str) -> Value {
    let file = server.data().join("terms.txt");
    fs::write(&file, text).expect("a file");
    let english = format!("en={}", file.display());
    let german = "de=https://example.com/agb";
    server
        .json(&["terms", "publish", "--text", &english, "--url", german])
        .await
}

async fn house(server: &Server) -> (Person, Client) {
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let app = Client::add(server, "wiki", "staff", &["--consent", "skip"]).await;
    (alice, app)
}

async fn answer(browser: &mut Browser, page: &Page, decision: &str) -> Page {
    browser.submit(page, "/terms", &[("decision", decision)]).await
}

async fn account(browser: &mut Browser, server: &Server, path: &str) -> Page {
    browser.stop_nowhere();
    browser.get(&format!("{}{path}", server.url)).await
}

#[tokio::test]
async fn terms_are_asked_once_for_each_version_and_who_declines_has_no_session() {
    bounded(180, async {
        let server = Server::start().await;
        let (alice, app) = house(&server).await;
        publish(&server, "Be <b>kind</b>.\n\nBe careful.").await;

        // No: back to the application without anything, and without a session.
        let mut browser = app.browser();
        let page = browser.get(&app.authorize_url(&[])).await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.url.path(), "/terms", "{}", page.text());
        page.says("Be <b>kind</b>.");
        let home = account(&mut browser, &server, "/account/sessions").await;
        assert_eq!(
            home.url.path(),
            "/terms",
            "no page of hers before that: {}",
            home.text()
        );
        let turned = account(&mut browser, &server, "/admin").await;
        assert_eq!(turned.url.path(), "/terms");
        browser.stop_at(&app.redirect_uri);
        let page = answer(&mut browser, &page, "deny").await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("access_denied"),
            "{}",
            page.url
        );
        let home = account(&mut browser, &server, "/account/sessions").await;
        assert!(home.is_login(), "{} {}", home.url, home.text());
        let events = server.json(&["event", "list", "--action", "terms.accept"]).await;
        assert_eq!(events["items"][0]["reason"], "terms_declined", "{events:#}");
        let trace = server.latest_trace("wiki").await;
        assert_eq!(trace.refusal().check, "login.terms");

        // Yes: the application gets its code, and is not in the way again.
        browser.stop_at(&app.redirect_uri);
        let page = browser.get(&app.authorize_url(&[])).await;
        let page = browser.log_in(&page, &alice).await;
        let page = answer(&mut browser, &page, "allow").await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("no code: {}", page.url));
        app.redeem(&code).await.granted();
        let page = browser.get(&app.authorize_url(&[])).await;
        assert!(
            page.parameter("code").is_some(),
            "asked once: {} {}",
            page.url,
            page.text()
        );
        let said = server.json(&["terms", "accepted", "1", "--user", "alice"]).await;
        assert_eq!(
            (&said["items"][0]["user"], &said["items"][0]["language"]),
            (&json!("alice"), &json!("en"))
        );

        // They change: a session that lasts is asked at its next request, silently or with the page.
        publish(&server, "Be very kind.").await;
        let page = browser.get(&app.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("interaction_required"),
            "{}",
            page.url
        );
        let old = browser.get(&app.authorize_url(&[])).await;
        old.says("The terms have changed since you accepted them.");
        publish(&server, "Be the kindest.").await;
        let page = answer(&mut browser, &old, "allow").await;
        assert_eq!(page.url.path(), "/terms", "that page was of an older version");
        page.says("Be the kindest.");
        let page = answer(&mut browser, &page, "allow").await;
        assert!(page.parameter("code").is_some(), "{} {}", page.url, page.text());
        let listed = server.json(&["terms", "list"]).await;
        let counts: Vec<&Value> = listed["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| &one["accepted"])
            .collect();
        assert_eq!(counts, [1, 0, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_page_of_ours_waits_for_the_answer_and_opens_with_it() {
    bounded(180, async {
        let server = Server::start().await;
        let (alice, _) = house(&server).await;
        let mut browser = Browser::new();
        let page = browser.get(&format!("{}/account/profile", server.url)).await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.url.path(), "/account/profile");
        assert_eq!(
            browser.get(&format!("{}/terms", server.url)).await.status,
            404,
            "there are none"
        );

        publish(&server, "Be kind.").await;
        let asked = browser.get(&format!("{}/account/profile", server.url)).await;
        assert_eq!(asked.url.path(), "/terms", "{}", asked.text());
        // A form that is not ours says nothing for her, and in another browser there is nothing to answer.
        for csrf in ["", "AAAA"] {
            let fields = [("decision", "allow"), ("csrf", csrf)];
            let page = browser.submit(&asked, "/terms", &fields).await;
            assert_eq!(page.url.path(), "/terms", "{}", page.text());
        }
        let mut thief = Browser::new();
        let page = thief.submit(&asked, "/terms", &[("decision", "allow")]).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        let said = server.json(&["terms", "accepted"]).await;
        assert_eq!(said["items"], json!([]));

        let page = answer(&mut browser, &asked, "allow").await;
        assert_eq!(page.url.path(), "/account/profile", "{}", page.text());
        let page = browser.press(&page, "Read the terms").await;
        page.says("You accepted this version");
        let export = browser.get(&format!("{}/account/export", server.url)).await.json();
        assert_eq!(export["terms"][0]["version"], 1, "{export:#}");

        // Declined at home: a page that says so, and a login that asks again.
        publish(&server, "Be very kind.").await;
        let asked = browser.get(&format!("{}/", server.url)).await;
        let page = answer(&mut browser, &asked, "deny").await;
        assert_eq!(page.status, 403);
        page.says("You did not accept the terms and conditions, so you are not logged in.");
        let page = browser.get(&format!("{}/login", server.url)).await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.url.path(), "/terms", "{}", page.text());
        server.json(&["terms", "withdraw", "2", "--yes"]).await;
        let page = answer(&mut browser, &page, "allow").await;
        assert_eq!(page.url.path(), "/", "nobody is asked any more: {}", page.text());
    })
    .await;
}

#[tokio::test]
async fn terms_are_published_read_and_accepted_in_chromium() {
    bounded(300, async {
        let server = Server::start().await;
        let ada = server.add_person("ada", "Ada Admin", &[]).await;
        server.json(&["admin", "grant", "full", "ada"]).await;
        let house = json!({
            "url": server.url,
            "doorward": Tools::doorward(),
            "data": server.data(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
            "administrator": { "name": ada.name, "password": ada.password },
        });
        run_node("browser/terms.mjs", &house, 240).await;
    })
    .await;
}
