//! A PostgreSQL of a test's own, to crash or to configure.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use doorward_store::Location;
use tempfile::TempDir;

/// Reached by a socket in its directory.
pub(crate) struct Server {
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    directory: TempDir,
    settings: Vec<String>,
    process: Child,
}

impl Server {
    /// Makes and starts a server with some settings; `None` when PostgreSQL is not installed and nobody insists on it.
    pub(crate) fn start(settings: &[&str]) -> Option<Self> {
        Self::start_with(settings, &[])
    }

    /// Puts files beside the data first; `{directory}` in a setting is where they are.
    pub(crate) fn start_with(settings: &[&str], files: &[(&str, &str)]) -> Option<Self> {
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
        for (name, content) in files {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = owner {
                chown(&path, Some(user), Some(group)).unwrap();
            }
        }
        let here = directory.path().to_str().unwrap();
        let settings = settings
            .iter()
            .map(|setting| setting.replace("{directory}", here))
            .collect::<Vec<String>>();
        let process = launch(&programs, owner, directory.path(), &settings);
        Some(Self {
            programs,
            owner,
            directory,
            settings,
            process,
        })
    }

    pub(crate) fn location(&self) -> Location {
        let socket = self.directory.path().to_str().unwrap().replace('/', "%2F");
        Location::Postgres(format!("postgres://postgres@{socket}/postgres"))
    }

    pub(crate) fn signal(&mut self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        self.process.wait().unwrap();
    }

    /// Starts it again. After a SIGKILL its children need a moment to notice, and until then it refuses to start.
    pub(crate) fn restart(&mut self) {
        for _ in 0..50 {
            self.process = launch(&self.programs, self.owner, self.directory.path(), &self.settings);
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

fn launch(programs: &Path, owner: Option<(u32, u32)>, directory: &Path, settings: &[String]) -> Child {
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
    for setting in settings {
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
