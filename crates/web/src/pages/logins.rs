//! The person's ways in through other providers: which are connected, and connecting or removing one.

use askama::Template;
use jiff::Timestamp;

use super::Chrome;
use super::moment;
use super::render::render;
use super::text::Text;
use super::{field, path};

/// The page of connected logins. [`Chrome::viewer`] says whose.
#[derive(Debug, Clone, Copy)]
pub struct Logins<'a> {
    /// What is connected.
    pub connected: &'a [ConnectedLogin<'a>],
    /// What may be connected.
    pub others: &'a [OtherLogin<'a>],
    /// Now.
    pub now: Timestamp,
    /// Proves that a form came from this page.
    pub csrf: &'a str,
    /// What has just happened.
    pub notice: Option<LoginsNotice>,
}

/// The question whether a login that came back from another provider is to lead to the account here.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmLogin<'a> {
    /// The provider, as people know it.
    pub upstream: &'a str,
    /// How it names the person.
    pub there: &'a str,
    /// Their full name there.
    pub full_name_there: Option<&'a str>,
    /// The user name here.
    pub here: &'a str,
    /// The full name here.
    pub full_name_here: &'a str,
    /// What the form sends for the login.
    pub held: &'a str,
    /// Proves that the form came from this page.
    pub csrf: &'a str,
}

/// An account at another provider that leads to this one.
#[derive(Debug, Clone, Copy)]
pub struct ConnectedLogin<'a> {
    /// What the form sends for it.
    pub id: &'a str,
    /// The provider, as people know it.
    pub title: &'a str,
    /// How that provider names the person.
    pub shown_name: &'a str,
    /// When it was last used; `None` when never.
    pub last_used: Option<Timestamp>,
}

/// A provider that is not connected yet.
#[derive(Debug, Clone, Copy)]
pub struct OtherLogin<'a> {
    /// The provider, as people know it.
    pub title: &'a str,
    /// What the form sends for it.
    pub name: &'a str,
}

/// What has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginsNotice {
    /// A login was connected.
    Connected,
    /// A login was removed.
    Removed,
    /// The last way in may not be removed: there is no password.
    LastWay,
    /// The question was open for too long.
    TooLate,
}

/// Renders the page.
pub fn logins(view: &Logins<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let connected = view.connected.iter().map(|login| Row {
        login,
        last_used: login
            .last_used
            .map(|at| (moment::machine(at), moment::ago(t, at, view.now))),
    });
    let connected = connected.collect();
    let (notice, problem) = match view.notice {
        Some(LoginsNotice::Connected) => (Some(t.say("logins-connected")), None),
        Some(LoginsNotice::Removed) => (Some(t.say("logins-removed")), None),
        Some(LoginsNotice::TooLate) => (None, Some(t.say("logins-too-late"))),
        Some(LoginsNotice::LastWay) => (None, Some(t.say("logins-last-way"))),
        None => (None, None),
    };
    render(&LoginsPage {
        view,
        chrome,
        t,
        connected,
        notice,
        problem,
    })
}

/// Renders the question whether a login is the person's own.
pub fn confirm_login(view: &ConfirmLogin<'_>, chrome: &Chrome<'_>) -> String {
    render(&ConfirmLoginPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

#[derive(Template)]
#[template(path = "confirm_login.html")]
struct ConfirmLoginPage<'a> {
    view: &'a ConfirmLogin<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}

struct Row<'a> {
    login: &'a ConnectedLogin<'a>,
    /// For machines and for people.
    last_used: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "logins.html")]
struct LoginsPage<'a> {
    view: &'a Logins<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    connected: Vec<Row<'a>>,
    notice: Option<String>,
    problem: Option<String>,
}
