//! Deleting one's own account.

use askama::Template;
use jiff::Timestamp;

use super::{Chrome, field, moment::Moment, path, render::render, text::Text};

/// The question whether the account is to be deleted.
#[derive(Debug, Clone, Copy)]
pub struct DeleteAccount<'a> {
    /// Proof that the form is ours.
    pub csrf: &'a str,
    /// Whose account it is.
    pub username: &'a str,
    /// Days until it is gone for good; 0 for at once.
    pub days: u32,
    /// The person administers, and somebody else has to take that over first.
    pub has_role: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct AccountClosed {
    /// When it is gone for good; `None` when it is gone.
    pub gone: Option<Timestamp>,
    /// The time of rendering.
    pub now: Timestamp,
}

/// Renders the question.
pub fn delete_account(view: &DeleteAccount<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let days = usize::try_from(view.days).unwrap_or(usize::MAX);
    render(&DeleteAccountPage {
        view,
        chrome,
        t,
        what: if view.days == 0 {
            t.say("delete-account-at-once")
        } else {
            t.count("delete-account-after", "days", days)
        },
    })
}

/// Renders the end.
pub fn account_closed(view: &AccountClosed, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&AccountClosedPage {
        chrome,
        t,
        gone: view.gone.map(|at| Moment::ahead(t, at, view.now)),
    })
}

#[derive(Template)]
#[template(path = "delete_account.html")]
struct DeleteAccountPage<'a> {
    view: &'a DeleteAccount<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    what: String,
}

#[derive(Template)]
#[template(path = "account_closed.html")]
struct AccountClosedPage<'a> {
    chrome: &'a Chrome<'a>,
    t: Text,
    gone: Option<Moment>,
}
