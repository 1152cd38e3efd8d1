//! People log in here through a second Doorward: by button, by the domain of their address, or because their group always
//! does; and what an application asks of a login is asked there.

use doorward_e2e::{Browser, Client, Engine, Person, Server, bounded};

use crate::{
    houses::{Houses, events, is_in},
    second_factor::{app_shows, key},
};

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

        Box::pin(nobody_passes_the_backup_door_with_half_a_login(here, &ada, &backup)).await;

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

/// Where a second factor is asked for, the backup door is not passed before it is proved.
async fn nobody_passes_the_backup_door_with_half_a_login(here: &Server, ada: &Person, backup: &str) {
    here.json(&["policy", "set", "--factors", "second"]).await;
    let mut browser = Browser::new();
    let page = browser.get(backup).await;
    let page = browser.log_in(&page, ada).await;
    assert_eq!(page.url.path(), "/login/second/enrol", "{}", page.text());
    assert_eq!(events(here, &["--action", "login.backup"]).await.len(), 1, "not in yet");
    let code = app_shows(&key(&page), 0);
    let page = browser.submit(&page, "/login/second/enrol", &[("code", &code)]).await;
    let page = browser.press(&page, "I have kept them, go on").await;
    is_in(&page, here);
    let backups = events(here, &["--action", "login.backup"]).await;
    assert_eq!(
        (backups.len(), &backups[0]["actor"]["name"]),
        (2, &"ada".into()),
        "{backups:?}"
    );
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
