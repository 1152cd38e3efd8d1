//! Coming by oneself: asking with an address, and naming oneself by the link that came to it.

use askama::Template;

use super::render::render;
use super::text::Text;
use super::{Chrome, PasswordProblem, field, path};

/// The page of somebody who has no account yet.
#[derive(Debug, Clone, Copy)]
pub struct Register<'a> {
    /// Where the form is posted: `email`.
    pub action: &'a str,
    /// What was typed before.
    pub email: &'a str,
    /// Mail domains that may register; empty where all may.
    pub domains: &'a [String],
    /// Whether an administrator decides about each.
    pub approval: bool,
    /// It was asked for: the page says what happens next, the same for every address.
    pub sent: bool,
    /// What was wrong with the last try.
    pub problem: Option<RegisterProblem<'a>>,
}

/// Why nothing was asked for. Nothing of it depends on who has an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterProblem<'a> {
    /// Empty, or no mail address.
    Address,
    /// Registration is not open for addresses like this.
    Domain,
    /// People with such an address log in through that provider, and need not register.
    Elsewhere {
        /// Its title.
        title: &'a str,
    },
    /// This network address asks too often.
    Throttled {
        /// Until it may ask again.
        seconds: u64,
    },
}

/// The page behind the link of the letter.
#[derive(Debug, Clone, Copy)]
pub struct Join<'a> {
    /// Where the form is posted: `token`, `username`, `display_name`, and with [`Join::asks_password`] `new_password` and
    /// `repeat_password`.
    pub action: &'a str,
    /// The link's ticket.
    pub token: &'a str,
    /// The address, which is proved.
    pub email: &'a str,
    /// What was typed before.
    pub username: &'a str,
    /// What was typed before.
    pub display_name: &'a str,
    /// A password is chosen now; otherwise after an administrator has approved.
    pub asks_password: bool,
    /// The shortest password allowed, in characters.
    pub min_length: usize,
    /// What was wrong with the last try.
    pub problem: Option<PasswordProblem>,
    /// Nothing more to do: an administrator decides.
    pub waits: bool,
}

/// Renders the page that asks for the address.
pub fn register(view: &Register<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&RegisterPage {
        view,
        chrome,
        t,
        domains: (!view.domains.is_empty()).then(|| t.with("register-domains", "domains", &view.domains.join(", "))),
        problem: view.problem.map(|problem| match problem {
            RegisterProblem::Address => t.say("register-bad-address"),
            RegisterProblem::Domain => t.say("register-bad-domain"),
            RegisterProblem::Elsewhere { title } => t.with("register-elsewhere", "title", title),
            RegisterProblem::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
        }),
    })
}

/// Renders the page behind the link.
pub fn join(view: &Join<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&JoinPage {
        view,
        chrome,
        t,
        lead: match (view.waits, view.asks_password) {
            (true, _) => t.with("join-waits-lead", "email", view.email),
            (false, true) => t.with("join-lead", "email", view.email),
            (false, false) => t.with("join-lead-approval", "email", view.email),
        },
        problem: view.problem.map(|problem| problem.message(t)),
        username_wrong: matches!(
            view.problem,
            Some(PasswordProblem::BadUsername | PasswordProblem::UsernameTaken)
        ),
        new_wrong: view.problem.is_some_and(PasswordProblem::concerns_new),
        repeat_wrong: view.problem == Some(PasswordProblem::Mismatch),
    })
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'a> {
    view: &'a Register<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    domains: Option<String>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage<'a> {
    view: &'a Join<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    lead: String,
    problem: Option<String>,
    username_wrong: bool,
    new_wrong: bool,
    repeat_wrong: bool,
}
