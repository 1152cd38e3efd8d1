//! Node-RED, set up by the printed lines alone: groups decide who may deploy, logging out ends the session here, and the doctor names
//! what is broken.

use doorward_e2e::{
    Browser, Page, Person, Server, bounded,
    rigs::{Ground, NodeRed, Printed},
};
use serde_json::json;

use crate::doctor_app::{looked, names};

async fn enter(editor: &NodeRed, browser: &mut Browser, person: &Person) -> Page {
    let page = browser.get(&editor.page("/auth/strategy")).await;
    if page.is_login() {
        return browser.log_in(&page, person).await;
    }
    page
}

#[tokio::test]
async fn people_enter_node_red_by_the_printed_lines_with_their_rights_and_each_broken_line_is_named() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["users", "nodered-admins"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "nodered-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let carol = server.add_person("carol", "Carol Carter", &[]).await;
        let ground = Ground::of("node-red");
        let printed = Printed::add(&server, "node-red", &ground.url, "users").await;
        let mut editor = NodeRed::start(ground, &printed, &[]).await;
        assert_eq!(editor.offered().await["prompts"][0]["label"], "Single sign-on");
        assert_eq!(editor.ask("none", "/flows").await.0, 401);

        let mut browser = Browser::new();
        let page = enter(&editor, &mut browser, &alice).await;
        let token = editor.token(&page);
        let (status, settings) = editor.ask(&token, "/settings").await;
        assert_eq!(
            (status, &settings["user"]["username"]),
            (200, &json!("alice")),
            "{settings}"
        );
        assert_eq!(editor.deploy(&token).await, 204);

        let page = enter(&editor, &mut Browser::new(), &bob).await;
        let reads = editor.token(&page);
        assert_eq!(editor.ask(&reads, "/flows").await.0, 200);
        assert_eq!(editor.deploy(&reads).await, 401);

        let page = enter(&editor, &mut Browser::new(), &carol).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);

        // Out of both; rights are those of the last login.
        let out = editor.log_out(&token).await;
        assert_eq!(editor.ask(&token, "/flows").await.0, 401);
        let page = browser.get(&out).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        let page = browser.submit(&page, "/logout", &[("decision", "allow")]).await;
        assert_eq!(page.url.as_str(), editor.page("/"), "{}", page.text());
        server
            .json(&["group", "member", "remove", "nodered-admins", "alice"])
            .await;
        let page = browser.get(&editor.page("/auth/strategy")).await;
        assert!(page.is_login(), "the session here has ended: {}", page.url);
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(editor.deploy(&editor.token(&page)).await, 401);

        is_known_to_the_doctor(&server, &mut editor, &printed, &alice).await;
    })
    .await;
}

/// One broken option after the other.
async fn is_known_to_the_doctor(server: &Server, editor: &mut NodeRed, printed: &Printed, person: &Person) {
    let app = "node-red";
    // It is at home on the server's own machine, which has to be said.
    server
        .json(&["app", "edit", app, "--weaken-logout-private-address", "true"])
        .await;
    let body = looked(server, app).await;
    assert_eq!(body["usable"], json!(true), "{body:#}");
    let callback = format!("{}/auth/strategy/callback", printed.url);
    assert_eq!(body["sent"]["redirect_uri"], json!(callback), "{body:#}");
    let with_slash = format!("{callback}/");
    for (right, wrong, code, words) in [
        (
            "clientID: \"node-red\"",
            "clientID: \"nodered\"",
            "client_id",
            ["nodered", "nobody has here"],
        ),
        (
            &callback,
            &with_slash,
            "redirect_uri",
            ["an extra `/`", "--add-redirect-uri"],
        ),
        (
            "scope: [\"profile\", \"groups\"]",
            "scope: [\"profile\"]",
            "scope",
            ["groups", "scope"],
        ),
    ] {
        editor.restart(printed, &[(right, wrong)]).await;
        names(&looked(server, app).await, code, &words);
    }
    // What only a login shows: its page has the reason, which the doctor knows.
    editor
        .restart(printed, &[("clientSecret: \"", "clientSecret: \"x")])
        .await;
    let page = enter(editor, &mut Browser::new(), person).await;
    let body = looked(server, app).await;
    assert_eq!(body["usable"], json!(false), "{body:#}");
    assert!(body["findings"][0].to_string().contains("app secret"), "{body:#}");
    let said = page.parameter("session_message").expect("it says something");
    explained(server, &said, "clientSecret").await;
    let issuer = format!("issuer: \"{}\"", server.url);
    let with_slash = format!("issuer: \"{}/\"", server.url);
    editor.restart(printed, &[(&issuer, &with_slash)]).await;
    let page = enter(editor, &mut Browser::new(), person).await;
    explained(server, &page.text(), "Set issuer to").await;
}

/// What `doctor explain` makes of a message, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "node-red", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}
