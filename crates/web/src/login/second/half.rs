//! A login whose first factor is proved. Sealed for one browser and carried by it: nothing is stored for it, any node can go on
//! with it, and what it rests on is asked again when it is finished. Who takes it has half a login and needs the other half.

use doorward_directory::Proof;
use doorward_store::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Verdict;
use crate::{Door, login::OpenAttempt, session::Entrance, visit::Visit};

/// How long somebody may look for their telephone.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What has been proved so far, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Half {
    /// The value of the attempt.
    pub(crate) attempt: String,
    /// Who it is.
    pub(crate) user: Uuid,
    /// RFC 8176 methods so far.
    pub(crate) amr: Vec<String>,
    /// What is still lacking.
    pub(crate) verdict: Verdict,
    /// The upstream's session is noted under this id until the session here begins.
    pub(crate) reserved: Option<Uuid>,
    proof: Proof,
    authenticated: Option<Timestamp>,
    ends: Option<Timestamp>,
    began: Timestamp,
    #[serde(default)]
    is_backup: bool,
}

impl Half {
    pub(crate) fn new(attempt: &OpenAttempt, entrance: &Entrance, verdict: Verdict, now: Timestamp) -> Self {
        Self::of(attempt.value(), entrance, verdict, now)
    }

    /// Through an upstream, whose session is noted under `reserved`.
    pub(crate) fn through(
        attempt: &str,
        entrance: &Entrance,
        verdict: Verdict,
        reserved: Uuid,
        now: Timestamp,
    ) -> Self {
        Self {
            reserved: Some(reserved),
            ..Self::of(attempt.to_owned(), entrance, verdict, now)
        }
    }

    fn of(attempt: String, entrance: &Entrance, verdict: Verdict, now: Timestamp) -> Self {
        Self {
            attempt,
            user: entrance.user_id,
            amr: entrance.amr.clone(),
            verdict,
            reserved: None,
            proof: entrance.proof,
            authenticated: entrance.authenticated,
            ends: entrance.ends,
            began: now,
            is_backup: entrance.is_backup,
        }
    }

    /// With what more was proved.
    pub(super) fn with(&self, methods: &[&str]) -> Self {
        let mut half = self.clone();
        for method in methods {
            if !half.amr.iter().any(|known| known == method) {
                half.amr.push((*method).to_owned());
            }
        }
        half
    }

    /// Whoever enters with this.
    pub(super) fn entrance(&self) -> Entrance {
        Entrance {
            user_id: self.user,
            amr: self.amr.clone(),
            authenticated: self.authenticated,
            ends: self.ends,
            proof: self.proof,
            is_backup: self.is_backup,
        }
    }

    /// Whether what was proved first still holds, in this unit of work.
    pub(super) fn holds(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        self.proof.holds(tx)
    }

    /// For the URL and the form.
    pub(crate) fn seal(&self, door: &Door, binding: &str) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        let sealed = door.master.seal(&*door.random, &place(binding), &plain);
        data_encoding::BASE64URL_NOPAD.encode(&sealed)
    }

    /// The one of `value`, if it is this browser's and not too old.
    pub(crate) fn open(door: &Door, visit: &Visit, value: &str) -> Option<Self> {
        Self::open_bound(door, visit, value).map(|(half, _)| half)
    }

    /// The same, with the browser's binding that it belongs to.
    pub(super) fn open_bound(door: &Door, visit: &Visit, value: &str) -> Option<(Self, String)> {
        let sealed = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let bindings = visit.bindings(door);
        let opened = |binding: &&str| Some((door.master.open(&place(binding), &sealed).ok()?, (*binding).to_owned()));
        let (plain, binding) = bindings.iter().find_map(opened)?;
        let half: Self = serde_json::from_slice(plain.expose()).ok()?;
        (visit.now.duration_since(half.began) <= LIFETIME).then_some((half, binding))
    }
}

fn place(binding: &str) -> Vec<u8> {
    [b"half a login:", binding.as_bytes()].concat()
}
