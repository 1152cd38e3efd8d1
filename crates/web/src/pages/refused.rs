//! What went wrong, whose turn it is, and the reference to tell the administrator.

use doorward_oidc::Refusal;

use super::{AppRef, Chrome};

/// A login that cannot go on.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// What was refused.
    pub refusal: &'a Refusal,
    /// The application concerned, when its client id is known.
    pub app: Option<AppRef<'a>>,
    /// The trace's reference: `7K3Q-9FZM`.
    pub reference: Option<&'a str>,
    /// The viewer may read detail and remedy: an administrator's session, or a server in development.
    pub operator: bool,
    /// For a redirect URI that is not registered: what to compare. Shown to operators only.
    pub difference: Option<Difference<'a>>,
    /// Where to begin again, when that can help.
    pub retry: Option<&'a str>,
    /// The application's start page, when it is known to be safe.
    pub back: Option<&'a str>,
}

/// A received value beside the one that was expected.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'a> {
    /// What came.
    pub received: &'a str,
    /// What is registered, the closest first.
    pub registered: &'a [&'a str],
}

/// Renders the refusal.
pub fn refused(_view: &Refused<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("refusal page")
}
