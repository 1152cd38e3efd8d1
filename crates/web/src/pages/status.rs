//! Does this server work: for people. Programs read the same as JSON from the handler.

use jiff::Timestamp;

use super::Chrome;

/// The state of this server.
#[derive(Debug, Clone, Copy)]
pub struct Status<'a> {
    /// What was looked at.
    pub checks: &'a [Check<'a>],
    /// This server's clock, to compare with: `iat` errors come from clocks that differ.
    pub now: Timestamp,
    /// The running version; empty to keep it to oneself.
    pub version: &'a str,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// `database`, `signing_keys`; known ones are said in the page's language, others as they are.
    pub name: &'a str,
    /// It works.
    pub ok: bool,
    /// One line more, or empty.
    pub detail: &'a str,
}

/// Renders the state.
pub fn status(_view: &Status<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("status page")
}
