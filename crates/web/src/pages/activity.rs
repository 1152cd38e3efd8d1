//! What a person did lately, and what was done to their account.

use askama::Template;
use jiff::Timestamp;

use super::{Chrome, moment::Moment, path, render::render, text::Text};

/// A page of it.
#[derive(Debug, Clone, Copy)]
pub struct Activity<'a> {
    /// The latest first.
    pub deeds: &'a [Deed<'a>],
    /// The time of rendering: times are said relative to it.
    pub now: Timestamp,
    /// What comes after the last: the value of `before`.
    pub older: Option<&'a str>,
    /// Not the first page.
    pub is_later: bool,
}

/// Something that was done.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// When.
    pub at: Timestamp,
    /// The event's action: `session.begin`.
    pub action: &'a str,
    /// It was refused.
    pub refused: bool,
    /// Who did it.
    pub by: By,
    /// The application or provider that it was about, as people know it.
    pub about: Option<&'a str>,
    /// Where the person was. Never where somebody else was.
    pub address: Option<&'a str>,
}

/// Who did something, as far as it is this person's to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The person themselves, to their own account.
    Oneself,
    /// The person themselves, administering; of whom or what is not said here.
    Office,
    /// Somebody who administers.
    Administrator,
    /// The server, by itself.
    Server,
    /// Nobody knows who: they gave the person's name or address.
    Somebody,
}

/// Renders the page.
pub fn activity(view: &Activity<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&ActivityPage {
        view,
        chrome,
        t,
        rows: view
            .deeds
            .iter()
            .map(|deed| Row {
                what: said(t, deed),
                by: by(t, deed.by),
                at: Moment::ago(t, deed.at, view.now),
                deed,
            })
            .collect(),
    })
}

fn by(t: Text, by: By) -> String {
    match by {
        By::Oneself | By::Office => t.say("activity-by-you"),
        By::Administrator => t.say("activity-by-administrator"),
        By::Server => t.say("activity-by-server"),
        By::Somebody => t.say("activity-by-somebody"),
    }
}

fn said(t: Text, deed: &Deed<'_>) -> String {
    if deed.by == By::Office {
        return t.with("activity-administered", "action", &room(t, deed.action));
    }
    let about = deed.about.unwrap_or("—");
    match (deed.action, deed.refused) {
        ("login" | "upstream.login", true) => t.say("activity-login-refused"),
        ("login", false) => t.with("activity-app", "app", about),
        ("upstream.login", false) => t.with("activity-upstream-login", "title", about),
        ("session.begin", _) => t.say("activity-session-begin"),
        ("session.end", _) => t.say("activity-session-end"),
        ("grant.stolen", _) => t.say("activity-grant-stolen"),
        ("consent.give", _) => t.with("activity-consent", "app", about),
        ("grant.revoke", _) => t.with("activity-revoke", "app", about),
        ("upstream.link", _) => t.with("activity-upstream-connect", "title", about),
        ("upstream.unlink", _) => t.with("activity-upstream-unlink", "title", about),
        (action, _) => of_the_account(t, action),
    }
}

/// What the person administered: the part of the console where it is done, or the action itself where there is none.
fn room(t: Text, action: &str) -> String {
    match action.split('.').next().unwrap_or_default() {
        "user" | "link" | "passkey" | "factor" | "session" | "grant" => t.say("console-people"),
        "registration" => t.say("console-registration"),
        "group" => t.say("console-groups"),
        "app" | "client_registration" | "alias" | "logout" => t.say("console-apps"),
        "upstream" => t.say("console-upstreams"),
        "token" | "service" | "service_key" => t.say("console-services"),
        "role" => t.say("console-admins"),
        "terms" => t.say("console-terms"),
        "policy" => t.say("console-policies"),
        "mail" => t.say("console-mail"),
        "key" | "master_key" => t.say("console-keys"),
        "certificate" | "authority" => t.say("console-certificates"),
        "settings" => t.say("console-settings"),
        _ => action.to_owned(),
    }
}

fn of_the_account(t: Text, action: &str) -> String {
    match action {
        "user.add" => t.say("activity-user-add"),
        "user.register" => t.say("activity-register"),
        "registration.ask" => t.say("activity-registration-ask"),
        "login.backup" => t.say("activity-login-backup"),
        "user.edit" => t.say("activity-user-edit"),
        "user.profile.edit" => t.say("activity-profile-edit"),
        "user.email.ask" => t.say("activity-email-ask"),
        "user.email.confirm" => t.say("activity-email-confirm"),
        "user.password.set" | "user.password.change" => t.say("activity-password"),
        "password.forgotten" => t.say("activity-forgotten"),
        "link.create" => t.say("activity-link-create"),
        "link.redeem" => t.say("activity-link-redeem"),
        "user.passkey.add" => t.say("activity-passkey-add"),
        "user.passkey.rename" => t.say("activity-passkey-rename"),
        "user.passkey.remove" => t.say("activity-passkey-remove"),
        "user.passkey.copied" => t.say("activity-passkey-copied"),
        "factor.add" => t.say("activity-factor-add"),
        "factor.recovery" => t.say("activity-factor-recovery"),
        "factor.use" => t.say("activity-factor-use"),
        "factor.remove" => t.say("activity-factor-remove"),
        "factor.reset" => t.say("activity-factor-reset"),
        "user.export" => t.say("activity-export"),
        "user.expire" => t.say("activity-expire"),
        "user.delete" => t.say("activity-delete"),
        "user.restore" => t.say("activity-restore"),
        "terms.accept" => t.say("activity-terms"),
        "role.grant" => t.say("activity-role-grant"),
        "role.withdraw" => t.say("activity-role-withdraw"),
        action => t.with("activity-other", "action", action),
    }
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage<'a> {
    view: &'a Activity<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    rows: Vec<Row<'a>>,
}

/// One deed as it is shown.
struct Row<'a> {
    deed: &'a Deed<'a>,
    what: String,
    by: String,
    at: Moment,
}
