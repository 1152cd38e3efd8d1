//! Who are you: user name and password, or a choice between accounts.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome, field, path};

/// The login page.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that the page offers, or says"
)]
pub struct Login<'a> {
    /// The application that the person is on the way to; `None` for Doorward itself.
    pub app: Option<AppRef<'a>>,
    /// Where the form is posted: `username`, `password`, `attempt`.
    pub action: &'a str,
    /// The ticket of the login attempt.
    pub attempt: &'a str,
    /// The user name to begin with: `login_hint`, or what was typed before. Empty for none.
    pub username: &'a str,
    /// The person is known and only proves it again (`prompt=login`, `max_age`): the user name is shown, not asked.
    pub again: bool,
    /// What was wrong with the last try.
    pub problem: Option<LoginProblem>,
    /// A sentence of the administrator's above the form: which name to use here.
    pub hint: Option<&'a str>,
    /// Back to the application without logging in.
    pub cancel: Option<&'a str>,
    /// The way in for a local administrator when the upstream is broken: says so.
    pub backup: bool,
    /// Other providers that people may log in with.
    pub ways: &'a [UpstreamWay<'a>],
    /// What the form asks for.
    pub asks: Asks,
    /// A passkey may be used instead, in browsers that can.
    pub passkey: bool,
    /// Whoever has no account may ask for one.
    pub register: bool,
}

/// A provider to log in with instead.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamWay<'a> {
    /// As people know it: `Company account`.
    pub title: &'a str,
    /// Where its login begins.
    pub href: &'a str,
}

/// What the login form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// User name and password.
    NameAndPassword,
    /// The name alone: where it belongs decides what comes next.
    Name,
    /// Nothing: the providers in [`Login::ways`] are the only ways in.
    Nothing,
}

/// The page between our form and another provider. A form's answer may not lead to another site in every browser (the
/// page's policy forbids it), a page may.
#[derive(Debug, Clone, Copy)]
pub struct Onward<'a> {
    /// The provider's title.
    pub title: &'a str,
    /// Where its login begins; followed by itself, and by a button.
    pub href: &'a str,
}

/// Why the last try did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginProblem {
    /// The user name was left empty.
    NoUsername,
    /// The password was left empty.
    NoPassword,
    /// User name or password is wrong; which, is not said.
    Wrong,
    /// Too many tries.
    Throttled {
        /// Until the next try counts.
        seconds: u64,
    },
    /// The server has no room for another password check right now.
    Busy {
        /// Until it is worth trying again.
        seconds: u64,
    },
    /// The account had a date at which it ended (shown only to whoever proved that it is theirs).
    AccountExpired,
    /// The account is being deleted (shown only to whoever proved that it is theirs).
    AccountDeleted,
    /// The passkey was not accepted.
    Passkey,
    /// The passkey may have been copied, and is not accepted any more.
    PasskeyCopied,
    /// The page was open too long or the browser lost its cookie; the login starts afresh with this form.
    Expired,
}

/// The choice between accounts (`prompt=select_account`).
#[derive(Debug, Clone, Copy)]
pub struct AccountChooser<'a> {
    /// The application that the person is on the way to.
    pub app: Option<AppRef<'a>>,
    /// Where the form is posted: `account` (an id or `other`), `attempt`.
    pub action: &'a str,
    /// The ticket of the login attempt.
    pub attempt: &'a str,
    /// The accounts that this browser has a session of.
    pub accounts: &'a [AccountItem<'a>],
}

/// One account to choose.
#[derive(Debug, Clone, Copy)]
pub struct AccountItem<'a> {
    /// What the form sends for it.
    pub id: &'a str,
    /// `Anna Berger`
    pub display_name: &'a str,
    /// `anna`
    pub username: &'a str,
}

/// Renders the login page.
pub fn login(view: &Login<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&LoginPage {
        view,
        chrome,
        t,
        problem: view.problem.map(|problem| problem.message(t)),
        username_wrong: view.problem.is_some_and(LoginProblem::concerns_username),
        password_wrong: view.problem.is_some_and(LoginProblem::concerns_password),
        cancel: view.cancel.and_then(link),
    })
}

/// Renders the page that leads to another provider.
pub fn onward(view: &Onward<'_>, chrome: &Chrome<'_>) -> String {
    render(&OnwardPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

/// Renders the choice between accounts.
pub fn account_chooser(view: &AccountChooser<'_>, chrome: &Chrome<'_>) -> String {
    render(&AccountChooserPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

impl LoginProblem {
    fn message(self, t: Text) -> String {
        match self {
            LoginProblem::NoUsername => t.say("login-no-username"),
            LoginProblem::NoPassword => t.say("login-no-password"),
            LoginProblem::Wrong => t.say("login-wrong"),
            LoginProblem::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
            LoginProblem::Busy { seconds } => t.with("busy", "duration", &t.wait(seconds)),
            LoginProblem::AccountExpired => t.say("login-account-expired"),
            LoginProblem::AccountDeleted => t.say("login-account-deleted"),
            LoginProblem::Passkey => t.say("login-passkey-refused"),
            LoginProblem::PasskeyCopied => t.say("login-passkey-copied"),
            LoginProblem::Expired => t.say("login-expired"),
        }
    }

    /// What to say to whoever proved that a closed account is theirs, by the refusal's code.
    pub(crate) fn of_closed(code: &str) -> Option<Self> {
        match code {
            "account_expired" => Some(Self::AccountExpired),
            "account_deleted" => Some(Self::AccountDeleted),
            _ => None,
        }
    }

    const fn concerns_username(self) -> bool {
        matches!(self, LoginProblem::NoUsername | LoginProblem::Wrong)
    }

    const fn concerns_password(self) -> bool {
        matches!(self, LoginProblem::NoPassword | LoginProblem::Wrong)
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    view: &'a Login<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
    username_wrong: bool,
    password_wrong: bool,
    cancel: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage<'a> {
    view: &'a Onward<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}

#[derive(Template)]
#[template(path = "account_chooser.html")]
struct AccountChooserPage<'a> {
    view: &'a AccountChooser<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}
