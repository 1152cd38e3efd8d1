//! JupyterHub, set up by the printed file alone: people come in, groups arrive and make administrators, and logging out there ends the session here.

use doorward_e2e::{
    Browser, Page, Person, Server, bounded,
    rigs::{Ground, JupyterHub, Printed},
};
use serde_json::json;

async fn enter(hub: &JupyterHub, browser: &mut Browser, person: &Person) -> Page {
    let page = browser.get(&hub.page("/hub/oauth_login")).await;
    if page.is_login() {
        return browser.log_in(&page, person).await;
    }
    page
}

#[tokio::test]
async fn people_enter_jupyterhub_by_the_printed_file_with_their_groups_and_log_out_of_both() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["users", "jupyterhub-admins"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "jupyterhub-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let carol = server.add_person("carol", "Carol Carter", &[]).await;
        let ground = Ground::of("jupyterhub");
        let printed = Printed::add(&server, "jupyterhub", &ground.url, "users").await;
        // Nobody needs a notebook here.
        let hub = JupyterHub::start(ground, &printed, "c.JupyterHub.redirect_to_server = False").await;

        let mut administrator = Browser::new();
        let page = administrator.get(&hub.page("/hub/")).await;
        page.says("Sign in with Single sign-on");
        let page = enter(&hub, &mut administrator, &alice).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/hub/home"),
            "{}\n{}",
            page.text(),
            hub.log()
        );
        let known = hub.person("alice").await;
        assert_eq!(known["admin"], true, "{known}");
        // The hub keeps them as a set.
        let groups = known["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(groups.len(), 2, "{known}");
        for group in ["jupyterhub-admins", "users"] {
            assert!(groups.contains(&json!(group)), "{group}: {known}");
        }
        assert_eq!(administrator.get(&hub.page("/hub/admin")).await.status, 200);

        let mut other = Browser::new();
        let page = enter(&hub, &mut other, &bob).await;
        assert_eq!(page.url.path(), "/hub/home", "{}", page.text());
        assert_eq!(hub.person("bob").await["admin"], false);
        assert_eq!(other.get(&hub.page("/hub/admin")).await.status, 403);

        // Who may not come in is told so here, and the hub never hears of them.
        let mut stranger = Browser::new();
        let page = enter(&hub, &mut stranger, &carol).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        assert_eq!(hub.person("carol").await["status"], 404);

        // Groups are those of the last login.
        server
            .json(&["group", "member", "remove", "jupyterhub-admins", "alice"])
            .await;
        let page = administrator.get(&hub.page("/hub/logout")).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        let page = administrator.submit(&page, "/logout", &[("decision", "allow")]).await;
        assert_eq!(
            page.url.as_str(),
            hub.page("/hub/login?next=%2Fhub%2F"),
            "{}",
            page.text()
        );
        let page = administrator.get(&hub.page("/hub/oauth_login")).await;
        assert!(page.is_login(), "the session here has ended: {}", page.url);
        let page = administrator.log_in(&page, &alice).await;
        assert_eq!(page.url.path(), "/hub/home", "{}", page.text());
        let known = hub.person("alice").await;
        assert_eq!(
            (&known["admin"], &known["groups"]),
            (&json!(false), &json!(["users"])),
            "{known}"
        );
    })
    .await;
}
