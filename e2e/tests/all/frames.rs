//! Frames in Chromium: those of applications in the page after a logout, and the one of session management in pages of applications.

use doorward_e2e::{Server, Tools, bounded, free_port, output_folder, run_node};
use serde_json::json;

#[tokio::test]
async fn frames_of_applications_are_loaded_and_the_frame_of_sessions_answers_their_pages() {
    bounded(200, async {
        // Of one site with the application, as `localhost` is: without TLS no browser gives cookies to frames of another.
        let server = Server::start_as_neighbour().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let port = free_port();
        let app = format!("http://localhost:{port}");
        let [callback, bye, frame] = ["callback", "bye", "frame?from=doorward"].map(|path| format!("{app}/{path}"));
        let mut command = vec![
            "app",
            "add",
            "generic",
            &app,
            "--name",
            "ledger",
            "--title",
            "The Ledger",
        ];
        command.extend(["--group", "staff", "--consent", "skip", "--add-redirect-uri", &callback]);
        command.extend(["--add-post-logout-uri", &bye, "--frontchannel-logout-uri", &frame]);
        command.extend(["--session-management", "true"]);
        server.json(&command).await;
        let secret = server.json(&["app", "secret", "show", "ledger"]).await;
        let config = json!({
            "url": server.url,
            "doorward": Tools::doorward(),
            "data": server.data(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
            "person": { "name": alice.name, "password": alice.password },
            "app": { "id": "ledger", "secret": secret["secret"], "port": port },
            "stranger": free_port(),
        });
        run_node("browser/frames.mjs", &config, 150).await;
    })
    .await;
}
