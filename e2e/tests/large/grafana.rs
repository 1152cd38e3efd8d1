//! Grafana, set up by the printed file or the printed environment alone: groups become roles, tokens are renewed, logging out ends the
//! session here, and the doctor names what is broken.

use std::time::Duration;

use doorward_e2e::{
    Browser, Person, Server, bounded, looked, may_be_here,
    rigs::{Configured, Grafana, Ground, Printed},
};
use serde_json::json;

use crate::doctor_table::Tried;

const AS_PRINTED: Configured<'_> = Configured::File(&[]);
/// How long an access token lives where its renewal is watched: as short as it may be.
const SHORT: u64 = 60;

/// A server with groups that the printed lines know, and alice, the administrator of Grafana.
async fn house() -> (Server, Person) {
    let server = Server::start().await;
    for group in ["users", "grafana-admins", "grafana-editors"] {
        server.json(&["group", "add", group]).await;
    }
    let alice = server
        .add_person("alice", "Alice Archer", &["users", "grafana-admins"])
        .await;
    (server, alice)
}

#[tokio::test]
async fn people_enter_grafana_by_what_was_printed_and_groups_become_roles() {
    bounded(300, async {
        let (server, alice) = house().await;
        let bob = server
            .add_person("bob", "Bob Baker", &["users", "grafana-editors"])
            .await;
        let carol = server.add_person("carol", "Carol Carter", &[]).await;
        let dora = server.add_person("dora", "Dora Dean", &["users"]).await;
        let ground = Ground::of("grafana");
        let printed = Printed::add(&server, "grafana", &ground.url, "users").await;
        let mut grafana = Grafana::start(ground, &printed, AS_PRINTED).await;

        let mut browser = Browser::new();
        for (person, name, role) in [
            (&alice, "Alice Archer", "Admin"),
            (&bob, "Bob Baker", "Editor"),
            (&dora, "Dora Dean", "Viewer"),
        ] {
            browser = Browser::new();
            comes_in(&grafana, &mut browser, person).await;
            let (who, is) = grafana.who(&mut browser).await;
            assert_eq!(
                (&who["login"], &who["name"], &who["email"], &is),
                (
                    &json!(person.name),
                    &json!(name),
                    &json!(format!("{}@example.com", person.name)),
                    &json!(role)
                ),
                "{who:#}"
            );
        }
        let page = grafana.enter(&mut Browser::new(), &carol).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);

        // Out of both, and back at its login page.
        let page = browser.get(&grafana.page("/logout")).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        let page = browser.submit(&page, "/logout", &[("decision", "allow")]).await;
        assert_eq!(page.url.as_str(), grafana.page("/login"), "{}", page.text());
        assert_eq!(browser.get(&grafana.page("/api/user")).await.status, 401);
        let page = browser.get(&grafana.page("/login/generic_oauth")).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        assert!(page.is_login(), "the session here has ended: {}", page.url);

        // The environment does the same. Roles are those of the last login.
        grafana.restart(&printed, Configured::Environment).await;
        server
            .json(&["group", "member", "remove", "grafana-admins", "alice"])
            .await;
        for (person, role) in [(&alice, "Viewer"), (&bob, "Editor")] {
            let mut browser = Browser::new();
            comes_in(&grafana, &mut browser, person).await;
            assert_eq!(grafana.who(&mut browser).await.1, role, "{}", person.name);
        }
        are_renewed(&server, &grafana).await;
    })
    .await;
}

/// They log in and are at its first page.
async fn comes_in(grafana: &Grafana, browser: &mut Browser, person: &Person) {
    let page = grafana.enter(browser, person).await;
    let home = grafana.page("/");
    assert_eq!(page.url.as_str(), home, "{}\n{}", page.text(), grafana.log());
}

/// Sessions go on with a new access token, and end with the rights here.
async fn are_renewed(server: &Server, grafana: &Grafana) {
    let lifetime = format!("access_token={SHORT}");
    server.json(&["app", "edit", "grafana", "--lifetime", &lifetime]).await;
    let stays = server.add_person("stays", "Stella Stays", &["users"]).await;
    let leaves = server.add_person("leaves", "Lea Leaves", &["users"]).await;
    let (mut staying, mut leaving) = (Browser::new(), Browser::new());
    grafana.enter(&mut leaving, &leaves).await;
    grafana.enter(&mut staying, &stays).await;
    server.json(&["group", "member", "remove", "users", "leaves"]).await;
    // It renews ten seconds before the end; after it only a renewed token is good.
    tokio::time::sleep(Duration::from_secs(SHORT + 2)).await;
    assert_eq!(grafana.who(&mut staying).await.0["login"], json!("stays"));
    let page = leaving.get(&grafana.page("/api/user")).await;
    assert_eq!(page.status, 401, "{}", page.text());
    explained(server, &grafana.log(), "may not use Grafana any more").await;
}

#[tokio::test]
async fn each_broken_line_of_grafanas_configuration_is_named_by_the_doctor_or_explained() {
    bounded(300, async {
        let (server, alice) = house().await;
        let ground = Ground::of("grafana");
        let printed = Printed::add(&server, "grafana", &ground.url, "users").await;
        let mut grafana = Grafana::start(ground, &printed, AS_PRINTED).await;
        let app = "grafana";
        may_be_here(&server, app).await;
        let body = looked(&server, app).await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        let callback = grafana.page("/login/generic_oauth");
        assert_eq!(body["sent"]["redirect_uri"], json!(callback), "{body:#}");
        let mut tried = Tried::row(app, app);
        tried.registration(&server, &printed.url).await;
        tried.userinfo(&server).await;

        let root = format!("root_url = {}/\n", printed.url);
        let elsewhere = format!("root_url = {}/grafana/\n", printed.url);
        for (right, wrong, column, code, words) in [
            (
                "client_id = grafana\n",
                "client_id = graphana\n",
                "client id",
                "client_id",
                ["graphana", "nobody has here"],
            ),
            (
                &root,
                &elsewhere,
                "slash",
                "redirect_uri",
                ["grafana/", "correct its own address"],
            ),
            (
                "scopes = openid profile",
                "scopes = profile",
                "scope",
                "scope",
                ["openid", "in Grafana"],
            ),
            (
                "use_pkce = true\n",
                "use_pkce = false\n",
                "PKCE",
                "pkce",
                ["use_pkce = true", "PKCE"],
            ),
        ] {
            grafana.restart(&printed, Configured::File(&[(right, wrong)])).await;
            tried.names(&server, column, code, &words).await;
        }
        // Only a login shows a wrong secret: what it came to, its page and its log say the same.
        grafana
            .restart(&printed, Configured::File(&[("client_secret = ", "client_secret = x")]))
            .await;
        let page = grafana.enter(&mut Browser::new(), &alice).await;
        explained(&server, &page.text(), "wrong secret").await;
        tried
            .names(
                &server,
                "secret",
                "authentication",
                &["a secret that is not its own", "app secret show"],
            )
            .await;
        // What its page says where the doctor sees nothing wrong.
        let role = printed.setting("role_attribute_path");
        let nobody =
            "role_attribute_path = contains(groups[*], 'nobody') && 'Admin'\nrole_attribute_strict = true".to_owned();
        for (right, wrong, says, means) in [
            (
                format!("role_attribute_path = {role}"),
                nobody,
                "Integration requires a valid org role",
                "role_attribute_strict",
            ),
            (
                "allow_sign_up = true".to_owned(),
                "allow_sign_up = false".to_owned(),
                "Sign up is disabled",
                "allow_sign_up = true",
            ),
        ] {
            grafana.restart(&printed, Configured::File(&[(&right, &wrong)])).await;
            let page = grafana.enter(&mut Browser::new(), &alice).await;
            page.says(says);
            explained(&server, &page.text(), means).await;
        }
        // It begins under a name that is not its root_url's, and its cookie stays there.
        grafana.restart(&printed, AS_PRINTED).await;
        let mut browser = Browser::new();
        let other = grafana.page("/login/generic_oauth").replace("localhost", "127.0.0.1");
        let page = browser.get(&other).await;
        let page = browser.log_in(&page, &alice).await;
        explained(&server, &page.text(), "began under another host name").await;
        tried.ends();
    })
    .await;
}

/// What `doctor explain` makes of a message, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "grafana", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}
