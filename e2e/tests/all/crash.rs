//! The power goes while people log in: what was acknowledged is kept, what was used stays used.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward_e2e::{Browser, Client, Engine, Server, bounded};

const WORKERS: usize = 4;
const ROUNDS: u32 = 3;

/// What the server has said to the application before it was killed.
#[derive(Default)]
struct Acknowledged {
    /// The last refresh token of each login.
    refresh_tokens: Vec<String>,
    /// Codes for which tokens came.
    used_codes: Vec<String>,
}

#[tokio::test]
async fn kill_9_during_logins_loses_no_acknowledged_grant_on_sqlite() {
    bounded(240, kill_during_logins(Engine::Sqlite)).await;
}

#[tokio::test]
async fn kill_9_during_logins_loses_no_acknowledged_grant_on_postgresql() {
    bounded(240, kill_during_logins(Engine::Postgres)).await;
}

async fn kill_during_logins(engine: Engine) {
    let mut server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let client = Client::add(
        &server,
        "wiki",
        "staff",
        &["--consent", "skip", "--expects-refresh", "true"],
    )
    .await;
    let mut browsers = Vec::new();
    for _ in 0..WORKERS {
        let mut browser = client.browser();
        client.code(&mut browser, &alice).await;
        browsers.push(browser);
    }
    for round in 0..ROUNDS {
        let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
        let workers: Vec<_> = browsers
            .iter()
            .map(|browser| tokio::spawn(work(client.clone(), browser.clone(), Arc::clone(&acknowledged))))
            .collect();
        // At another moment each time, and not before there is something to lose.
        let enough = || acknowledged.lock().expect("no worker panicked").used_codes.len() >= 10;
        while !enough() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(37 * round))).await;
        server.kill().await;
        for worker in workers {
            worker.await.expect("a worker ends when the server is gone");
        }
        server.restart().await;
        check(&client, &acknowledged).await;
    }
}

/// Logs in and refreshes until the server is gone. Every refusal before is a failure.
async fn work(client: Client, mut browser: Browser, acknowledged: Arc<Mutex<Acknowledged>>) {
    loop {
        let Ok(page) = browser.try_get(&client.authorize_url(&[])).await else {
            return;
        };
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("{} {}", page.url, page.text()));
        let Ok(tokens) = client.try_redeem(&code).await else {
            return;
        };
        let first = tokens.granted().text("refresh_token").to_owned();
        acknowledged.lock().expect("no worker panicked").used_codes.push(code);
        let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
        // Of a refresh without an answer nobody can say which token is the last; it is not in the list.
        let Ok(tokens) = client.try_post("token", &form).await else {
            return;
        };
        let last = tokens.granted().text("refresh_token").to_owned();
        acknowledged
            .lock()
            .expect("no worker panicked")
            .refresh_tokens
            .push(last);
    }
}

async fn check(client: &Client, acknowledged: &Mutex<Acknowledged>) {
    let acknowledged = std::mem::take(&mut *acknowledged.lock().expect("no worker panicked"));
    assert!(acknowledged.refresh_tokens.len() >= 5, "there was something to lose");
    for token in &acknowledged.refresh_tokens {
        let tokens = client.refresh(token).await.granted();
        assert!(client.is_active(tokens.text("access_token")).await);
    }
    for code in &acknowledged.used_codes {
        client.redeem(code).await.refused("invalid_grant");
    }
}
