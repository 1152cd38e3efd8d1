//! Where a person is logged in, and how to end that.

use askama::Template;
use jiff::Timestamp;

use super::device::said;
use super::moment::Moment;
use super::render::render;
use super::text::Text;
use super::{Chrome, field, path};

/// The person's sessions.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a> {
    /// Live ones, the current first, then by last use.
    pub sessions: &'a [SessionItem<'a>],
    /// The time of rendering: times are said relative to it.
    pub now: Timestamp,
    /// Proof that the forms are ours.
    pub csrf: &'a str,
    /// What has just happened.
    pub notice: Option<SessionsNotice>,
}

/// One session.
#[derive(Debug, Clone, Copy)]
pub struct SessionItem<'a> {
    /// What the form sends to end it. Not the session's ticket.
    pub id: &'a str,
    /// The `User-Agent` as it came; named as browser and system on the page.
    pub user_agent: &'a str,
    /// The address of the last use.
    pub address: &'a str,
    /// When the person logged in.
    pub created: Timestamp,
    /// When it was last used.
    pub last_seen: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// This very browser.
    pub current: bool,
}

/// What has just happened on the sessions page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsNotice {
    /// One session was ended.
    Ended,
    /// All others were ended.
    OthersEnded {
        /// How many.
        count: usize,
    },
}

/// Renders the sessions.
pub fn sessions(view: &Sessions<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&SessionsPage {
        view,
        chrome,
        t,
        rows: view
            .sessions
            .iter()
            .map(|session| Row::of(session, view.now, t))
            .collect(),
        has_others: view.sessions.iter().any(|session| !session.current),
        notice: view.notice.map(|notice| match notice {
            SessionsNotice::Ended => t.say("sessions-ended"),
            SessionsNotice::OthersEnded { count } => t.count("sessions-others-ended", "count", count),
        }),
    })
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    view: &'a Sessions<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    rows: Vec<Row<'a>>,
    has_others: bool,
    notice: Option<String>,
}

/// One session as it is shown.
struct Row<'a> {
    session: &'a SessionItem<'a>,
    device: String,
    created: Moment,
    last_seen: Moment,
    expires: Moment,
}

impl<'a> Row<'a> {
    fn of(session: &'a SessionItem<'a>, now: Timestamp, t: Text) -> Self {
        Row {
            session,
            device: said(t, session.user_agent),
            created: Moment::ago(t, session.created, now),
            last_seen: Moment::ago(t, session.last_seen, now),
            expires: Moment::ahead(t, session.expires, now),
        }
    }
}
