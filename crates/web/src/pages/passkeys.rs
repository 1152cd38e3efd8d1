//! The person's passkeys: registering, naming and removing them.

use askama::Template;
use jiff::Timestamp;

use super::Chrome;
use super::render::render;
use super::text::Text;
use super::{device, moment};
use super::{field, path};

/// The page of passkeys. [`Chrome::viewer`] says whose.
#[derive(Debug, Clone, Copy)]
pub struct Passkeys<'a> {
    /// What is registered, oldest first.
    pub passkeys: &'a [PasskeyItem<'a>],
    /// What the browser calls itself: a new one is named after it.
    pub user_agent: &'a str,
    /// There are as many as there may be.
    pub full: bool,
    /// Browsers allow no passkeys at this address: says so.
    pub unavailable: bool,
    /// Now.
    pub now: Timestamp,
    /// Proves that a form came from this page.
    pub csrf: &'a str,
    /// What has just happened.
    pub notice: Option<PasskeysNotice>,
}

/// One passkey.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyItem<'a> {
    /// What the forms send for it.
    pub id: &'a str,
    /// What the person calls it.
    pub name: &'a str,
    /// When it was registered.
    pub created: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// It is on all devices of whoever keeps it for the person.
    pub synced: bool,
    /// Its counter went back: it is not accepted any more.
    pub copied: bool,
}

/// What has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeysNotice {
    /// One was registered.
    Added,
    /// One has another name.
    Renamed,
    /// One was removed.
    Removed,
    /// What the device answered was not accepted.
    NotRegistered,
    /// Administrators have chosen other devices.
    Untrusted,
    /// That passkey is registered already.
    Known,
    /// There are as many as there may be.
    TooMany,
    /// A name is empty or too long.
    BadName,
    /// The form came without the device's answer: scripts do not run.
    NoScript,
}

/// Renders the page.
pub fn passkeys(view: &Passkeys<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let said = |at: Timestamp| (moment::machine(at), moment::ago(t, at, view.now));
    let rows = view
        .passkeys
        .iter()
        .map(|passkey| Row {
            passkey,
            created: said(passkey.created),
            last_used: passkey.last_used.map(said),
        })
        .collect();
    let (notice, problem) = match view.notice {
        Some(PasskeysNotice::Added) => (Some(t.say("passkeys-added")), None),
        Some(PasskeysNotice::Renamed) => (Some(t.say("passkeys-renamed")), None),
        Some(PasskeysNotice::Removed) => (Some(t.say("passkeys-removed")), None),
        Some(PasskeysNotice::NotRegistered) => (None, Some(t.say("passkeys-not-registered"))),
        Some(PasskeysNotice::Untrusted) => (None, Some(t.say("passkeys-untrusted"))),
        Some(PasskeysNotice::Known) => (None, Some(t.say("passkeys-known"))),
        Some(PasskeysNotice::TooMany) => (None, Some(t.say("passkeys-too-many"))),
        Some(PasskeysNotice::BadName) => (None, Some(t.say("passkeys-bad-name"))),
        Some(PasskeysNotice::NoScript) => (None, Some(t.say("passkeys-no-script"))),
        None => (None, None),
    };
    render(&PasskeysPage {
        view,
        chrome,
        t,
        suggestion: device::said(t, view.user_agent),
        rows,
        notice,
        problem,
    })
}

/// Times are for machines and for people.
struct Row<'a> {
    passkey: &'a PasskeyItem<'a>,
    created: (String, String),
    last_used: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "passkeys.html")]
struct PasskeysPage<'a> {
    view: &'a Passkeys<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    suggestion: String,
    rows: Vec<Row<'a>>,
    notice: Option<String>,
    problem: Option<String>,
}
