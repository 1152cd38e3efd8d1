//! Setting a password: by an enrolment or reset link, or in the account.

use super::Chrome;

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
pub fn enrol(_view: &Enrol<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("enrolment page")
}

/// Renders the page of a link that no longer works.
pub fn spent_link(_view: &SpentLink<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("spent link page")
}

/// Renders the password change.
pub fn change_password(_view: &ChangePassword<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("password change page")
}
