//! The response by form_post (OAuth 2.0 Form Post Response Mode §2). Send with [`super::csp_form_post`] and `no-store`.

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
pub fn form_post(_view: &FormPost<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("form_post page")
}
