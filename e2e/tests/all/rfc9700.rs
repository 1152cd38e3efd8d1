//! Attacks of RFC 9700 that nothing else here tries, named by their sections; `SECURITY.md` has the whole table.

use std::collections::BTreeMap;

use doorward_e2e::{Client, Page, Person, Server, bounded};
use reqwest::{
    Method, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, COOKIE, HeaderMap, LOCATION, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    },
    redirect::Policy,
};
use url::Url;

/// A browser that shows each answer and follows nothing.
struct Steps {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Steps {
    fn new() -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build();
        Self {
            http: http.expect("an HTTP client"),
            cookies: BTreeMap::new(),
        }
    }

    async fn send(&mut self, method: Method, url: &str, body: Option<String>) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = self.http.request(method, url).header(COOKIE, cookies.join("; "));
        if let Some(body) = body {
            let origin = Url::parse(url).expect("an address").origin().ascii_serialization();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header(ORIGIN, origin)
                .body(body);
        }
        let answer = request.send().await.expect("the server answers");
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie
                .to_str()
                .expect("a cookie is text")
                .split(';')
                .next()
                .unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

fn header(headers: &HeaderMap, name: impl reqwest::header::AsHeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

async fn house() -> (Server, Person, Client) {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let client = Client::add(&server, "wiki", "staff", &["--consent", "ask"]).await;
    (server, alice, client)
}

/// What a form sends, with some of its fields filled in.
fn filled(page: &Page, action: &str, typed: &[(&str, &str)]) -> (String, String) {
    let form = page.form(action);
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for field in &form.fields {
        let is_typed = typed.iter().any(|(name, _)| *name == field.name);
        if !is_typed && !field.name.is_empty() {
            body.append_pair(&field.name, &field.value);
        }
    }
    for (name, value) in typed {
        body.append_pair(name, value);
    }
    let url = page.url.join(&form.action).expect("a form has an address");
    (url.to_string(), body.finish())
}

async fn page(steps: &mut Steps, mut url: String) -> Page {
    loop {
        let answer = steps.send(Method::GET, &url, None).await;
        let here = Url::parse(&url).expect("an address");
        if answer.status().is_redirection() {
            url = here
                .join(&header(answer.headers(), LOCATION))
                .expect("an address")
                .to_string();
            continue;
        }
        return Page {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            url: here,
            html: answer.text().await.expect("a page"),
        };
    }
}

/// §4.12: a redirect that repeats the POST would hand the password to the application. §4.2: nor does the address of a page with
/// something secret in it leave with the browser.
#[tokio::test]
async fn a_form_with_a_password_or_a_decision_is_answered_by_303_and_nothing_follows_in_the_referrer() {
    bounded(90, async {
        let (server, alice, client) = house().await;
        let mut steps = Steps::new();
        let login = page(&mut steps, client.authorize_url(&[])).await;
        let typed = [("username", alice.name.as_str()), ("password", alice.password.as_str())];
        let (url, body) = filled(&login, "/login", &typed);
        let mut answer = steps.send(Method::POST, &url, Some(body)).await;
        let mut redirects = 0;
        // To the question of consent, and from it to the application.
        for decision in [None, Some("allow")] {
            if let Some(decision) = decision {
                let asked = page(
                    &mut steps,
                    format!(
                        "{}{}",
                        server.url,
                        header(answer.headers(), LOCATION).trim_start_matches(&server.url)
                    ),
                )
                .await;
                let (url, body) = filled(&asked, "consent", &[("decision", decision)]);
                answer = steps.send(Method::POST, &url, Some(body)).await;
            }
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            let headers = answer.headers();
            assert_eq!(header(headers, REFERRER_POLICY), "no-referrer");
            assert_eq!(header(headers, CACHE_CONTROL), "no-store");
            redirects += 1;
        }
        assert_eq!(redirects, 2);
        let back = header(answer.headers(), LOCATION);
        assert!(
            back.starts_with(&client.redirect_uri) && back.contains("code="),
            "{back}"
        );
    })
    .await;
}

/// §4.3.2, §2.6, §2.4, §2.1.2, §4.17: what this server does not do at all.
#[tokio::test]
async fn tokens_are_in_no_address_and_neither_passwords_nor_scripts_of_others_get_any() {
    bounded(90, async {
        let (server, alice, client) = house().await;
        let mut browser = client.browser();
        let login = browser.get(&client.authorize_url(&[])).await;
        let asked = browser.log_in(&login, &alice).await;
        let back = browser.submit(&asked, "consent", &[("decision", "allow")]).await;
        let tokens = client.redeem(&back.parameter("code").expect("a code")).await.granted();
        let token = tokens.text("access_token").to_owned();
        let mut steps = Steps::new();
        let in_query = format!("{}/userinfo?access_token={token}", server.url);
        let refused = steps.send(Method::GET, &in_query, None).await;
        assert_eq!(
            refused.status(),
            StatusCode::UNAUTHORIZED,
            "a token in an address ends up in logs and histories"
        );

        let password = [
            ("grant_type", "password"),
            ("username", &alice.name),
            ("password", &alice.password),
        ];
        client.token(&password).await.refused("unsupported_grant_type");

        let at_home = Url::parse(&client.authorize_url(&[])).expect("an address");
        for (parameter, value) in [
            ("response_type", "token"),
            ("response_type", "code id_token"),
            ("response_mode", "web_message"),
        ] {
            let mut url = at_home.clone();
            let others: Vec<(String, String)> = at_home
                .query_pairs()
                .filter(|(name, _)| name != parameter)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            url.query_pairs_mut()
                .clear()
                .extend_pairs(others)
                .append_pair(parameter, value);
            let answer = steps.send(Method::GET, url.as_str(), None).await;
            let place = header(answer.headers(), LOCATION);
            assert!(
                !place.contains("code=") && !place.contains("token="),
                "{parameter}={value}: {place}"
            );
            assert!(
                place.contains("error=") || answer.status() == StatusCode::BAD_REQUEST,
                "{parameter}={value}: {} {place}",
                answer.status()
            );
        }

        // A script of another origin reads nothing of the authorization endpoint or the pages behind it.
        for path in ["/authorize", "/login", "/account/profile"] {
            for method in [Method::GET, Method::OPTIONS] {
                let request = steps.http.request(method, format!("{}{path}", server.url));
                let request = request
                    .header(ORIGIN, "https://evil.example")
                    .header("access-control-request-method", "GET");
                let answer = request.send().await.expect("the server answers");
                assert!(answer.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none(), "{path}");
            }
        }
    })
    .await;
}

/// §4.6, §4.10.2: a token is for whom it was issued. §4.15: an application is nobody's person.
#[tokio::test]
async fn a_token_of_one_application_says_nothing_to_another_and_an_application_passes_for_nobody() {
    bounded(90, async {
        let (server, alice, wiki) = house().await;
        let other = Client::add(
            &server,
            "other",
            "staff",
            &[
                "--consent",
                "skip",
                "--client-credentials",
                "true",
                "--expects-refresh",
                "true",
            ],
        )
        .await;
        let mut browser = wiki.browser();
        let login = browser.get(&wiki.authorize_url(&[])).await;
        let asked = browser.log_in(&login, &alice).await;
        let back = browser.submit(&asked, "consent", &[("decision", "allow")]).await;
        let code = back.parameter("code").expect("a code");
        other.redeem(&code).await.refused("invalid_grant");

        let mut browser = other.browser();
        let code = other.code(&mut browser, &alice).await;
        let tokens = other.redeem(&code).await.granted();
        assert!(other.is_active(tokens.text("access_token")).await);
        assert!(
            !wiki.is_active(tokens.text("access_token")).await,
            "it is not for this one"
        );
        wiki.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.text("refresh_token")),
        ])
        .await
        .refused("invalid_grant");

        let own = other.token(&[("grant_type", "client_credentials")]).await.granted();
        assert!(
            other.userinfo(own.text("access_token")).await.is_client_error(),
            "it speaks of no person"
        );
        let person = server.json(&["user", "show", "alice"]).await;
        let id = person["id"].as_str().expect("an id");
        let named = server
            .cli(&["app", "add", "generic", "http://127.0.0.1:9/", "--name", id])
            .await;
        assert!(named.code != 0 && named.err.contains("id of a person"), "{named:?}");
    })
    .await;
}
