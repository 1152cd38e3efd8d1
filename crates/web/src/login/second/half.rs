//! A login whose first factor is proved. Sealed for one browser and carried by it: nothing is stored for it, any node can go on
//! with it, and what it rests on is asked again when it is finished. Who takes it has half a login and needs the other half.

use doorward_directory::Proof;
use doorward_store::{MasterKey, StoreError, Tx};
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
        Self::open_under(&door.master, &visit.bindings(door), value, visit.now)
    }

    fn open_under(master: &MasterKey, bindings: &[&str], value: &str, now: Timestamp) -> Option<(Self, String)> {
        let sealed = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let opened = |binding: &&str| {
            Some((
                master.open_recent(&place(binding), &sealed).ok()?,
                (*binding).to_owned(),
            ))
        };
        let (plain, binding) = bindings.iter().find_map(opened)?;
        let half: Self = serde_json::from_slice(plain.expose()).ok()?;
        (now.duration_since(half.began) <= LIFETIME).then_some((half, binding))
    }
}

fn place(binding: &str) -> Vec<u8> {
    [b"half a login:", binding.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use doorward_jose::{Secret, SystemRandom};
    use doorward_store::{
        data_keys::{self, DataKeyError},
        testing::START,
    };
    use jiff::ToSpan;
    use serde_json::json;

    use super::*;

    async fn settled(store: &doorward_store::Store, key: &str, at: Timestamp) -> MasterKey {
        let master = MasterKey::parse(key).unwrap();
        store
            .write::<_, DataKeyError>(at, move |tx| {
                data_keys::settle(tx, &master, &SystemRandom)?;
                data_keys::refresh(tx, &master, at)?;
                Ok(master)
            })
            .await
            .unwrap()
    }

    /// By somebody who has a master key that was replaced, and a backup of then.
    #[tokio::test]
    async fn a_half_that_a_replaced_key_sealed_is_believed_for_a_day() {
        let store = doorward_store::testing::sqlite().await;
        let (old, new) = ("11".repeat(32), "22".repeat(32));
        let stolen = settled(&store, &old, START).await;
        let forged = |began: Timestamp| {
            let user = Uuid::from_u128(1);
            let half = json!({"attempt": "a", "user": user, "amr": ["pwd", "otp"], "verdict": "In", "began": began,
                "proof": {"user": user, "evidence": "Upstream"}});
            let sealed = stolen.seal(&SystemRandom, &place("mine"), half.to_string().as_bytes());
            data_encoding::BASE64URL_NOPAD.encode(&sealed)
        };
        let opens = |master: &MasterKey, at: Timestamp| Half::open_under(master, &["mine"], &forged(at), at).is_some();
        assert!(opens(&MasterKey::from_bytes(&Secret::new([0x11; 32])), START));
        settled(&store, &format!("{new}\n{old}"), START).await;
        let soon = START + 23.hours();
        assert!(
            opens(&settled(&store, &new, soon).await, soon),
            "what was under way goes on"
        );
        let later = START + 25.hours();
        assert!(!opens(&settled(&store, &new, later).await, later));
    }
}
