//! May this application know this of you.

use askama::Template;

use super::render::render;
use super::scope::meaning;
use super::text::Text;
use super::{AppRef, Chrome, field};

/// The question before an application is told something of a person.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// Who asks.
    pub app: AppRef<'a>,
    /// It registered itself: nobody here vouches for its name, so the page says where its answers go.
    pub unvouched: Option<&'a str>,
    /// What it asks for, in the order of the request. Known scopes are said in plain words, others by name.
    pub scopes: &'a [ScopeItem<'a>],
    /// What it wants to do (RFC 9396), for the person to approve.
    pub details: &'a [DetailItem],
    /// Where the form is posted: `decision` (`allow` or `deny`), `attempt`, `csrf`, `shown`.
    pub action: &'a str,
    /// The ticket of the login attempt.
    pub attempt: &'a str,
    /// The session's form token.
    pub csrf: &'a str,
    /// Comes back as `shown`: which question was answered.
    pub shown: &'a str,
}

/// One scope that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ScopeItem<'a> {
    /// As in the request: `email`.
    pub name: &'a str,
    /// What the application will get by it, to show to the person: `anna@example.com`. Empty to say the kind only.
    pub values: &'a [&'a str],
}

/// One thing that an application wants to do.
#[derive(Debug, Clone)]
pub struct DetailItem {
    /// Its registered type: `payment_initiation`.
    pub kind: String,
    /// Everything that the application says of it, name and value.
    pub members: Vec<(String, String)>,
}

/// Renders the question.
pub fn consent(view: &Consent<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let scopes = view
        .scopes
        .iter()
        .map(|scope| (meaning(scope.name, t), scope.values))
        .collect();
    render(&ConsentPage {
        view,
        chrome,
        t,
        scopes,
    })
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    view: &'a Consent<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    scopes: Vec<(String, &'a [&'a str])>,
}
