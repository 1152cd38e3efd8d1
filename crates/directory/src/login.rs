//! The outcome of a password login.

use std::{net::IpAddr, sync::Arc, time::Duration};

use doorward_jose::Secret;
use doorward_oidc::Refusal;
use uuid::Uuid;

use crate::{DirectoryError, Facts};

/// Where a login attempt comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address, forwarded headers of trusted proxies already applied.
    pub address: IpAddr,
    /// The value of the browser cookie, as it came.
    pub browser: Option<String>,
}

/// A login that succeeded.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What is known of the person, read after the check.
    pub facts: Arc<Facts>,
    /// RFC 8176 methods: `["pwd"]`.
    pub amr: Vec<String>,
    /// The browser, from now on known for this account.
    pub browser: KnownBrowser,
}

/// A browser in which this account has logged in.
#[derive(Debug, Clone)]
pub struct KnownBrowser {
    /// Identifies the browser in the directory.
    pub id: Uuid,
    /// The value to set as a long-lived cookie (`HttpOnly`, `Secure`, `SameSite=Lax`); `None` when the browser's own still holds.
    pub set_cookie: Option<Secret<String>>,
}

/// Why the credentials did not hold. For the trace and the event only: the person reads one sentence for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WrongCredentials {
    /// Nobody has this name or address.
    UnknownUser,
    /// The password is not theirs.
    WrongPassword,
    /// No password is set: the enrolment link was never used.
    NoPassword,
    /// The user is disabled.
    Disabled,
    /// A service account cannot log in with a password.
    ServiceAccount,
}

impl WrongCredentials {
    /// The stable word in events and traces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownUser => "unknown_user",
            Self::WrongPassword => "wrong_password",
            Self::NoPassword => "no_password",
            Self::Disabled => "disabled",
            Self::ServiceAccount => "service_account",
        }
    }
}

/// A login that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum LoginRefusal {
    /// Name and password do not belong together, or may not be used.
    #[error("{}", reason.as_str())]
    Wrong {
        /// For the trace and the event only.
        reason: WrongCredentials,
        /// The user that was meant, when there is one. For the trace and the event only.
        user_id: Option<Uuid>,
    },
    /// Too many wrong tries from here or for this account; nothing was checked. Never lasts longer than one interval of
    /// the budget that ran out.
    #[error("throttled ({budget}), again in {} s", retry_after.as_secs())]
    Throttled {
        /// When the next try will be checked.
        retry_after: Duration,
        /// `account`, `address` or `browser`, for the trace.
        budget: &'static str,
    },
    /// The password queue is full: 503 with `Retry-After`.
    #[error("the password queue is full")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The machine failed.
    #[error(transparent)]
    Failed(#[from] DirectoryError),
}

impl LoginRefusal {
    /// The refusal to show and to trace; `None` when the machine failed.
    pub fn refusal(&self) -> Option<Refusal> {
        unimplemented!("lands with the directory's bodies")
    }
}
