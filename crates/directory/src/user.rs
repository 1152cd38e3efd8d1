//! A user: a person, or a service account that programs act as.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Attributes, Theme, UserName};

/// What kind of user this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserKind {
    /// Somebody who logs in with a browser.
    #[default]
    Person,
    /// A service account: no password, no browser login; it holds API tokens.
    Service,
}

impl UserKind {
    /// The word stored and shown: `person` or `service`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }

    /// The word after `doorward` in the commands that manage users of this kind.
    pub fn command(self) -> &'static str {
        match self {
            Self::Person => "user",
            Self::Service => "service",
        }
    }
}

/// A user as the directory holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Chosen once, never changed, never reused: the `sub` that applications see unless they carry an imported one.
    pub id: Uuid,
    /// The short name, unique without regard to case: `preferred_username` in its short form.
    pub name: UserName,
    /// Person or service account.
    pub kind: UserKind,
    /// The full name as people write it: the claim `name`.
    pub display_name: String,
    /// The e-mail address, as typed.
    pub email: Option<String>,
    /// Whether an administrator or a mail round trip has confirmed the address.
    pub email_verified: bool,
    /// The other standard claims and the custom attributes.
    pub attributes: Attributes,
    /// A disabled user cannot log in, holds no session and no grant.
    pub disabled: bool,
    /// From then on the account is closed: no login, no session, no grant.
    pub expires: Option<Timestamp>,
    /// The account is being deleted: closed already, and gone for good then. Until then it can be restored.
    pub deletion: Option<Timestamp>,
    /// How pages look to them while they are logged in.
    #[serde(default)]
    pub theme: Theme,
    /// Whether a password is set. False until the enrolment link is used.
    pub has_password: bool,
    /// When the user was added.
    pub created: Timestamp,
    /// When the user was last changed: the claim `updated_at`.
    pub updated: Timestamp,
    /// When the user last proved a password here.
    pub last_login: Option<Timestamp>,
}

/// A user to be added.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewUser {
    /// See [`User::name`]; checked by [`UserName::parse`].
    pub name: String,
    /// Person or service account.
    pub kind: UserKind,
    /// Defaults to the name.
    pub display_name: Option<String>,
    /// The e-mail address, one `@`, at most 254 bytes.
    pub email: Option<String>,
    /// Whether the address counts as confirmed.
    pub email_verified: bool,
    /// Standard claims and custom attributes.
    pub attributes: Attributes,
    /// Names of groups to join at once.
    pub groups: Vec<String>,
    /// See [`User::expires`]; in the future.
    pub expires: Option<Timestamp>,
}

/// What becomes of the date at which an account is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryEdit {
    /// It stays.
    #[default]
    Keep,
    /// There is none any more.
    Never,
    /// It is this one, in the future.
    At(Timestamp),
}

/// A change of a user; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserEdit {
    /// A new short name.
    pub name: Option<String>,
    /// A new full name; empty means "the short name".
    pub display_name: Option<String>,
    /// A new e-mail address; empty removes it. A changed address is unverified unless `email_verified` says otherwise.
    pub email: Option<String>,
    /// Whether the address counts as confirmed.
    pub email_verified: Option<bool>,
    /// Disabling ends every session and revokes every grant in the same unit of work.
    pub disabled: Option<bool>,
    /// When the account is closed. At that time every session ends and every grant is revoked.
    pub expires: ExpiryEdit,
    /// See [`User::theme`].
    pub theme: Option<Theme>,
    /// Attributes to set; `null` removes one, others stay.
    pub attributes: BTreeMap<String, serde_json::Value>,
}
