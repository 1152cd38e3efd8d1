//! Actual Budget, set up by the printed environment alone: its owner, everybody else, and what the doctor says to each broken variable.

use doorward_e2e::{
    Browser, Page, Person, Server, bounded,
    rigs::{Actual, Ground, Printed},
};
use serde_json::json;

use crate::doctor_app::{looked, names};

async fn enter(actual: &Actual, browser: &mut Browser, person: &Person) -> Page {
    let begins = actual.login().await.expect("a login begins");
    let page = browser.get(&begins).await;
    if page.is_login() {
        return browser.log_in(&page, person).await;
    }
    page
}

/// What `doctor explain` makes of a message, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server
        .json(&["doctor", "explain", "--app", "actual-budget", said])
        .await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}

#[tokio::test]
async fn people_enter_actual_by_the_printed_environment_and_each_broken_variable_is_named() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let carol = server.add_person("carol", "Carol Carter", &[]).await;
        let ground = Ground::of("actual");
        let printed = Printed::add(&server, "actual-budget", &ground.url, "users").await;
        let mut actual = Actual::start(ground, &printed, &[]).await;

        let mut browser = Browser::new();
        let page = enter(&actual, &mut browser, &alice).await;
        let first = actual.who(&page).await;
        assert_eq!(first["userName"], "alice", "{first}");
        assert_eq!(first["displayName"], "Alice Archer", "{first}");
        assert_eq!(first["permission"], "ADMIN", "whoever comes first owns it: {first}");
        assert_eq!(first["loginMethod"], "openid", "{first}");
        let page = enter(&actual, &mut Browser::new(), &bob).await;
        let other = actual.who(&page).await;
        assert_eq!(
            (&other["userName"], &other["permission"]),
            (&json!("bob"), &json!("BASIC")),
            "{other}"
        );
        let page = enter(&actual, &mut browser, &alice).await;
        assert_eq!(actual.who(&page).await["userId"], first["userId"]);
        let trace = server.latest_trace("actual-budget").await;
        assert!(trace.passed("userinfo.token"), "{trace:#?}");

        is_known_to_the_doctor(&server, &mut actual, &printed, &alice).await;

        // Who may not come in is told so here, and Actual never hears of them.
        let page = enter(&actual, &mut Browser::new(), &carol).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
    })
    .await;
}

/// One broken setting after the other, on either side.
async fn is_known_to_the_doctor(server: &Server, actual: &mut Actual, printed: &Printed, person: &Person) {
    let app = "actual-budget";
    // It is at home on the server's own machine, which has to be said.
    server
        .json(&["app", "edit", app, "--weaken-logout-private-address", "true"])
        .await;
    let body = looked(server, app).await;
    assert_eq!(body["usable"], json!(true), "{body:#}");
    server.json(&["app", "edit", app, "--id-token-alg", "ES256"]).await;
    names(&looked(server, app).await, "algorithm", &["ES256", "RS256"]);
    server.json(&["app", "edit", app, "--id-token-alg", "RS256"]).await;

    // Only a login shows this one.
    actual
        .restart(printed, &[("ACTUAL_OPENID_CLIENT_SECRET", "another")])
        .await;
    let page = enter(actual, &mut Browser::new(), person).await;
    let said = page.json();
    assert_eq!(said["reason"], "openid-grant-failed", "{said}");
    let body = looked(server, app).await;
    assert_eq!(body["usable"], json!(false), "{body:#}");
    assert!(body["findings"][0].to_string().contains("app secret"), "{body:#}");
    explained(server, &line(&actual.log(), "OpenID grant failed"), "secret").await;
    explained(server, &said.to_string(), "ACTUAL_USER_CREATION_MODE").await;

    // What it was set up with before stays in force; its log says why.
    actual
        .restart(printed, &[("ACTUAL_OPENID_DISCOVERY_URL", "http://127.0.0.1:9")])
        .await;
    let said = line(&actual.log(), "Error setting up OpenID client");
    explained(server, &said, "ACTUAL_OPENID_DISCOVERY_URL").await;
    actual.restart(printed, &[]).await;
    let page = enter(actual, &mut Browser::new(), person).await;
    assert_eq!(actual.who(&page).await["userName"], "alice");
    assert_eq!(looked(server, app).await["usable"], json!(true));
}

/// The last line of a log with those words.
fn line(log: &str, words: &str) -> String {
    let mut lines = log.lines().filter(|line| line.contains(words));
    lines.next_back().unwrap_or_else(|| panic!("{words}: {log}")).to_owned()
}
