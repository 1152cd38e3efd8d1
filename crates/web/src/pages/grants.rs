//! What the person has let applications know, and how to take it back.

use askama::Template;
use jiff::Timestamp;

use super::moment::Moment;
use super::render::render;
use super::scope::meaning;
use super::text::Text;
use super::{Chrome, field, path};

/// The applications that may know something of the person.
#[derive(Debug, Clone, Copy)]
pub struct Grants<'a> {
    /// The one used last first.
    pub apps: &'a [GrantItem<'a>],
    /// The time of rendering: times are said relative to it.
    pub now: Timestamp,
    /// Proof that the forms are ours.
    pub csrf: &'a str,
    /// Whether one was just taken back.
    pub withdrawn: bool,
}

/// One application.
#[derive(Debug, Clone, Copy)]
pub struct GrantItem<'a> {
    /// What the form sends: the client id.
    pub id: &'a str,
    /// The name that the administrator gave it.
    pub name: &'a str,
    /// Where it lives.
    pub host: Option<&'a str>,
    /// The scopes that it may read. Known ones are said in plain words, others by name.
    pub scopes: &'a [String],
    /// Since when.
    pub since: Timestamp,
    /// The last login there, if it is known.
    pub last_login: Option<Timestamp>,
    /// Whether the person is asked at the next login, or an administrator has agreed for everybody.
    pub asks: bool,
}

/// Renders them.
pub fn grants(view: &Grants<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&GrantsPage {
        view,
        chrome,
        t,
        rows: view.apps.iter().map(|item| Row::of(item, view.now, t)).collect(),
    })
}

#[derive(Template)]
#[template(path = "grants.html")]
struct GrantsPage<'a> {
    view: &'a Grants<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    rows: Vec<Row<'a>>,
}

/// One application as it is shown.
struct Row<'a> {
    app: &'a GrantItem<'a>,
    reads: Vec<String>,
    since: Moment,
    last_login: Option<Moment>,
}

impl<'a> Row<'a> {
    fn of(app: &'a GrantItem<'a>, now: Timestamp, t: Text) -> Self {
        Row {
            app,
            reads: app.scopes.iter().map(|scope| meaning(scope, t)).collect(),
            since: Moment::ago(t, app.since, now),
            last_login: app.last_login.map(|at| Moment::ago(t, at, now)),
        }
    }
}
