//! Authorization codes: taken once (RFC 6749 §4.1.2, RFC 9700 §2.1.1).

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Row, StoreError, Ticket, Tx};

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The grant it gives access to.
    pub grant_id: Uuid,
    /// The application it was issued to.
    pub app_id: Uuid,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// The S256 challenge, if the application sent one.
    pub code_challenge: Option<String>,
    /// The key that whoever redeems it has to prove (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// The nonce of the authorization request.
    pub nonce: Option<String>,
    /// When it can no longer be taken.
    pub expires: Timestamp,
}

/// What came of an attempt to take a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeCode {
    /// It is yours, and nobody else's any more.
    Taken(Code),
    /// It was taken before: its grant must be revoked, in this very unit.
    Replayed(Uuid),
    /// Nobody took it in time.
    Expired,
    /// There is no such code, or its secret is wrong.
    Unknown,
}

/// Stores a code under its ticket.
pub fn insert(tx: &mut Tx<'_>, ticket: &Ticket, code: &Code) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO codes (id, digest, grant_id, app_id, redirect_uri, code_challenge, dpop_jkt, nonce, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            code.grant_id.into(),
            code.app_id.into(),
            (&code.redirect_uri).into(),
            (&code.code_challenge).into(),
            (&code.dpop_jkt).into(),
            (&code.nonce).into(),
            code.expires.into(),
        ],
    )?;
    Ok(())
}

/// Takes a code at the unit's time: one conditional update decides who gets it.
pub fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<TakeCode, StoreError> {
    let now = tx.now();
    // Compared as a digest of 256 random bits: how long the engine takes tells nothing about the secret.
    let taken = tx.one(
        "UPDATE codes SET taken_at = $3 WHERE id = $1 AND digest = $2 AND taken_at IS NULL AND expires_at > $3 \
         RETURNING grant_id, app_id, redirect_uri, code_challenge, dpop_jkt, nonce, expires_at",
        &[ticket.id().into(), (&ticket.digest()).into(), now.into()],
        code,
    )?;
    match taken {
        Some(code) => Ok(TakeCode::Taken(code)),
        None => why_not(tx, ticket),
    }
}

/// The code that [`take`] would give, without taking it: what can fail comes before the code is spent.
pub fn usable(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<Option<Code>, StoreError> {
    tx.one(
        "SELECT grant_id, app_id, redirect_uri, code_challenge, dpop_jkt, nonce, expires_at FROM codes \
         WHERE id = $1 AND digest = $2 AND taken_at IS NULL AND expires_at > $3",
        &[ticket.id().into(), (&ticket.digest()).into(), now.into()],
        code,
    )
}

/// The grant of a code, without touching it: to find the login that a refused request belongs to.
pub fn grant_of(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<Uuid>, StoreError> {
    let found = tx.one(
        "SELECT digest, grant_id FROM codes WHERE id = $1",
        &[ticket.id().into()],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Uuid>(1)?)),
    )?;
    Ok(found
        .filter(|(digest, _)| ticket.matches(digest))
        .map(|(_, grant_id)| grant_id))
}

fn code(row: &Row<'_>) -> Result<Code, StoreError> {
    Ok(Code {
        grant_id: row.get(0)?,
        app_id: row.get(1)?,
        redirect_uri: row.get(2)?,
        code_challenge: row.get(3)?,
        dpop_jkt: row.get(4)?,
        nonce: row.get(5)?,
        expires: row.get(6)?,
    })
}

fn why_not(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<TakeCode, StoreError> {
    let found = tx.one(
        "SELECT digest, grant_id, taken_at FROM codes WHERE id = $1",
        &[ticket.id().into()],
        |row| {
            Ok((
                row.get::<Vec<u8>>(0)?,
                row.get::<Uuid>(1)?,
                row.get::<Option<Timestamp>>(2)?,
            ))
        },
    )?;
    Ok(match found {
        Some((digest, grant_id, taken_at)) if ticket.matches(&digest) => match taken_at {
            Some(_) => TakeCode::Replayed(grant_id),
            None => TakeCode::Expired,
        },
        _ => TakeCode::Unknown,
    })
}
