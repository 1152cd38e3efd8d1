//! The way out.

use askama::Template;
use doorward_oidc::Refusal;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome, field};

/// The question whether to log out (OpenID Connect RP-Initiated Logout §2, and our own logout).
#[derive(Debug, Clone, Copy)]
pub struct ConfirmLogout<'a> {
    /// The application that sent the person here.
    pub app: Option<AppRef<'a>>,
    /// Who is logged in.
    pub display_name: &'a str,
    /// Where the form is posted: `csrf`, `decision` (`allow` logs out, `deny` stays), and `hidden`.
    pub action: &'a str,
    /// Proof that the form is ours.
    pub csrf: &'a str,
    /// More fields to carry along, name and value.
    pub hidden: &'a [(&'a str, &'a str)],
}

/// The session has ended.
#[derive(Debug, Clone, Copy)]
pub struct LoggedOut<'a> {
    /// The application that sent the person here.
    pub app: Option<AppRef<'a>>,
    /// Where to go on: the application's post-logout redirect URI, when known to be registered.
    pub back: Option<&'a str>,
    /// Where to log in again.
    pub login: Option<&'a str>,
    /// Applications that this person was logged in to, and whether they know.
    pub parted: &'a [Parted],
    /// Where the browser goes on to by itself, after the frames.
    pub onward: Option<&'a str>,
    /// Why the browser does not go where the application wanted.
    pub refusal: Option<&'a Refusal>,
}

/// An application in which a session that ended here had been used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// Its name.
    pub name: String,
    /// Where it lives; empty when it has no address.
    pub url: String,
    /// Whether it knows.
    pub knows: Knows,
    /// What the page loads in a frame for it.
    pub frame: Option<String>,
}

/// Whether an application knows that a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knows {
    /// It was told and has answered.
    Yes,
    /// It has not answered yet, and is told until it does.
    NotYet,
    /// It was asked by a frame of this page, which may not have worked.
    Framed,
    /// It cannot be told.
    Never,
}

impl LoggedOut<'_> {
    fn of(&self, knows: Knows) -> impl Iterator<Item = &Parted> {
        self.parted.iter().filter(move |app| app.knows == knows)
    }

    fn any(&self, knows: Knows) -> bool {
        self.of(knows).next().is_some()
    }
}

/// Renders the question.
pub fn confirm_logout(view: &ConfirmLogout<'_>, chrome: &Chrome<'_>) -> String {
    render(&ConfirmLogoutPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
    })
}

/// Renders the end.
pub fn logged_out(view: &LoggedOut<'_>, chrome: &Chrome<'_>) -> String {
    render(&LoggedOutPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
        back: view.back.and_then(link),
        login: view.login.and_then(link),
        onward: view.onward.and_then(link),
        problem: view.refusal.map(|refusal| {
            // English sentences live beside their definitions; the catalogue holds translations only.
            Text::of(chrome.lang)
                .find(&format!("refused-of-{}", refusal.kind.code))
                .unwrap_or_else(|| refusal.kind.public.to_owned())
        }),
    })
}

#[derive(Template)]
#[template(path = "confirm_logout.html")]
struct ConfirmLogoutPage<'a> {
    view: &'a ConfirmLogout<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
}

#[derive(Template)]
#[template(path = "logged_out.html")]
struct LoggedOutPage<'a> {
    view: &'a LoggedOut<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    back: Option<&'a str>,
    login: Option<&'a str>,
    onward: Option<&'a str>,
    problem: Option<String>,
}

impl LoggedOutPage<'_> {
    /// Where a person goes to log out of an application that cannot be told.
    #[expect(clippy::unused_self, reason = "templates call methods of their page")]
    fn place<'b>(&self, app: &'b Parted) -> Option<&'b str> {
        link(&app.url)
    }
}
