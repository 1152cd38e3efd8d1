//! A rule: what to take, where to put it, in which tokens, and in which shape.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ClaimError, ClaimPath, is_protocol_claim};

/// One mapping of an application.
///
/// As JSON: `{"claim": "/realm_access/roles", "by_group": [{"group": "admins", "values": ["superuser"]}],
/// "into": ["access_token"]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Rule {
    claim: ClaimPath,
    source: Source,
    into: Destinations,
    format: Format,
    direct: bool,
}

/// Where a rule's value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A value among the person's attributes.
    Attribute(ClaimPath),
    /// The names of the person's groups that fit this glob: `*` is all of them, a name without a star is that one.
    Groups(String),
    /// Values that membership in a group brings.
    ByGroup(Vec<ByGroup>),
    /// The same for everybody.
    Constant(Value),
}

/// The values that one group brings; with several groups they add up, in the order of the rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByGroup {
    /// The group's name.
    pub group: String,
    /// What its members get.
    pub values: Vec<Value>,
}

/// A place that claims go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The ID token.
    IdToken,
    /// The userinfo response.
    Userinfo,
    /// The access token.
    AccessToken,
}

impl Destination {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::IdToken, Self::Userinfo, Self::AccessToken];

    /// Its name in a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::Userinfo => "userinfo",
            Self::AccessToken => "access_token",
        }
    }
}

/// A set of destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destinations {
    /// The ID token.
    pub id_token: bool,
    /// The userinfo response.
    pub userinfo: bool,
    /// The access token.
    pub access_token: bool,
}

impl Destinations {
    /// Whether this one is in the set.
    pub const fn contains(self, destination: Destination) -> bool {
        match destination {
            Destination::IdToken => self.id_token,
            Destination::Userinfo => self.userinfo,
            Destination::AccessToken => self.access_token,
        }
    }
}

impl Default for Destinations {
    /// ID token and userinfo: applications read one or the other, and both must agree.
    fn default() -> Self {
        Self {
            id_token: true,
            userinfo: true,
            access_token: false,
        }
    }
}

impl FromIterator<Destination> for Destinations {
    fn from_iter<I: IntoIterator<Item = Destination>>(all: I) -> Self {
        let all: Vec<_> = all.into_iter().collect();
        Self {
            id_token: all.contains(&Destination::IdToken),
            userinfo: all.contains(&Destination::Userinfo),
            access_token: all.contains(&Destination::AccessToken),
        }
    }
}

/// The shape in which an application wants to read the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// As it is.
    #[default]
    AsIs,
    /// One string: of a list its first member.
    String,
    /// A list: a single value becomes a list of one.
    Array,
    /// The same, and nothing at all in the place of an empty list.
    NonEmpty,
    /// One string with the members separated by commas.
    Csv,
}

impl Rule {
    /// A rule into ID token and userinfo, with the value as it is.
    ///
    /// # Errors
    /// [`ClaimError::ProtocolClaim`] when the claim is one that the protocol sets itself.
    pub fn new(claim: ClaimPath, source: Source) -> Result<Self, ClaimError> {
        if is_protocol_claim(claim.claim()) {
            return Err(ClaimError::ProtocolClaim(claim.claim().to_owned()));
        }
        Ok(Self {
            claim,
            source,
            into: Destinations::default(),
            format: Format::default(),
            direct: false,
        })
    }

    /// The same rule into these.
    ///
    /// # Errors
    /// [`ClaimError::NoDestination`] for none.
    pub fn into_tokens(mut self, into: Destinations) -> Result<Self, ClaimError> {
        if !Destination::ALL
            .into_iter()
            .any(|destination| into.contains(destination))
        {
            return Err(ClaimError::NoDestination);
        }
        self.into = into;
        Ok(self)
    }

    /// The same rule in this shape.
    pub fn in_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The same rule about the groups that a person is in directly: of a group around one of theirs nothing is said.
    pub fn of_direct_groups(mut self, direct: bool) -> Self {
        self.direct = direct;
        self
    }

    /// Where the value goes.
    pub const fn claim(&self) -> &ClaimPath {
        &self.claim
    }

    /// Where the value comes from.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Which tokens get it.
    pub const fn destinations(&self) -> Destinations {
        self.into
    }

    /// In which shape.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether it is about the groups that a person is in directly.
    pub const fn is_direct(&self) -> bool {
        self.direct
    }
}

/// The rule as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    claim: ClaimPath,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<ClaimPath>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_group: Option<Vec<ByGroup>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    into: Option<Vec<Destination>>,
    #[serde(default)]
    format: Format,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    direct: bool,
}

impl TryFrom<Wire> for Rule {
    type Error = ClaimError;

    fn try_from(wire: Wire) -> Result<Self, ClaimError> {
        let mut sources = Vec::new();
        sources.extend(wire.attribute.map(Source::Attribute));
        sources.extend(wire.groups.map(Source::Groups));
        sources.extend(wire.by_group.map(Source::ByGroup));
        sources.extend(wire.constant.map(Source::Constant));
        let count = sources.len();
        let (Some(source), 1) = (sources.pop(), count) else {
            return Err(ClaimError::Sources(count));
        };
        let into = wire
            .into
            .map_or_else(Destinations::default, |all| all.into_iter().collect());
        if wire.direct && !matches!(source, Source::Groups(_) | Source::ByGroup(_)) {
            return Err(ClaimError::DirectWithoutGroups);
        }
        let rule = Self::new(wire.claim, source)?.into_tokens(into)?;
        Ok(rule.in_format(wire.format).of_direct_groups(wire.direct))
    }
}

impl From<Rule> for Wire {
    fn from(rule: Rule) -> Self {
        let into = Destination::ALL.into_iter().filter(|one| rule.into.contains(*one));
        let mut wire = Self {
            claim: rule.claim,
            attribute: None,
            groups: None,
            by_group: None,
            constant: None,
            into: Some(into.collect()),
            format: rule.format,
            direct: rule.direct,
        };
        match rule.source {
            Source::Attribute(path) => wire.attribute = Some(path),
            Source::Groups(glob) => wire.groups = Some(glob),
            Source::ByGroup(groups) => wire.by_group = Some(groups),
            Source::Constant(value) => wire.constant = Some(value),
        }
        wire
    }
}
