//! Does this server work: for people. Programs read the same as JSON from the handler.

use askama::Template;
use jiff::Timestamp;

use super::Chrome;
use super::moment;
use super::render::render;
use super::text::Text;

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
pub fn status(view: &Status<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let checks = view
        .checks
        .iter()
        .map(|check| {
            let name = match check.name {
                "database" => t.say("status-database"),
                "signing_keys" => t.say("status-signing-keys"),
                other => other.to_owned(),
            };
            (name, check)
        })
        .collect();
    render(&StatusPage {
        view,
        chrome,
        t,
        checks,
        works: view.checks.iter().all(|check| check.ok),
        exact: moment::exact(view.now),
        machine: moment::machine(view.now),
    })
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    view: &'a Status<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    checks: Vec<(String, &'a Check<'a>)>,
    works: bool,
    exact: String,
    machine: String,
}
