//! The way out.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome, field};

/// The question whether to log out (OpenID Connect RP-Initiated Logout §2, and our own logout).
#[derive(Debug, Clone, Copy)]
pub struct ConfirmLogout<'a> {
    /// The application that sent the person here.
    pub app: Option<AppRef<'a>>,
    /// Who is logged in.
    pub display_name: &'a str,
    /// Where the form is posted: `csrf`, `decision` (`allow` logs out, `deny` stays), and `hidden`.
    pub action: &'a str,
    /// Proof that the form is ours.
    pub csrf: &'a str,
    /// More fields to carry along, name and value.
    pub hidden: &'a [(&'a str, &'a str)],
}

/// The session has ended.
#[derive(Debug, Clone, Copy)]
pub struct LoggedOut<'a> {
    /// The application that sent the person here.
    pub app: Option<AppRef<'a>>,
    /// Where to go on: the application's post-logout redirect URI, when known to be registered.
    pub back: Option<&'a str>,
    /// Where to log in again.
    pub login: Option<&'a str>,
}

/// Renders the question.
pub fn confirm_logout(view: &ConfirmLogout<'_>, chrome: &Chrome<'_>) -> String {
    render(&ConfirmLogoutPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

/// Renders the end.
pub fn logged_out(view: &LoggedOut<'_>, chrome: &Chrome<'_>) -> String {
    render(&LoggedOutPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
        back: view.back.and_then(link),
        login: view.login.and_then(link),
    })
}

#[derive(Template)]
#[template(path = "confirm_logout.html")]
struct ConfirmLogoutPage<'a> {
    view: &'a ConfirmLogout<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage<'a> {
    view: &'a LoggedOut<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    back: Option<&'a str>,
    login: Option<&'a str>,
}
