//! Where an application will stand: its provider is told before it starts.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::process::free_port;

/// A free port of the loopback, and an empty folder.
pub struct Ground {
    folder: TempDir,
    /// The port.
    pub port: u16,
    /// Where people will open it: another host than the server's, so that no cookie of one reaches the other.
    pub url: String,
}

impl Ground {
    /// For the application of that name.
    pub fn of(name: &str) -> Self {
        let port = free_port();
        Self {
            folder: tempfile::Builder::new()
                .prefix(&format!("doorward-e2e-{name}-"))
                .tempdir()
                .expect("a temporary folder"),
            port,
            url: format!("http://localhost:{port}"),
        }
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in its folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("the folder can be written");
        path
    }
}
