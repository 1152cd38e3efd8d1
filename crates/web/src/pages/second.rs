//! The second step of a login: proving a factor, or setting one up.

use askama::Template;
use jiff::Timestamp;
use qrcode::{QrCode, render::svg};

use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome, device, field, moment};

/// The page that asks for a second factor.
#[derive(Debug, Clone, Copy)]
pub struct Second<'a> {
    /// The application that the person is on the way to.
    pub app: Option<AppRef<'a>>,
    /// Where the form is posted: `half`, `code`, `remember`.
    pub action: &'a str,
    /// The login so far, sealed.
    pub half: &'a str,
    /// Who has proved the first factor.
    pub username: &'a str,
    /// Whether codes of an app are asked for.
    pub asks_code: bool,
    /// Whether a recovery code is left.
    pub has_recovery: bool,
    /// Whether a passkey may be used: where its answer goes, and where the script asks what to ask.
    pub passkey: Option<(&'a str, &'a str)>,
    /// For how many days this browser may be remembered; 0 for not at all.
    pub remember_days: u32,
    /// What was wrong with the last try.
    pub problem: Option<CodeProblem>,
    /// Back to the login page, for somebody else.
    pub other: &'a str,
}

/// Why a code was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProblem {
    /// Nothing was typed.
    Empty,
    /// Wrong, too old, or used before.
    Wrong,
    /// A passkey was not accepted.
    Passkey,
    /// Administrators have chosen other devices.
    UntrustedPasskey,
    /// Too many tries.
    Throttled {
        /// Until the next try counts.
        seconds: u64,
    },
}

impl CodeProblem {
    pub(super) fn message(self, t: Text) -> String {
        match self {
            Self::Empty => t.say("second-empty"),
            Self::Wrong => t.say("second-wrong"),
            Self::Passkey => t.say("second-passkey-refused"),
            Self::UntrustedPasskey => t.say("passkeys-untrusted"),
            Self::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
        }
    }
}

/// A secret to put into an app.
#[derive(Debug, Clone, Copy)]
pub struct SetUp<'a> {
    /// The key URI, which becomes a QR code.
    pub uri: &'a str,
    /// The secret for typing.
    pub typed: &'a str,
    /// The same, sealed, for the form.
    pub draft: &'a str,
    /// What was wrong with the last try.
    pub problem: Option<CodeProblem>,
}

impl SetUp<'_> {
    /// The QR code as an SVG document; empty when the address is too long for one.
    pub(super) fn picture(&self) -> String {
        let Ok(code) = QrCode::new(self.uri.as_bytes()) else {
            return String::new();
        };
        // Always dark on light, in every theme: cameras read nothing else. Without the XML declaration, which has no place
        // within a page.
        let picture = code.render::<svg::Color<'_>>().module_dimensions(4, 4).build();
        match picture.find("<svg") {
            Some(start) => picture.get(start..).unwrap_or_default().to_owned(),
            None => String::new(),
        }
    }
}

/// Setting a factor up on the way in.
#[derive(Debug, Clone, Copy)]
pub struct EnrolFactor<'a> {
    /// The application that the person is on the way to.
    pub app: Option<AppRef<'a>>,
    /// Where the form is posted: `half`, `draft`, `code`.
    pub action: &'a str,
    /// Where putting it off is posted (`half`), and until when that is allowed.
    pub later: Option<(&'a str, Timestamp)>,
    /// The login so far, sealed.
    pub half: &'a str,
    /// Who it is.
    pub username: &'a str,
    /// A passkey; `None` where browsers allow none.
    pub passkey: Option<EnrolPasskey<'a>>,
    /// An app for one-time codes; `None` where only a passkey will do.
    pub app_codes: Option<SetUp<'a>>,
    /// Now.
    pub now: Timestamp,
}

/// Registering a passkey on the way in.
#[derive(Debug, Clone, Copy)]
pub struct EnrolPasskey<'a> {
    /// Where the form is posted: `half`, `name`, `answer`.
    pub action: &'a str,
    /// Where the script asks what to ask of the browser.
    pub options: &'a str,
    /// What the browser calls itself: the passkey is named after it.
    pub user_agent: &'a str,
    /// Why the last one was not accepted.
    pub problem: Option<CodeProblem>,
}

/// Recovery codes, shown once.
#[derive(Debug, Clone, Copy)]
pub struct RecoveryCodes<'a> {
    /// The codes.
    pub codes: &'a [String],
    /// Where it goes on.
    pub on: &'a str,
    /// Whose they are.
    pub username: &'a str,
}

/// Renders the question for a second factor.
pub fn second(view: &Second<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let days = usize::try_from(view.remember_days).unwrap_or_default();
    render(&SecondPage {
        view,
        chrome,
        t,
        problem: view.problem.map(|problem| problem.message(t)),
        remember: (days > 0).then(|| t.count("second-remember", "days", days)),
    })
}

/// Renders the page that sets a factor up.
pub fn enrol_factor(view: &EnrolFactor<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let set_up = view.app_codes;
    render(&EnrolFactorPage {
        view,
        chrome,
        t,
        problem: set_up
            .and_then(|set_up| set_up.problem)
            .or(view.passkey.and_then(|passkey| passkey.problem))
            .map(|problem| problem.message(t)),
        suggestion: view
            .passkey
            .map(|passkey| device::said(t, passkey.user_agent))
            .unwrap_or_default(),
        picture: set_up.map(|set_up| set_up.picture()).unwrap_or_default(),
        until: view.later.map(|(_, until)| moment::ahead(t, until, view.now)),
        set_up,
    })
}

/// Renders the recovery codes.
pub fn recovery_codes(view: &RecoveryCodes<'_>, chrome: &Chrome<'_>) -> String {
    render(&RecoveryCodesPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage<'a> {
    view: &'a Second<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
    remember: Option<String>,
}

#[derive(Template)]
#[template(path = "enrol_factor.html")]
struct EnrolFactorPage<'a> {
    view: &'a EnrolFactor<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
    picture: String,
    suggestion: String,
    until: Option<String>,
    set_up: Option<SetUp<'a>>,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    view: &'a RecoveryCodes<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}
