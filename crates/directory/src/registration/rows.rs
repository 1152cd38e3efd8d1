//! Rows of registrations, and of those who asked for one.

use doorward_store::{Row, StoreError, Ticket, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{User, UserName, users::email_key};

/// Somebody who has named themselves and waits for an administrator's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Names it.
    pub id: Uuid,
    /// The address, which they have proved.
    pub address: String,
    /// The user name that they chose.
    pub name: String,
    /// Their full name.
    pub display_name: String,
    /// The BCP 47 tag of the language in which they asked.
    pub language: String,
    /// The address of the browser that asked.
    pub came_from: String,
    /// When they asked.
    pub created: Timestamp,
    /// When it is forgotten.
    pub expires: Timestamp,
}

/// Somebody who asked, before anybody has looked who it is.
pub(super) struct Request {
    pub(super) address: String,
    pub(super) language: String,
    pub(super) came_from: String,
}

/// Somebody who was sent a letter.
pub(super) struct Asked {
    pub(super) address: String,
    pub(super) language: String,
    pub(super) expires: Timestamp,
}

pub(super) fn note(tx: &mut Tx<'_>, id: Uuid, request: &Request) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO registration_requests (id, address, language, came_from, created_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            id.into(),
            (&request.address).into(),
            (&request.language).into(),
            (&request.came_from).into(),
            tx.now().into(),
        ],
    )?;
    Ok(())
}

/// Takes the oldest request; of several nodes, one gets it.
pub(super) fn take_request(tx: &mut Tx<'_>) -> Result<Option<Request>, StoreError> {
    tx.one(
        "DELETE FROM registration_requests WHERE id = (SELECT r.id FROM registration_requests r ORDER BY r.id LIMIT 1) \
         RETURNING address, language, came_from",
        &[],
        |row| {
            Ok(Request {
                address: row.get(0)?,
                language: row.get(1)?,
                came_from: row.get(2)?,
            })
        },
    )
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    request: &Request,
    expires: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO registrations (id, digest, state, address, address_key, language, came_from, created_at, expires_at) \
         VALUES ($1, $2, 'asked', $3, $4, $5, $6, $7, $8)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            (&request.address).into(),
            (&email_key(&request.address)).into(),
            (&request.language).into(),
            (&request.came_from).into(),
            tx.now().into(),
            expires.into(),
        ],
    )?;
    Ok(())
}

/// The registration of a ticket that can be gone on with.
pub(super) fn find(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<Option<Asked>, StoreError> {
    let found = tx.one(
        "SELECT digest, address, language, expires_at FROM registrations \
         WHERE id = $1 AND state = 'asked' AND expires_at > $2",
        &[ticket.id().into(), now.into()],
        |row| {
            let asked = Asked {
                address: row.get(1)?,
                language: row.get(2)?,
                expires: row.get(3)?,
            };
            Ok((row.get::<Vec<u8>>(0)?, asked))
        },
    )?;
    Ok(found
        .filter(|(digest, _)| ticket.matches(digest))
        .map(|(_, asked)| asked))
}

/// Uses the link up, in one conditional statement: the second who tries gets nothing.
pub(super) fn take(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "DELETE FROM registrations WHERE id = $1 AND state = 'asked' AND expires_at > $2",
        &[id.into(), tx.now().into()],
    )?;
    Ok(taken == 1)
}

/// The same, and waits from now on as that person.
pub(super) fn wait(tx: &mut Tx<'_>, id: Uuid, person: &User, expires: Timestamp) -> Result<bool, StoreError> {
    let waits = tx.execute(
        "UPDATE registrations SET state = 'waiting', name = $2, name_key = $3, display_name = $4, expires_at = $5 \
         WHERE id = $1 AND state = 'asked' AND expires_at > $6",
        &[
            id.into(),
            person.name.as_str().into(),
            (&person.name.key()).into(),
            (&person.display_name).into(),
            expires.into(),
            tx.now().into(),
        ],
    )?;
    Ok(waits == 1)
}

/// Other letters to the same address lead nowhere any more.
pub(super) fn end_others(tx: &mut Tx<'_>, address: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM registrations WHERE address_key = $1 AND state = 'asked'";
    tx.execute(sql, &[(&email_key(address)).into()])?;
    Ok(())
}

/// Whether somebody with this address waits already.
pub(super) fn is_waiting(tx: &mut Tx<'_>, address: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM registrations WHERE address_key = $1 AND state = 'waiting' AND expires_at > $2 LIMIT 1";
    let found = tx.one(sql, &[(&email_key(address)).into(), tx.now().into()], |row| {
        row.get::<i64>(0)
    })?;
    Ok(found.is_some())
}

/// Whether somebody waits under this name.
pub(super) fn is_name_waiting(tx: &mut Tx<'_>, name: &UserName) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM registrations WHERE name_key = $1 AND state = 'waiting' AND expires_at > $2 LIMIT 1";
    let found = tx.one(sql, &[(&name.key()).into(), tx.now().into()], |row| row.get::<i64>(0))?;
    Ok(found.is_some())
}

/// Those who wait, oldest first: at most `limit` behind `after`.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    after: Option<Uuid>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<Registration>, StoreError> {
    tx.all(
        "SELECT id, address, name, display_name, language, came_from, created_at, expires_at FROM registrations \
         WHERE state = 'waiting' AND id > $1 AND expires_at > $3 ORDER BY id LIMIT $2",
        &[after.unwrap_or_default().into(), limit.into(), now.into()],
        from_row,
    )
}

/// Takes one that waits, for whoever decides first.
pub(super) fn take_waiting(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Registration>, StoreError> {
    tx.one(
        "DELETE FROM registrations WHERE id = $1 AND state = 'waiting' AND expires_at > $2 \
         RETURNING id, address, name, display_name, language, came_from, created_at, expires_at",
        &[id.into(), tx.now().into()],
        from_row,
    )
}

/// How many wait for an administrator's word.
///
/// # Errors
/// What the store says.
pub fn count_waiting(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM registrations WHERE state = 'waiting' AND expires_at > $1";
    let count = tx.one(sql, &[now.into()], |row| row.get::<i64>(0))?;
    Ok(count.unwrap_or_default().unsigned_abs())
}

fn from_row(row: &Row<'_>) -> Result<Registration, StoreError> {
    Ok(Registration {
        id: row.get(0)?,
        address: row.get(1)?,
        name: row.get::<Option<String>>(2)?.unwrap_or_default(),
        display_name: row.get::<Option<String>>(3)?.unwrap_or_default(),
        language: row.get(4)?,
        came_from: row.get(5)?,
        created: row.get(6)?,
        expires: row.get(7)?,
    })
}
