//! `doorward demo`, the first command of the README.

use std::time::Duration;

use doorward_e2e::{Running, Tools, bounded, free_port, output_folder, run_node};
use serde_json::json;
use tokio::process::Command;

#[tokio::test]
async fn the_demonstration_does_what_it_prints() {
    bounded(180, async {
        let (port, app_port) = (free_port(), free_port());
        let mut command = Command::new(Tools::doorward());
        command.args(["demo", "--port", &port.to_string(), "--app-port", &app_port.to_string()]);
        let mut demo = Running::start(&format!("demo-{port}"), command, &output_folder("logs"));
        demo.answers(&format!("http://127.0.0.1:{app_port}/")).await;
        // Its application answers a moment before the terminal does.
        let said = demo.says("doorward --data").await;
        let after = |mark: &str| -> String {
            let rest = said
                .split_once(mark)
                .unwrap_or_else(|| panic!("no {mark:?} in:\n{said}"))
                .1;
            rest.split_whitespace().next().expect("something follows").to_owned()
        };
        let alice = after("alice    password");
        let bob = after("bob      password");
        let data = after("doorward --data");
        let house = json!({
            "url": after("Doorward itself"),
            "app": after("Log in to the demo application"),
            "alice": { "name": "alice", "password": alice },
            "bob": { "name": "bob", "password": bob },
            "data": data,
            "doorward": Tools::doorward(),
            "chromium": Tools::chromium(),
            "screenshots": output_folder("screenshots"),
        });
        run_node("browser/demo.mjs", &house, 120).await;

        let status = demo.stop(Duration::from_secs(20)).await;
        assert!(status.success(), "{status}");
        assert!(!std::path::Path::new(&data).exists(), "all of it is deleted");
    })
    .await;
}
