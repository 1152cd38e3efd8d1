//! Chromium on the pages: what people do, and what every page looks like.

use doorward_e2e::{Server, Tools, bounded, free_port, output_folder, run_node};
use serde_json::{Value, json};

#[tokio::test]
async fn people_find_their_way_in_chromium() {
    bounded(300, async {
        let server = Server::start().await;
        let house = house(&server).await;
        run_node("browser/people.mjs", &house, 240).await;
    })
    .await;
}

#[tokio::test]
async fn every_page_is_accessible_in_both_themes_narrow_and_wide() {
    bounded(300, async {
        let server = Server::start().await;
        let house = house(&server).await;
        run_node("browser/pages.mjs", &house, 240).await;
    })
    .await;
}

#[tokio::test]
async fn passkeys_are_registered_used_and_refused_in_chromium() {
    bounded(300, async {
        // Browsers bind passkeys to names; an address is none.
        let server = Server::start_as_neighbour().await;
        let house = house(&server).await;
        run_node("browser/passkeys.mjs", &house, 240).await;
    })
    .await;
}

/// Alice in `staff`, and an application for them that asks.
async fn house(server: &Server) -> Value {
    let first_link = server.first_link();
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let port = free_port();
    let url = format!("http://localhost:{port}/");
    let redirect_uri = format!("{url}callback");
    for (id, name, consent) in [("ledger", "The Ledger", "ask"), ("silent", "The Silent One", "skip")] {
        let mut command = vec![
            "app", "add", "generic", &url, "--name", id, "--title", name, "--group", "staff",
        ];
        command.extend(["--add-redirect-uri", &redirect_uri, "--consent", consent]);
        server.json(&command).await;
    }
    let secret = server.json(&["app", "secret", "show", "ledger"]).await;
    json!({
        "url": server.url,
        "firstLink": first_link,
        "doorward": Tools::doorward(),
        "data": server.data(),
        "chromium": Tools::chromium(),
        "screenshots": output_folder("screenshots"),
        "person": { "name": alice.name, "password": alice.password },
        "app": { "id": "ledger", "secret": secret["secret"], "port": port },
    })
}
