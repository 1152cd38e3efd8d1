//! Synapse, set up by the printed file alone: people come in with their names, a group decides, and a session that ends here logs the devices out.

use std::time::Duration;

use doorward_e2e::{
    Browser, Server, bounded,
    rigs::{Ground, Printed, Synapse},
};

#[tokio::test]
async fn people_enter_synapse_by_the_printed_file_and_their_devices_leave_with_the_session() {
    bounded(120, async {
        let server = Server::start().await;
        for group in ["users", "matrix-users"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "matrix-users"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let ground = Ground::of("synapse");
        let printed = Printed::add(&server, "synapse", &ground.url, "users").await;
        let synapse = Synapse::start(ground, &printed).await;

        let mut browser = Browser::new();
        let page = browser.get(&synapse.login()).await;
        let page = browser.log_in(&page, &alice).await;
        page.says("Alice Archer");
        let device = synapse.device(&page).await;
        assert_eq!(device["user_id"], "@alice:localhost", "{device}");
        let (_, profile) = synapse.ask(&device, "profile/@alice:localhost").await;
        assert_eq!(profile["displayname"], "Alice Archer", "{profile}");
        let (_, addresses) = synapse.ask(&device, "account/3pid").await;
        assert_eq!(addresses["threepids"][0]["address"], "alice@example.com", "{addresses}");

        // The session is enough for a second device, which belongs to it as well.
        let page = browser.get(&synapse.login()).await;
        let second = synapse.device(&page).await;
        assert_ne!(second["device_id"], device["device_id"]);

        // Who lacks the group that the printed lines name is logged in here, and refused there.
        let mut other = Browser::new();
        let page = other.get(&synapse.login()).await;
        let page = other.log_in(&page, &bob).await;
        page.says("You are not allowed to log in here");

        let page = browser.get(&format!("{}/logout", server.url)).await;
        let page = browser.submit(&page, "/logout/confirm", &[("decision", "allow")]).await;
        page.says("You are logged out");
        for device in [device, second] {
            let mut status = 200;
            for _ in 0..100 {
                status = synapse.ask(&device, "account/whoami").await.0;
                if status == 401 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(
                status,
                401,
                "{:#}\n{}",
                server.json(&["app", "logouts", "synapse"]).await,
                synapse.log()
            );
        }
    })
    .await;
}
