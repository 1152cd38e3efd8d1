//! Copies of the database: this server makes none, so it looks where somebody says that they are.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, oneshot};

use crate::{Cause, Finding};

/// A copy that is older than this is not one of every night.
const OLD: SignedDuration = SignedDuration::from_hours(50);
/// Files that are looked at.
const MOST: usize = 10_000;
/// How copies begin: SQLite's files, PostgreSQL's own format, gzip, Zstandard, and text.
const BEGINNINGS: [&[u8]; 5] = [b"SQLite format 3\0", b"PGDMP", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"--"];

/// How long a folder may take, which may be on another machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// One look at the folder at a time: one that never ends takes no second thread.
static TURN: Semaphore = Semaphore::const_new(1);

/// The same where it keeps nobody waiting. A folder on another machine may never answer, so it is read on a thread of its own, which
/// neither a unit of work nor the end of the server needs.
pub(crate) async fn look(folder: Option<PathBuf>, data: Option<PathBuf>, now: Timestamp) -> Vec<Finding> {
    let Some(folder) = folder else {
        return judge(None, None, now);
    };
    let named = folder.display().to_string();
    let looked = async {
        let turn = TURN.acquire().await.ok()?;
        let (answer, answered) = oneshot::channel();
        let work = move || {
            let found = judge(Some(&folder), data.as_deref(), now);
            drop(turn);
            // Whoever asked may have gone meanwhile.
            let _ = answer.send(found);
        };
        thread::Builder::new().name("backups".to_owned()).spawn(work).ok()?;
        answered.await.ok()
    };
    if let Ok(Some(found)) = tokio::time::timeout(PATIENCE, looked).await {
        return found;
    }
    let received = format!("{named} does not answer");
    let finding = Finding::advice(Cause::Backup, "a folder that can be read in five seconds", received);
    vec![finding.here("see whether what is mounted there is")]
}

/// Looks at the newest copy. `folder` is where they are, as the configuration says; `data` is where the database is.
fn judge(folder: Option<&Path>, data: Option<&Path>, now: Timestamp) -> Vec<Finding> {
    let Some(folder) = folder else {
        let finding = Finding::advice(
            Cause::Backup,
            "a folder with copies of the database",
            "none is named: this server makes no copies, and does not know whether anybody does",
        );
        return vec![finding.here("[backup] folder = \"/var/backups/doorward\" in the configuration, and docs/operating.md for how they are made")];
    };
    let at = folder.display();
    let newest = match newest(folder) {
        Ok(newest) => newest,
        Err(error) => {
            let finding = Finding::problem(Cause::Backup, format!("a folder at {at}"), error.to_string());
            return vec![
                finding.here("let this server's user read it, or correct [backup] folder in the configuration"),
            ];
        }
    };
    let Some((file, written, bytes)) = newest else {
        let finding = Finding::problem(Cause::Backup, format!("a copy of the database in {at}"), "none");
        return vec![finding.here("docs/operating.md says how one is made")];
    };
    let name = file.display();
    let age = now.duration_since(written);
    let mut found = Vec::new();
    if age > OLD {
        let finding = Finding::problem(
            Cause::Backup,
            "a copy of the last two days",
            format!("the newest, {name}, is of {written}"),
        );
        found.push(finding.here("see why whatever makes them does so no longer"));
    } else if !is_a_copy(&file) {
        let finding = Finding::problem(
            Cause::Backup,
            "a copy of the database",
            format!(
                "{name}, {bytes} bytes, which is none that is known: a file of SQLite, pg_dump's, or one that is packed"
            ),
        );
        found.push(finding.here("try to restore it"));
    }
    if found.is_empty() {
        found.push(Finding::good(
            Cause::Backup,
            format!("{name} is of {written}, {} KiB", bytes / 1024),
        ));
    }
    if let Some(data) = data.filter(|data| is_one_disk(folder, data)) {
        let finding = Finding::advice(
            Cause::Backup,
            "copies on another disk, or on another machine",
            format!("{at} is on the disk of {}", data.display()),
        );
        found.push(finding.here("carry them elsewhere: a disk that dies takes both"));
    }
    found
}

/// The newest file, when it was written, and how large it is.
fn newest(folder: &Path) -> std::io::Result<Option<(PathBuf, Timestamp, u64)>> {
    let mut newest: Option<(PathBuf, SystemTime, u64)> = None;
    for entry in fs::read_dir(folder)?.take(MOST) {
        let entry = entry?;
        let Ok(about) = entry.metadata() else { continue };
        let Ok(written) = about.modified() else { continue };
        let is_newer = newest.as_ref().is_none_or(|(_, known, _)| written > *known);
        if about.is_file() && about.len() > 0 && is_newer {
            newest = Some((entry.path(), written, about.len()));
        }
    }
    Ok(newest.and_then(|(file, written, bytes)| Some((file, Timestamp::try_from(written).ok()?, bytes))))
}

fn is_a_copy(file: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(file).and_then(|file| file.take(16).read_to_end(&mut beginning));
    // What cannot be opened is closed to this server's user, which is as it should be.
    read.is_err() || BEGINNINGS.iter().any(|known| beginning.starts_with(known))
}

fn is_one_disk(one: &Path, other: &Path) -> bool {
    let disk = |path: &Path| rustix::fs::stat(path).ok().map(|stat| stat.st_dev);
    disk(one).is_some() && disk(one) == disk(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;

    /// The time by the clock of the file system.
    fn written_at(path: &Path) -> Timestamp {
        Timestamp::try_from(fs::metadata(path).unwrap().modified().unwrap()).unwrap()
    }

    fn said(folder: Option<&Path>, now: Timestamp) -> (Weight, String) {
        let found = judge(folder, None, now);
        (found[0].weight, found[0].received.clone())
    }

    #[test]
    fn the_newest_copy_counts_by_its_age_and_by_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let now = written_at(folder.path());
        assert_eq!(said(None, now).0, Weight::Advice);
        assert_eq!(said(Some(&folder.path().join("gone")), now).0, Weight::Problem);
        assert_eq!(said(Some(folder.path()), now), (Weight::Problem, "none".to_owned()));
        fs::write(folder.path().join("a"), "").unwrap();
        assert_eq!(said(Some(folder.path()), now), (Weight::Problem, "none".to_owned()));
        fs::write(folder.path().join("b"), "an error message of pg_dump").unwrap();
        let (weight, words) = said(Some(folder.path()), now);
        assert!(
            weight == Weight::Problem && words.contains("none that is known"),
            "{words}"
        );
        fs::write(folder.path().join("b"), "SQLite format 3\0").unwrap();
        assert_eq!(said(Some(folder.path()), now).0, Weight::Good);
        let later = now + SignedDuration::from_hours(60);
        assert_eq!(said(Some(folder.path()), later).0, Weight::Problem);
    }

    #[test]
    fn copies_on_the_disk_of_the_database_are_advised_against() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "SQLite format 3\0").unwrap();
        let found = judge(Some(folder.path()), Some(folder.path()), written_at(folder.path()));
        assert_eq!(found[1].weight, Weight::Advice);
    }
}
