//! Where a secret is that a file needs and does not hold.

use std::fmt;

use doorward_oidc::Refusal;
use serde_json::Value;

use crate::{Form, Path, refusals};

/// The setting that says where a secret is.
pub const SECRET: &str = "secret";

/// Where a secret is: on the side of whoever applies the files. The server reads no file or variable because a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// In a file.
    File(String),
    /// In the environment.
    Env(String),
    /// Among the credentials of a systemd unit.
    Credential(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "from file {file}"),
            Self::Env(name) => write!(f, "from env {name}"),
            Self::Credential(name) => write!(f, "from credential {name}"),
        }
    }
}

impl Reference {
    /// Takes the reference out of a form.
    pub(crate) fn take(path: &Path, form: &mut Form) -> Result<Option<Self>, Refusal> {
        let Some(value) = form.remove(SECRET) else {
            return Ok(None);
        };
        let expected = || {
            refusals::invalid(
                path,
                "secret: expected where it is, received something else; a file never holds a secret itself",
            )
            .with_remedy("secret = { file = \"/run/secrets/NAME\" }, { env = \"NAME\" } or { credential = \"NAME\" }")
        };
        let table = value
            .as_object()
            .filter(|table| table.len() == 1)
            .ok_or_else(expected)?;
        let of = |name: &str| table.get(name).and_then(Value::as_str).map(str::to_owned);
        of("file")
            .map(Self::File)
            .or_else(|| of("env").map(Self::Env))
            .or_else(|| of("credential").map(Self::Credential))
            .map(Some)
            .ok_or_else(expected)
    }
}
