//! Asking before something is gone for good.

use std::io::IsTerminal;

use clap::Args;

use crate::failure::Failure;

/// The flag of every command that destroys.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Confirm {
    /// Whether it is said beforehand.
    pub(super) fn is_said(&self) -> bool {
        self.yes
    }

    /// Asks the person at the terminal; a script has to say `--yes`.
    pub(super) fn ask(&self, question: &str) -> Result<(), Failure> {
        if self.agrees(question)? {
            Ok(())
        } else {
            Err(Failure::usage("left as it is"))
        }
    }

    /// The same where a no is an answer like any other.
    pub(super) fn agrees(&self, question: &str) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(Failure::usage_with(
                format!("{question} Nobody is here to answer."),
                "the same command with --yes",
            ));
        }
        dialoguer::Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact()
            .map_err(|error| Failure::Local(anyhow::Error::new(error).context("cannot ask")))
    }
}
