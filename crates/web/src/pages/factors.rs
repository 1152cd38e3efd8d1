//! The person's second factors: what there is, setting up, removing, new recovery codes.

use askama::Template;
use jiff::Timestamp;

use super::render::render;
use super::second::SetUp;
use super::text::Text;
use super::{Chrome, field, moment, path};

/// The page of second factors. [`Chrome::viewer`] says whose.
#[derive(Debug, Clone, Copy)]
pub struct Factors<'a> {
    /// Since when there is an app for one-time codes.
    pub app_since: Option<Timestamp>,
    /// How many recovery codes are left; `None` when there is no factor that they stand in for.
    pub recovery_left: Option<usize>,
    /// Policy demands a factor that this person does not have.
    pub is_demanded: bool,
    /// Now.
    pub now: Timestamp,
    /// Proves that a form came from this page.
    pub csrf: &'a str,
    /// What has just happened.
    pub notice: Option<FactorsNotice>,
}

/// What has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorsNotice {
    /// The app was removed.
    Removed,
}

/// Setting an app up.
#[derive(Debug, Clone, Copy)]
pub struct AddApp<'a> {
    /// The secret.
    pub set_up: SetUp<'a>,
    /// Whether there is an app already, which this one replaces.
    pub replaces: bool,
    /// Proves that a form came from this page.
    pub csrf: &'a str,
}

/// Recovery codes, shown once.
#[derive(Debug, Clone, Copy)]
pub struct NewRecoveryCodes<'a> {
    /// The codes.
    pub codes: &'a [String],
    /// They come with the first factor, rather than in place of others.
    pub first: bool,
    /// That factor is a passkey.
    pub passkey: bool,
}

/// Renders the page.
pub fn factors(view: &Factors<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&FactorsPage {
        view,
        chrome,
        t,
        left: view
            .recovery_left
            .map(|left| t.count("factors-recovery-left", "count", left)),
        since: view
            .app_since
            .map(|at| (moment::machine(at), moment::ago(t, at, view.now))),
        notice: view.notice.map(|FactorsNotice::Removed| t.say("factors-removed")),
    })
}

/// Renders the page on which an app is set up.
pub fn add_app(view: &AddApp<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&AddAppPage {
        view,
        chrome,
        t,
        problem: view.set_up.problem.map(|problem| problem.message(t)),
        picture: view.set_up.picture(),
        set_up: view.set_up,
    })
}

/// Renders new recovery codes.
pub fn new_recovery_codes(view: &NewRecoveryCodes<'_>, chrome: &Chrome<'_>) -> String {
    render(&NewRecoveryCodesPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

#[derive(Template)]
#[template(path = "factors.html")]
struct FactorsPage<'a> {
    view: &'a Factors<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    /// For machines and for people.
    since: Option<(String, String)>,
    left: Option<String>,
    notice: Option<String>,
}

#[derive(Template)]
#[template(path = "add_app.html")]
struct AddAppPage<'a> {
    view: &'a AddApp<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
    picture: String,
    set_up: SetUp<'a>,
}

#[derive(Template)]
#[template(path = "new_recovery_codes.html")]
struct NewRecoveryCodesPage<'a> {
    view: &'a NewRecoveryCodes<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}
