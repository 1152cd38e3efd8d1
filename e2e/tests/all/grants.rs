//! What a person shares with applications: seen and taken back on the page and on the command line.

use doorward_e2e::{Browser, Client, Page, Person, Server, bounded};
use reqwest::StatusCode;

struct House {
    server: Server,
    alice: Person,
    wiki: Client,
    browser: Browser,
}

impl House {
    /// Alice, and a wiki that asks her.
    async fn new() -> Self {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let mut wiki = Client::add(
            &server,
            "wiki",
            "staff",
            &[
                "--title",
                "The Wiki",
                "--consent",
                "ask",
                "--request-scopes",
                "openid,profile,email,offline_access",
            ],
        )
        .await;
        wiki.scope.push_str(" offline_access");
        let browser = wiki.browser();
        Self {
            server,
            alice,
            wiki,
            browser,
        }
    }

    /// Access and refresh token of a login.
    async fn log_in(&mut self) -> (String, String) {
        let code = self.wiki.code(&mut self.browser, &self.alice).await;
        let tokens = self.wiki.redeem(&code).await.granted();
        (
            tokens.text("access_token").to_owned(),
            tokens.text("refresh_token").to_owned(),
        )
    }

    async fn page(&mut self) -> Page {
        let url = format!("{}/account/grants", self.server.url);
        self.browser.get(&url).await
    }

    /// Whether the next login shows the consent page.
    async fn is_asked_again(&mut self) -> bool {
        let page = self.browser.get(&self.wiki.authorize_url(&[])).await;
        page.url.path() == "/consent"
    }
}

#[tokio::test]
async fn what_is_withdrawn_on_the_page_ends_and_is_asked_again() {
    bounded(120, async {
        let mut house = House::new().await;
        let (access, refresh) = house.log_in().await;
        let page = house.page().await;
        page.says("The Wiki");
        page.says("Your e-mail address");
        page.says("Access to this while you are away");
        assert!(!house.is_asked_again().await, "the answer is remembered");
        // The code of that login was not fetched: a grant that lives for its seconds all the same.
        let listed = house.server.json(&["user", "grants", "alice"]).await;
        assert_eq!(listed["items"][0]["app"], "wiki", "{listed}");
        assert_eq!(listed["items"][0]["grants"], 2, "{listed}");

        let gone = house.browser.submit(&page, "/withdraw", &[("app", "wiki")]).await;
        gone.says("The application can read nothing more about you here.");
        gone.says("You share nothing");
        assert_eq!(house.wiki.userinfo(&access).await, StatusCode::UNAUTHORIZED);
        assert!(!house.wiki.is_active(&access).await);
        house.wiki.refresh(&refresh).await.refused("invalid_grant");
        let listed = house.server.json(&["user", "grants", "alice"]).await;
        assert_eq!(listed["items"], serde_json::json!([]), "{listed}");
        assert!(house.is_asked_again().await);

        let events = house.server.json(&["event", "list", "--action", "grant.revoke"]).await;
        let event = &events["items"][0];
        assert_eq!(
            (&event["actor"]["name"], &event["actor"]["via"]),
            (&"alice".into(), &"session".into())
        );
        assert_eq!(event["subject"]["name"], "wiki", "{event}");
        assert_eq!(event["data"]["consent"], true, "{event}");
        assert!(event["address"].is_string(), "{event}");
    })
    .await;
}

#[tokio::test]
async fn what_an_administrator_revokes_is_gone_from_the_page() {
    bounded(120, async {
        let mut house = House::new().await;
        let (access, refresh) = house.log_in().await;
        let ran = house.server.cli(&["user", "revoke", "alice", "wiki"]).await;
        assert_eq!(
            ran.out,
            "Revoked 1 grant of alice to wiki; the next login asks again.\n"
        );
        assert_eq!(house.wiki.userinfo(&access).await, StatusCode::UNAUTHORIZED);
        house.wiki.refresh(&refresh).await.refused("invalid_grant");
        house.page().await.says("You share nothing");
        assert!(house.is_asked_again().await);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_not_ours_withdraws_nothing() {
    bounded(120, async {
        let mut house = House::new().await;
        let (access, _) = house.log_in().await;
        let page = house.page().await;
        for csrf in ["", "of another session"] {
            let fields = [("csrf", csrf), ("app", "wiki")];
            let refused = house.browser.submit(&page, "/withdraw", &fields).await;
            assert_eq!(refused.status, 403, "{csrf:?}");
        }
        assert_eq!(house.wiki.userinfo(&access).await, StatusCode::OK);
        // An application that does not exist is no error: what was shared with it went with it.
        let gone = house.browser.submit(&page, "/withdraw", &[("app", "nobody")]).await;
        assert_eq!(gone.status, 200);
        house.page().await.says("The Wiki");

        let stranger = Browser::new()
            .get(&format!("{}/account/grants", house.server.url))
            .await;
        assert!(stranger.is_login(), "{}", stranger.url);
    })
    .await;
}
