//! Signing keys and the master key change while people log in.

use std::time::Duration;

use doorward_e2e::{Client, Engine, Person, Server, Tools, bounded, run_node};
use serde_json::{Value, json};

#[tokio::test]
async fn a_client_library_verifies_across_a_rotation_and_a_stolen_key_is_worth_nothing_at_once() {
    bounded(200, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let mut command = vec![
            "app",
            "add",
            "generic",
            "http://127.0.0.1:9/",
            "--name",
            "wiki",
            "--group",
            "staff",
        ];
        command.extend(["--add-redirect-uri", "http://127.0.0.1:9/callback", "--consent", "skip"]);
        command.extend(["--id-token-alg", "ES256", "--access-token-alg", "ES256"]);
        server.json(&command).await;
        let secret = server.json(&["app", "secret", "show", "wiki"]).await;
        let config = json!({
            "issuer": server.url,
            "doorward": Tools::doorward(),
            "data": server.data(),
            "secret": secret["secret"],
            "person": { "name": alice.name, "password": alice.password },
        });
        run_node("node/keys.mjs", &config, 150).await;
    })
    .await;
}

/// What is sealed in the database, and what it takes to read it: a login signs, the secret is shown.
struct House {
    server: Server,
    client: Client,
    alice: Person,
    secret: String,
}

impl House {
    async fn new(engine: Engine) -> Self {
        let server = Server::start_on(engine).await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let client = Client::add(&server, "wiki", "staff", &["--consent", "skip"]).await;
        Self {
            secret: client.secret.clone(),
            server,
            client,
            alice,
        }
    }

    /// Everything that was sealed opens.
    async fn is_whole(&self) {
        let shown = self.server.json(&["app", "secret", "show", "wiki"]).await;
        assert_eq!(shown["secret"], self.secret);
        let mut browser = self.client.browser();
        let code = self.client.code(&mut browser, &self.alice).await;
        let tokens = self.client.redeem(&code).await.granted();
        assert!(self.client.is_active(tokens.text("access_token")).await);
    }

    fn file(&self) -> std::path::PathBuf {
        self.server.data().join("master.key")
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file()).expect("the master key can be read");
        text.lines().map(str::to_owned).collect()
    }

    async fn master(&self) -> Vec<Value> {
        let shown = self.server.json(&["master-key", "show"]).await;
        shown["keys"].as_array().expect("a list of keys").clone()
    }
}

#[tokio::test]
async fn another_master_key_takes_over_and_the_power_may_go_at_any_moment() {
    bounded(240, async {
        let mut house = House::new(Engine::Sqlite).await;
        let mut every = house.lines();
        assert_eq!(every.len(), 1);
        for round in 0..5_u64 {
            let data = house.server.data().to_owned();
            let mut rotating = tokio::process::Command::new(Tools::doorward())
                .arg("--data")
                .arg(data)
                .args(["master-key", "rotate"])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .expect("the command line can be started");
            // Before, while and after the file and the database change.
            tokio::time::sleep(Duration::from_millis(8 * round * round)).await;
            house.server.kill().await;
            rotating.wait().await.expect("it ends when the server is gone");
            house.server.restart().await;
            house.is_whole().await;
            let master = house.master().await;
            assert!(master.iter().skip(1).all(|key| key["needed"] == false), "{master:?}");
            every.extend(house.lines());
        }
        let rotated = house.server.json(&["master-key", "rotate"]).await;
        assert_eq!(rotated["keys"][0]["current"], true);
        every.extend(house.lines());
        house.is_whole().await;
        let old = house.lines().pop().expect("the first key of all");
        let left = house.server.json(&["master-key", "forget", "--yes"]).await;
        assert_eq!(left["keys"].as_array().map(Vec::len), Some(1));
        assert_eq!(house.lines().len(), 1);
        house.server.stop().await;
        house.server.restart().await;
        house.is_whole().await;
        assert!(
            house
                .server
                .json(&["event", "list", "--action", "master_key"])
                .await
                .to_string()
                .contains("master_key.forget")
        );

        // No backup has any of them: not as text, not as bytes.
        house.server.stop().await;
        for name in ["doorward.db", "doorward.db-wal"] {
            let Ok(bytes) = std::fs::read(house.server.data().join(name)) else {
                continue;
            };
            for line in &every {
                let key = decoded(line);
                let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
                assert!(!has(line.as_bytes()) && !has(&key), "{name} has a master key");
                assert!(!has(hex(&key).as_bytes()), "{name} has a master key");
            }
        }

        // The old one alone opens nothing any more.
        std::fs::write(house.file(), old).expect("the file can be written");
        let refused = std::process::Command::new(Tools::doorward())
            .args(["--data", house.server.data().to_str().expect("a path of text"), "serve"])
            .args([
                "--public-url",
                &house.server.url,
                "--listen",
                &format!("127.0.0.1:{}", house.server.port()),
            ])
            .output()
            .expect("the server can be started");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && said.contains("sealed under the master key with id"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_master_key_that_nodes_share_is_replaced_line_by_line() {
    bounded(120, async {
        let mut house = House::new(Engine::Postgres).await;
        let refused = house.server.cli(&["master-key", "rotate"]).await;
        assert!(
            refused.code != 0 && refused.err.contains("openssl rand -base64 32"),
            "{refused:?}"
        );
        let old = house.lines().remove(0);
        let new = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=".to_owned();
        for (lines, needed) in [
            (vec![&old, &new], vec![true, false]),
            (vec![&new, &old], vec![true, false]),
            (vec![&new], vec![true]),
        ] {
            house.server.stop().await;
            let text: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
            std::fs::write(house.file(), text.join("\n")).expect("the file can be written");
            house.server.restart().await;
            house.is_whole().await;
            let found: Vec<bool> = house.master().await.iter().map(|key| key["needed"] == true).collect();
            assert_eq!(found, needed);
        }
    })
    .await;
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Standard base64.
fn decoded(line: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in line.bytes().filter(|byte| *byte != b'=') {
        let value = ALPHABET.iter().position(|known| *known == byte).expect("base64");
        held = (held << 6 | u32::try_from(value).expect("six bits")) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).expect("eight bits"));
        }
    }
    bytes
}
