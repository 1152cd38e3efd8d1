//! A server that is killed with SIGKILL under load loses nothing that it acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use doorward_store::testing::{self, START};
use doorward_store::{Location, Store};

use crate::load::{self, Ledger, Log, Step};

const DATABASE: &str = "DOORWARD_CRASH_TEST_DATABASE";

/// Not a test: what [`kill_under_load`] starts and kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the crash tests"]
async fn the_child_process() {
    let Ok(database) = std::env::var(DATABASE) else { return };
    let location = if database.starts_with("postgres:") {
        Location::Postgres(database)
    } else {
        Location::Sqlite(database.into())
    };
    let store = Store::open(&location, START).await.unwrap();
    let log: Log = Arc::new(|step| {
        // One write per line: the pipe holds whole lines only, also when the process ends in the next instant.
        let line = format!("{}\n", step.line());
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        std::io::stdout().lock().flush().unwrap();
    });
    load::run(&store, 32, 0, log).await;
}

/// Starts the child, kills it after `steps` acknowledged steps, and notes all that it had acknowledged.
fn kill_under_load(database: &str, steps: usize, ledger: &mut Ledger) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crashes::the_child_process", "--exact", "--ignored", "--nocapture"])
        .env(DATABASE, database)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = 0;
    for line in lines.map_while(Result::ok) {
        let Some(step) = Step::from_line(&line) else { continue };
        ledger.note(&step);
        seen += 1;
        if seen == steps {
            child.kill().unwrap();
        }
    }
    let ended = child.wait().unwrap();
    assert!(seen >= steps, "the child ended by itself ({ended}) after {seen} steps");
}

async fn survives_kills(location: &Location, database: String, kills: &[usize]) {
    let mut ledger = Ledger::default();
    for &steps in kills {
        let database = database.clone();
        ledger = tokio::task::spawn_blocking(move || {
            kill_under_load(&database, steps, &mut ledger);
            ledger
        })
        .await
        .unwrap();
    }
    assert!(ledger.len() >= kills.iter().sum::<usize>() / 3);
    let store = Store::open(location, START).await.unwrap();
    assert_eq!(ledger.lost(&store).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_sqlite_has_lost_nothing_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    survives_kills(
        &Location::Sqlite(path.clone()),
        path.to_str().unwrap().to_owned(),
        &[1, 100, 1000, 2000],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_postgresql_has_lost_nothing_it_acknowledged() {
    let Some(location) = testing::empty_postgres().await else {
        return;
    };
    let Location::Postgres(url) = location.clone() else {
        panic!("a PostgreSQL location")
    };
    survives_kills(&location, url, &[1, 100, 600]).await;
}
