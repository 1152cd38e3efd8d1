//! `doorward doctor …`: what is wrong, on which side, and what to type. It changes nothing.

mod dialect;
mod explain;
mod finding;
mod issuer;
mod offers;

use clap::Subcommand;

use crate::{connection::Connection, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at any provider, ours or not, as an application would: discovery, issuer, keys, algorithms, clock, TLS, PKCE,
    /// logout, claims. Ends with 1 when a login would fail
    Issuer(Box<issuer::Issuer>),
    /// Say what an error message of an application means, or which settings of a configuration do nothing. Ends with 1 when
    /// nothing is known
    Explain(explain::Explain),
}

impl Command {
    pub(super) async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        match self {
            Self::Issuer(issuer) => issuer.run(output).await,
            Self::Explain(explain) => explain.run(connection, output).await,
        }
    }
}
