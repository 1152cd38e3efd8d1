//! Which claims a scope stands for (OpenID Connect Core §5.4), and which belong to the protocol itself.

use crate::Scope;

/// Scopes that this server knows, in the order in which discovery lists them. All are harmless, because some clients
/// ask for everything that is listed.
pub const STANDARD_SCOPES: &[&str] = &[
    Scope::OPENID,
    Scope::PROFILE,
    Scope::EMAIL,
    Scope::ADDRESS,
    Scope::PHONE,
    Scope::GROUPS,
    Scope::OFFLINE_ACCESS,
];

/// Claims of scope `profile`.
pub const PROFILE_CLAIMS: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];
/// Claims of scope `email`.
pub const EMAIL_CLAIMS: &[&str] = &["email", "email_verified"];
/// Claims of scope `address`.
pub const ADDRESS_CLAIMS: &[&str] = &["address"];
/// Claims of scope `phone`.
pub const PHONE_CLAIMS: &[&str] = &["phone_number", "phone_number_verified"];
/// Claims of scope `groups`.
pub const GROUPS_CLAIMS: &[&str] = &["groups"];

/// The claims that a scope stands for; none for `openid`, `offline_access` and scopes that are not ours.
pub fn claims_of_scope(scope: &str) -> &'static [&'static str] {
    match scope {
        Scope::PROFILE => PROFILE_CLAIMS,
        Scope::EMAIL => EMAIL_CLAIMS,
        Scope::ADDRESS => ADDRESS_CLAIMS,
        Scope::PHONE => PHONE_CLAIMS,
        Scope::GROUPS => GROUPS_CLAIMS,
        _ => &[],
    }
}

/// The scope that a standard claim belongs to.
pub fn scope_of_claim(claim: &str) -> Option<&'static str> {
    STANDARD_SCOPES
        .iter()
        .copied()
        .find(|scope| claims_of_scope(scope).contains(&claim))
}
