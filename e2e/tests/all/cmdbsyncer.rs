//! CMDBsyncer as far as it goes without a licence: its open-source build with the printed settings, and what its licensed login does
//! with its libraries.

use doorward_e2e::{
    Browser, Person, Server, bounded,
    rigs::{CmdbSyncer, Ground, Printed},
};
use serde_json::{Value, json};

use crate::doctor_app::{looked, names};

#[tokio::test]
async fn cmdbsyncers_open_source_build_takes_the_printed_settings_and_its_libraries_log_in_with_them() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["users", "cmdbsyncer-admins"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "cmdbsyncer-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let ground = Ground::of("cmdbsyncer");
        let printed = Printed::add(&server, "cmdbsyncer", &ground.url, "users").await;
        let syncer = CmdbSyncer::start(ground, &printed).await;

        // Its own form knows every setting, and names the redirect URI that is registered.
        let mut root = Browser::new();
        let page = root.get(&syncer.page("/login")).await;
        let typed = [
            ("login_email", syncer.administrator()),
            ("password", &syncer.password),
            ("login_submit", "Login"),
        ];
        root.submit(&page, "", &typed).await;
        let page = root.get(&syncer.page("/admin/config/local_config")).await;
        let redirect = format!("Redirect URI to register at your identity provider: {}", syncer.page("/oidc/callback"));
        page.says(&redirect);
        let registered = server.json(&["app", "show", "cmdbsyncer"]).await;
        assert_eq!(registered["redirect_uris"], json!([syncer.page("/oidc/callback")]), "{registered:#}");
        for line in printed.only("file").lines() {
            let key = line.split('\'').nth(1).expect("a key");
            page.says(&format!("{key} set"));
        }

        // Without a licence there is no login, whatever is set, and the doctor does not claim one.
        let page = Browser::new().get(&syncer.page("/oidc/login")).await;
        assert_eq!(page.status, 404, "{}", page.text());
        // It is at home on the server's own machine, which has to be said.
        server
            .json(&["app", "edit", "cmdbsyncer", "--weaken-logout-private-address", "true"])
            .await;
        let body = looked(&server, "cmdbsyncer").await;
        assert_eq!(body["sent"], Value::Null, "{body:#}");

        // What its module does with the same settings.
        let mut browser = Browser::new().stopping_at(&syncer.page("/"));
        let page = browser.get(&syncer.begin().await).await;
        let page = browser.log_in(&page, &alice).await;
        let who = syncer.finish(&page.url).await.expect("a login");
        assert_eq!(
            who,
            json!({ "email": "alice@example.com", "name": "Alice Archer", "groups": ["cmdbsyncer-admins", "users"], "global_admin": true })
        );
        let mut browser = Browser::new().stopping_at(&syncer.page("/"));
        let page = browser.get(&syncer.begin().await).await;
        let page = browser.log_in(&page, &bob).await;
        assert_eq!(syncer.finish(&page.url).await.expect("a login")["global_admin"], false);

        is_known_to_the_doctor(&server, &syncer, &alice).await;
    })
    .await;
}

/// What its libraries say to another algorithm, and two messages that its documentation and its module have.
async fn is_known_to_the_doctor(server: &Server, syncer: &CmdbSyncer, person: &Person) {
    let app = "cmdbsyncer";
    server.json(&["app", "edit", app, "--id-token-alg", "EdDSA"]).await;
    names(&looked(server, app).await, "algorithm", &["EdDSA", "RS256"]);
    let mut browser = Browser::new().stopping_at(&syncer.page("/"));
    let page = browser.get(&syncer.begin().await).await;
    let page = browser.log_in(&page, person).await;
    let said = syncer.finish(&page.url).await.expect_err("it takes no EdDSA");
    let last = said.trim().lines().next_back().unwrap_or_default();
    assert!(last.contains("Algorithm of 'EdDSA'"), "{said}");
    let reason = last.split_once(": ").map_or(last, |(_, reason)| reason);
    let logged = format!("OIDC id_token verification failed: {reason}");
    server.json(&["app", "edit", app, "--id-token-alg", "RS256"]).await;
    for (said, means) in [
        (logged.as_str(), "--id-token-alg RS256"),
        (
            "OIDC configuration error: 404 Client Error: Not Found",
            "Set the account's address",
        ),
        ("user.login.failure oidc no_email_claim", "has no e-mail address"),
    ] {
        let known = server.json(&["doctor", "explain", "--app", app, said]).await;
        assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
    }
}
