//! Claim paths, matching and mapping: the one language that provider, upstreams, gate and library speak. No I/O.
//!
//! A [`Rule`] takes something from a person's [`Facts`] and puts it at a [`ClaimPath`] of the tokens it names. [`apply`]
//! runs an application's rules over a [`ClaimSet`] and says what each left out and why.
//!
//! The other direction is [`LoginRules`]: who may come in with the claims of a provider that somebody else runs, and what
//! the claims change here. [`LoginRules::evaluate`] answers with [`Changes`] or [`Denied`] and with a [`Reason`] for every rule.
//!
//! ```
//! use doorward_claims::{Local, LoginRules};
//! # use serde_json::json;
//!
//! let rules: LoginRules = serde_json::from_value(json!({
//!     "email": "email",
//!     "groups": { "required": ["staff"], "map": [{ "group": "admins", "roles": ["full"] }] },
//! }))?;
//! rules.check()?;
//!
//! let claims = json!({ "sub": "248289761001", "email": "jane@example.com", "groups": ["staff", "admins"] });
//! let evaluation = rules.evaluate(claims.as_object().ok_or("an object")?, &Local::nobody());
//! let changes = evaluation.outcome?;
//! assert!(changes.roles.add.contains("full"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod admission;
mod apply;
mod claim_set;
mod evaluation;
mod grants;
mod groups;
mod identity;
mod leeway;
mod login_rules;
mod mapping;
mod names;
mod path;
mod pattern;
mod reason;
mod rule;
mod shape;

pub use admission::{Admission, BoundClaim, Compare};
pub use apply::{Facts, Skipped, apply};
pub use claim_set::{ClaimSet, is_protocol_claim};
pub use evaluation::{Change, Changes, Denied, Email, Evaluation, Local, SetChange};
pub use groups::{GroupRow, GroupRules, NameMatch, OnElsewhere, Owns, Pick};
pub use identity::{EmailRule, Letters, NameRule, UsernameForm, UsernameRule};
pub use leeway::Leeway;
pub use login_rules::LoginRules;
pub use mapping::{AttributeRule, OnLogin, OnMissing};
pub use names::{Case, GroupFormat, GroupPath};
pub use path::ClaimPath;
pub use pattern::Pattern;
pub use reason::{Code, Effect, Reason};
pub use rule::{ByGroup, Destination, Destinations, Format, Rule, Source};
pub use shape::Shape;

/// Why a path or a rule is not one, or why a value has no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// A path without a name.
    #[error("expected a claim name or a JSON pointer, got nothing")]
    EmptyPath,
    /// A path beyond its limits.
    #[error("expected at most {segments} names of together at most {bytes} bytes", segments = ClaimPath::MAX_SEGMENTS, bytes = ClaimPath::MAX_BYTES)]
    PathTooLong,
    /// A JSON pointer with `~` before something other than 0 or 1 (RFC 6901 §3).
    #[error("expected `~0` or `~1` in the JSON pointer, got another `~`")]
    PointerEscape,
    /// The path begins at a claim that belongs to the protocol.
    #[error("expected a claim of your own, got `{0}`, which the protocol sets itself")]
    ProtocolClaim(String),
    /// The path leads through a value that is not an object.
    #[error("expected an object at `{at}` on the way to `{path}`, got another value")]
    NotAnObject {
        /// The whole path.
        path: String,
        /// The part of it that holds something else.
        at: String,
    },
    /// A rule without a source, or with more than one.
    #[error("expected exactly one of `attribute`, `groups`, `by_group`, `constant`, got {0}")]
    Sources(usize),
    /// A rule that speaks of direct groups and takes nothing from groups.
    #[error("expected `direct` with `groups` or `by_group`, got it with another source")]
    DirectWithoutGroups,
    /// A rule for no token at all.
    #[error("expected at least one of id_token, userinfo, access_token in `into`")]
    NoDestination,
    /// A rule about logins that makes no sense.
    #[error("{rule}: expected {expected}, got {received}")]
    LoginRule {
        /// Its place in [`LoginRules`].
        rule: String,
        /// What would make sense.
        expected: String,
        /// What is there.
        received: String,
    },
}

impl ClaimError {
    /// Stable code, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EmptyPath => "claim_path_empty",
            Self::PathTooLong => "claim_path_too_long",
            Self::PointerEscape => "claim_path_escape",
            Self::ProtocolClaim(_) => "claim_is_protocol",
            Self::NotAnObject { .. } => "claim_path_blocked",
            Self::Sources(_) => "claim_rule_sources",
            Self::DirectWithoutGroups => "claim_rule_direct",
            Self::NoDestination => "claim_rule_no_destination",
            Self::LoginRule { .. } => "login_rule_invalid",
        }
    }
}
