//! pgAdmin, set up by the printed file alone, in Chromium.

use doorward_e2e::{
    Person, Server, Tools, bounded,
    rigs::{Ground, PgAdmin, Printed},
    run_node,
};
use serde_json::{Value, json};

use crate::{
    doctor_app::{looked, may_be_here},
    doctor_table::Tried,
};

fn told(person: &Person) -> Value {
    json!({ "name": person.name, "password": person.password })
}

#[tokio::test]
async fn people_enter_pgadmin_by_the_printed_file_if_they_have_the_group_and_log_out_of_both() {
    bounded(240, async {
        let server = Server::start().await;
        for group in ["users", "pgadmin-users"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "pgadmin-users"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let ground = Ground::of("pgadmin");
        let printed = Printed::add(&server, "pgadmin", &ground.url, "users").await;
        let pgadmin = PgAdmin::start(ground, &printed).await;
        let house = json!({
            "chromium": Tools::chromium(),
            "url": server.url,
            "app": pgadmin.url(),
            "person": told(&alice),
            "other": told(&bob),
        });
        run_node("browser/pgadmin.mjs", &house, 120).await;
        assert!(pgadmin.log().contains("bob is not authorized"), "{}", pgadmin.log());
        // Its login begins in a script, which is said.
        may_be_here(&server, "pgadmin").await;
        let body = looked(&server, "pgadmin").await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        let said = body["findings"].to_string();
        assert!(
            said.contains("begins logins in a script") && said.contains("trace --app pgadmin --follow"),
            "{body:#}"
        );
        let mut tried = Tried::row("pgadmin", "pgadmin");
        tried.algorithm(&server).await;
        tried.logouts(&server).await;
        tried.ends();
    })
    .await;
}
