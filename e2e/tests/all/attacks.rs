//! Attacks on every route that there is, not on those that somebody thought of: frames around pages, forms from elsewhere, the
//! API through somebody's cookie, the console without a role, links that were tampered with.

use std::collections::BTreeSet;

use doorward_e2e::{Browser, Client, Page, Person, Route, Server, bounded, routes};

/// A server with something of each kind, and who may do everything there.
async fn house() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "crew"]).await;
    server.add_person("alice", "Alice Archer", &["crew"]).await;
    server
        .json(&["app", "add", "generic", "https://a.example.com", "--name", "ledger"])
        .await;
    server.json(&["service", "add", "robot"]).await;
    let ada = server.add_person("ada", "Ada Admin", &[]).await;
    server.json(&["admin", "grant", "full", "ada"]).await;
    (server, ada)
}

/// The address of a route in that house.
fn address(server: &Server, route: &Route) -> String {
    let filled: Vec<&str> = route
        .path
        .split('/')
        .map(|part| match part {
            "{user}" => "alice",
            "{group}" => "crew",
            "{app}" | "{client_id}" => "ledger",
            "{service}" => "robot",
            "{preset}" => "generic",
            "{passkey}" => "00000000-0000-0000-0000-000000000000",
            "{*file}" => "doorward.css",
            part if part.starts_with('{') => "nothing-like-this",
            part => part,
        })
        .collect();
    format!("{}{}", server.url, filled.join("/"))
}

async fn logged_in(server: &Server, person: &Person) -> Browser {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login", server.url)).await;
    let page = browser.log_in(&page, person).await;
    assert_eq!(page.url.path(), "/", "{}", page.text());
    browser
}

/// The form token of a session: every page that has one has the same.
async fn form_token(server: &Server, browser: &mut Browser) -> String {
    let page = browser.get(&format!("{}/account/password", server.url)).await;
    let form = page.form("/account/password");
    let field = form.fields.iter().find(|field| field.name == "csrf");
    field.expect("a token").value.clone()
}

async fn is_logged_in(server: &Server, browser: &mut Browser) -> bool {
    !browser
        .get(&format!("{}/account/sessions", server.url))
        .await
        .is_login()
}

/// What was done, newest first, refusals left out.
async fn deeds(server: &Server) -> BTreeSet<String> {
    let events = server.json(&["event", "list", "--limit", "500"]).await;
    let items = events["items"].as_array().expect("a list");
    items
        .iter()
        .filter(|event| event["outcome"] == "ok")
        .map(|event| format!("{} {}", event["id"], event["action"]))
        .collect()
}

/// Sends a form as a page of `origin` does that wants this person to press its button.
async fn post_from(browser: &mut Browser, origin: &str, address: &str, fields: &[(&str, &str)]) -> Page {
    let page = Page {
        url: format!("{origin}/trap").parse().expect("an address"),
        status: 200,
        headers: reqwest::header::HeaderMap::default(),
        html: format!("<form method=\"post\" action=\"{address}\"></form>"),
    };
    browser.submit(&page, address, fields).await
}

#[tokio::test]
async fn no_page_can_be_put_into_a_frame() {
    bounded(240, async {
        let (server, ada) = house().await;
        let mut pages = 0;
        for who in ["nobody", "ada"] {
            let mut browser = if who == "ada" {
                logged_in(&server, &ada).await
            } else {
                Browser::new()
            };
            for route in routes().iter().filter(|route| route.method == "GET") {
                let url = address(&server, route);
                let page = browser.get(&url).await;
                let header = |name: &str| {
                    let value = page.headers.get(name);
                    value
                        .and_then(|value| value.to_str().ok())
                        .unwrap_or_default()
                        .to_owned()
                };
                let place = format!("{url} for {who}, which ends at {} ({})", page.url, page.status);
                assert!(page.status < 500, "{place}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
                if !header("content-type").starts_with("text/html") {
                    continue;
                }
                // OpenID Connect Front-Channel Logout: the provider's page loads it in a frame; it shows nothing to press.
                if route.path.ends_with("/frontchannel-logout")
                    && !header("content-security-policy").contains("form-action 'self'")
                {
                    continue;
                }
                let policy = header("content-security-policy");
                assert!(policy.contains("frame-ancestors 'none'"), "{place}: {policy:?}");
                assert!(
                    policy.contains("default-src 'none'") && !policy.contains("unsafe"),
                    "{place}: {policy:?}"
                );
                assert_eq!(header("x-frame-options"), "DENY", "{place}");
                assert_eq!(header("cache-control"), "no-store", "{place}");
                assert_eq!(header("referrer-policy"), "same-origin", "{place}");
                pages += 1;
            }
            assert_eq!(is_logged_in(&server, &mut browser).await, who == "ada");
        }
        assert!(pages > 120, "{pages} pages were looked at");
    })
    .await;
}

#[tokio::test]
async fn no_form_is_taken_from_elsewhere_on_any_route() {
    bounded(400, async {
        let (server, ada) = house().await;
        let mut browser = logged_in(&server, &ada).await;
        let right = form_token(&server, &mut browser).await;
        let mut another = logged_in(&server, &ada).await;
        let other = form_token(&server, &mut another).await;
        assert_ne!(right, other, "a token belongs to a session");
        let ours = server.url.clone();
        let before = deeds(&server).await;
        let mut attacked = 0;
        for route in routes().iter().filter(|route| route.method == "POST") {
            let address = address(&server, route);
            for (origin, token) in [
                (ours.as_str(), None),
                (ours.as_str(), Some("")),
                (ours.as_str(), Some(other.as_str())),
                ("https://evil.example.com", Some(right.as_str())),
            ] {
                let token: Vec<(&str, &str)> = token.map(|token| ("csrf", token)).into_iter().collect();
                let answer = post_from(&mut browser, origin, &address, &token).await;
                let place = format!(
                    "{address} from {origin} with {token:?}: {} {}",
                    answer.url, answer.status
                );
                assert!(answer.status < 500, "{place}");
                assert!(!answer.url.query().unwrap_or_default().contains("done="), "{place}");
                // Elsewhere are protocols, whose proof is in what they present, and what strangers may ask for: those do nothing
                // by a cookie, which the events below show.
                let is_of_a_session = ["/admin", "/account"].iter().any(|part| route.path.starts_with(part));
                let is_refused = answer.status >= 400 || answer.is_login() || answer.url.path() == "/";
                assert!(is_refused || !is_of_a_session, "{place}\n{}", answer.text());
                attacked += 1;
            }
            let after = deeds(&server).await;
            assert_eq!(
                after.difference(&before).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{address}"
            );
            assert!(is_logged_in(&server, &mut browser).await, "{address} ended the session");
        }
        assert!(attacked > 250, "{attacked}");
        // The same with the right token from our own page is done.
        let fields = [("csrf", right.as_str()), ("name", "gang")];
        let done = post_from(&mut browser, &ours, &format!("{ours}/admin/groups/add"), &fields).await;
        done.says("It has been added.");
    })
    .await;
}

#[tokio::test]
async fn a_cookie_opens_no_operation_of_the_api() {
    bounded(180, async {
        let (server, ada) = house().await;
        let mut browser = logged_in(&server, &ada).await;
        let document = browser.get(&format!("{}/api/v1/openapi.json", server.url)).await.json();
        let before = deeds(&server).await;
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().expect("paths") {
            let route = Route {
                method: "GET",
                path: path.clone(),
            };
            let address = address(&server, &route);
            for method in item.as_object().expect("methods").keys() {
                let answer = if method == "get" {
                    browser.get(&address).await
                } else {
                    // Neither may another method be meant by what a form can send.
                    let fields = [("_method", method.as_str()), ("name", "gang")];
                    post_from(&mut browser, &server.url, &address, &fields).await
                };
                let is_refused = matches!(answer.status, 401 | 405);
                assert!(is_refused, "{method} {address}: {}", answer.status);
                assert!(
                    answer.headers.get("access-control-allow-origin").is_none(),
                    "{method} {address}"
                );
                tried += 1;
            }
        }
        assert!(tried > 60, "{tried}");
        assert_eq!(deeds(&server).await, before);
    })
    .await;
}

#[tokio::test]
async fn without_a_role_no_room_of_the_console_opens() {
    bounded(180, async {
        let (server, _) = house().await;
        let ben = server.add_person("ben", "Ben Brown", &["crew"]).await;
        let mut browser = logged_in(&server, &ben).await;
        let token = form_token(&server, &mut browser).await;
        let before = deeds(&server).await;
        let mut rooms = 0;
        for route in routes().iter().filter(|route| route.path.starts_with("/admin")) {
            let url = address(&server, route);
            let page = match route.method {
                "GET" => browser.get(&url).await,
                _ => post_from(&mut browser, &server.url, &url, &[("csrf", &token)]).await,
            };
            assert_eq!(page.status, 403, "{} {url}: {}", route.method, page.text());
            page.says("ben has no role here");
            rooms += 1;
        }
        assert!(rooms > 90, "{rooms}");
        assert_eq!(deeds(&server).await, before);
    })
    .await;
}

/// The same text with another letter at each place, one shorter, one longer, and in other letters.
fn tampered(token: &str) -> Vec<String> {
    let mut all: Vec<String> = token
        .char_indices()
        .map(|(at, c)| {
            let other = if c == 'A' { 'B' } else { 'A' };
            format!("{}{other}{}", &token[..at], &token[at + 1..])
        })
        .collect();
    all.push(token[..token.len() - 1].to_owned());
    all.push(format!("{token}A"));
    all.push(format!("{token}%00"));
    all.push(token.to_lowercase());
    all.retain(|other| other != token);
    all
}

#[tokio::test]
async fn a_link_with_any_letter_changed_opens_nothing_and_spends_nothing() {
    bounded(240, async {
        let server = Server::start().await;
        let added = server.json(&["user", "add", "carla"]).await;
        let enrolment = added["enrolment"]["url"].as_str().expect("a link").to_owned();
        server.add_person("dora", "Dora Drew", &[]).await;
        let reset = server.json(&["user", "link", "dora"]).await;
        let reset = reset["url"].as_str().expect("a link").to_owned();
        for link in [&enrolment, &reset] {
            let (base, token) = link.rsplit_once('/').expect("a ticket");
            let mut browser = Browser::new();
            let good = browser.get(link).await;
            assert_eq!(good.status, 200);
            let fields = [
                ("new_password", "correct horse mallory"),
                ("repeat_password", "correct horse mallory"),
            ];
            let others = tampered(token);
            assert!(others.len() > 30, "{token}");
            for other in &others {
                let forged = format!("{base}/{other}");
                let page = browser.get(&forged).await;
                assert!(matches!(page.status, 404 | 410), "{forged}: {}", page.status);
                assert!(password_forms(&page).is_empty(), "{forged} shows a form");
                // The form of the right page, sent to the other address.
                let html = good.html.replace(token, other);
                let sent = browser.submit(&Page { html, ..good.clone() }, "/link/", &fields).await;
                assert!(
                    matches!(sent.status, 400 | 403 | 404 | 410),
                    "{forged}: {}",
                    sent.status
                );
            }
            let start = browser.submit(&good, "/link/", &fields).await;
            assert_eq!(start.url.path(), "/", "the link itself still works: {}", start.text());
            assert_eq!(browser.get(link).await.status, 410, "and once");
        }
    })
    .await;
}

/// The forms on a page that ask for a password.
fn password_forms(page: &Page) -> Vec<String> {
    let forms = doorward_e2e::forms(&page.html);
    let with_password = forms
        .into_iter()
        .filter(|form| form.fields.iter().any(|field| field.name.contains("password")));
    with_password.map(|form| form.action).collect()
}

/// Logs in from a new browser that took the cookies of the one that has the page, with one field as given.
async fn log_in_elsewhere(
    client: &Client,
    (browser, login): (&Browser, &Page),
    (name, value): (&str, &str),
    person: &Person,
) -> Page {
    let fields = [
        (name, value),
        ("username", person.name.as_str()),
        ("password", person.password.as_str()),
    ];
    let mut another = client.browser();
    another.take_cookies_of(browser);
    another.submit(login, "/login", &fields).await
}

#[tokio::test]
async fn a_login_page_that_was_tampered_with_gives_no_application_a_code() {
    bounded(240, async {
        let server = Server::start().await;
        server.json(&["group", "add", "crew"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["crew"]).await;
        let client = Client::add(&server, "ledger", "crew", &["--consent", "skip"]).await;
        let mut browser = client.browser();
        let login = browser.get(&client.authorize_url(&[])).await;
        let form = login.form("/login");
        let hidden: Vec<(String, String)> = form
            .fields
            .iter()
            .filter(|field| field.name == "attempt")
            .map(|field| (field.name.clone(), field.value.clone()))
            .collect();
        assert!(!hidden.is_empty(), "{form:?}");
        let here = (&browser, &login);
        for (name, value) in &hidden {
            for other in tampered(value) {
                let page = log_in_elsewhere(&client, here, (name.as_str(), other.as_str()), &alice).await;
                assert!(page.parameter("code").is_none(), "{name}={other}: {}", page.url);
            }
        }
        // In the same way with the right value, there is one: it was the value that was in the way.
        let (name, value) = &hidden[0];
        let page = log_in_elsewhere(&client, here, (name.as_str(), value.as_str()), &alice).await;
        assert!(page.parameter("code").is_some(), "{} {}", page.url, page.text());
    })
    .await;
}
