//! A login that came back and waits for the person to say that it is theirs: kept sealed for a few minutes, for the session that
//! began it and for no other.

use data_encoding::BASE64URL_NOPAD;
use doorward_jose::sha256;
use doorward_store::StoreError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::decide::judge;
use crate::{Arrival, Upstreams, UpstreamsError, accept};

/// How long a person may look at the question.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// What is kept of an arrival. Not the ID token: connecting opens no session that a logout would have to follow.
#[derive(Serialize, Deserialize)]
struct Kept {
    upstream: Uuid,
    issuer: String,
    sub: String,
    sid: Option<String>,
    claims: Map<String, Value>,
    groups_unknown: Option<String>,
}

impl Upstreams {
    /// Keeps a login that `user` may connect to their account, until they have confirmed it in their session; gives the name
    /// under which it is kept.
    ///
    /// # Errors
    /// The refusal for which it cannot be connected.
    pub async fn hold(
        &self,
        arrival: &Arrival,
        user: Uuid,
        session: Uuid,
        now: Timestamp,
    ) -> Result<String, UpstreamsError> {
        let (keys, arrival) = (self.keys().clone(), arrival.clone());
        self.store()
            .write(now, move |tx| {
                let upstream = accept::existing(tx, arrival.upstream)?;
                let person = accept::person(tx, user)?;
                judge(tx, &upstream, &arrival, Some(&person))?.who?;
                let mut random = [0; 32];
                keys.random.fill(&mut random);
                let name = BASE64URL_NOPAD.encode(&random);
                let plain = serde_json::to_vec(&Kept::of(&arrival))
                    .map_err(|error| StoreError::Damaged(format!("a login that cannot be kept: {error}")))?;
                let sealed = keys.master.seal(keys.random.as_ref(), &place(session), &plain);
                let expires = tx.now().checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
                tx.execute(
                    "INSERT INTO upstream_attempts (digest, document, expires_at) VALUES ($1, $2, $3)",
                    &[(&digest(&name)).into(), (&sealed).into(), expires.into()],
                )?;
                Ok(name)
            })
            .await
    }

    /// Gives a kept login, once, to the session that it was kept for.
    pub async fn release(&self, name: &str, session: Uuid, now: Timestamp) -> Result<Option<Arrival>, UpstreamsError> {
        let digest = digest(name);
        let sealed = self
            .store()
            .write::<_, StoreError>(now, move |tx| {
                let now = tx.now();
                tx.one(
                    "DELETE FROM upstream_attempts WHERE digest = $1 AND expires_at > $2 RETURNING document",
                    &[(&digest).into(), now.into()],
                    |row| row.get::<Vec<u8>>(0),
                )
            })
            .await?;
        let opened = sealed.and_then(|sealed| self.keys().master.open(&place(session), &sealed).ok());
        let kept = opened.and_then(|plain| serde_json::from_slice::<Kept>(plain.expose()).ok());
        Ok(kept.map(Kept::arrival))
    }
}

/// Where a kept login belongs: it opens for no other session.
fn place(session: Uuid) -> Vec<u8> {
    [b"upstream_attempts.held:", session.as_bytes().as_slice()].concat()
}

fn digest(name: &str) -> [u8; 32] {
    sha256(&[b"held ", name.as_bytes()].concat())
}

impl Kept {
    fn of(arrival: &Arrival) -> Self {
        Self {
            upstream: arrival.upstream,
            issuer: arrival.issuer.clone(),
            sub: arrival.sub.clone(),
            sid: arrival.sid.clone(),
            claims: arrival.claims.clone(),
            groups_unknown: arrival.groups_unknown.clone(),
        }
    }

    fn arrival(self) -> Arrival {
        Arrival {
            upstream: self.upstream,
            issuer: self.issuer,
            sub: self.sub,
            sid: self.sid,
            claims: self.claims,
            groups_unknown: self.groups_unknown,
            id_token: None,
            expires: None,
            auth_time: None,
            amr: Vec::new(),
            acr: None,
        }
    }
}
