//! Why a login was let in or refused, and what each rule did: for the person who asks "why am I not in that group".

use std::fmt;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What one rule did with the claims of one login. It holds values of claims, shortened: personal data, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which rule, by its place in [`crate::LoginRules`]: `admission.claims[0]`, `groups.map[2]`, `email`.
    pub rule: String,
    /// What was found. Stable.
    pub code: Code,
    /// What follows from it.
    pub effect: Effect,
    /// What it follows for: `group ops`, `role log`, `attribute department`. Empty when nothing is touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<String>,
    /// What the rule asks for.
    pub expected: String,
    /// What was there.
    pub received: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            code,
            effect,
            expected,
            received,
            ..
        } = self;
        write!(f, "{rule}: expected {expected}, got {received}: {effect}")?;
        if !self.on.is_empty() {
            write!(f, " {}", self.on.join(", "))?;
        }
        write!(f, " ({code})")
    }
}

/// What follows from a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A condition holds.
    Passed,
    /// The login is refused.
    Denied,
    /// A value is written.
    Set,
    /// A value is taken away.
    Cleared,
    /// A membership, role or flag is given.
    Added,
    /// A membership, role or flag is taken away.
    Removed,
    /// What is here stays as it is.
    Kept,
    /// The rule does not apply.
    Nothing,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Denied => "denied",
            Self::Set => "sets",
            Self::Cleared => "clears",
            Self::Added => "adds",
            Self::Removed => "removes",
            Self::Kept => "keeps",
            Self::Nothing => "nothing",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// What a rule found. The texts are stable: programs may compare them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text, snake case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// One sentence on what it says.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

codes! {
    /// One of the bound audiences is in `aud`.
    AudienceBound = "audience_bound",
    /// None of the bound audiences is in `aud`.
    AudienceMismatch = "audience_mismatch",
    /// `sub` is the bound subject.
    SubjectBound = "subject_bound",
    /// `sub` is not the bound subject.
    SubjectMismatch = "subject_mismatch",
    /// A bound claim has one of the values it may have.
    BoundClaimMatched = "bound_claim_matched",
    /// A bound claim is not there at all.
    BoundClaimMissing = "bound_claim_missing",
    /// A bound claim has none of the values it may have.
    BoundClaimMismatch = "bound_claim_mismatch",
    /// The token is not expired.
    NotExpired = "not_expired",
    /// `exp` is in the past by more than the leeway.
    Expired = "expired",
    /// `exp` is not there or is no time.
    ExpiryMissing = "expiry_missing",
    /// `nbf` has come.
    AlreadyValid = "already_valid",
    /// `nbf` is in the future by more than the leeway.
    NotYetValid = "not_yet_valid",
    /// `iat` is not in the future.
    IssuedInPast = "issued_in_past",
    /// `iat` is in the future by more than the leeway.
    IssuedInFuture = "issued_in_future",
    /// The person proved who they are recently enough.
    AuthRecent = "auth_recent",
    /// The person proved who they are too long ago.
    AuthTooOld = "auth_too_old",
    /// `max_age` is asked for and `auth_time` is not there or is no time.
    AuthTimeMissing = "auth_time_missing",
    /// The claim that identifies the person is there.
    UserRead = "user_read",
    /// The claim that identifies the person is not there.
    UserMissing = "user_claim_missing",
    /// The claim that identifies the person is no text or number, or is too long.
    UserWrong = "user_claim_wrong",
    /// The e-mail claim is there.
    EmailRead = "email_read",
    /// The e-mail claim is not there.
    EmailMissing = "no_email_claim",
    /// A claim was read.
    ClaimRead = "claim_read",
    /// A claim is not there; null and the empty text count as not there (OpenID Connect Core 5.3.2).
    ClaimMissing = "claim_missing",
    /// A claim has another type than the rule asks for.
    ClaimWrongType = "claim_wrong_type",
    /// A claim is larger than what is read.
    ClaimTooLarge = "claim_too_large",
    /// The rule is for the first login only, and this is a later one.
    NotFirstLogin = "not_first_login",
    /// There is a value already, and the rule only adds.
    AlreadyThere = "already_there",
    /// The groups claim was read.
    GroupsRead = "groups_read",
    /// The groups claim is not there.
    GroupsMissing = "groups_claim_missing",
    /// The groups claim cannot be read as a list of names in the format that is set.
    GroupsWrongType = "groups_claim_wrong_type",
    /// There are more groups, or longer ones, than are read.
    GroupsTooLarge = "groups_claim_too_large",
    /// The provider says that the groups are elsewhere (distributed claims, Entra's overage).
    GroupsElsewhere = "groups_elsewhere",
    /// The person is in one of the required groups.
    RequiredGroupPresent = "required_group_present",
    /// The person is in none of the required groups.
    RequiredGroupMissing = "required_group_missing",
    /// There is no group mapping: groups, roles and flags are left alone.
    HandsOff = "hands_off",
    /// A row of the group mapping applies.
    GroupMatched = "group_matched",
    /// A row of the group mapping does not apply.
    GroupUnmatched = "group_unmatched",
    /// An earlier row applied, and only the first one counts.
    EarlierRow = "earlier_row",
    /// What the mapping gave at an earlier login is no longer given.
    Vanished = "vanished",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A value of a claim as JSON, cut at a length that fits a line.
pub(crate) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let mut text = Cut(Vec::new());
    let whole = serde_json::to_writer(&mut text, value).is_ok();
    let mut shown = String::from_utf8_lossy(&text.0).into_owned();
    if !whole {
        // The cut may have gone through a character.
        while shown.ends_with(char::REPLACEMENT_CHARACTER) {
            shown.pop();
        }
        shown.push('…');
    }
    shown
}

/// Several alternatives as a person reads them, at most a line of them.
pub(crate) fn one_of<'t>(all: impl IntoIterator<Item = &'t str>) -> String {
    let mut shown = String::new();
    for (count, one) in all.into_iter().enumerate() {
        if shown.len() > SHOWN {
            shown.push_str(", …");
            break;
        }
        if count > 0 {
            shown.push_str(", ");
        }
        shown.push_str(one);
    }
    shown
}

/// Bytes of a value that are shown.
const SHOWN: usize = 160;

struct Cut(Vec<u8>);

impl Write for Cut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = SHOWN.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
        if bytes.len() > room {
            return Err(io::Error::other("enough"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
