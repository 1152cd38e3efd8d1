//! Registering, listing, naming and removing passkeys.

use doorward_mail::Notice;
use doorward_oidc::Refusal;
use doorward_passkeys::{Attestation, CoseKey, Known, NewPasskey, RegistrationResponse, Transport};
use doorward_store::{Change, Row, StoreError, Topic, Tx, replay};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, DirectoryError, MAX_PASSKEY_NAME, MOST_PASSKEYS, Passkey, PasskeyCeremony, Right, User, Via,
    credential,
    directory::Result,
    error::{INVALID_PASSKEY_NAME, MISSING_RIGHT, NO_SUCH_PASSKEY, PASSKEY_EXISTS, TOO_MANY_PASSKEYS},
    event,
    factors::{self, Seals},
    guard,
    letters::tell,
    passkey::{passkey_not_registered, passkey_untrusted},
    users,
};

const COLUMNS: &str = "id, user_id, name, created_at, last_used_at, backup_eligible, backed_up, user_verified, \
                       discoverable, public_key, aaguid, transports, copied_at";

impl Directory {
    /// The passkeys of a person, oldest first.
    pub async fn passkeys(&self, user: Uuid) -> Result<Vec<Passkey>> {
        self.scan(move |tx| Ok(of_user(tx, user)?)).await
    }

    /// The same as the browser wants them: to be left out of a registration, or to choose from as a second factor.
    pub async fn known_passkeys(&self, user: Uuid) -> Result<Vec<Known>> {
        let sql = "SELECT credential_id, transports FROM passkeys WHERE user_id = $1 AND copied_at IS NULL ORDER BY id";
        self.scan(move |tx| {
            Ok(tx.all(sql, &[user.into()], |row| {
                Ok(Known {
                    credential_id: row.get(0)?,
                    transports: transports(&row.get::<String>(1)?),
                })
            })?)
        })
        .await
    }

    /// Checks all of the answer to a registration that needs no unit of work.
    ///
    /// Refused as `passkey_not_registered`, `passkey_untrusted`, `invalid_passkey_name`.
    pub async fn check_registration(
        &self,
        answer: &RegistrationResponse,
        ceremony: PasskeyCeremony<'_>,
        name: &str,
        now: Timestamp,
    ) -> Result<CheckedRegistration> {
        let name = checked_name(name)?;
        let made = answer
            .verify(&ceremony.asked)
            .map_err(|error| passkey_not_registered(format!("{}: {error}", error.code())))?;
        if let Some(roots) = &*self.attestation_roots().await? {
            roots
                .vouch(&made.attestation, now.as_second())
                .map_err(|error| passkey_untrusted(format!("{}: {error}", error.code())))?;
        }
        Ok(CheckedRegistration {
            id: self.new_id(now),
            name,
            made,
            challenge: ceremony.asked.challenge.to_vec(),
            ends: ceremony.ends,
        })
    }

    /// Registers a passkey for the person whose session the actor is: nobody does that for somebody else. The challenge of
    /// the ceremony is used up.
    ///
    /// Refused as `passkey_not_registered`, `passkey_exists`, `too_many_passkeys`, `invalid_passkey_name`.
    pub async fn add_passkey(
        &self,
        actor: &Actor,
        seals: &Seals,
        answer: &RegistrationResponse,
        ceremony: PasskeyCeremony<'_>,
        name: &str,
        now: Timestamp,
    ) -> Result<PasskeyAdded> {
        let checked = self.check_registration(answer, ceremony, name, now).await?;
        let seals = seals.clone();
        self.administer(actor, now, move |tx, actor| {
            let person = own_account(tx, actor)?;
            checked.register(tx, actor, &seals, &person)
        })
        .await
    }

    /// Gives a passkey another name. People may do that for theirs in a session; somebody else needs the rights for editing
    /// them.
    pub async fn rename_passkey(
        &self,
        actor: &Actor,
        user: Uuid,
        passkey: Uuid,
        name: &str,
        now: Timestamp,
    ) -> Result<Passkey> {
        let name = checked_name(name)?;
        self.administer(actor, now, move |tx, actor| {
            let (person, before) = changeable(tx, actor, user, passkey)?;
            if before.name == name {
                return Ok(before);
            }
            let sql = "UPDATE passkeys SET name = $2 WHERE id = $1";
            tx.execute(sql, &[passkey.into(), (&name).into()])?;
            let after = existing(tx, passkey)?;
            event::passkey(tx, actor, "user.passkey.rename", &person, &after)?;
            Ok(after)
        })
        .await
    }

    /// Removes a passkey: it proves nothing from now on. Rights as for renaming. Returns what it was.
    pub async fn remove_passkey(&self, actor: &Actor, user: Uuid, passkey: Uuid, now: Timestamp) -> Result<Passkey> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            let (person, before) = changeable(tx, actor, user, passkey)?;
            // A login with it that is just being written comes before, or finds it gone.
            credential::lock_enabled(tx, person.id)?;
            tx.execute("DELETE FROM passkeys WHERE id = $1", &[passkey.into()])?;
            factors::after_removal(tx, person.id)?;
            event::passkey(tx, actor, "user.passkey.remove", &person, &before)?;
            tell(tx, &outbox, &person, Notice::PasskeyRemoved)?;
            tx.announce(Change::of(Topic::People, person.id));
            Ok(before)
        })
        .await
    }

    /// Removes all passkeys of a person: for who has lost their devices. Rights as for editing. Returns what they were.
    pub async fn remove_passkeys(&self, actor: &Actor, user: Uuid, now: Timestamp) -> Result<Vec<Passkey>> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            actor.require(Right::ChangePeople)?;
            let person = users::existing(tx, user)?;
            guard::may_change(tx, actor, &person)?;
            let removed = remove_all(tx, actor, &person)?;
            if !removed.is_empty() {
                factors::after_removal(tx, person.id)?;
                tell(tx, &outbox, &person, Notice::PasskeyRemoved)?;
            }
            Ok(removed)
        })
        .await
    }
}

/// A passkey that has proved to be one. It counts once a unit of work has registered it.
#[derive(Debug, Clone)]
pub struct CheckedRegistration {
    id: Uuid,
    name: String,
    made: NewPasskey,
    challenge: Vec<u8>,
    ends: Timestamp,
}

/// A passkey was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAdded {
    /// Which.
    pub passkey: Passkey,
    /// Recovery codes for somebody who had none left; to be shown once.
    pub recovery_codes: Vec<String>,
}

impl CheckedRegistration {
    /// Whether it may be on several devices.
    pub fn is_synced(&self) -> bool {
        self.made.backup_eligible
    }

    /// Takes the challenge and makes it a passkey of this person, who is told. Whether they may, and whose word `by` is, is the
    /// caller's to see to.
    ///
    /// Refused as `passkey_not_registered`, `passkey_exists`, `too_many_passkeys`.
    pub fn register(
        &self,
        tx: &mut Tx<'_>,
        by: impl Into<doorward_audit::Actor>,
        seals: &Seals,
        person: &User,
    ) -> Result<PasskeyAdded> {
        if !claim(tx, &self.challenge, self.ends)? {
            return Err(passkey_not_registered("the challenge was used before, or has ended").into());
        }
        // Two registrations at once count one after the other.
        credential::lock_enabled(tx, person.id)?;
        if of_user(tx, person.id)?.len() >= MOST_PASSKEYS {
            return Err(too_many());
        }
        insert(tx, self.id, person.id, &self.name, &self.made)?;
        let passkey = existing(tx, self.id)?;
        event::passkey(tx, by, "user.passkey.add", person, &passkey)?;
        tell(tx, &seals.outbox, person, Notice::PasskeyAdded)?;
        let recovery_codes = factors::first_recovery_codes(tx, seals, person)?;
        tx.announce(Change::of(Topic::People, person.id));
        Ok(PasskeyAdded {
            passkey,
            recovery_codes,
        })
    }
}

/// Removes all passkeys of a person within a unit of work that has checked the rights; what they were.
pub(crate) fn remove_all(tx: &mut Tx<'_>, actor: &Actor, person: &User) -> Result<Vec<Passkey>> {
    credential::lock_enabled(tx, person.id)?;
    let removed = of_user(tx, person.id)?;
    for passkey in &removed {
        event::passkey(tx, actor, "user.passkey.remove", person, passkey)?;
    }
    tx.execute("DELETE FROM passkeys WHERE user_id = $1", &[person.id.into()])?;
    tx.announce(Change::of(Topic::People, person.id));
    Ok(removed)
}

/// The passkeys of a person, oldest first.
pub(crate) fn of_user(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Passkey>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE user_id = $1 ORDER BY id");
    tx.all(&sql, &[user.into()], from_row)
}

/// Whether a passkey is registered and may be used.
pub(crate) fn is_good(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM passkeys WHERE id = $1 AND copied_at IS NULL";
    Ok(tx.one(sql, &[id.into()], |_| Ok(()))?.is_some())
}

/// Takes the challenge of a ceremony; false when it was taken before, or has ended.
pub(crate) fn claim(tx: &mut Tx<'_>, challenge: &[u8], ends: Timestamp) -> Result<bool, StoreError> {
    let key = data_encoding::BASE64URL_NOPAD.encode(challenge);
    Ok(tx.now() < ends && replay::claim(tx, "passkey", &key, ends)?)
}

/// The account of the session that acts.
fn own_account(tx: &mut Tx<'_>, actor: &Actor) -> Result<User> {
    let (Some(id), Via::Session(_)) = (actor.id, actor.via) else {
        let detail = "a passkey is registered by its person, in their browser";
        return Err(Refusal::response(&MISSING_RIGHT, detail)
            .with_remedy("The person logs in and opens their page of passkeys.")
            .into());
    };
    let person = users::existing(tx, id)?;
    credential::need_person(&person)?;
    if let Some(closed) = person.closed(tx.now()) {
        return Err(closed.refusal(&person).into());
    }
    Ok(person)
}

/// The person and their passkey, when the actor may change it.
fn changeable(tx: &mut Tx<'_>, actor: &Actor, user: Uuid, passkey: Uuid) -> Result<(User, Passkey)> {
    let is_oneself = actor.id == Some(user) && matches!(actor.via, Via::Session(_));
    if !is_oneself {
        // Without the right, whether it exists is not said either.
        actor.require(Right::ChangePeople)?;
    }
    let person = users::existing(tx, user)?;
    if !is_oneself {
        guard::may_change(tx, actor, &person)?;
    } else if let Some(closed) = person.closed(tx.now()) {
        return Err(closed.refusal(&person).into());
    }
    let found = existing(tx, passkey)?;
    if found.user_id != user {
        return Err(unknown(passkey));
    }
    Ok((person, found))
}

pub(crate) fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<Passkey> {
    let sql = format!("SELECT {COLUMNS} FROM passkeys WHERE id = $1");
    tx.one(&sql, &[id.into()], from_row)?.ok_or_else(|| unknown(id))
}

fn unknown(id: Uuid) -> DirectoryError {
    Refusal::response(&NO_SUCH_PASSKEY, format!("no passkey of this person has the id {id}"))
        .with_remedy("`doorward user passkeys <user>` shows them.")
        .into()
}

fn too_many() -> DirectoryError {
    Refusal::response(&TOO_MANY_PASSKEYS, format!("there are {MOST_PASSKEYS} already"))
        .with_remedy("Remove one that is not used any more.")
        .into()
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=MAX_PASSKEY_NAME).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Refusal::response(
        &INVALID_PASSKEY_NAME,
        format!("expected 1 to {MAX_PASSKEY_NAME} characters, received {length}"),
    )
    .into())
}

fn insert(tx: &mut Tx<'_>, id: Uuid, user: Uuid, name: &str, made: &NewPasskey) -> Result<()> {
    let words: Vec<&str> = made.transports.iter().map(|one| one.as_str()).collect();
    let attestation = match made.attestation {
        Attestation::None => "none",
        Attestation::SelfSigned => "self",
        Attestation::Certified { .. } => "certified",
    };
    let added = tx.execute(
        "INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, user_verified, \
         discoverable, aaguid, transports, attestation, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (credential_id) DO NOTHING",
        &[
            id.into(),
            user.into(),
            made.credential_id.as_slice().into(),
            made.public_key.encoded().into(),
            i64::from(made.sign_count).into(),
            made.backup_eligible.into(),
            made.backed_up.into(),
            made.user_verified.into(),
            made.is_discoverable.into(),
            made.aaguid.into(),
            words.join(" ").as_str().into(),
            attestation.into(),
            name.into(),
            tx.now().into(),
        ],
    )?;
    if added == 1 {
        return Ok(());
    }
    Err(Refusal::response(&PASSKEY_EXISTS, "its credential id is registered here already").into())
}

fn transports(words: &str) -> Vec<Transport> {
    words.split_whitespace().filter_map(Transport::parse).collect()
}

fn from_row(row: &Row<'_>) -> Result<Passkey, StoreError> {
    let key = CoseKey::parse(&row.get::<Vec<u8>>(9)?)
        .map_err(|error| StoreError::Damaged(format!("the key of a passkey: {error}")))?;
    Ok(Passkey {
        id: row.get(0)?,
        user_id: row.get(1)?,
        name: row.get(2)?,
        created: row.get(3)?,
        last_used: row.get(4)?,
        synced: row.get(5)?,
        backed_up: row.get(6)?,
        verifies_user: row.get(7)?,
        discoverable: row.get(8)?,
        algorithm: key.algorithm().name().to_owned(),
        model: Some(row.get::<Uuid>(10)?).filter(|model| !model.is_nil()),
        transports: transports(&row.get::<String>(11)?),
        copied: row.get(12)?,
    })
}

/// A passkey with what its signatures are held against.
pub(crate) struct Stored {
    pub(crate) passkey: Passkey,
    pub(crate) public_key: CoseKey,
    pub(crate) sign_count: u32,
}

/// By the id that authenticators know it by.
pub(crate) fn by_credential(tx: &mut Tx<'_>, credential_id: &[u8]) -> Result<Option<Stored>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, sign_count FROM passkeys WHERE credential_id = $1");
    tx.one(&sql, &[credential_id.into()], |row| {
        Ok(Stored {
            passkey: from_row(row)?,
            public_key: CoseKey::parse(&row.get::<Vec<u8>>(9)?)
                .map_err(|error| StoreError::Damaged(format!("the key of a passkey: {error}")))?,
            sign_count: row.get(13)?,
        })
    })
}
