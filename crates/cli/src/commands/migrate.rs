//! `doorward migrate check`: one person logs in at the earlier provider and at the new one, and what an application would get of the
//! two is held side by side.

mod compare;

use clap::{Args, Subcommand};
use doorward_jose::{Secret, base64url};
use doorward_login::{Login, Verified};
use serde::Serialize;
use serde_json::{Map, Value};

use self::compare::{Difference, compare};
use super::walk::{Provider, Walk, who};
use crate::{connection::Connection, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in at both providers and show what differs in tokens and userinfo, claim by claim
    Check(Box<Check>),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The client has to be known at both, with a redirect URI of this machine: --port 8250 is\n\
    http://127.0.0.1:8250/callback. To see what an application gets, take its client id and secret and register that redirect URI at both\n\
    for as long as it takes. Exit codes: 0 the same, 1 something differs."
)]
pub(crate) struct Check {
    /// The issuer of the earlier provider
    #[arg(long, value_name = "URL")]
    from: String,
    /// The issuer of the new one [default: the server that commands go to]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Who logs in at both
    #[arg(long, value_name = "NAME")]
    user: String,
    #[command(flatten)]
    walk: Walk,
}

/// What an application learns from one login.
struct Learned {
    id_token: Option<Map<String, Value>>,
    access_token: Option<Map<String, Value>>,
    userinfo: Option<Map<String, Value>>,
}

/// The comparison, for programs.
#[derive(Serialize)]
struct Compared<'a> {
    from: &'a str,
    to: &'a str,
    user: &'a str,
    same: bool,
    differences: &'a [Difference],
}

impl Command {
    pub(super) async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(connection, output).await,
        }
    }
}

impl Check {
    async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        let from = Provider {
            issuer: self.from.clone(),
            ca_file: None,
        };
        let to = Provider::choose(self.to.as_deref(), connection, output).await?;
        let old = self.learn(&from, output).await?;
        let new = self.learn(&to, output).await?;
        let mut differences = Vec::new();
        for (part, old, new) in [
            ("id_token", &old.id_token, &new.id_token),
            ("access_token", &old.access_token, &new.access_token),
            ("userinfo", &old.userinfo, &new.userinfo),
        ] {
            compare(part, old.as_ref(), new.as_ref(), &mut differences);
        }
        let same = differences.iter().all(|difference| difference.expected);
        if output.json {
            let compared = Compared {
                from: &from.issuer,
                to: &to.issuer,
                user: &self.user,
                same,
                differences: &differences,
            };
            let body = serde_json::to_vec_pretty(&compared).map_err(|error| Failure::Local(error.into()))?;
            output.raw(&body)?;
        } else {
            self.show(&differences, same, output)?;
        }
        if same {
            Ok(())
        } else {
            Err(Failure::found(
                "an application would see another picture of this person",
            ))
        }
    }

    /// Logs in at one of the two.
    async fn learn(&self, provider: &Provider, output: &Output) -> Result<Learned, Failure> {
        output.aside(format!("Log in as {} at {}.", self.user, provider.issuer))?;
        let (login, verified) = self.walk.log_in(provider, Some(&self.user), output).await?;
        let name = who(&verified);
        if name != self.user && name.split('@').next() != Some(&self.user) {
            return Err(Failure::Local(anyhow::anyhow!(
                "{name} has logged in at {}, not {}\n→ log out there first, or open the address in a private window",
                provider.issuer,
                self.user
            )));
        }
        Learned::of(&login, &verified).await
    }

    fn show(&self, differences: &[Difference], same: bool, output: &Output) -> Result<(), Failure> {
        for difference in differences {
            let Difference { part, claim, .. } = difference;
            let mark = if difference.expected { "expected" } else { "differs" };
            output.line(format!("{mark:<9}{part}: {claim}"))?;
            for (side, value) in [("before", &difference.before), ("after", &difference.after)] {
                let value = value.as_ref().map_or_else(|| "not there".to_owned(), Value::to_string);
                output.line(format!("         {side:<7}{value}"))?;
            }
            if let Some(hint) = difference.hint {
                output.line(format!("         → {hint}"))?;
            }
        }
        if same {
            output.line(format!("Applications see the same {} at both.", self.user))?;
        }
        Ok(())
    }
}

impl Learned {
    async fn of(login: &Login, verified: &Verified) -> Result<Self, Failure> {
        let access_token = verified.tokens.access_token.expose();
        let userinfo = login.userinfo(access_token).await;
        let userinfo = userinfo.map_err(|error| Failure::Local(anyhow::anyhow!("{error} ({})", error.code())))?;
        Ok(Self {
            id_token: verified
                .id_token
                .as_ref()
                .map(Secret::expose)
                .and_then(|token| payload(token)),
            access_token: payload(access_token),
            userinfo,
        })
    }
}

/// The claims of a token that is a JWT. The ID token was verified; the access token is not for us, and is shown as an application
/// that reads it would see it.
fn payload(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&base64url::decode(payload).ok()?).ok()
}
