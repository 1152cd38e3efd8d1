//! A login under way: what must hold when its answer comes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::BeginOptions;

/// How long a person may take to log in.
pub(crate) const ATTEMPT_LIFETIME: Duration = Duration::from_mins(10);
/// How long a login is remembered, and the browser's cookie for it: an answer that comes after [`ATTEMPT_LIFETIME`] begins
/// the same login anew, where one that belongs to nothing would be an error page. No longer than that: anybody can begin logins,
/// and each is a row.
pub(crate) const ATTEMPT_KEPT: Duration = Duration::from_hours(1);
/// Most times in a row that a login which took too long begins anew by itself.
pub(crate) const MAX_RESTARTS: u8 = 2;

/// One login under way. The code verifier in it is a secret until it is used, so a [`crate::SessionStore`] gets it sealed for
/// the browser that began.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The issuer that was asked: stores may be shared by several relying parties (RFC 9700 §4.4.2.1).
    pub(crate) issuer: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: String,
    pub(crate) redirect_uri: String,
    pub(crate) options: BeginOptions,
    /// NumericDate after which its answer is too late.
    pub(crate) expires: i64,
}
