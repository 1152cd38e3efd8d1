//! `doorward service key …`

use std::path::PathBuf;

use clap::Subcommand;
use doorward_api::{List, NewServiceKey, ServiceKey};

use crate::{caller::Caller, failure::Failure, output::instant, span};

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Add a public key, with whose private half the service signs for its tokens
    Add {
        /// The service account
        service: String,
        /// File with the public key: a JWK, or a JWK set of one
        file: PathBuf,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
        /// How long it counts: 90d; without an end when not given
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        lifetime: Option<u32>,
    },
    /// List the keys of a service account
    List {
        /// The service account
        service: String,
    },
    /// Remove a key: what it signs counts no more
    Remove {
        /// The service account
        service: String,
        /// The key's id in the list
        id: String,
    },
}

impl Key {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add {
                service,
                file,
                label,
                lifetime,
            } => {
                let text = std::fs::read(&file)
                    .map_err(|error| Failure::usage(format!("cannot read the key in {}: {error}", file.display())))?;
                // What is no JSON is the server's to refuse: it says what it expects.
                let key = serde_json::from_slice(&text)
                    .unwrap_or_else(|_| serde_json::Value::String(String::from_utf8_lossy(&text).into_owned()));
                let request = NewServiceKey {
                    key,
                    label,
                    lifetime_seconds: lifetime,
                };
                let reply = caller
                    .post::<ServiceKey>(&["services", &service, "keys"], &request)
                    .await?;
                caller.show(&reply, |key, output| {
                    output.line(format!("Added the key {} to {service}.", key.thumbprint))?;
                    output.aside("An application takes what it signs when: doorward app edit <app> --jwt-bearer true")
                })
            }
            Self::List { service } => {
                let reply = caller.get::<List<ServiceKey>>(&["services", &service, "keys"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |key: &ServiceKey| {
                        vec![
                            key.id.to_string(),
                            key.label.clone(),
                            key.kid.clone().unwrap_or_default(),
                            key.thumbprint.clone(),
                            instant(key.created),
                            key.expires.map_or_else(|| "never".to_owned(), instant),
                        ]
                    };
                    output.list(
                        list,
                        &["ID", "FOR", "KID", "THUMBPRINT", "ADDED", "ENDS"],
                        row,
                        &format!("{service} has no key."),
                    )
                })
            }
            Self::Remove { service, id } => {
                caller.delete(&["services", &service, "keys", &id]).await?;
                caller.output.line(format!("Removed a key of {service}."))
            }
        }
    }
}
