//! Setting a password: by an enrolment or reset link, or in the account.

use askama::Template;

use super::render::render;
use super::text::Text;
use super::{Chrome, field, path};

/// The page behind an enrolment or reset link.
#[derive(Debug, Clone, Copy)]
pub struct Enrol<'a> {
    /// Why the link was given.
    pub reason: EnrolReason,
    /// Where the form is posted: `token`, `new_password`, `repeat_password`, and for the first administrator also
    /// `username` and `display_name`.
    pub action: &'a str,
    /// The link's ticket.
    pub token: &'a str,
    /// The account. For the first administrator what was typed before, or a proposal.
    pub username: &'a str,
    /// The account's name for people. For the first administrator what was typed before.
    pub display_name: &'a str,
    /// The shortest password allowed, in characters.
    pub min_length: usize,
    /// What was wrong with the last try.
    pub problem: Option<PasswordProblem>,
}

/// Why a person sets a password by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolReason {
    /// The account is new.
    Welcome,
    /// An administrator gave a link to a person who forgot the password.
    Reset,
    /// The server is new: this makes its first administrator.
    FirstAdministrator,
}

/// Why a password was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Fewer characters than allowed.
    TooShort {
        /// The least number of characters.
        min: usize,
    },
    /// More bytes than allowed.
    TooLong {
        /// The greatest number of bytes.
        max: usize,
    },
    /// Too short, too long, or the first that anybody would try (`weak_password` of the directory).
    Weak {
        /// The least number of characters.
        min: usize,
    },
    /// On the list of common ones (`common_password` of the directory).
    Common,
    /// Too easy to guess (`guessable_password` of the directory).
    Guessable,
    /// The two entries differ.
    Mismatch,
    /// Change only: the present password is wrong.
    CurrentWrong,
    /// Change only: too many tries with the present password.
    Throttled {
        /// Until the next try counts.
        seconds: u64,
    },
    /// No room for another password check right now.
    Busy {
        /// Until it is worth trying again.
        seconds: u64,
    },
    /// First administrator only: the user name is empty or not allowed.
    BadUsername,
    /// First administrator only: the user name is taken.
    UsernameTaken,
}

/// A link that was used, has expired, or never was: says so, and whom to ask.
#[derive(Debug, Clone, Copy)]
pub struct SpentLink<'a> {
    /// The trace's reference, when there is one.
    pub reference: Option<&'a str>,
}

/// Password change in the account.
#[derive(Debug, Clone, Copy)]
pub struct ChangePassword<'a> {
    /// Where the form is posted: `csrf`, `current_password`, `new_password`, `repeat_password`.
    pub action: &'a str,
    /// Proof that the form is ours.
    pub csrf: &'a str,
    /// The account, for the password manager.
    pub username: &'a str,
    /// The shortest password allowed, in characters.
    pub min_length: usize,
    /// What was wrong with the last try.
    pub problem: Option<PasswordProblem>,
    /// The password has just been changed.
    pub done: bool,
}

/// Renders the page behind a link.
pub fn enrol(view: &Enrol<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&EnrolPage {
        view,
        chrome,
        t,
        title: match view.reason {
            EnrolReason::Welcome => t.say("enrol-welcome-title"),
            EnrolReason::Reset => t.say("enrol-reset-title"),
            EnrolReason::FirstAdministrator => t.say("enrol-first-title"),
        },
        lead: match view.reason {
            EnrolReason::Welcome => t.with("enrol-welcome-lead", "name", view.display_name),
            EnrolReason::Reset => t.say("enrol-reset-lead"),
            EnrolReason::FirstAdministrator => t.say("enrol-first-lead"),
        },
        username_wrong: matches!(
            view.problem,
            Some(PasswordProblem::BadUsername | PasswordProblem::UsernameTaken)
        ),
        problem: view.problem.map(|problem| problem.message(t)),
        new_wrong: view.problem.is_some_and(PasswordProblem::concerns_new),
        repeat_wrong: view.problem == Some(PasswordProblem::Mismatch),
    })
}

/// Renders the page of a link that no longer works.
pub fn spent_link(view: &SpentLink<'_>, chrome: &Chrome<'_>) -> String {
    render(&SpentLinkPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

/// Renders the password change.
pub fn change_password(view: &ChangePassword<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&ChangePasswordPage {
        view,
        chrome,
        t,
        problem: view.problem.map(|problem| problem.message(t)),
        current_wrong: view.problem == Some(PasswordProblem::CurrentWrong),
        new_wrong: view.problem.is_some_and(PasswordProblem::concerns_new),
        repeat_wrong: view.problem == Some(PasswordProblem::Mismatch),
    })
}

impl PasswordProblem {
    pub(super) fn message(self, t: Text) -> String {
        match self {
            PasswordProblem::TooShort { min } => t.count("password-too-short", "min", min),
            PasswordProblem::TooLong { max } => t.count("password-too-long", "max", max),
            PasswordProblem::Weak { min } => t.count("password-weak", "min", min),
            PasswordProblem::Common => t.say("password-common"),
            PasswordProblem::Guessable => t.say("password-guessable"),
            PasswordProblem::Mismatch => t.say("password-mismatch"),
            PasswordProblem::CurrentWrong => t.say("password-current-wrong"),
            PasswordProblem::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
            PasswordProblem::Busy { seconds } => t.with("busy", "duration", &t.wait(seconds)),
            PasswordProblem::BadUsername => t.say("password-bad-username"),
            PasswordProblem::UsernameTaken => t.say("password-username-taken"),
        }
    }

    pub(super) const fn concerns_new(self) -> bool {
        matches!(
            self,
            PasswordProblem::TooShort { .. }
                | PasswordProblem::TooLong { .. }
                | PasswordProblem::Weak { .. }
                | PasswordProblem::Common
                | PasswordProblem::Guessable
                | PasswordProblem::Mismatch
        )
    }
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage<'a> {
    view: &'a Enrol<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    title: String,
    lead: String,
    problem: Option<String>,
    username_wrong: bool,
    new_wrong: bool,
    repeat_wrong: bool,
}

#[derive(Template)]
#[template(path = "spent_link.html")]
struct SpentLinkPage<'a> {
    view: &'a SpentLink<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}

#[derive(Template)]
#[template(path = "change_password.html")]
struct ChangePasswordPage<'a> {
    view: &'a ChangePassword<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
    current_wrong: bool,
    new_wrong: bool,
    repeat_wrong: bool,
}
