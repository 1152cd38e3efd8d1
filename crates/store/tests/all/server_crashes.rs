//! A PostgreSQL server that crashes under load loses nothing that was acknowledged, and the store finds back to it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_store::testing::START;
use doorward_store::{Change, Location, Store, StoreError, Topic, settings};
use tempfile::TempDir;

use crate::load::{self, Ledger};

/// A PostgreSQL of this test's own, reached by a socket in its directory.
struct Server {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    directory: TempDir,
    process: Child,
}

impl Server {
    /// Makes and starts a server; `None` when PostgreSQL is not installed and nobody insists on it.
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var_os("CI").is_some() || std::env::var_os("DOORWARD_REQUIRE_POSTGRES").is_some();
            assert!(
                !required,
                "PostgreSQL's initdb and postgres must be installed: this test crashes a server of its own"
            );
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root.
        let owner = is_root().then(|| (id_of_postgres("-u"), id_of_postgres("-g")));
        if let Some((user, group)) = owner {
            chown(directory.path(), Some(user), Some(group)).unwrap();
            std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let made = as_owner(&programs.join("initdb"), owner)
            .args(["--no-sync", "-A", "trust", "-U", "postgres", "-D"])
            .arg(directory.path().join("data"))
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        let process = launch(&programs, owner, directory.path());
        Some(Self {
            programs,
            owner,
            directory,
            process,
        })
    }

    fn location(&self) -> Location {
        let socket = self.directory.path().to_str().unwrap().replace('/', "%2F");
        Location::Postgres(format!("postgres://postgres@{socket}/postgres"))
    }

    fn signal(&mut self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        self.process.wait().unwrap();
    }

    /// Starts it again. After a SIGKILL its children need a moment to notice, and until then it refuses to start.
    fn restart(&mut self) {
        for _ in 0..50 {
            self.process = launch(&self.programs, self.owner, self.directory.path());
            std::thread::sleep(Duration::from_millis(200));
            if self.process.try_wait().unwrap().is_none() {
                return;
            }
        }
        panic!("the server does not start again");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(programs: &Path, owner: Option<(u32, u32)>, directory: &Path) -> Child {
    let mut command = as_owner(&programs.join("postgres"), owner);
    command.arg("-D").arg(directory.join("data")).arg("-k").arg(directory);
    for setting in [
        "listen_addresses=",
        "shared_buffers=16MB",
        "max_connections=50",
        // A server that is told to answer before it has synced: the store must insist.
        "synchronous_commit=off",
    ] {
        command.args(["-c", setting]);
    }
    command
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// The directory of the newest installation.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .chain(
            std::env::var_os("PATH")
                .iter()
                .flat_map(std::env::split_paths)
                .collect::<Vec<_>>(),
        )
        .filter(|directory| directory.join("initdb").exists() && directory.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}

fn id_of_postgres(which: &str) -> u32 {
    let output = Command::new("id").args([which, "postgres"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

async fn open(location: &Location) -> Store {
    for _ in 0..200 {
        match Store::open(location, START).await {
            Ok(store) => return store,
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(failure) => panic!("{failure}"),
        }
    }
    panic!("the server does not answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crashed_postgresql_has_lost_nothing_acknowledged_and_the_store_finds_back() {
    let Some(mut server) = Server::start() else { return };
    let location = server.location();
    let store = open(&location).await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    store.on_change(Arc::new(move |change| hears.lock().unwrap().push(*change)));

    for signal in ["-QUIT", "-KILL"] {
        let (ledger, log) = Ledger::shared();
        let loaded = store.clone();
        let load = tokio::spawn(async move { load::run(&loaded, 16, 100, log).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.signal(signal);
        load.await.unwrap();
        heard.lock().unwrap().clear();
        server.restart();
        // Another node of the cluster, and the node that lived through it.
        let ledger = std::mem::take(&mut *ledger.lock().unwrap());
        assert!(ledger.len() > 10, "{signal}");
        let other = open(&location).await;
        assert_eq!(ledger.lost(&other).await, 0, "{signal}");
        store
            .write(START, |tx| settings::set(tx, "alive", "yes"))
            .await
            .unwrap_or_else(|failure: StoreError| panic!("after {signal}: {failure}"));
        until(|| {
            let heard = heard.lock().unwrap();
            Topic::ALL.iter().all(|topic| heard.contains(&Change::any(*topic)))
        })
        .await;
        other.close().await;
    }
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the node did not announce everything to itself");
}
