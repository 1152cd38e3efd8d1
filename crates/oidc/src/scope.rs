//! Scopes (RFC 6749 §3.3): a set of tokens that keeps the order in which they were asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Refusal, catalogue};

/// One scope token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Asks for OpenID Connect (Core §3.1.2.1).
    pub const OPENID: &'static str = "openid";
    /// The person's profile claims (Core §5.4).
    pub const PROFILE: &'static str = "profile";
    /// `email` and `email_verified` (Core §5.4).
    pub const EMAIL: &'static str = "email";
    /// `address` (Core §5.4).
    pub const ADDRESS: &'static str = "address";
    /// `phone_number` and `phone_number_verified` (Core §5.4).
    pub const PHONE: &'static str = "phone";
    /// `groups`, the names of the person's groups (ours; what most applications ask for).
    pub const GROUPS: &'static str = "groups";
    /// Asks for a refresh token (Core §11).
    pub const OFFLINE_ACCESS: &'static str = "offline_access";

    /// Reads one token: 1 to 128 characters of `%x21 / %x23-5B / %x5D-7E` (RFC 6749 Appendix A.4).
    ///
    /// # Errors
    /// [`catalogue::SCOPE_MALFORMED`].
    pub fn parse(token: &str) -> Result<Self, Refusal> {
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if token.is_empty() || token.len() > 128 || !token.bytes().all(allowed) {
            let detail = format!(
                "expected a scope of 1 to 128 printable characters without quote and backslash, got `{}`",
                token.chars().take(40).flat_map(char::escape_debug).collect::<String>()
            );
            return Err(Refusal::response(&catalogue::SCOPE_MALFORMED, detail));
        }
        Ok(Self(token.to_owned()))
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Scope {
    type Error = Refusal;
    fn try_from(token: String) -> Result<Self, Refusal> {
        Self::parse(&token)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

/// A set of scopes in the order of asking. Serialised as one string with spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Largest number of scopes in one set.
    pub const MAX_COUNT: usize = 100;

    /// Reads a list separated by spaces; more than one space and repeated tokens are tolerated, as real clients send both.
    ///
    /// # Errors
    /// [`catalogue::SCOPE_MALFORMED`] for a token that cannot be one, or more than 100 of them.
    pub fn parse(list: &str) -> Result<Self, Refusal> {
        let mut set = Self::default();
        for token in list.split(' ').filter(|token| !token.is_empty()) {
            if set.len() == Self::MAX_COUNT {
                let detail = format!("expected at most {} scopes", Self::MAX_COUNT);
                return Err(Refusal::response(&catalogue::SCOPE_MALFORMED, detail));
            }
            set.insert(Scope::parse(token)?);
        }
        Ok(set)
    }

    /// Adds a scope unless it is there.
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Whether the set holds this token.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|scope| scope.0 == token)
    }

    /// Whether each of ours is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|scope| other.contains(scope))
    }

    /// What both hold, in our order.
    pub fn intersection(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|scope| other.contains(&scope.0))
                .cloned()
                .collect(),
        )
    }

    /// All of ours, then what only `other` holds.
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        other.0.iter().cloned().for_each(|scope| both.insert(scope));
        both
    }

    /// What `known` accepts, and the rest: unknown scopes are ignored, never an error (OpenID Connect Core §3.1.2.1).
    pub fn partition(&self, known: impl Fn(&str) -> bool) -> (Self, Self) {
        let (yes, no) = self.0.iter().cloned().partition(|scope| known(&scope.0));
        (Self(yes), Self(no))
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Scope::as_str)
    }

    /// Number of scopes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&scope.0)?;
        }
        Ok(())
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        scopes.into_iter().for_each(|scope| set.insert(scope));
        set
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = Refusal;
    fn try_from(list: String) -> Result<Self, Refusal> {
        Self::parse(&list)
    }
}

impl From<ScopeSet> for String {
    fn from(set: ScopeSet) -> Self {
        set.to_string()
    }
}
