//! `doorward remote …`

use std::{
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use doorward_api::{Status, TOKEN_PREFIX};

use crate::{
    caller::Caller,
    connection::{Connection, is_loopback},
    failure::Failure,
    output::Output,
    remotes::{self, LOCAL, Remote, Remotes},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a server elsewhere, or give it a new address or token; asks it once before it is kept
    Add(Add),
    /// List the servers elsewhere
    List,
    /// Send commands to this server from now on; `local` for the one on this machine
    Use {
        /// Its name
        name: String,
    },
    /// Forget a server and its token
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// A name for it, of your choice
    name: String,
    /// Its public URL
    url: String,
    /// File with the API token; without it the token is asked for, or read from the input
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM file of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

impl Command {
    pub(super) async fn run(self, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(output).await,
            Self::List => {
                let remotes = Remotes::load()?;
                if output.json {
                    return output.raw(list_json(&remotes).to_string().as_bytes());
                }
                let chosen = |name: &str| {
                    if remotes.default.as_deref().unwrap_or(LOCAL) == name {
                        "*"
                    } else {
                        ""
                    }
                    .to_owned()
                };
                let mut rows = vec![vec![
                    chosen(LOCAL),
                    LOCAL.to_owned(),
                    "the server on this machine".to_owned(),
                ]];
                rows.extend(
                    remotes
                        .remote
                        .iter()
                        .map(|(name, remote)| vec![chosen(name), name.clone(), remote.url.clone()]),
                );
                output.table(&["", "NAME", "SERVER"], rows, "")
            }
            Self::Use { name } => {
                let mut remotes = Remotes::load()?;
                if name != LOCAL {
                    remotes.find(&name)?;
                }
                remotes.default = (name != LOCAL).then(|| name.clone());
                remotes.save()?;
                output.line(format!("Commands go to {name} from now on."))
            }
            Self::Remove { name } => {
                let mut remotes = Remotes::load()?;
                remotes.find(&name)?;
                remotes.remote.remove(&name);
                if remotes.default.as_deref() == Some(&name) {
                    remotes.default = None;
                }
                remotes.save()?;
                output.line(format!(
                    "Removed {name}. Its token still works until it is revoked there."
                ))
            }
        }
    }
}

impl Add {
    async fn run(self, output: &Output) -> Result<(), Failure> {
        let is_word = self
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if self.name == LOCAL || self.name.is_empty() || !is_word {
            return Err(Failure::usage(format!(
                "expected a name of letters, digits, '.', '_' and '-' other than {LOCAL:?}, received {:?}",
                self.name
            )));
        }
        let url = address(&self.url)?;
        let ca_file = self.ca_file.map(std::path::absolute).transpose()?;
        let remote = Remote {
            url,
            token: token(self.token_file.as_deref())?,
            ca_file,
        };
        let connection = Connection::to_remote(&self.name, remote.clone())?;
        let caller = Caller { connection, output };
        let reply = caller.get::<Status>(&["status"]).await?;
        let mut remotes = Remotes::load()?;
        remotes.remote.insert(self.name.clone(), remote);
        remotes.save()?;
        caller.show(&reply, |status, output| {
            output.line(format!(
                "Added {} as {}, kept in {}.",
                self.name,
                status.actor.name,
                remotes::path()?.display()
            ))?;
            output.aside(format!(
                "Use it once: doorward --remote {0} status\nUse it always: doorward remote use {0}",
                self.name
            ))
        })
    }
}

fn address(text: &str) -> Result<String, Failure> {
    let expected = |what: &str| Failure::usage_with(format!("{what}, received {text:?}"), "https://id.example.com");
    let url = url::Url::parse(text).map_err(|_| expected("expected the server's public URL"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(text)) {
        return Err(expected(
            "expected an https address: the token must not travel in the clear",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(expected("expected a plain address without a query or credentials"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// From the file, the terminal or the input, in this order; never from the arguments, where others could read it.
fn token(file: Option<&Path>) -> Result<String, Failure> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("cannot read the token file {}: {error}", path.display())))?,
        None if std::io::stdin().is_terminal() => dialoguer::Password::new()
            .with_prompt("API token")
            .interact()
            .map_err(|error| Failure::Local(anyhow::Error::new(error).context("cannot ask for the token")))?,
        None => {
            let mut text = String::new();
            std::io::stdin().take(4096).read_to_string(&mut text)?;
            text
        }
    };
    let token = text.trim();
    if token.starts_with(TOKEN_PREFIX) && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(token.to_owned());
    }
    Err(Failure::usage_with(
        format!("expected an API token, which begins with {TOKEN_PREFIX}"),
        "doorward service token add <service>, on the server",
    ))
}

fn list_json(remotes: &Remotes) -> serde_json::Value {
    let items: Vec<_> = remotes
        .remote
        .iter()
        .map(|(name, remote)| {
            serde_json::json!({"name": name, "url": remote.url, "default": remotes.default.as_ref() == Some(name)})
        })
        .collect();
    serde_json::json!({ "items": items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_encrypted_or_to_this_machine_only() {
        assert_eq!(address("https://id.example.com/").unwrap(), "https://id.example.com");
        assert_eq!(address("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        for text in [
            "http://id.example.com",
            "id.example.com",
            "https://a:b@id.example.com",
            "https://id.example.com/?x",
            "",
        ] {
            assert!(matches!(address(text), Err(Failure::Usage { .. })), "{text}");
        }
    }
}
