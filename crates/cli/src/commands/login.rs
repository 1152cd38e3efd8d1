//! `doorward login`: a token for programs in this terminal, from any provider, by way of the browser (RFC 8252).

use anyhow::anyhow;
use clap::Args;
use doorward_login::Verified;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::walk::{Provider, Walk, who};
use crate::{
    connection::Connection,
    failure::Failure,
    output::{Output, instant},
    remotes::{self, Remotes, Stored},
};

#[derive(Debug, Args)]
#[command(after_help = "Doorward has to know this command as an application, once:\n  \
    doorward app add doorward-cli http://localhost --group <group>\n\
    Another provider: register a public client with the redirect URIs http://127.0.0.1/callback and http://localhost/callback.")]
pub(crate) struct LogIn {
    /// The provider [default: the server that commands go to]
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    #[command(flatten)]
    walk: Walk,
    /// Print the access token and keep nothing
    #[arg(long)]
    print: bool,
    /// Print the access token of an earlier login; no browser
    #[arg(long, conflicts_with_all = ["print", "forget"])]
    stored: bool,
    /// Forget the token of an earlier login
    #[arg(long, conflicts_with = "print")]
    forget: bool,
}

impl LogIn {
    pub(super) async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        let provider = Provider::choose(self.issuer.as_deref(), connection, output).await?;
        if self.stored {
            return stored(&provider.issuer, output);
        }
        if self.forget {
            return forget(&provider.issuer, output);
        }
        let (_, verified) = self.walk.log_in(&provider, None, output).await?;
        self.keep(&verified, output)
    }

    fn keep(&self, verified: &Verified, output: &Output) -> Result<(), Failure> {
        let token = verified.tokens.access_token.expose();
        if self.print {
            if output.json {
                return output.raw(document(verified).to_string().as_bytes());
            }
            return output.raw(printable(token)?.as_bytes());
        }
        let mut remotes = Remotes::load()?;
        let stored = Stored {
            client_id: self.walk.client_id.clone(),
            sub: verified.sub.clone(),
            access_token: token.clone(),
            expires: verified.tokens.expires,
        };
        remotes.login.insert(verified.issuer.clone(), stored);
        remotes.save()?;
        let kept = remotes::path()?;
        let until = verified.tokens.expires.and_then(at);
        if output.json {
            let document = json!({
                "issuer": verified.issuer, "sub": verified.sub, "claims": verified.claims,
                "expires": verified.tokens.expires, "kept_in": kept,
            });
            return output.raw(document.to_string().as_bytes());
        }
        output.line(format!("Logged in at {} as {}.", verified.issuer, who(verified)))?;
        let until = until.map_or_else(String::new, |until| format!(" until {}", instant(until)));
        output.aside(format!(
            "The token is good{until} and kept in {}.\nPrint it: doorward login --stored --issuer {}",
            kept.display(),
            verified.issuer
        ))
    }
}

fn stored(issuer: &str, output: &Output) -> Result<(), Failure> {
    let remotes = Remotes::load()?;
    let again = || {
        Failure::usage_with(
            format!("there is no token of {issuer} that is still good"),
            "doorward login",
        )
    };
    let stored = remotes.login.get(issuer).ok_or_else(again)?;
    #[expect(clippy::disallowed_methods, reason = "the edge: a token is for now")]
    let now = Timestamp::now().as_second();
    if stored.expires.is_some_and(|expires| expires <= now) {
        return Err(again());
    }
    if output.json {
        let document = json!({
            "issuer": issuer, "sub": stored.sub, "access_token": stored.access_token, "expires": stored.expires,
        });
        return output.raw(document.to_string().as_bytes());
    }
    output.raw(printable(&stored.access_token)?.as_bytes())
}

fn forget(issuer: &str, output: &Output) -> Result<(), Failure> {
    let mut remotes = Remotes::load()?;
    if remotes.login.remove(issuer).is_none() {
        return Err(Failure::usage(format!("there is no token of {issuer}")));
    }
    remotes.save()?;
    output.line(format!(
        "Forgot the token of {issuer}. It is good there until it ends by itself."
    ))
}

fn document(verified: &Verified) -> Value {
    json!({
        "issuer": verified.issuer,
        "sub": verified.sub,
        "claims": verified.claims,
        "access_token": verified.tokens.access_token.expose(),
        "token_type": verified.tokens.token_type,
        "refresh_token": verified.tokens.refresh_token.as_ref().map(doorward_jose::Secret::expose),
        "id_token": verified.id_token.as_ref().map(doorward_jose::Secret::expose),
        "expires": verified.tokens.expires,
        "scope": verified.tokens.scope,
    })
}

/// RFC 6750 §2.1 knows visible ASCII only; anything else could steer the terminal.
fn printable(token: &str) -> Result<&str, Failure> {
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(token);
    }
    Err(Failure::Local(anyhow!(
        "the provider's token holds characters that a token does not have"
    )))
}

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}
