//! Django's libraries with exactly the settings that `doorward app add` printed.

use doorward_e2e::{Browser, Package, Person, Server, Site, bounded};
use serde_json::{Value, json};

/// A server with alice in `users`, and the application open to them.
async fn house(package: Package) -> (Server, Site, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "users"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
    let site = Site::add(&server, package, "users").await;
    (server, site, alice)
}

/// Logs in twice: with the password, then by the session alone; then checks that the trace agrees.
async fn logs_in_twice(server: &Server, site: &Site, alice: &Person, app: &str) -> (Browser, Value) {
    let mut browser = Browser::new();
    let page = site.begin(&mut browser).await;
    assert!(page.is_login(), "{} ({}): {}", page.url, page.status, page.text());
    let page = browser.log_in(&page, alice).await;
    assert_eq!(page.status, 200, "{} {}\n{}", page.url, page.text(), site.log());
    let who = site.who(&mut browser).await;
    assert_eq!(who["email"], "alice@example.com", "{who}");

    browser.get(&format!("{}/logout/", site.url)).await;
    let page = site.begin(&mut browser).await;
    assert!(!page.is_login(), "the session should have been enough: {}", page.text());
    let again = site.who(&mut browser).await;
    assert_eq!(again, who, "the second login finds the same account");

    let trace = server.latest_trace(app).await;
    assert_eq!(
        (trace.outcome.as_str(), trace.user.as_deref()),
        ("ok", Some("alice")),
        "{trace:#?}"
    );
    assert_eq!(
        (trace.conclusion.code.as_str(), trace.conclusion.verdict.as_str()),
        ("complete", "good")
    );
    assert!(
        trace.passed("userinfo.token"),
        "its preset says that it calls userinfo: {trace:#?}"
    );
    (browser, who)
}

#[tokio::test]
async fn netbox_logs_people_in_with_the_printed_configuration() {
    bounded(180, async {
        let (server, site, alice) = house(Package::NetBox).await;
        // This release takes first and last name from claims of their own; a full name is not cut in two for it.
        let names = ["given_name=Alice", "family_name=Archer"]
            .map(|name| ["--attribute", name])
            .concat();
        server
            .json(&[&["user", "edit", "alice"], names.as_slice()].concat())
            .await;
        // The optional pieces were pasted too: groups of the same name follow the person.
        site.shell("from django.contrib.auth.models import Group; Group.objects.create(name='users')")
            .await;
        let site = site.start().await;
        let (mut browser, who) = logs_in_twice(&server, &site, &alice, "netbox").await;
        let expected = json!({
            "user": "alice",
            "email": "alice@example.com",
            "first_name": "Alice",
            "last_name": "Archer",
            "groups": ["users"],
        });
        assert_eq!(who, expected);

        // NetBox's logout asks here whether this session should end too, and comes back.
        site.begin(&mut browser).await;
        let page = browser.get(&format!("{}/logout/", site.url)).await;
        page.says("NetBox has logged you out and asks whether your session here should end too.");
        let page = browser.submit(&page, "/logout", &[("decision", "allow")]).await;
        assert_eq!(page.url.as_str(), format!("{}/login/", site.url));
        let page = site.begin(&mut browser).await;
        assert!(page.is_login(), "the session here has ended: {}", page.url);
    })
    .await;
}

#[tokio::test]
async fn the_newest_social_auth_logs_people_in_with_the_printed_settings() {
    bounded(180, async {
        let (server, site, alice) = house(Package::SocialAuth).await;
        let site = site.start().await;
        let (_, who) = logs_in_twice(&server, &site, &alice, "social-auth").await;
        assert_eq!(
            (&who["user"], &who["first_name"], &who["last_name"]),
            (&json!("alice"), &json!("Alice"), &json!("Archer"))
        );
    })
    .await;
}

#[tokio::test]
async fn mozilla_django_oidc_logs_people_in_with_the_printed_settings() {
    bounded(180, async {
        let (server, site, alice) = house(Package::Mozilla).await;
        let site = site.start().await;
        logs_in_twice(&server, &site, &alice, "mozilla-django-oidc").await;
    })
    .await;
}

#[tokio::test]
async fn django_allauth_logs_people_in_with_the_printed_settings() {
    bounded(180, async {
        let (server, site, alice) = house(Package::Allauth).await;
        let site = site.start().await;
        let (_, who) = logs_in_twice(&server, &site, &alice, "django-allauth").await;
        assert_eq!((&who["user"], &who["first_name"]), (&json!("alice"), &json!("Alice")));
    })
    .await;
}

#[tokio::test]
async fn a_clock_five_seconds_behind_or_ahead_keeps_nobody_out_of_netbox() {
    bounded(240, async {
        for clock in ["-5s", "+5s"] {
            let (server, site, alice) = house(Package::NetBox).await;
            let site = site.start_at(clock).await;
            let mut browser = Browser::new();
            site.log_in(&mut browser, &alice).await;
            let who = site.who(&mut browser).await;
            assert_eq!(who["user"], "alice", "with its clock {clock} off:\n{}", site.log());
            assert_eq!(server.latest_trace("netbox").await.outcome, "ok");
        }
    })
    .await;
}

#[tokio::test]
async fn where_a_library_allows_no_clock_difference_the_trace_tells_what_the_page_does_not() {
    bounded(240, async {
        let (server, site, alice) = house(Package::Mozilla).await;
        let site = site.start_at("-5s").await;
        let mut browser = Browser::new();
        let page = site.log_in(&mut browser, &alice).await;
        // The person reads nothing; the application's own log has the library's words.
        assert_eq!(page.status, 500, "{}", site.log());
        page.says("Server Error (500)");
        assert!(
            site.log().contains("The token is not yet valid (iat)"),
            "{}",
            site.log()
        );
        assert_eq!(site.who(&mut browser).await, json!({ "user": null }));
        // Only silence tells that userinfo is not coming any more.
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
        let trace = server.latest_trace("mozilla-django-oidc").await;
        assert_eq!(trace.conclusion.code, "userinfo_missing", "{trace:#?}");
        assert!(trace.conclusion.sentence.contains("clock"), "{trace:#?}");
    })
    .await;
}
