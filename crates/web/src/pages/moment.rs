//! Times as people say them, relative to now: the reader's time zone is not known here.

use jiff::Timestamp;

use super::text::Text;

/// A time: for people, exactly, and for machines.
pub(super) struct Moment {
    pub(super) said: String,
    pub(super) exact: String,
    pub(super) machine: String,
}

impl Moment {
    /// One that was.
    pub(super) fn ago(t: Text, at: Timestamp, now: Timestamp) -> Self {
        Self::of(at, ago(t, at, now))
    }

    /// One that will be.
    pub(super) fn ahead(t: Text, at: Timestamp, now: Timestamp) -> Self {
        Self::of(at, ahead(t, at, now))
    }

    fn of(at: Timestamp, said: String) -> Self {
        Self {
            said,
            exact: exact(at),
            machine: machine(at),
        }
    }
}

/// "just now", "5 minutes ago".
pub(super) fn ago(t: Text, at: Timestamp, now: Timestamp) -> String {
    match seconds_between(at, now) {
        0..=59 => t.say("moment-now"),
        seconds => t.with("moment-ago", "duration", &t.span(seconds)),
    }
}

/// "in 3 days".
pub(super) fn ahead(t: Text, at: Timestamp, now: Timestamp) -> String {
    match seconds_between(now, at) {
        0 => t.say("moment-now"),
        seconds => t.with("moment-ahead", "duration", &t.span(seconds)),
    }
}

/// For `<time datetime>`.
pub(super) fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// For reading to the second, in UTC.
pub(super) fn exact(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn seconds_between(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.as_second() - earlier.as_second()).unwrap_or(0)
}
