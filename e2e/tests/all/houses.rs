//! Two Doorwards, of which one is the upstream of the other.

use doorward_e2e::{Browser, Clock, Engine, Page, Person, Server, rigs::Registration};

/// Members of `crew` there are members of `crew` here.
const RULES: &str = r#"
username = { claim = "preferred_username" }
email = { claim = "email" }
name = { claim = "name" }

[groups]
claim = "groups"

[[groups.map]]
group = "crew"
groups = ["crew"]
"#;

/// What is asked for there.
const SCOPES: &str = "openid profile email groups";

/// This server, and the one that knows the people.
pub(crate) struct Houses {
    pub(crate) here: Server,
    pub(crate) there: Server,
}

impl Houses {
    pub(crate) async fn start(settings: &[&str]) -> Self {
        Self::start_on(Engine::Sqlite, settings).await
    }

    /// `settings` are those of the upstream `corp` here. People there are in `staff`, which may log in here.
    pub(crate) async fn start_on(engine: Engine, settings: &[&str]) -> Self {
        let (here, there) = tokio::join!(Server::start_on(engine), Server::start_as_neighbour());
        Self::furnish(here, there, settings).await
    }

    /// On SQLite, both by a clock that the test moves.
    pub(crate) async fn start_under(clock: &Clock, settings: &[&str]) -> Self {
        let (here, there) = tokio::join!(Server::start_under(clock), Server::start_as_neighbour_under(clock));
        Self::furnish(here, there, settings).await
    }

    async fn furnish(here: Server, there: Server, settings: &[&str]) -> Self {
        for server in [&here, &there] {
            for group in ["staff", "crew", "office"] {
                server.json(&["group", "add", group]).await;
            }
        }
        let registration = there
            .add_relying_party(
                "doorward",
                &here.callback("corp"),
                &[
                    "--add-post-logout-uri",
                    &here.logged_out(),
                    "--request-scopes",
                    "openid,profile,email,groups",
                ],
            )
            .await;
        let houses = Self { here, there };
        houses.add_upstream(&registration, settings).await;
        houses
    }

    async fn add_upstream(&self, registration: &Registration, settings: &[&str]) {
        let rules = self.here.data().join("rules.toml");
        std::fs::write(&rules, RULES).expect("the file can be written");
        let rules = rules.to_string_lossy();
        let mut all = vec!["--title", "Corp", "--scopes", SCOPES, "--rules-file", &rules];
        all.extend(settings);
        let ran = self.here.try_upstream("generic", "corp", registration, &all).await;
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }

    pub(crate) async fn login_page(&self, browser: &mut Browser) -> Page {
        browser.get(&format!("{}/login", self.here.url)).await
    }

    /// From a page here that leads there, through the login there, and back.
    pub(crate) async fn through(&self, browser: &mut Browser, page: &Page, button: &str, person: &Person) -> Page {
        let page = browser.press(page, button).await;
        assert!(
            page.url.as_str().starts_with(&self.there.url),
            "{} {}",
            page.url,
            page.text()
        );
        assert!(page.is_login(), "{} {}", page.url, page.text());
        browser.log_in(&page, person).await
    }

    /// A login by button in a fresh browser.
    pub(crate) async fn by_button(&self, person: &Person) -> (Browser, Page) {
        let mut browser = Browser::new();
        let page = self.login_page(&mut browser).await;
        let page = self.through(&mut browser, &page, "Log in with Corp", person).await;
        (browser, page)
    }

    /// A login whose answer has not arrived yet.
    pub(crate) async fn on_the_way_back(&self, person: &Person) -> (Browser, Page) {
        let mut browser = Browser::new().stopping_at(&self.here.callback("corp"));
        let page = self.login_page(&mut browser).await;
        let page = self.through(&mut browser, &page, "Log in with Corp", person).await;
        assert_eq!(page.status, 0, "{} {}", page.url, page.text());
        browser.stop_nowhere();
        (browser, page)
    }
}

#[track_caller]
pub(crate) fn is_in(page: &Page, server: &Server) {
    assert!(
        page.url.as_str().starts_with(&server.url),
        "{} {}",
        page.url,
        page.text()
    );
    assert_eq!(
        (page.status, page.url.path()),
        (200, "/"),
        "{} {}",
        page.url,
        page.text()
    );
}

pub(crate) async fn events(server: &Server, filter: &[&str]) -> Vec<serde_json::Value> {
    let mut command = vec!["event", "list"];
    command.extend(filter);
    let list = server.json(&command).await;
    list["items"].as_array().expect("a list").clone()
}

/// How many logins there are whose.
pub(crate) async fn identities(server: &Server) -> usize {
    let list = server.json(&["upstream", "identities", "corp"]).await;
    list["items"].as_array().expect("a list").len()
}
