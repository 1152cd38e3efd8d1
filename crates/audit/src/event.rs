//! An event: something that was done, or refused, and is kept.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Reference;

/// What is recorded. Its time is that of the unit of work. Build it with [`Event::new`] and the `with_` functions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// What was done, dotted from general to particular: `user.add`, `app.secret.show`, `login`.
    pub action: Cow<'static, str>,
    /// Who did it.
    pub actor: Actor,
    /// To whom or what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// From which address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The trace of the login that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Reference>,
    /// What else there is to know, a JSON object or null. Never a secret.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The user's or service account's id; none for the owner of the host or an unknown person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name, as it was then.
    pub name: String,
    /// Through what: `socket`, `token`, `session`, `login`, `system`.
    pub via: Cow<'static, str>,
}

impl Actor {
    /// A user or service account.
    pub fn new(id: Uuid, name: impl Into<String>, via: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: Some(id),
            name: name.into(),
            via: via.into(),
        }
    }

    /// Somebody without an account here: a name that was typed, the owner of the host.
    pub fn named(name: impl Into<String>, via: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: None,
            name: name.into(),
            via: via.into(),
        }
    }

    /// The server itself.
    pub fn system() -> Self {
        Self::named("doorward", "system")
    }
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `user`, `group`, `app`, `session`, `key`, …
    pub kind: Cow<'static, str>,
    /// Its id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its name, as it was then.
    pub name: String,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Ok,
    /// It was refused, and nothing changed.
    Refused,
}

impl Event {
    /// An event that succeeded.
    pub fn new(action: impl Into<Cow<'static, str>>, actor: Actor) -> Self {
        Self {
            action: action.into(),
            actor,
            subject: None,
            outcome: Outcome::Ok,
            reason: None,
            address: None,
            trace: None,
            data: Value::Null,
        }
    }

    /// About whom or what it is.
    #[must_use]
    pub fn about(mut self, kind: impl Into<Cow<'static, str>>, id: Option<Uuid>, name: impl Into<String>) -> Self {
        self.subject = Some(Subject {
            kind: kind.into(),
            id,
            name: name.into(),
        });
        self
    }

    /// It was refused, for the reason with this stable code.
    #[must_use]
    pub fn refused(mut self, reason: impl Into<String>) -> Self {
        self.outcome = Outcome::Refused;
        self.reason = Some(reason.into());
        self
    }

    /// From which address.
    #[must_use]
    pub fn from_address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// In which login.
    #[must_use]
    pub fn in_trace(mut self, trace: Option<Reference>) -> Self {
        self.trace = trace;
        self
    }

    /// What else there is to know: a JSON object.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedEvent {
    /// Sorts by time.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The rest.
    #[serde(flatten)]
    pub event: Event,
}

impl RecordedEvent {
    /// One line of JSON, without the line break.
    pub fn json_line(&self) -> String {
        // The only maps inside have text keys, so there is nothing that JSON could not hold.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Which events. Empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The action, or what it begins with up to a dot: `app` finds `app.add`, not `apple`.
    pub action: Option<String>,
    /// The actor's name.
    pub actor: Option<String>,
    /// The subject's name.
    pub subject: Option<String>,
    /// Whoever did it, or whose account it was done to, by id.
    pub person: Option<Uuid>,
    /// The login.
    pub trace: Option<Reference>,
    /// Only what was refused.
    pub refused_only: bool,
}

impl EventFilter {
    /// What this person did, and what was done to their account.
    pub fn of_person(person: Uuid) -> Self {
        Self {
            person: Some(person),
            ..Self::default()
        }
    }
}
