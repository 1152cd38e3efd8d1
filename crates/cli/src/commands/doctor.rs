//! `doorward doctor …`: what is wrong, on which side, and what to type. It changes nothing.

mod app;
mod dialect;
mod explain;
mod finding;
mod fixing;
mod installation;
mod issuer;
mod offers;

use clap::{Args, Subcommand};

use crate::{caller::Caller, connection::Connection, failure::Failure, output::Output};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Without more it looks at the installation: its address from outside in, certificate, proxies and what they make of \
    headers, clock, disk, database, backups, keys, mail, what ends soon, and every weakened setting. Ends with 1 when something is \
    wrong."
)]
pub(crate) struct Doctor {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    fixing: fixing::Fixing,
}

impl Doctor {
    pub(super) async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        if let Some(command) = self.command {
            return command.run(connection, output).await;
        }
        let caller = Caller {
            connection: connection()?,
            output,
        };
        installation::run(&self.fixing, &caller).await
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask an upstream whether logins through it can work. Ends with 1 when they would fail
    Upstream(installation::Upstream),
    /// Look at any provider, ours or not, as an application would: discovery, issuer, keys, algorithms, clock, TLS, PKCE,
    /// logout, claims. Ends with 1 when a login would fail
    Issuer(Box<issuer::Issuer>),
    /// Go to an application's login as a browser would, read what it really sends, measure its clock, look at a token as it would
    /// get it, and say what is wrong, on which side, and what to type. Ends with 1 when a login would fail
    App(app::Look),
    /// Say what an error message of an application means, or which settings of a configuration do nothing. Ends with 1 when
    /// nothing is known
    Explain(explain::Explain),
}

impl Command {
    async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        match self {
            Self::Upstream(upstream) => {
                let caller = Caller {
                    connection: connection()?,
                    output,
                };
                upstream.run(&caller).await
            }
            Self::App(look) => {
                let caller = Caller {
                    connection: connection()?,
                    output,
                };
                look.run(&caller).await
            }
            Self::Issuer(issuer) => issuer.run(output).await,
            Self::Explain(explain) => explain.run(connection, output).await,
        }
    }
}
