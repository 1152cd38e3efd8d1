//! A clock that a test moves, for servers that are started under it.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::process::Command;

use crate::tools::Tools;

/// The time of some servers, as a distance from the machine's.
pub struct Clock {
    folder: TempDir,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// The machine's own time.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Self { folder };
        clock.set("+0");
        clock
    }

    /// From now on it is so much later, in the words of `libfaketime`: `+11m`.
    pub fn set(&self, offset: &str) {
        std::fs::write(self.file(), offset).expect("the file can be written");
    }

    /// Where it stands.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }
}

/// Lets a program live by the clock in that file. Its timers run as ever.
pub(crate) fn live_by(command: &mut Command, file: &std::path::Path) {
    command
        .env("LD_PRELOAD", Tools::libfaketime())
        .env("FAKETIME_TIMESTAMP_FILE", file)
        .env("FAKETIME_NO_CACHE", "1")
        .env("DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}
