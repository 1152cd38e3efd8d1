//! The person's own profile, and the page that confirms an address.

use askama::Template;

use super::render::render;
use super::text::Text;
use super::{Chrome, field, path};

/// The profile. What may not be changed is shown and not asked.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that may be changed, or is proved"
)]
pub struct Profile<'a> {
    /// Proof that the forms are ours.
    pub csrf: &'a str,
    /// The user name, which stays.
    pub username: &'a str,
    /// The full name.
    pub display_name: &'a str,
    /// Whether it may be changed.
    pub may_name: bool,
    /// The language of letters: `en`, `de`, or empty for the browser's.
    pub language: &'a str,
    /// Whether it may be changed.
    pub may_language: bool,
    /// How pages look: `browser`, `light` or `dark`.
    pub theme: &'a str,
    /// The address, if there is one.
    pub email: Option<&'a str>,
    /// Whether it is proved.
    pub verified: bool,
    /// Whether another one may be asked for; never without mail.
    pub may_email: bool,
    /// The address that waits to be confirmed.
    pub pending: Option<&'a str>,
    /// Whether the person may delete the account.
    pub may_delete: bool,
    /// There are terms and conditions to read.
    pub has_terms: bool,
    /// What was typed as a new address.
    pub typed: &'a str,
    /// What has just happened.
    pub notice: Option<ProfileNotice>,
    /// What was wrong with the last try.
    pub problem: Option<ProfileProblem>,
}

/// What has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileNotice {
    /// Name, language or theme was changed.
    Saved,
    /// A letter is on its way to the new address.
    LetterSent,
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileProblem {
    /// The full name cannot be one.
    Name,
    /// The address cannot be one.
    Address,
    /// Too many letters were asked for.
    TooOften,
}

/// The page behind the link of a letter: the address becomes the account's by a button, so that a mail scanner changes
/// nothing.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmAddress<'a> {
    /// Where the form is posted: `csrf`.
    pub action: &'a str,
    /// Proof that the form is ours.
    pub csrf: &'a str,
    /// The address.
    pub address: &'a str,
    /// The user name of the account that is logged in.
    pub username: &'a str,
    /// How it stands.
    pub state: Confirming,
}

/// How the confirmation of an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirming {
    /// The person who asked is to press the button.
    Asked,
    /// It has been confirmed.
    Done,
    /// Somebody else is logged in.
    OtherAccount,
}

/// Renders the profile.
pub fn profile(view: &Profile<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&ProfilePage {
        view,
        chrome,
        t,
        notice: view.notice.map(|notice| match notice {
            ProfileNotice::Saved => t.say("profile-saved"),
            ProfileNotice::LetterSent => t.say("profile-letter-sent"),
        }),
        problem: view.problem.map(|problem| match problem {
            ProfileProblem::Name => t.say("profile-bad-name"),
            ProfileProblem::Address => t.say("profile-bad-address"),
            ProfileProblem::TooOften => t.say("profile-too-often"),
        }),
        name_wrong: view.problem == Some(ProfileProblem::Name),
        address_wrong: matches!(view.problem, Some(ProfileProblem::Address | ProfileProblem::TooOften)),
    })
}

/// Renders the confirmation.
pub fn confirm_address(view: &ConfirmAddress<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let (address, username) = (("address", view.address), ("username", view.username));
    render(&ConfirmAddressPage {
        view,
        chrome,
        t,
        lead: match view.state {
            Confirming::Done => t.with_two("confirm-done-lead", address, username),
            Confirming::Asked => t.with_two("confirm-lead", address, username),
            Confirming::OtherAccount => t.with("confirm-other-lead", "username", view.username),
        },
    })
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage<'a> {
    view: &'a Profile<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    notice: Option<String>,
    problem: Option<String>,
    name_wrong: bool,
    address_wrong: bool,
}

#[derive(Template)]
#[template(path = "confirm_address.html")]
struct ConfirmAddressPage<'a> {
    view: &'a ConfirmAddress<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    lead: String,
}
