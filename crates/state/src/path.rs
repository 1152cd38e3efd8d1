//! Which file is about what.

use std::fmt;

use doorward_oidc::{Refusal, closest_name, shown};

use crate::refusals::STATE_FILE_INVALID;

/// What a file is about. In the order in which they are read and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Settings of the server.
    Settings,
    /// What is asked of every login.
    Policies,
    /// Whether people register themselves.
    Registration,
    /// Whether applications register themselves.
    ClientRegistration,
    /// What people are asked to accept.
    Terms,
    /// A group.
    Group,
    /// A service account.
    Service,
    /// An upstream.
    Upstream,
    /// An application.
    Application,
    /// A person: a table of the file of all people.
    Person,
}

/// The file that holds all people.
pub const PEOPLE: &str = "people.toml";

impl Kind {
    /// Those of which there is one.
    pub const SINGLE: [Self; 5] = [
        Self::Settings,
        Self::Policies,
        Self::Registration,
        Self::ClientRegistration,
        Self::Terms,
    ];
    /// Those of which there are many, each with a file of its own.
    pub const MANY: [Self; 4] = [Self::Group, Self::Service, Self::Upstream, Self::Application];

    /// The file, or the folder of the files.
    pub fn place(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Policies => "policies",
            Self::Registration => "registration",
            Self::ClientRegistration => "client-registration",
            Self::Terms => "terms",
            Self::Group => "groups",
            Self::Service => "services",
            Self::Upstream => "upstreams",
            Self::Application => "applications",
            Self::Person => "people",
        }
    }

    /// Whether there is only one.
    pub fn is_single(self) -> bool {
        Self::SINGLE.contains(&self)
    }
}

/// A file of the state, or a person in the file of people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// What it is about.
    pub kind: Kind,
    /// Whose; empty where there is only one.
    pub name: String,
}

impl Path {
    /// The file of one thing.
    pub fn of(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }

    /// The file of what there is once.
    pub fn single(kind: Kind) -> Self {
        Self::of(kind, "")
    }

    /// Reads `applications/netbox.toml`, with `/` between folder and file.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = || {
            let known = Kind::SINGLE.map(|kind| format!("{}.toml", kind.place()));
            let folders = Kind::MANY.map(|kind| format!("{}/NAME.toml", kind.place()));
            let all: Vec<String> = known.into_iter().chain(folders).collect();
            let near = closest_name(text, all.iter().map(String::as_str));
            let refusal = Refusal::response(
                &STATE_FILE_INVALID,
                format!("expected one of {}; received `{}`", all.join(", "), shown(text)),
            );
            match near {
                Some(near) => refusal.with_remedy(format!("did you mean {near}?")),
                None => refusal.with_remedy("keep other files elsewhere"),
            }
        };
        let stem = text.strip_suffix(".toml").ok_or_else(refuse)?;
        match stem.split_once('/') {
            None => Kind::SINGLE
                .into_iter()
                .find(|kind| kind.place() == stem)
                .map(Self::single)
                .ok_or_else(refuse),
            Some((folder, name)) => {
                let is_name = (1..=64).contains(&name.len())
                    && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-')
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
                Kind::MANY
                    .into_iter()
                    .find(|kind| kind.place() == folder && is_name)
                    .map(|kind| Self::of(kind, name))
                    .ok_or_else(refuse)
            }
        }
    }

    /// The same thing in other capitals is the same thing.
    pub(crate) fn key(&self) -> Self {
        Self::of(self.kind, self.name.to_ascii_lowercase())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            kind if kind.is_single() => write!(f, "{}.toml", kind.place()),
            Kind::Person => write!(f, "{PEOPLE}: {}", self.name),
            kind => write!(f, "{}/{}.toml", kind.place(), self.name),
        }
    }
}
