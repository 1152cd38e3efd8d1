//! People, groups and service accounts: who exists, what a token may say of them, how they prove who they are, and
//! who may change what. The SQL of people lives here; the engine is `doorward-store`'s.
//!
//! [`Directory`] is the entry. Reading never needs an [`Actor`]; every administrative change takes one and checks its
//! rights in the same unit of work that makes the change, so that a right withdrawn meanwhile counts.

mod actor;
mod addresses;
mod app_grants;
mod attestation;
mod attributes;
mod browser;
mod budget;
mod census;
mod closed;
mod credential;
mod deletion;
mod directory;
mod ending;
mod error;
mod event;
mod expiry;
pub mod factors;
mod facts;
mod forgotten;
mod former_names;
mod group;
mod groups;
mod guard;
mod ids;
mod kept;
mod letters;
mod link;
mod links;
mod login;
mod membership;
mod name;
mod own;
mod page;
mod passkey;
mod passkey_login;
mod passkeys;
mod password;
mod people;
pub mod policy;
mod registration;
mod role;
mod roles;
mod search;
mod service_keys;
mod sweep;
mod terms;
mod theme;
mod token;
mod tokens;
mod user;
mod users;
mod verify;

pub mod foreign;
pub mod within;

pub use actor::{Actor, Via};
pub use addresses::PendingAddress;
pub use app_grants::{AppGrants, AppGrantsRevoked};
pub use attestation::{roots as attestation_roots, set_roots as set_attestation_roots};
pub use attributes::{Attributes, STANDARD_ATTRIBUTES};
pub use budget::{Budget, Budgets};
pub use census::Census;
pub use closed::Closed;
pub use deletion::{
    DEFAULT_DELETION_GRACE_DAYS, Deletion, MAX_DELETION_GRACE_DAYS, deletion_grace_days, may_delete_own,
    set_deletion_grace_days, set_may_delete_own,
};
pub use directory::{Directory, Settings};
pub use ending::{EndedAccess, end_access};
pub use error::{DirectoryError, REFUSALS};
pub use facts::Facts;
pub use forgotten::Asked;
pub use group::{Group, GroupEdit, GroupMembers, NewGroup};
pub use letters::{addressee, tell};
pub use link::{Link, LinkKind, LinkPurpose};
pub use login::{KnownBrowser, LoginRefusal, Origin, Proof, Verified, WrongCredentials};
pub use membership::MembershipChange;
pub use name::{GroupName, UserName};
pub use own::{OwnField, fields as own_fields, set_fields as set_own_fields};
pub use page::{GroupQuery, Page, UserQuery};
pub use passkey::{
    MAX_PASSKEY_NAME, MOST_PASSKEYS, Passkey, PasskeyCeremony, PasskeyRefusal, PasskeyUsed, passkey_not_registered,
};
pub use passkey_login::CheckedPasskey;
pub use passkeys::{CheckedRegistration, PasskeyAdded};
pub use password::{CommonPasswords, Hasher, HasherSettings, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS};
pub use people::is_enabled;
pub use policy::{Demand, Level, LoginPolicy, PasswordRules, Policies, PolicyEdit, PolicyTarget};
pub use registration::{
    Newcomer, OpenRegistration, Registered, Registration, RegistrationEdit, RegistrationPolicy,
    count_waiting as count_waiting_registrations,
};
pub use role::{Right, Role, RoleGrant, RoleHolder};
pub use service_keys::{SERVICE_KEY_METHOD, ServiceKey};
pub use terms::{AcceptedQuery, Terms, TermsAcceptance, TermsCount, TermsText};
pub use theme::Theme;
pub use token::{ApiToken, NewApiToken};
pub use user::{ExpiryEdit, NewUser, User, UserEdit, UserKind};
