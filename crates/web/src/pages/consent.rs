//! May this application know this of you.

use super::{AppRef, Chrome};

/// The question before an application is told something of a person.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// Who asks.
    pub app: AppRef<'a>,
    /// What it asks for, in the order of the request. Known scopes are said in plain words, others by name.
    pub scopes: &'a [ScopeItem<'a>],
    /// Where the form is posted: `decision` (`allow` or `deny`), `attempt`.
    pub action: &'a str,
    /// The ticket of the login attempt.
    pub attempt: &'a str,
}

/// One scope that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ScopeItem<'a> {
    /// As in the request: `email`.
    pub name: &'a str,
    /// What the application will get by it, to show to the person: `anna@example.com`. Empty to say the kind only.
    pub values: &'a [&'a str],
}

/// Renders the question.
pub fn consent(_view: &Consent<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("consent page")
}
