//! Servers elsewhere, their addresses and tokens, and the tokens of logins: in one file that only its owner can read.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The name that stands for the server on this machine.
pub(crate) const LOCAL: &str = "local";

/// One server elsewhere.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remote {
    /// Its public URL, without a trailing slash.
    pub(crate) url: String,
    /// The API token to show it.
    pub(crate) token: String,
    /// PEM file of a private certificate authority, when its certificate is not from a public one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// A token of a login at a provider.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    /// The application that the token is for.
    pub(crate) client_id: String,
    /// Who logged in, as the provider identifies them.
    pub(crate) sub: String,
    /// The access token.
    pub(crate) access_token: String,
    /// When it ends, in seconds since 1970, if the provider says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<i64>,
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remotes {
    /// Which one commands go to when none is named; the local server when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
    /// Each by its name.
    #[serde(default)]
    pub(crate) remote: BTreeMap<String, Remote>,
    /// Tokens of logins, each by its issuer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) login: BTreeMap<String, Stored>,
}

impl Remotes {
    /// Reads the file; empty when there is none.
    pub(crate) fn load() -> Result<Self, Failure> {
        let path = path()?;
        match fs::read_to_string(&path) {
            Ok(text) => {
                Ok(toml::from_str(&text).with_context(|| format!("{} is not readable as remotes", path.display()))?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::Local(
                anyhow!(error).context(format!("cannot read {}", path.display())),
            )),
        }
    }

    /// Writes the file, whole or not at all, mode 0600 in a directory of mode 0700.
    pub(crate) fn save(&self) -> Result<(), Failure> {
        let path = path()?;
        let directory = path.parent().unwrap_or(Path::new("."));
        create_private_directory(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let text = toml::to_string_pretty(self).context("cannot write the remotes as TOML")?;
        let new = path.with_extension("toml.new");
        write_private(&new, text.as_bytes()).with_context(|| format!("cannot write {}", new.display()))?;
        fs::rename(&new, &path).with_context(|| format!("cannot replace {}", path.display()))?;
        Ok(())
    }

    /// The one of that name.
    pub(crate) fn find(&self, name: &str) -> Result<&Remote, Failure> {
        self.remote.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.remote.keys().map(String::as_str).collect();
            if known.is_empty() {
                Failure::usage_with(
                    format!("there is no remote {name:?}, nor any other"),
                    format!("doorward remote add {name} https://id.example.com"),
                )
            } else {
                Failure::usage_with(
                    format!("there is no remote {name:?}; there are: {}", known.join(", ")),
                    "doorward remote list",
                )
            }
        })
    }
}

/// `$XDG_CONFIG_HOME/doorward/remotes.toml`, or the same below `~/.config`.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))
        .map(|base| base.join("doorward").join("remotes.toml"))
        .ok_or_else(|| {
            Failure::usage_with(
                "there is no place for remotes: neither HOME nor XDG_CONFIG_HOME is set",
                "export HOME=…",
            )
        })
}

#[cfg(unix)]
fn create_private_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(unix)]
fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    // An old temporary file may have a wider mode, which `mode` would not narrow.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
