//! Names of groups out of a claim: how they are written there, and what of them counts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ClaimPath;
use crate::evaluation::Run;
use crate::reason::{Code, shown};

/// How the groups claim is written. It is said, never guessed: a group may have a comma or a space in its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupFormat {
    /// A list of names; a text instead is one name.
    #[default]
    List,
    /// One text that is one name; a list is refused.
    Single,
    /// A text with commas between the names, spaces around them cut off; or a list of names.
    Comma,
    /// A text with spaces between the names; or a list of names.
    Space,
    /// A text that holds a JSON list of names.
    Json,
}

impl GroupFormat {
    /// In words, for a reason.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::List => "a list of names or one name",
            Self::Single => "one name",
            Self::Comma => "names with commas between them",
            Self::Space => "names with spaces between them",
            Self::Json => "a text that holds a JSON list of names",
        }
    }
}

/// Whether capital letters count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// They do.
    #[default]
    Exact,
    /// They do not.
    Ignore,
}

/// Which part of a name counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupPath {
    /// All of it: `/company/ops` is `/company/ops`.
    #[default]
    Full,
    /// What is behind the last slash: `/company/ops` is `ops`, and so is `/customers/ops`.
    LastSegment,
}

/// What a groups claim holds.
pub(crate) enum Found {
    /// These, each once, normalised but for their case.
    Names(BTreeSet<String>),
    /// The claim is not there.
    Missing,
    /// The provider says that it is elsewhere.
    Elsewhere,
    /// It is something else.
    Wrong(Code),
}

/// Most names that are read, as Entra's largest answers have a few hundred.
pub(crate) const MAX_GROUPS: usize = 4096;
/// Longest name, in bytes.
const MAX_NAME: usize = 512;
/// All names together, in bytes: what a pattern of the rules may be compared with.
const MAX_BYTES: usize = 256 * 1024;

/// How to read the claim.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) format: GroupFormat,
    pub(crate) path: GroupPath,
    pub(crate) numbers: bool,
}

impl Reading {
    pub(crate) fn read(self, claim: &ClaimPath, run: &Run<'_>) -> Found {
        match claim.find(run.claims).filter(|value| !value.is_null()) {
            None if is_elsewhere(claim, run.claims) => Found::Elsewhere,
            None => Found::Missing,
            Some(value) => match self.names(value) {
                Ok(names) => Found::Names(names),
                Err(code) => Found::Wrong(code),
            },
        }
    }

    fn names(self, value: &Value) -> Result<BTreeSet<String>, Code> {
        let parsed;
        let value = match (self.format, value) {
            (GroupFormat::Json, Value::String(text)) if text.len() > MAX_BYTES => return Err(Code::GroupsTooLarge),
            (GroupFormat::Json, Value::String(text)) => {
                parsed = serde_json::from_str(text).map_err(|_| Code::GroupsWrongType)?;
                &parsed
            }
            (GroupFormat::Json, _) | (GroupFormat::Single, Value::Array(_)) => return Err(Code::GroupsWrongType),
            (_, value) => value,
        };
        let mut names = Names::default();
        match (self.format, value) {
            (_, Value::Array(items)) => {
                for item in items {
                    names.take(self, &self.name(item)?)?;
                }
            }
            (GroupFormat::Comma, Value::String(text)) => {
                for name in text.split(',') {
                    names.take(self, name.trim())?;
                }
            }
            (GroupFormat::Space, Value::String(text)) => {
                for name in text.split_whitespace() {
                    names.take(self, name)?;
                }
            }
            (GroupFormat::Json, _) => return Err(Code::GroupsWrongType),
            (_, single) => names.take(self, &self.name(single)?)?,
        }
        Ok(names.all)
    }

    fn name(self, value: &Value) -> Result<String, Code> {
        match value {
            Value::String(name) => Ok(name.clone()),
            Value::Number(number) if self.numbers => Ok(number.to_string()),
            _ => Err(Code::GroupsWrongType),
        }
    }
}

#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    seen: usize,
    bytes: usize,
}

impl Names {
    fn take(&mut self, reading: Reading, name: &str) -> Result<(), Code> {
        self.seen += 1;
        self.bytes += name.len();
        if self.seen > MAX_GROUPS || name.len() > MAX_NAME || self.bytes > MAX_BYTES {
            return Err(Code::GroupsTooLarge);
        }
        let name = match reading.path {
            GroupPath::Full => name,
            GroupPath::LastSegment => name.trim_end_matches('/').rsplit('/').next().unwrap_or_default(),
        };
        if !name.is_empty() {
            self.all.insert(name.to_owned());
        }
        Ok(())
    }
}

impl Case {
    /// The form in which names are compared.
    pub(crate) fn fold(self, name: &str) -> String {
        match self {
            Self::Exact => name.to_owned(),
            Self::Ignore => name.to_lowercase(),
        }
    }
}

/// Whether the provider has the claim but not here: a distributed claim (OpenID Connect Core 5.6.2), which is how Entra
/// says that there are too many groups for a token; in implicit flows it says `hasgroups` instead.
fn is_elsewhere(claim: &ClaimPath, claims: &Map<String, Value>) -> bool {
    let distributed = claims.get("_claim_names").and_then(Value::as_object);
    let overage = claim.claim() == "groups"
        && claims
            .get("hasgroups")
            .is_some_and(|has| *has == true || *has == "true");
    distributed.is_some_and(|names| names.contains_key(claim.claim())) || overage
}

/// The claim, shown.
pub(crate) fn received(claim: &ClaimPath, run: &Run<'_>) -> String {
    let value = claim.find(run.claims).filter(|value| !value.is_null());
    if value.is_none() && is_elsewhere(claim, run.claims) {
        return "a note that it is elsewhere".to_owned();
    }
    shown(value)
}
