//! PocketBase, which is what Beszel logs people in with, set up by what is printed for Beszel's form.

use doorward_e2e::{
    Browser, Server, bounded,
    rigs::{Ground, PocketBase, Printed},
};

#[tokio::test]
async fn people_enter_beszels_pocketbase_by_the_printed_form_and_are_the_same_account_again() {
    bounded(60, async {
        let server = Server::start().await;
        server.json(&["group", "add", "users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
        let ground = Ground::of("beszel");
        let printed = Printed::add(&server, "beszel", &ground.url, "users").await;
        let base = PocketBase::start(ground, &printed).await;

        let mut browser = Browser::new();
        let first = base
            .log_in(&mut browser, async |browser, page| browser.log_in(&page, &alice).await)
            .await;
        assert_eq!(first["record"]["email"], "alice@example.com", "{first}");
        assert_eq!(first["record"]["verified"], true, "{first}");
        assert_eq!(first["meta"]["isNew"], true, "{first}");
        assert_eq!(first["meta"]["username"], "alice", "{first}");

        let again = base.log_in(&mut browser, async |_, page| page).await;
        assert_eq!(again["meta"]["isNew"], false, "{again}");
        assert_eq!(again["record"]["id"], first["record"]["id"], "{again}");
        let trace = server.latest_trace("beszel").await;
        assert!(trace.passed("userinfo.token"), "{trace:#?}");
    })
    .await;
}
