//! What may come of checking a name and a password.

use std::{net::IpAddr, sync::Arc, time::Duration};

use doorward_jose::Secret;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx, sessions};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    DirectoryError, Facts,
    budget::Spent,
    credential,
    error::{LOGIN_BUSY, LOGIN_THROTTLED, WRONG_CREDENTIALS},
    passkeys,
};

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
    /// To be asked again in the unit of work that opens something for the person.
    pub proof: Proof,
}

/// That somebody has proved who they are. It stops holding when the user is disabled, and one made with a password when that
/// is replaced, one made with a passkey when that is removed, one made by a session when that ends: a session written a moment after must not survive what ended all sessions a moment before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    user: Uuid,
    evidence: Evidence,
}

/// What somebody has proved it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Evidence {
    Password { set: Timestamp },
    Passkey { id: Uuid },
    Upstream,
    Session { id: Uuid },
}

impl Proof {
    /// With the password that was set then.
    pub(crate) const fn with_password(user: Uuid, set: Timestamp) -> Self {
        Self {
            user,
            evidence: Evidence::Password { set },
        }
    }

    /// With this passkey.
    pub(crate) const fn with_passkey(user: Uuid, id: Uuid) -> Self {
        Self {
            user,
            evidence: Evidence::Passkey { id },
        }
    }

    /// By the word of an upstream, which has been verified and accepted for this user.
    pub const fn by_upstream(user: Uuid) -> Self {
        Self {
            user,
            evidence: Evidence::Upstream,
        }
    }

    /// By this live session of this user.
    pub const fn by_session(user: Uuid, session: Uuid) -> Self {
        Self {
            user,
            evidence: Evidence::Session { id: session },
        }
    }

    /// Whether it still holds, in this unit of work; what would end it waits for the unit.
    pub fn holds(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        if !credential::lock_enabled(tx, self.user)? {
            return Ok(false);
        }
        match self.evidence {
            Evidence::Password { .. } => Ok(credential::proof(tx, self.user)? == Some(*self)),
            Evidence::Passkey { id } => passkeys::is_good(tx, id),
            Evidence::Session { id } => {
                let held = sessions::hold(tx, id)?;
                Ok(held.is_some_and(|session| session.user_id == self.user))
            }
            Evidence::Upstream => Ok(true),
        }
    }
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

    fn remedy(self) -> &'static str {
        match self {
            Self::UnknownUser => "`doorward user list <beginning>` finds people by the beginning of a name or address.",
            Self::WrongPassword => "A reset link helps who forgot it: `doorward user link <user>`.",
            Self::NoPassword => "The enrolment link was not used yet; make a new one: `doorward user link <user>`.",
            Self::Disabled => "Enable the account: `doorward user enable <user>`.",
            Self::ServiceAccount => "Service accounts use API tokens: `doorward service token add <account>`.",
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
    /// The password is right, and the account is closed: who has proved who they are reads why.
    #[error("{}", refusal.kind.code)]
    Closed {
        /// Says why.
        refusal: Box<Refusal>,
        /// Whose account it is.
        user_id: Uuid,
    },
    /// Too many wrong tries from here or for this account; nothing was checked. Never lasts longer than one interval of
    /// the budget that ran out.
    #[error("throttled ({budget}), again in {} s", retry_after.as_secs())]
    Throttled {
        /// When the next try will be checked.
        retry_after: Duration,
        /// `account`, `address`, `browser` or `change`, for the trace.
        budget: &'static str,
    },
    /// The password queue is full: 503 with `Retry-After`.
    #[error("the password queue is full")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The machine failed, or (when a password is changed) the new one is refused.
    #[error(transparent)]
    Failed(DirectoryError),
}

impl LoginRefusal {
    /// The refusal to show and to trace; `None` when the machine failed.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Wrong { reason, .. } => {
                Some(Refusal::page(&WRONG_CREDENTIALS, reason.as_str()).with_remedy(reason.remedy()))
            }
            Self::Closed { refusal, .. } => Some(refusal.as_ref().clone()),
            Self::Throttled { retry_after, budget } => Some(Refusal::page(
                &LOGIN_THROTTLED,
                format!(
                    "the budget of wrong tries per {budget} is spent, the next one comes in {} s",
                    seconds(*retry_after)
                ),
            )),
            Self::Busy { retry_after } => {
                let detail = format!("the password queue is full for about {} s", seconds(*retry_after));
                Some(
                    Refusal::page(&LOGIN_BUSY, detail).with_remedy("If this happens daily: more cores, or more nodes."),
                )
            }
            Self::Failed(DirectoryError::Refused(refusal)) => Some(refusal.clone()),
            Self::Failed(_) => None,
        }
    }

    /// For `Retry-After`, in whole seconds.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Busy { retry_after } => Some(seconds(*retry_after)),
            Self::Wrong { .. } | Self::Closed { .. } | Self::Failed(_) => None,
        }
    }
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl From<DirectoryError> for LoginRefusal {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Busy { retry_after } => Self::Busy { retry_after },
            other => Self::Failed(other),
        }
    }
}

impl From<StoreError> for LoginRefusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Spent> for LoginRefusal {
    fn from(spent: Spent) -> Self {
        Self::Throttled {
            retry_after: spent.retry_after,
            budget: spent.name,
        }
    }
}
