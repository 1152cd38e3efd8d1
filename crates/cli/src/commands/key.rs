//! `doorward key …`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use doorward_api::{Key, KeyImport, KeyTurn, List};

use super::confirm::Confirm;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant, maybe_instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the keys that tokens are signed with; they turn by themselves
    List,
    /// Turn keys before their time: the next one is published now and signs in two days
    Rotate {
        /// Only the key of this algorithm: RS256, ES256, EdDSA, PS256
        #[arg(long, value_name = "ALG")]
        algorithm: Option<String>,
        /// The next key signs now; applications that look for new keys rarely refuse its tokens until they do
        #[arg(long)]
        at_once: bool,
    },
    /// Retire a key at once, because somebody else may have it: what it signed is refused here from now on
    Retire {
        /// Its id, as the list shows it
        // One id in sixty-four begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        key: String,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Take over a key that was made elsewhere
    Import(Import),
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The private key: PKCS#8 without a password, PEM; - for standard input
    file: PathBuf,
    /// What it signs with: RS256, ES256, EdDSA, PS256
    #[arg(long, value_name = "ALG")]
    algorithm: String,
    /// Its id; its thumbprint when not given
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// It signs now, in place of the key that does; otherwise it is published first
    #[arg(long)]
    at_once: bool,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = match self {
            Self::List => caller.get::<List<Key>>(&["keys"]).await?,
            Self::Rotate { algorithm, at_once } => {
                let turn = KeyTurn {
                    alg: algorithm,
                    at_once,
                };
                caller.post::<List<Key>>(&["keys", "rotate"], &turn).await?
            }
            Self::Retire { key, confirm } => {
                confirm.ask(&format!(
                    "Retire the key {key} at once? Every token that it signed is worth nothing here; applications may believe them \
                     until they fetch the keys again."
                ))?;
                caller.post::<List<Key>>(&["keys", &key, "retire"], &()).await?
            }
            Self::Import(import) => {
                let import = KeyImport {
                    pem: read(&import.file)?,
                    alg: import.algorithm,
                    kid: import.id,
                    at_once: import.at_once,
                };
                caller.post::<List<Key>>(&["keys", "import"], &import).await?
            }
        };
        caller.show(&reply, show)
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let read = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| Failure::Local(anyhow::Error::new(error).context(format!("cannot read {}", path.display()))))
}

fn show(list: &List<Key>, output: &Output) -> Result<(), Failure> {
    let row = |key: &Key| {
        vec![
            key.kid.clone(),
            key.alg.clone(),
            key.state.as_str().to_owned(),
            instant(key.created),
            instant(key.activates_at),
            maybe_instant(key.retires_at),
        ]
    };
    output.list(
        list,
        &["KEY", "ALGORITHM", "STATE", "MADE", "SIGNS FROM", "PUBLISHED UNTIL"],
        row,
        "There is no key yet.",
    )
}
