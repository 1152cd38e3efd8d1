//! The response by form_post (OAuth 2.0 Form Post Response Mode §2). Send with [`super::csp_form_post`] and `no-store`.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome};

/// A response that the browser posts to the application.
#[derive(Debug, Clone, Copy)]
pub struct FormPost<'a> {
    /// The application.
    pub app: AppRef<'a>,
    /// Its redirect URI.
    pub action: &'a str,
    /// The response's parameters, name and value.
    pub fields: &'a [(&'a str, &'a str)],
}

/// Renders the form.
pub fn form_post(view: &FormPost<'_>, chrome: &Chrome<'_>) -> String {
    render(&FormPostPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
        // A redirect URI that is no address to go to was never registered; a form without one goes nowhere.
        action: link(view.action).unwrap_or("#"),
    })
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    view: &'a FormPost<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    action: &'a str,
}
