//! The console: what administrators do there, who may do it, and that nothing anybody wrote becomes part of a page.

use std::collections::BTreeSet;

use doorward_e2e::{Browser, Page, Person, Server, Tools, bounded, output_folder, run_node};
use serde_json::json;

async fn administrator(server: &Server, role: &str) -> Person {
    let person = server.add_person("ada", "Ada Admin", &[]).await;
    server.json(&["admin", "grant", role, "ada"]).await;
    person
}

async fn logged_in(server: &Server, person: &Person, path: &str) -> (Browser, Page) {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}{path}", server.url)).await;
    assert!(page.is_login(), "{} {}", page.url, page.status);
    let page = browser.log_in(&page, person).await;
    (browser, page)
}

#[tokio::test]
async fn an_administrator_adds_a_person_who_can_then_log_in() {
    bounded(120, async {
        let server = Server::start().await;
        let ada = administrator(&server, "full").await;
        let (mut browser, page) = logged_in(&server, &ada, "/admin/people/add").await;
        let fields = [
            ("name", "ben"),
            ("display_name", "Ben Brown"),
            ("email", "ben@example.com"),
            ("groups", "crew"),
        ];
        let refused = browser.submit(&page, "/admin/people/add", &fields).await;
        assert_eq!(refused.status, 404, "{}", refused.text());
        assert!(
            refused.html.contains("value=\"ben@example.com\""),
            "what was typed is kept"
        );
        let added = browser.submit(&refused, "/admin/people/add", &[("groups", "")]).await;
        added.says("ben has been added");
        let text = added.text();
        let link = text
            .split_whitespace()
            .find(|word| word.contains("/link/"))
            .expect("the link is on the page");

        let mut his = Browser::new();
        let page = his.get(link).await;
        let password = [
            ("new_password", "correct horse ben"),
            ("repeat_password", "correct horse ben"),
        ];
        let start = his.submit(&page, "/link/", &password).await;
        assert_eq!(start.url.path(), "/");
        let turned = his.get(&format!("{}/admin", server.url)).await;
        assert_eq!(turned.status, 403);
        turned.says("ben has no role here");

        let page = browser.get(&format!("{}/admin/people?search=br", server.url)).await;
        let page = browser.press(&page, "ben").await;
        let page = browser.submit(&page, "/disable", &[]).await;
        page.says("The change has been saved.");
        assert!(
            his.get(&format!("{}/", server.url)).await.is_login(),
            "his session ended"
        );
        let events = server.json(&["event", "list", "--action", "user"]).await;
        assert!(
            events["items"][0]["actor"]["name"] == "ada" && events["items"][0]["actor"]["via"] == "session",
            "{events:#}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    bounded(120, async {
        let server = Server::start().await;
        let ada = administrator(&server, "full").await;
        let (mut browser, page) = logged_in(&server, &ada, "/admin/groups/add").await;
        for token in ["", "AAAA", "null"] {
            let fields = [("name", "gang"), ("csrf", token)];
            let turned = browser.submit(&page, "/admin/groups/add", &fields).await;
            assert_eq!(turned.status, 403, "{token:?}");
        }
        assert_eq!(server.cli(&["group", "show", "gang"]).await.code, 1);
        let page = browser.submit(&page, "/admin/groups/add", &[("name", "gang")]).await;
        page.says("It has been added.");
    })
    .await;
}

#[tokio::test]
async fn a_role_reaches_as_far_in_the_console_as_in_the_api() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "crew"]).await;
        server
            .json(&["app", "add", "generic", "https://a.example.com", "--name", "ledger"])
            .await;
        let ada = administrator(&server, "read-only").await;
        let (mut browser, page) = logged_in(&server, &ada, "/admin/groups/crew").await;
        page.says("crew");
        assert!(!page.html.contains("/add-member"), "no button for what is forbidden");
        let csrf = browser
            .get(&format!("{}/account/sessions", server.url))
            .await
            .html
            .split("name=\"csrf\" value=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned());
        // The only session has no form; any page of hers with one has the same token.
        let csrf = if let Some(csrf) = csrf {
            csrf
        } else {
            let page = browser.get(&format!("{}/account/password", server.url)).await;
            let form = page.form("/account/password");
            form.fields
                .iter()
                .find(|field| field.name == "csrf")
                .expect("a token")
                .value
                .clone()
        };
        for (path, fields, right) in [
            (
                "/admin/groups/crew/add-member",
                vec![("users", "ada")],
                "change-members",
            ),
            ("/admin/apps/ledger/allow", vec![("group", "everyone")], "change-apps"),
            ("/admin/apps/ledger/secret", vec![], "change-apps"),
            (
                "/admin/settings",
                vec![("event_retention_days", "1"), ("trace_retention_days", "1")],
                "full",
            ),
            ("/admin/admins/grant", vec![("role", "full"), ("user", "ada")], "full"),
        ] {
            let html = format!(
                "<form method=\"post\" action=\"{path}\"><input type=\"hidden\" name=\"csrf\" value=\"{csrf}\"></form>"
            );
            let forged = Page { html, ..page.clone() };
            let turned = browser.submit(&forged, path, &fields).await;
            assert_eq!(turned.status, 403, "{path}: {}", turned.text());
            turned.says(right);
        }
        assert_eq!(server.groups_of("ada").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_not_fresh_proves_itself_before_it_shows_a_secret() {
    bounded(120, async {
        let server = Server::start().await;
        server
            .json(&["app", "add", "generic", "https://a.example.com", "--name", "ledger"])
            .await;
        let ada = administrator(&server, "full").await;
        let (mut browser, page) = logged_in(&server, &ada, "/admin/apps/ledger").await;
        server.sql("UPDATE sessions SET auth_at = auth_at - 3600000").await;
        let login = browser.submit(&page, "/admin/apps/ledger/secret", &[]).await;
        assert!(login.is_login(), "{} {}", login.url, login.text());
        let page = browser.log_in(&login, &ada).await;
        page.says("You have proved who you are. Press the button once more.");
        let shown = browser.submit(&page, "/admin/apps/ledger/secret", &[]).await;
        let secret = server.json(&["app", "secret", "show", "ledger"]).await;
        shown.says(secret["secret"].as_str().expect("a secret"));
    })
    .await;
}

#[tokio::test]
async fn letting_somebody_in_and_asking_everybody_wait_for_a_fresh_proof() {
    bounded(180, async {
        let server = Server::start().await;
        let ada = administrator(&server, "full").await;
        server
            .json(&["terms", "publish", "--url", "en=https://example.com/terms/1"])
            .await;
        let (mut browser, asked) = logged_in(&server, &ada, "/admin/terms").await;
        browser.submit(&asked, "/terms", &[("decision", "allow")]).await;
        let before = server.json(&["terms", "list"]).await;
        let nobody = "00000000-0000-0000-0000-000000000000";
        let publish = [("url_en", "https://example.com/terms/2")];
        let actions: [(&str, &[(&str, &str)]); 4] = [
            ("/admin/terms/publish", &publish),
            ("/admin/terms/1/withdraw", &[]),
            ("/admin/registration/approve", &[("request", nobody)]),
            ("/admin/services/nobody/edit", &[("expires", "")]),
        ];
        for (action, fields) in actions {
            let page = browser.get(&format!("{}/admin/registration", server.url)).await;
            let form = page.form("/admin/registration");
            let csrf = form.fields.iter().find(|field| field.name == "csrf").expect("a token");
            let html = format!(
                "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"csrf\" value=\"{}\"></form>",
                csrf.value
            );
            server.sql("UPDATE sessions SET auth_at = auth_at - 3600000").await;
            let forged = Page { html, ..page.clone() };
            let login = browser.submit(&forged, action, fields).await;
            assert!(login.is_login(), "{action}: {} {}", login.url, login.text());
            browser.log_in(&login, &ada).await;
        }
        assert_eq!(server.json(&["terms", "list"]).await, before, "nothing was done");

        // Before anything is typed, and then the button works.
        server.sql("UPDATE sessions SET auth_at = auth_at - 3600000").await;
        let login = browser.get(&format!("{}/admin/terms/publish", server.url)).await;
        assert!(login.is_login(), "{} {}", login.url, login.text());
        let page = browser.log_in(&login, &ada).await;
        assert_eq!(page.url.path(), "/admin/terms/publish", "{}", page.text());
        browser.submit(&page, "/admin/terms/publish", &publish).await;
        let after = server.json(&["terms", "list"]).await;
        assert_eq!(after["items"].as_array().map(Vec::len), Some(2), "{after:#}");
    })
    .await;
}

/// What a person, an administrator or a foreign system could write.
const HOSTILE: &str = "\"><img src=x onerror=alert(1)><script>alert(2)</script>";

#[tokio::test]
async fn nothing_that_anybody_wrote_becomes_part_of_a_page() {
    bounded(240, async {
        let server = Server::start().await;
        let attribute = format!("nickname={HOSTILE}");
        server.json(&["group", "add", "crew", "--description", HOSTILE]).await;
        let ada = administrator(&server, "full").await;
        server
            .json(&["user", "edit", "ada", "--name", HOSTILE, "--attribute", &attribute])
            .await;
        server.json(&["service", "add", "robot", "--name", HOSTILE]).await;
        server
            .json(&["service", "token", "add", "robot", "--label", HOSTILE])
            .await;
        server
            .json(&[
                "app",
                "add",
                "netbox",
                "https://a.example.com",
                "--title",
                HOSTILE,
                "--group",
                "crew",
            ])
            .await;
        // A login that fails has the name and the browser of whoever tried, and is in traces and events.
        let agent = reqwest::Client::builder().user_agent("<script>alert(3)</script>");
        let mut stranger = Browser::made_of(agent);
        let page = stranger.get(&format!("{}/login", server.url)).await;
        let fields = [("username", HOSTILE), ("password", HOSTILE)];
        stranger.submit(&page, "/login", &fields).await;
        let odd = "client_id=%22%3E%3Cimg%20src%3Dx%3E&response_type=code&redirect_uri=javascript:alert(1)";
        stranger.get(&format!("{}/authorize?{odd}", server.url)).await;

        let (mut browser, page) = logged_in(&server, &ada, "/admin").await;
        let mut pages = vec![page];
        let search = urlencoded(HOSTILE);
        for path in [
            "people?search=",
            "groups?search=",
            "traces?user=",
            "traces?app=",
            "events?actor=",
            "events?trace=",
            "sessions?user=",
        ] {
            pages.push(browser.get(&format!("{}/admin/{path}{search}", server.url)).await);
        }
        let mut seen = BTreeSet::new();
        let mut reached = 0;
        while let Some(page) = pages.pop() {
            for bad in ["<img src=x", "<script>", "href=\"javascript"] {
                assert!(!page.html.contains(bad), "{bad} on {}", page.url);
            }
            reached += page.html.matches("&#60;script&#62;alert(").count();
            for rest in page.html.split(" href=\"/admin").skip(1) {
                let path = rest.split('"').next().unwrap_or_default().replace("&#38;", "&");
                if !path.contains("/export") && seen.insert(path.clone()) && seen.len() < 150 {
                    pages.push(browser.get(&format!("{}/admin{path}", server.url)).await);
                }
            }
        }
        assert!(seen.len() > 40, "{seen:#?}");
        assert!(reached > 30, "the hostile text was met {reached} times");
    })
    .await;
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn somebody_who_has_never_seen_it_adds_netbox_and_lets_a_group_in() {
    bounded(400, async {
        let server = Server::start().await;
        server.json(&["group", "add", "netbox_users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["netbox_users"]).await;
        let ada = administrator(&server, "full").await;
        let house = json!({
            "url": server.url,
            "doorward": Tools::doorward(),
            "data": server.data(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
            "person": { "name": alice.name, "password": alice.password },
            "administrator": { "name": ada.name, "password": ada.password },
        });
        run_node("browser/console.mjs", &house, 360).await;
    })
    .await;
}
