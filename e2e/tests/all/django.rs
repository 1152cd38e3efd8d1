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
