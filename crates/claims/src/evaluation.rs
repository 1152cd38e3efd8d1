//! What is here, what a login changes, and the account of how that came about.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::reason::{Code, Effect, Reason};

/// What is known here about the person at this moment.
#[derive(Debug, Clone, Copy)]
pub struct Local<'a> {
    /// The attributes, by name.
    pub attributes: &'a Map<String, Value>,
    /// Groups that the person is in directly.
    pub groups: &'a BTreeSet<String>,
    /// Roles that the person has directly.
    pub roles: &'a BTreeSet<String>,
    /// Flags that are set.
    pub flags: &'a BTreeSet<String>,
    /// Whether nobody has logged in to this account through this provider before.
    pub is_first_login: bool,
}

static NOTHING: BTreeSet<String> = BTreeSet::new();
static NO_ATTRIBUTES: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

impl Local<'static> {
    /// Somebody of whom nothing is known yet.
    pub fn nobody() -> Self {
        Self {
            attributes: &NO_ATTRIBUTES,
            groups: &NOTHING,
            roles: &NOTHING,
            flags: &NOTHING,
            is_first_login: true,
        }
    }
}

/// The account of one login: what it changes, or why it is refused, and what every rule said to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// What to do, or the first refusal. All other refusals are among the reasons too.
    pub outcome: Result<Changes, Denied>,
    /// What every rule did, in the order of the rules, those that passed included.
    pub reasons: Vec<Reason>,
}

impl Serialize for Evaluation {
    /// `{"admitted": true, "changes": {…}, "reasons": […]}`, or `"denied"` in place of `"changes"`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            admitted: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            changes: Option<&'a Changes>,
            #[serde(skip_serializing_if = "Option::is_none")]
            denied: Option<&'a Denied>,
            reasons: &'a [Reason],
        }
        Wire {
            admitted: self.outcome.is_ok(),
            changes: self.outcome.as_ref().ok(),
            denied: self.outcome.as_ref().err(),
            reasons: &self.reasons,
        }
        .serialize(serializer)
    }
}

/// A refused login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{reason}")]
pub struct Denied {
    /// The first rule that refused.
    pub reason: Reason,
}

impl Denied {
    /// What it found.
    pub const fn code(&self) -> Code {
        self.reason.code
    }
}

/// What a login changes about the person. Applied to what is here, the same claims change nothing more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The value of the user claim: who the person is at the provider. Always set.
    pub user: String,
    /// The short name.
    pub username: Change<String>,
    /// The e-mail address.
    pub email: Change<Email>,
    /// The full name.
    pub name: Change<String>,
    /// Attributes that get these values.
    pub set_attributes: Map<String, Value>,
    /// Attributes that are taken away.
    pub clear_attributes: BTreeSet<String>,
    /// Memberships.
    pub groups: SetChange,
    /// Roles.
    pub roles: SetChange,
    /// Flags.
    pub flags: SetChange,
}

/// What becomes of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
    /// It is taken away.
    Clear,
}

impl<T> Change<T> {
    /// The new value.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// An e-mail address as the provider gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address, as it came: not parsed.
    pub address: String,
    /// Whether the provider says that it belongs to the person. Whether that is believed is for the caller to decide.
    pub verified: bool,
}

/// What becomes of a set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetChange {
    /// Not here yet, and given.
    pub add: BTreeSet<String>,
    /// Here, and taken away.
    pub remove: BTreeSet<String>,
}

impl SetChange {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

/// An evaluation that is going on.
pub(crate) struct Run<'a> {
    pub(crate) claims: &'a Map<String, Value>,
    pub(crate) local: &'a Local<'a>,
    pub(crate) changes: Changes,
    reasons: Vec<Reason>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(claims: &'a Map<String, Value>, local: &'a Local<'a>) -> Self {
        Self {
            claims,
            local,
            changes: Changes::default(),
            reasons: Vec::new(),
        }
    }

    /// Writes down what a rule did. A refusal does not end the evaluation: whoever mends the rules wants to see all of it.
    pub(crate) fn say(
        &mut self,
        rule: impl Into<String>,
        code: Code,
        effect: Effect,
        on: Vec<String>,
        expected: impl Into<String>,
        received: impl Into<String>,
    ) {
        self.reasons.push(Reason {
            rule: rule.into(),
            code,
            effect,
            on,
            expected: expected.into(),
            received: received.into(),
        });
    }

    pub(crate) fn finish(self) -> Evaluation {
        let refusal = self.reasons.iter().find(|reason| reason.effect == Effect::Denied);
        let outcome = match refusal {
            Some(reason) => Err(Denied { reason: reason.clone() }),
            None => Ok(self.changes),
        };
        Evaluation {
            outcome,
            reasons: self.reasons,
        }
    }
}
