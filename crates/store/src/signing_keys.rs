//! Rows of signing keys. The private halves are sealed; what they are used for is the provider's business.

use jiff::Timestamp;

use crate::{Change, Row, StoreError, Topic, Tx, Value};

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Signs no more, is published until the last token it signed has ended.
    Retiring,
    /// No longer published.
    Retired,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        [Self::Next, Self::Active, Self::Retiring, Self::Retired]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| StoreError::Damaged(format!("no signing key is in the state {name:?}")))
    }
}

/// A signing key. The same type goes in and comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// Its `kid`.
    pub kid: String,
    /// The JOSE algorithm: `ES256`.
    pub alg: String,
    /// The private key (PKCS#8), sealed under the master key with [`aad`] of its `kid`; empty once it is retired.
    pub sealed: Vec<u8>,
    /// The public key as a JWK, JSON.
    pub jwk: String,
    /// Where it is in its life.
    pub state: State,
    /// When it was made.
    pub created: Timestamp,
    /// When it may sign.
    pub activates_at: Timestamp,
    /// When it is no longer published.
    pub retires_at: Option<Timestamp>,
}

/// What the private key of `kid` is sealed with.
pub fn aad(kid: &str) -> Vec<u8> {
    format!("signing_keys/{kid}").into_bytes()
}

/// Adds a key and announces it.
pub fn insert(tx: &mut Tx<'_>, key: &SigningKeyRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO signing_keys (kid, alg, sealed, jwk, state, created_at, activates_at, retires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            (&key.kid).into(),
            (&key.alg).into(),
            (&key.sealed).into(),
            (&key.jwk).into(),
            key.state.name().into(),
            key.created.into(),
            key.activates_at.into(),
            key.retires_at.into(),
        ],
    )?;
    tx.announce(Change::any(Topic::Keys));
    Ok(())
}

/// Every key, oldest first.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<SigningKeyRow>, StoreError> {
    tx.all(
        "SELECT kid, alg, sealed, jwk, state, created_at, activates_at, retires_at FROM signing_keys \
         ORDER BY created_at, kid",
        &[],
        key,
    )
}

/// Waits for every other unit that changes keys, and makes it wait for this one.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE signing_keys SET state = state", &[])?;
    Ok(())
}

/// A published key signs from now on. `false` when it is no longer one that waits. Announces it.
pub fn activate(tx: &mut Tx<'_>, kid: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE signing_keys SET state = 'active', activates_at = $2 WHERE kid = $1 AND state = 'next'";
    moved(tx, sql, &[kid.into(), now.into()])
}

/// A key signs no more and stays published until then. `false` when it does not sign. Announces it.
pub fn retire(tx: &mut Tx<'_>, kid: &str, retires_at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE signing_keys SET state = 'retiring', retires_at = $2 WHERE kid = $1 AND state = 'active'";
    moved(tx, sql, &[kid.into(), retires_at.into()])
}

/// A key is published no more, and its private half is forgotten. `false` when that was so. Announces it.
pub fn withdraw(tx: &mut Tx<'_>, kid: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql =
        "UPDATE signing_keys SET state = 'retired', retires_at = $2, sealed = $3 WHERE kid = $1 AND state <> 'retired'";
    moved(tx, sql, &[kid.into(), now.into(), Value::Bytes(&[])])
}

fn moved(tx: &mut Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<bool, StoreError> {
    let changed = tx.execute(sql, values)?;
    if changed == 1 {
        tx.announce(Change::any(Topic::Keys));
    }
    Ok(changed == 1)
}

fn key(row: &Row<'_>) -> Result<SigningKeyRow, StoreError> {
    Ok(SigningKeyRow {
        kid: row.get(0)?,
        alg: row.get(1)?,
        sealed: row.get(2)?,
        jwk: row.get(3)?,
        state: State::from_name(&row.get::<String>(4)?)?,
        created: row.get(5)?,
        activates_at: row.get(6)?,
        retires_at: row.get(7)?,
    })
}
