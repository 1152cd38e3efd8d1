//! What the bench needs in a fresh Doorward, made by its command line.

use anyhow::Result;
use serde_json::Value;

use crate::browser::Person;

/// Adds the person and the applications.
pub(crate) async fn doorward(
    _cli: &dyn Fn(&[&str]) -> Result<Value>,
    _authority: &str,
    _person: &Person,
) -> Result<()> {
    anyhow::bail!("waits for the command line")
}
