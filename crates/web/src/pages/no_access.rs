//! The person is known but may not use this application: names what is missing.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome};

/// The person may not use this application.
#[derive(Debug, Clone, Copy)]
pub struct NoAccess<'a> {
    /// Which one.
    pub app: AppRef<'a>,
    /// What would let the person in.
    pub missing: Missing<'a>,
    /// The trace's reference.
    pub reference: Option<&'a str>,
    /// What an operator would type: shown only when given.
    pub remedy: Option<&'a str>,
    /// Where to log in as somebody else.
    pub switch_account: Option<&'a str>,
    /// The application's start page.
    pub back: Option<&'a str>,
}

/// What is missing for entry.
#[derive(Debug, Clone, Copy)]
pub enum Missing<'a> {
    /// Membership in any one of these groups.
    Groups(&'a [&'a str]),
    /// No group is allowed in at all yet: the application has no scope map.
    NobodyAllowed,
    /// The application is switched off.
    Disabled,
}

/// Renders the page.
pub fn no_access(view: &NoAccess<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&NoAccessPage {
        view,
        chrome,
        t,
        whom: chrome.viewer.map(|viewer| {
            t.with_two(
                "no-access-as",
                ("name", viewer.display_name),
                ("username", viewer.username),
            )
        }),
        switch_account: view.switch_account.and_then(link),
        back: view.back.and_then(link),
    })
}

#[derive(Template)]
#[template(path = "no_access.html")]
struct NoAccessPage<'a> {
    view: &'a NoAccess<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    whom: Option<String>,
    switch_account: Option<&'a str>,
    back: Option<&'a str>,
}
