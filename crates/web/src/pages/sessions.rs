//! Where a person is logged in, and how to end that.

use jiff::Timestamp;

use super::Chrome;

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
pub fn sessions(_view: &Sessions<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("sessions page")
}
