//! Whether a person may use an application, asked at every login, refresh and userinfo call: who has left a group has
//! left its applications.

use doorward_apps::{App, access};
use doorward_directory::{Closed, Facts};
use doorward_oidc::{Refusal, RefusalKind, ScopeSet, Turn};
use jiff::Timestamp;

/// The user is switched off.
pub static PERSON_DISABLED: RefusalKind = RefusalKind {
    code: "person_disabled",
    oauth: "invalid_grant",
    public: "This account is switched off at the moment.",
    meaning: "A disabled user logs in nowhere, and tokens issued before are not renewed.",
    turn: Turn::Administrator,
};

/// What the person may be granted, or why nothing.
pub(crate) fn of_person(app: &App, facts: &Facts, now: i64) -> Result<ScopeSet, Refusal> {
    let closed = facts.user.closed(moment(now));
    if closed == Some(Closed::Disabled) {
        let detail = format!("{} is disabled", facts.user.name);
        return Err(Refusal::response(&PERSON_DISABLED, detail).with_remedy(format!(
            "doorward {} enable {}",
            facts.user.kind.command(),
            facts.user.name
        )));
    }
    if let Some(closed) = closed {
        return Err(closed.refusal(&facts.user));
    }
    access(app, &facts.groups)
}

/// The second as the directory counts; one that no clock shows is later than every other.
pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}
