//! A person's passkey, as lists show it, and what became of using one.

use std::sync::Arc;

use doorward_oidc::Refusal;
use doorward_passkeys::{Ceremony, Transport};
use doorward_store::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    DirectoryError, Facts, KnownBrowser, Proof, Verified,
    error::{PASSKEY_NOT_REGISTERED, PASSKEY_REFUSED, PASSKEY_UNTRUSTED},
};

/// How many passkeys a person may have: more is a mistake, or somebody filling our disk.
pub const MOST_PASSKEYS: usize = 20;
/// How long a passkey's name may be, in characters.
pub const MAX_PASSKEY_NAME: usize = 60;

/// What is known of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passkey {
    /// Its key here; not the credential id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What the person calls it.
    pub name: String,
    /// When it was registered.
    pub created: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// It may be copied to the person's other devices by whoever keeps it; else it stays on one device.
    pub synced: bool,
    /// It is backed up at this moment, as far as its last use said.
    pub backed_up: bool,
    /// Its device verified the person at registration: it can prove alone who they are.
    pub verifies_user: bool,
    /// It can be used without a name typed; unknown when the browser did not say.
    pub discoverable: Option<bool>,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// The model of the authenticator, when it says.
    pub model: Option<Uuid>,
    /// How its device is reached.
    pub transports: Vec<Transport>,
    /// When its counter went back: there may be a copy, and it is not accepted any more.
    pub copied: Option<Timestamp>,
}

impl Passkey {
    /// RFC 8176 methods of a use of this passkey: proof of possession of a key in hardware (`hwk`) where it stays on one
    /// device, in software (`swk`) where it is synced; `user` for the touch.
    pub fn methods(&self) -> Vec<String> {
        vec![if self.synced { "swk" } else { "hwk" }.to_owned(), "user".to_owned()]
    }
}

/// A ceremony whose answer is to be checked.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyCeremony<'a> {
    /// What was asked.
    pub asked: Ceremony<'a>,
    /// Until when its challenge counts; it is good once.
    pub ends: Timestamp,
}

/// A passkey was used.
#[derive(Debug, Clone)]
pub struct PasskeyUsed {
    /// Which, before this use.
    pub passkey: Passkey,
    /// Whether the device verified its person this time.
    pub user_verified: bool,
    /// What is known of the person, read in the unit of work that accepted it.
    pub facts: Arc<Facts>,
    /// The browser, from now on known for this account.
    pub browser: KnownBrowser,
    /// To be asked again in the unit of work that opens something for the person.
    pub proof: Proof,
}

impl PasskeyUsed {
    /// As a login by the passkey alone, which takes a device that verified its person: possession and knowledge, or
    /// possession and body, so `mfa` (RFC 8176 §2).
    pub fn alone(self) -> Verified {
        let mut amr = self.passkey.methods();
        if self.user_verified {
            amr.push("mfa".to_owned());
        }
        Verified {
            facts: self.facts,
            amr,
            browser: self.browser,
            proof: self.proof,
        }
    }
}

/// A passkey that was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyRefusal {
    /// It does not hold; the refusal's detail says why, the person reads one sentence.
    #[error("{}", refusal.kind.code)]
    Refused {
        /// For the page and the trace.
        refusal: Refusal,
        /// Whose passkey it is, when it is one of ours. For the trace and the event only.
        user_id: Option<Uuid>,
    },
    /// The machine failed.
    #[error(transparent)]
    Failed(#[from] DirectoryError),
}

impl PasskeyRefusal {
    /// Of an answer that cannot be read, or belongs to no ceremony of ours.
    pub fn unread(detail: impl Into<String>) -> Self {
        Self::Refused {
            refusal: Refusal::page(&PASSKEY_REFUSED, detail),
            user_id: None,
        }
    }
}

/// Of the answer to a registration that cannot be read, or belongs to no ceremony of ours.
pub fn passkey_not_registered(detail: impl Into<String>) -> Refusal {
    Refusal::page(&PASSKEY_NOT_REGISTERED, detail)
}

/// Of a passkey whose make is not among those that are let in.
pub(crate) fn passkey_untrusted(detail: impl Into<String>) -> Refusal {
    Refusal::page(&PASSKEY_UNTRUSTED, detail).with_remedy(
        "Browsers ask the person whether to say who made the device; without that, and with passkeys that are synced, nobody vouches. \
         `doorward setting show` says that roots are chosen.",
    )
}

impl From<StoreError> for PasskeyRefusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
