//! People log in here through a second Doorward: by button, by the domain of their address, or because their group always
//! does; what goes wrong on the way; and the way back out.

use doorward_e2e::{
    Browser, Client, Engine, Page, Person, Server, Tools, bounded, output_folder, rigs::Registration, run_node,
};
use serde_json::json;

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
struct Houses {
    here: Server,
    there: Server,
}

impl Houses {
    async fn start(settings: &[&str]) -> Self {
        Self::start_on(Engine::Sqlite, settings).await
    }

    /// `settings` are those of the upstream `corp` here. People there are in `staff`, which may log in here.
    async fn start_on(engine: Engine, settings: &[&str]) -> Self {
        let (here, there) = tokio::join!(Server::start_on(engine), Server::start_as_neighbour());
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

    async fn login_page(&self, browser: &mut Browser) -> Page {
        browser.get(&format!("{}/login", self.here.url)).await
    }

    /// From a page here that leads there, through the login there, and back.
    async fn through(&self, browser: &mut Browser, page: &Page, button: &str, person: &Person) -> Page {
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
    async fn by_button(&self, person: &Person) -> (Browser, Page) {
        let mut browser = Browser::new();
        let page = self.login_page(&mut browser).await;
        let page = self.through(&mut browser, &page, "Log in with Corp", person).await;
        (browser, page)
    }

    /// A login whose answer has not arrived yet.
    async fn on_the_way_back(&self, person: &Person) -> (Browser, Page) {
        let mut browser = Browser::new().stopping_at(&self.here.callback("corp"));
        let page = self.login_page(&mut browser).await;
        let page = self.through(&mut browser, &page, "Log in with Corp", person).await;
        assert_eq!(page.status, 0, "{} {}", page.url, page.text());
        browser.stop_nowhere();
        (browser, page)
    }
}

/// The login page there, if the button leads to it.
async fn page_there(houses: &Houses) -> Option<Page> {
    let mut browser = Browser::new();
    let page = houses.login_page(&mut browser).await;
    let page = browser.press(&page, "Log in with Corp").await;
    page.url.as_str().starts_with(&houses.there.url).then_some(page)
}

#[track_caller]
fn is_in(page: &Page, server: &Server) {
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

async fn events(server: &Server, filter: &[&str]) -> Vec<serde_json::Value> {
    let mut command = vec!["event", "list"];
    command.extend(filter);
    let list = server.json(&command).await;
    list["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_new_person_comes_in_by_the_button_and_groups_follow_the_upstream() {
    bounded(180, new_person(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_new_person_comes_in_by_the_button_on_postgresql() {
    bounded(180, new_person(Engine::Postgres)).await;
}

async fn new_person(engine: Engine) {
    let houses = Houses::start_on(engine, &["--create-users", "on"]).await;
    let (here, there) = (&houses.here, &houses.there);
    let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
    let (mut browser, page) = houses.by_button(&alice).await;
    is_in(&page, here);
    page.says("Alice Archer");
    assert_eq!(here.groups_of("alice").await, ["crew"]);
    let shown = here.json(&["user", "show", "alice"]).await;
    assert_eq!(shown["email"], "alice@example.com", "{shown}");
    let logins = events(here, &["--action", "upstream.login"]).await;
    assert_eq!(logins[0]["data"]["how"], "created", "{logins:?}");

    // What an administrator here gave besides stays; what vanished there vanishes here, at the next login.
    here.json(&["group", "add-member", "office", "alice"]).await;
    there.json(&["group", "remove-member", "crew", "alice"]).await;
    let (_, page) = houses.by_button(&alice).await;
    is_in(&page, here);
    assert_eq!(here.groups_of("alice").await, ["office"]);
    let logins = events(here, &["--action", "upstream.login"]).await;
    assert_eq!(
        (logins.len(), &logins[0]["data"]["how"]),
        (2, &"known".into()),
        "{logins:?}"
    );

    // An account that is disabled here stays closed, whatever the upstream says.
    here.json(&["user", "disable", "alice"]).await;
    let (_, page) = houses.by_button(&alice).await;
    here.refused_upstream(&page, "account_disabled").await;
    let page = browser.get(&format!("{}/", here.url)).await;
    assert!(page.is_login(), "{} {}", page.url, page.text());
}

#[tokio::test]
async fn an_address_of_a_routed_domain_leads_there_and_another_name_to_a_password() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on", "--domains", "example.com"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff"]).await;
        let bob = here.add_person("bob", "Bob Baker", &["staff"]).await;

        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let form = page.form("/login");
        assert!(!form.fields.iter().any(|field| field.name == "password"), "{form:?}");
        let page = browser
            .submit(&page, "/login", &[("username", "Alice@Example.COM")])
            .await;
        assert_eq!(page.status, 200);
        page.says("On to Corp");
        let page = houses.through(&mut browser, &page, "Continue", &alice).await;
        is_in(&page, here);
        page.says("Alice Archer");

        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.submit(&page, "/login", &[("username", "bob")]).await;
        let form = page.form("/login");
        assert!(form.fields.iter().any(|field| field.name == "password"), "{form:?}");
        let page = browser.log_in(&page, &bob).await;
        is_in(&page, here);
        page.says("Bob Baker");

        // A name that nobody has looks no different from bob's.
        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.submit(&page, "/login", &[("username", "nobody")]).await;
        assert_eq!(page.status, 200);
        assert!(page.form("/login").fields.iter().any(|field| field.name == "password"));
    })
    .await;
}

#[tokio::test]
async fn a_group_that_always_logs_in_there_has_no_password_and_administrators_a_way_in() {
    bounded(240, async {
        let houses = Houses::start(&["--groups", "office"]).await;
        let here = &houses.here;
        let carl = here.add_person("carl", "Carl Carter", &["staff"]).await;
        let ada = here.add_person("ada", "Ada Admin", &["staff"]).await;
        here.json(&["admin", "grant", "full", "ada"]).await;
        for name in ["carl", "ada"] {
            here.json(&["group", "add-member", "office", name]).await;
        }

        for person in [&carl, &ada] {
            let mut browser = Browser::new();
            let page = houses.login_page(&mut browser).await;
            let page = browser.log_in(&page, person).await;
            assert_eq!(page.status, 403, "{}", page.text());
            page.says("Log in with Corp");
            let trace = here.trace_of(&page).await;
            assert_eq!(trace.refusal().check, "login.password", "{trace:?}");
            let refused = events(here, &["--action", "login", "--refused", "--trace", &page.reference()]).await;
            assert_eq!(refused[0]["reason"], "password_login_off", "{refused:?}");
            let page = browser.press(&page, "Log in with Corp").await;
            assert!(page.url.as_str().starts_with(&houses.there.url), "{}", page.url);
        }

        let backup = format!("{}/login?backup=1", here.url);
        let mut browser = Browser::new();
        let page = browser.get(&backup).await;
        let page = browser.log_in(&page, &carl).await;
        assert_eq!(page.status, 403, "no administrator: {}", page.text());
        assert!(events(here, &["--action", "login.backup"]).await.is_empty());

        let mut browser = Browser::new();
        let page = browser.get(&backup).await;
        assert!(!page.text().contains("Corp"), "{}", page.text());
        let wrong = Person {
            password: "guessed".into(),
            ..ada.clone()
        };
        let page = browser.log_in(&page, &wrong).await;
        assert_eq!(page.status, 401, "{}", page.text());
        let page = browser.log_in(&page, &ada).await;
        is_in(&page, here);
        let backups = events(here, &["--action", "login.backup"]).await;
        assert_eq!(
            (backups.len(), &backups[0]["actor"]["name"]),
            (1, &"ada".into()),
            "{backups:?}"
        );

        // It is throttled like any other login.
        let mut stranger = Browser::new();
        let mut page = stranger.get(&backup).await;
        let mut tries = 0;
        while page.status != 429 {
            page = stranger.log_in(&page, &wrong).await;
            tries += 1;
            assert!(tries < 60, "never told to wait: {}", page.text());
        }
        assert!(page.headers.contains_key("retry-after"));
    })
    .await;
}

#[tokio::test]
async fn a_login_is_connected_by_its_person_alone_and_the_last_way_in_stays() {
    let walk = Box::pin(async {
        let houses = Houses::start(&["--link", "confirmed", "--create-users", "off"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let there_alice = there.add_person("alice", "Alice There", &["staff"]).await;
        let here_alice = here.add_person("alice", "Alice Here", &["staff"]).await;
        let logins = format!("{}/account/logins", here.url);

        // Neither the name nor the address makes her the one who is here.
        let (_, page) = houses.by_button(&there_alice).await;
        assert_eq!(page.status, 403, "{} {}", page.url, page.text());
        assert_eq!(identities(here).await, 0);

        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.log_in(&page, &here_alice).await;
        is_in(&page, here);
        // A link of a stranger connects nobody, nor does one with a token of somebody else's.
        browser.stop_at(&there.url);
        for link in ["go?upstream=corp", "go?upstream=corp&csrf=x"] {
            let page = browser.get(&format!("{logins}/{link}")).await;
            assert_eq!((page.status, page.url.path()), (200, "/account/logins"), "{}", page.url);
        }
        browser.stop_nowhere();
        let page = browser.get(&logins).await;
        page.says("Connect another");
        let forged = [("upstream", "corp"), ("csrf", "x")];
        let refused = browser.submit(&page, "/account/logins/connect", &forged).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        let page = browser
            .submit(&page, "/account/logins/connect", &[("upstream", "corp")])
            .await;
        page.says("On to Corp");
        let page = houses.through(&mut browser, &page, "Continue", &there_alice).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/account/logins"),
            "{}",
            page.text()
        );
        page.says("The login has been connected");
        page.says("alice@example.com");
        assert_eq!(identities(here).await, 1);

        let (_, page) = houses.by_button(&there_alice).await;
        is_in(&page, here);
        assert_eq!(
            events(here, &["--action", "session.begin", "--by", "alice"])
                .await
                .len(),
            3
        );

        // Somebody else here cannot take the login from her.
        let bob = here.add_person("bob", "Bob Baker", &["staff"]).await;
        let mut other = Browser::new();
        let page = houses.login_page(&mut other).await;
        other.log_in(&page, &bob).await;
        let page = other.get(&logins).await;
        let page = other
            .submit(&page, "/account/logins/connect", &[("upstream", "corp")])
            .await;
        let page = houses.through(&mut other, &page, "Continue", &there_alice).await;
        here.refused_upstream(&page, "link_refused").await;

        let page = browser.get(&logins).await;
        let id = page.form("/account/logins/remove").fields;
        let id = id
            .iter()
            .find(|field| field.name == "login")
            .expect("a button")
            .value
            .clone();
        // Nor remove it.
        let his = other.get(&logins).await;
        let csrf = his.form("/account/logins/connect").fields;
        let csrf = &csrf.iter().find(|field| field.name == "csrf").expect("a token").value;
        let stolen = browser_form(&his, "/account/logins/remove");
        other
            .submit(&stolen, "/account/logins/remove", &[("csrf", csrf), ("login", &id)])
            .await;
        assert_eq!(identities(here).await, 1);
        let page = browser.submit(&page, "/account/logins/remove", &[("login", &id)]).await;
        page.says("The login has been removed");
        assert_eq!(identities(here).await, 0);

        // Whoever has no password keeps the one way in.
        here.json(&["upstream", "edit", "corp", "--create-users", "on"]).await;
        let dora = there.add_person("dora", "Dora Dyer", &["staff"]).await;
        let (mut browser, page) = houses.by_button(&dora).await;
        is_in(&page, here);
        let page = browser.get(&logins).await;
        let field = page.form("/account/logins/remove").fields;
        let id = field
            .iter()
            .find(|field| field.name == "login")
            .expect("a button")
            .value
            .clone();
        let page = browser.submit(&page, "/account/logins/remove", &[("login", &id)]).await;
        page.says("This is your only way in");
        assert_eq!(identities(here).await, 1);
    });
    bounded(240, walk).await;
}

/// A page as it would be with an empty form to `action`: what somebody makes who wants to send one.
fn browser_form(page: &Page, action: &str) -> Page {
    Page {
        html: format!("<form method=\"post\" action=\"{action}\"></form>"),
        ..page.clone()
    }
}

async fn identities(server: &Server) -> usize {
    let list = server.json(&["upstream", "identities", "corp"]).await;
    list["items"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_preview_shows_administrators_what_a_login_comes_to_and_creates_nothing() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let carl = here.add_person("carl", "Carl Carter", &["staff"]).await;
        let ada = here.add_person("ada", "Ada Admin", &["staff"]).await;
        here.json(&["admin", "grant", "full", "ada"]).await;
        let shown = here.json(&["upstream", "preview", "corp"]).await;
        let preview = shown["preview_uri"].as_str().expect("an address").to_owned();
        assert_eq!(preview, format!("{}/upstream/corp/preview", here.url));
        let ran = here.cli(&["upstream", "preview", "corp"]).await;
        assert_eq!(
            (ran.code, ran.out.trim()),
            (0, preview.as_str()),
            "the address alone, for scripts"
        );
        assert!(ran.err.contains("Nothing is"), "{}", ran.err);

        let mut browser = Browser::new();
        let page = browser.get(&preview).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        browser.stop_at(&there.url);
        let page = browser.log_in(&page, &carl).await;
        assert_eq!(page.status, 404, "{} {}", page.url, page.text());

        let mut browser = Browser::new();
        let page = browser.get(&preview).await;
        let page = browser.log_in(&page, &ada).await;
        assert!(
            page.url.as_str().starts_with(&there.url),
            "{} {}",
            page.url,
            page.text()
        );
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/upstream/corp/callback"),
            "{}",
            page.text()
        );
        page.says("This would be a new account: alice");
        page.says("Nothing was created or changed");
        page.says("alice@example.com");
        page.says("crew");
        assert_eq!(here.cli(&["user", "show", "alice"]).await.code, 1, "nobody was made");
        assert_eq!(identities(here).await, 0);
        assert!(events(here, &["--action", "upstream.login"]).await.is_empty());
        // The administrator is still who she was.
        let page = browser.get(&format!("{}/", here.url)).await;
        page.says("Ada Admin");
    })
    .await;
}

#[tokio::test]
async fn a_logout_here_ends_the_session_there_and_comes_back_to_the_application() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let bye = "http://127.0.0.1:9/wiki/bye";
        let client = Client::add(
            here,
            "wiki",
            "crew",
            &["--consent", "skip", "--add-post-logout-uri", bye],
        )
        .await;
        let mut browser = client.browser();
        let page = browser.get(&client.authorize_url(&[])).await;
        let page = houses.through(&mut browser, &page, "Log in with Corp", &alice).await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
        let tokens = client.redeem(&code).await.granted();
        let page = browser.get(&format!("{}/", there.url)).await;
        page.says("Alice Archer");

        let mut logout = url::Url::parse(&format!("{}/logout", here.url)).expect("a URL");
        logout
            .query_pairs_mut()
            .append_pair("id_token_hint", tokens.text("id_token"))
            .append_pair("post_logout_redirect_uri", bye)
            .append_pair("state", "so long");
        let page = browser.get(logout.as_str()).await;
        assert!(page.url.as_str().starts_with(bye), "{} {}", page.url, page.text());
        assert_eq!(page.parameter("state").as_deref(), Some("so long"));
        for server in [here, there] {
            let page = browser.get(&format!("{}/", server.url)).await;
            assert!(page.is_login(), "{} {}", page.url, page.text());
        }

        // The page that people come back to leads nowhere by itself, whatever its address says.
        let evil = "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv";
        for state in [
            format!("{evil}.{evil}"),
            evil.to_owned(),
            ".".to_owned(),
            format!("{evil}."),
        ] {
            let page = browser.get(&format!("{}?state={state}", here.logged_out())).await;
            assert_eq!((page.status, page.url.path()), (200, "/logged-out"), "{}", page.url);
            page.says("You are logged out");
        }
    })
    .await;
}

/// The page and its trace say why; there is no event, because anybody can send such a thing at any rate.
async fn of_nobody(server: &Server, page: &Page, reason: &str) {
    assert_eq!(page.status, 403, "{reason}: {} {}", page.url, page.text());
    let expected = match reason {
        "attempt_of_another_browser" => "This login began in another browser.",
        _ => "This login is not under way any more.",
    };
    page.says(expected);
    let reference = page.reference();
    let trace = server.trace(&reference).await;
    assert_eq!(
        (trace.outcome.as_str(), trace.refusal().check.as_str()),
        ("refused", "upstream.login"),
        "{trace:?}"
    );
    assert!(events(server, &["--trace", &reference]).await.is_empty());
}

#[tokio::test]
async fn each_failure_on_the_way_has_its_reason_on_page_trace_and_event() {
    let walk = Box::pin(async {
        let mut houses = Houses::start(&["--create-users", "on"]).await;
        let alice = houses.there.add_person("alice", "Alice Archer", &["staff"]).await;
        let here = &houses.here;

        // The answer in another browser, or in one with a login of its own, gets nobody in; then it is spent.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let page = Browser::new().get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_of_another_browser").await;
        let mut neighbour = Browser::new();
        houses.login_page(&mut neighbour).await;
        let page = neighbour.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_of_another_browser").await;
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;

        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let page = browser.get(answer.url.as_str()).await;
        is_in(&page, here);
        // The same answer twice.
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;
        // A login that was swept away meanwhile.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        here.sql("DELETE FROM upstream_attempts").await;
        let page = browser.get(answer.url.as_str()).await;
        of_nobody(here, &page, "attempt_unknown").await;
        // Nothing, or not an answer at all.
        for query in ["", "?code=x", "?state=a&state=b&code=x", "?error=%00"] {
            let page = browser.get(&format!("{}{query}", here.callback("corp"))).await;
            of_nobody(here, &page, "attempt_unknown").await;
        }
        // A code that is not the one that was given.
        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        let code = answer.parameter("code").expect("a code");
        let injected = answer.url.as_str().replace(&code, "another");
        let page = browser.get(&injected).await;
        here.refused_upstream(&page, "token_exchange_failed").await;

        // The person goes back at the other login.
        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.press(&page, "Log in with Corp").await;
        let page = browser.press(&page, "Cancel").await;
        here.refused_upstream(&page, "denied_by_provider").await;
        // Somebody whom nobody let in there reads so there.
        let eve = houses.there.add_person("eve", "Eve", &[]).await;
        let (_, page) = houses.by_button(&eve).await;
        assert!(page.url.as_str().starts_with(&houses.there.url), "{}", page.url);
        page.says("No access to");
        assert_eq!(here.cli(&["user", "show", "eve"]).await.code, 1);

        let wrong = here.data().join("wrong.secret");
        std::fs::write(&wrong, "not the secret").expect("the file can be written");
        let right = here.data().join("corp.secret");
        let set = |file: &std::path::Path| {
            let file = file.to_string_lossy().into_owned();
            async move {
                here.json(&["upstream", "secret", "set", "corp", "--secret-file", &file])
                    .await;
            }
        };
        set(&wrong).await;
        let (_, page) = houses.by_button(&alice).await;
        here.refused_upstream(&page, "token_exchange_failed").await;
        set(&right).await;
        let (_, page) = houses.by_button(&alice).await;
        is_in(&page, here);

        here.json(&["upstream", "edit", "corp", "--enabled", "off"]).await;
        let page = houses.login_page(&mut Browser::new()).await;
        assert!(!page.text().contains("Corp"), "{}", page.text());
        here.json(&["upstream", "edit", "corp", "--enabled", "on"]).await;

        let (mut browser, answer) = houses.on_the_way_back(&alice).await;
        houses.there.kill().await;
        let page = browser.get(answer.url.as_str()).await;
        houses.here.refused_upstream(&page, "upstream_unreachable").await;
        // After a restart here nothing of it is known any more.
        houses.here.stop().await;
        houses.here.restart().await;
        let mut browser = Browser::new();
        let page = houses.login_page(&mut browser).await;
        let page = browser.press(&page, "Log in with Corp").await;
        houses.here.refused_upstream(&page, "upstream_unreachable").await;
        houses.there.restart().await;
        // It is asked again after a while, not by every login.
        let mut waits = 0;
        while page_there(&houses).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            waits += 1;
            assert!(waits < 60, "not asked again for a minute");
        }
        let (_, page) = houses.by_button(&alice).await;
        is_in(&page, &houses.here);
    });
    bounded(240, walk).await;
}

#[tokio::test]
async fn what_an_application_asks_of_a_login_is_asked_of_the_upstream() {
    bounded(180, async {
        let houses = Houses::start(&["--create-users", "on"]).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let client = Client::add(here, "wiki", "crew", &["--consent", "skip"]).await;
        let mut browser = client.browser();
        let page = browser.get(&client.authorize_url(&[])).await;
        let page = houses.through(&mut browser, &page, "Log in with Corp", &alice).await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
        client.redeem(&code).await.granted();
        let trace = here.latest_trace("wiki").await;
        assert_eq!(
            (trace.outcome.as_str(), trace.user.as_deref()),
            ("ok", Some("alice")),
            "{trace:#?}"
        );
        assert!(
            trace.passed("upstream.answer") && trace.passed("upstream.account"),
            "{trace:#?}"
        );

        // She is known here and there; each of these asks there all the same, and there her password is asked.
        for (more, name, value) in [
            ([("prompt", "login")], "prompt", "login"),
            ([("max_age", "1")], "max_age", "1"),
        ] {
            tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
            let page = browser.get(&client.authorize_url(&more)).await;
            assert!(
                page.url.as_str().starts_with(&here.url) && page.is_login(),
                "{} {}",
                page.url,
                page.text()
            );
            let mut onlooker = browser.clone();
            onlooker.stop_at(&format!("{}/authorize", there.url));
            let asked = onlooker.press(&page, "Log in with Corp").await;
            assert_eq!(asked.parameter(name).as_deref(), Some(value), "{}", asked.url);
            let page = houses.through(&mut browser, &page, "Log in with Corp", &alice).await;
            let code = page
                .parameter("code")
                .unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
            client.redeem(&code).await.granted();
        }
        // A hint of the application is one there.
        let mut fresh = client.browser();
        let page = fresh.get(&client.authorize_url(&[("login_hint", "alice")])).await;
        fresh.stop_at(&format!("{}/authorize", there.url));
        let asked = fresh.press(&page, "Log in with Corp").await;
        assert_eq!(asked.parameter("login_hint").as_deref(), Some("alice"), "{}", asked.url);
        // Without a page there is no way there.
        let mut silent = client.browser();
        let page = silent.get(&client.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("login_required"),
            "{}",
            page.url
        );
    })
    .await;
}

#[tokio::test]
async fn people_go_through_an_upstream_in_chromium() {
    bounded(300, async {
        let settings = ["--create-users", "on", "--link", "confirmed"];
        let routed = ["--domains", "example.com", "--groups", "office"];
        let houses = Houses::start(&[settings, routed].concat()).await;
        let (here, there) = (&houses.here, &houses.there);
        let alice = there.add_person("alice", "Alice Archer", &["staff", "crew"]).await;
        let olga = there.add_person("olga", "Olga Oak", &["staff"]).await;
        let nina = there.add_person("nina", "Nina New", &["staff"]).await;
        let bob = here.add_person("bob", "Bob Baker", &["staff"]).await;
        let carl = here.add_person("carl", "Carl Carter", &["staff"]).await;
        here.json(&["group", "add-member", "office", "carl"]).await;
        let person = |person: &Person| json!({ "name": person.name, "password": person.password });
        let house = json!({
            "url": here.url,
            "doorward": Tools::doorward(),
            "data": here.data(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
            "person": person(&bob),
            "always": person(&carl),
            "there": {
                "url": there.url,
                "person": person(&alice),
                "other": person(&olga),
                "unknown": person(&nina),
            },
        });
        run_node("browser/brokered.mjs", &house, 280).await;
    })
    .await;
}
