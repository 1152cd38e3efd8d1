//! The way out.

use super::{AppRef, Chrome};

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
pub fn confirm_logout(_view: &ConfirmLogout<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("logout question")
}

/// Renders the end.
pub fn logged_out(_view: &LoggedOut<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("logged-out page")
}
