//! Asking for a new password.

use askama::Template;

use super::render::render;
use super::text::Text;
use super::{Chrome, field, path};

/// The page of somebody who forgot the password. With [`Chrome::has_mail`] off it says whom to ask.
#[derive(Debug, Clone, Copy)]
pub struct Forgotten<'a> {
    /// Where the form is posted: `username`.
    pub action: &'a str,
    /// What was typed before.
    pub username: &'a str,
    /// It was asked for: the page says what happens next, the same for every name.
    pub sent: bool,
    /// What was wrong with the last try.
    pub problem: Option<ForgottenProblem>,
}

/// Why nothing was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgottenProblem {
    /// The field was left empty.
    Empty,
    /// This address asks too often.
    Throttled {
        /// Until it may ask again.
        seconds: u64,
    },
}

/// Renders the page.
pub fn forgotten(view: &Forgotten<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&ForgottenPage {
        view,
        chrome,
        t,
        problem: view.problem.map(|problem| match problem {
            ForgottenProblem::Empty => t.say("forgotten-empty"),
            ForgottenProblem::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
        }),
    })
}

#[derive(Template)]
#[template(path = "forgotten.html")]
struct ForgottenPage<'a> {
    view: &'a Forgotten<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
}
