//! Forms of the console that take much, files of the state and documents of other providers: who may send them, and from where.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use doorward_e2e::{Browser, Page, Person, Server, bounded};

const PLAN_ALL: &str = "/admin/settings/files/plan-all";
const APPLY: &str = "/admin/settings/files/apply";
const IMPORT: &str = "/admin/import";
const REALM: &str = r#"{"realm":"corp","groups":[{"name":"gang"}]}"#;
const GANG: &str = r#"{"groups/gang.toml":""}"#;

/// Somebody with a role, logged in, and the token of the forms of that session.
async fn administrator(server: &Server, person: &Person) -> (Browser, Page, String) {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/account/password", server.url)).await;
    let page = browser.log_in(&page, person).await;
    let form = page.form("/account/password");
    let token = form.fields.iter().find(|field| field.name == "csrf").expect("a token");
    let token = token.value.clone();
    (browser, page, token)
}

/// As somebody would write it who wants another order, or other values, than those of our page.
fn forged(page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let inputs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let value = value.replace('&', "&#38;").replace('"', "&#34;");
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let inputs = inputs.concat();
    let html = format!("<form method=\"post\" action=\"{action}\">{inputs}</form>");
    Page { html, ..page.clone() }
}

/// Sends each of the three forms with these fields before the others.
async fn each(browser: &mut Browser, page: &Page, first: &[(&str, &str)]) -> Vec<(&'static str, Page)> {
    let plan = browser
        .upload(&forged(page, PLAN_ALL, first), PLAN_ALL, &[], ("groups", ""))
        .await;
    let chosen = [("format", "keycloak"), ("how", "write")];
    let import = browser
        .upload(&forged(page, IMPORT, first), IMPORT, &chosen, ("document", REALM))
        .await;
    let fields = [("files", GANG), ("digest", "a.b.c")];
    let apply = browser.submit(&forged(page, APPLY, first), APPLY, &fields).await;
    vec![(PLAN_ALL, plan), (IMPORT, import), (APPLY, apply)]
}

/// The answer to the head of a form whose body does not come.
fn promised(server: &Server, cookies: &str, path: &str) -> String {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: {}\r\nCookie: {cookies}\r\nContent-Length: 6000000\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n",
        server.url
    );
    stream.write_all(head.as_bytes()).expect("the head is taken");
    let wait = Some(Duration::from_secs(10));
    stream.set_read_timeout(wait).expect("a time limit");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("an answer without the body");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn large_forms_are_read_for_those_alone_who_may_do_everything_and_sent_them_themselves() {
    bounded(120, async {
        let server = Server::start().await;
        let (ada, ben) = (
            server.add_person("ada", "Ada Admin", &[]).await,
            server.add_person("ben", "Ben Brown", &[]).await,
        );
        server.json(&["admin", "grant", "full", "ada"]).await;
        server.json(&["admin", "grant", "read-only", "ben"]).await;
        let (mut his, his_page, his_token) = administrator(&server, &ben).await;
        let (mut hers, page, token) = administrator(&server, &ada).await;
        let (_, _, elsewhere) = administrator(&server, &ada).await;

        let theirs: [&[(&str, &str)]; 4] = [&[], &[("csrf", "")], &[("csrf", &elsewhere)], &[("csrf", &his_token)]];
        for first in theirs {
            for (path, turned) in each(&mut hers, &page, first).await {
                assert_eq!(turned.status, 403, "{path} {first:?}: {}", turned.text());
            }
        }
        // Of a form with files the token is the first field: what comes before it would be read without one.
        let late = [("more", "first"), ("csrf", token.as_str())];
        for (path, turned) in each(&mut hers, &page, &late).await {
            let expected = if path == APPLY { 409 } else { 403 };
            assert_eq!(turned.status, expected, "{path}: {}", turned.text());
        }
        let long = "x".repeat(4000);
        for (path, turned) in each(&mut hers, &page, &[("csrf", &long)]).await {
            assert_eq!(turned.status, 403, "{path}: {}", turned.text());
        }
        for (path, turned) in each(&mut his, &his_page, &[("csrf", &his_token)]).await {
            assert_eq!(turned.status, 403, "{path}: {}", turned.text());
            turned.says("full");
        }
        let cookies = his.sent_to("127.0.0.1", "/admin");
        for path in [PLAN_ALL, IMPORT, APPLY] {
            let answer = promised(&server, &cookies, path);
            assert_eq!(
                answer, "HTTP/1.1 403",
                "{path} waits for a body of somebody who may not"
            );
        }
        let there = server.json(&["group", "list"]).await.to_string();
        assert!(!there.contains("gang"), "{there}");

        // The same with what is hers.
        for (path, let_in) in each(&mut hers, &page, &[("csrf", &token)]).await {
            let expected = match path {
                PLAN_ALL => (400, "received `groups/file`"),
                IMPORT => (200, "In conflict"),
                _ => (409, "has changed since the plan"),
            };
            assert_eq!(let_in.status, expected.0, "{path}: {}", let_in.text());
            let_in.says(expected.1);
        }
        let there = server.json(&["group", "list"]).await.to_string();
        assert!(there.contains("gang"), "{there}");
    })
    .await;
}

#[tokio::test]
async fn what_was_planned_on_the_page_is_carried_out_and_nothing_else() {
    bounded(120, async {
        let server = Server::start().await;
        let ada = server.add_person("ada", "Ada Admin", &[]).await;
        server.json(&["admin", "grant", "full", "ada"]).await;
        let (mut browser, _, _) = administrator(&server, &ada).await;
        let page = browser.get(&format!("{}/admin/settings/files", server.url)).await;
        let crew = [("path", "groups/crew.toml"), ("text", "description = \"Crew\"\r\n")];
        let plan = browser.submit(&page, "/files/plan", &crew).await;
        assert_eq!(plan.status, 200, "{}", plan.text());
        let not_planned = "This is not what was planned.";
        for (altered, status, said) in [
            (("files", r#"{"groups/gang.toml":""}"#), 409, not_planned),
            (("files", r#"{"groups/crew.toml":""}"#), 409, not_planned),
            (("files", "{}"), 409, not_planned),
            (("files", "groups/crew.toml"), 422, "those of a plan"),
            (("files", r#"{"groups/crew.toml":7}"#), 422, "those of a plan"),
            (("digest", ""), 409, "has changed since the plan"),
            (("digest", "a.b.c"), 409, "has changed since the plan"),
        ] {
            let turned = browser.submit(&plan, APPLY, &[altered]).await;
            assert_eq!(turned.status, status, "{altered:?}: {}", turned.text());
            turned.says(said);
        }
        server.sql("UPDATE sessions SET auth_at = auth_at - 3600000").await;
        let login = browser.submit(&plan, APPLY, &[]).await;
        assert!(login.is_login(), "{} {}", login.url, login.text());
        assert_eq!(server.cli(&["group", "show", "crew"]).await.code, 1, "nothing was done");

        let back = browser.log_in(&login, &ada).await;
        let plan = browser.submit(&back, "/files/plan", &crew).await;
        browser
            .submit(&plan, APPLY, &[])
            .await
            .says("The change has been saved.");
        assert_eq!(server.json(&["group", "show", "crew"]).await["description"], "Crew");
    })
    .await;
}
