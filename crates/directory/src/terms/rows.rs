//! Rows of terms.

use doorward_oidc::Refusal;
use doorward_store::{Row, StoreError, Tx};
use uuid::Uuid;

use super::{AcceptedQuery, Terms, TermsAcceptance, TermsCount, TermsText};
use crate::{directory::Result, error::NO_SUCH_TERMS};

const COLUMNS: &str = "version, texts, published_at, published_by, withdrawn_at";

/// The newest version, unless it was withdrawn: an older one does not come back by that.
pub(super) fn in_force(tx: &mut Tx<'_>) -> Result<Option<Terms>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM terms ORDER BY version DESC LIMIT 1");
    let newest = tx.one(&sql, &[], terms)?;
    Ok(newest.filter(|terms| terms.withdrawn.is_none()))
}

pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<Terms>, StoreError> {
    tx.all(
        &format!("SELECT {COLUMNS} FROM terms ORDER BY version DESC"),
        &[],
        terms,
    )
}

pub(super) fn newest(tx: &mut Tx<'_>) -> Result<Option<u32>, StoreError> {
    tx.one("SELECT version FROM terms ORDER BY version DESC LIMIT 1", &[], |row| {
        row.get(0)
    })
}

pub(super) fn existing(tx: &mut Tx<'_>, version: u32) -> Result<Terms> {
    let sql = format!("SELECT {COLUMNS} FROM terms WHERE version = $1");
    let found = tx.one(&sql, &[version.into()], terms)?;
    found.ok_or_else(|| {
        Refusal::response(&NO_SUCH_TERMS, format!("there is no version {version}"))
            .with_remedy("`doorward terms list` shows them.")
            .into()
    })
}

pub(super) fn counted(tx: &mut Tx<'_>, terms: Terms, newest: Option<u32>) -> Result<TermsCount, StoreError> {
    let sql = "SELECT COUNT(*) FROM terms_accepted WHERE version = $1";
    let accepted: Option<i64> = tx.one(sql, &[terms.version.into()], |row| row.get(0))?;
    Ok(TermsCount {
        accepted: accepted.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
        in_force: terms.withdrawn.is_none() && Some(terms.version) == newest,
        terms,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, terms: &Terms) -> Result<bool, StoreError> {
    let texts = serde_json::to_string(&terms.texts).map_err(|error| StoreError::Damaged(error.to_string()))?;
    // Two administrators at once: one of them is told that the other was faster.
    let added = tx.execute(
        "INSERT INTO terms (version, texts, published_at, published_by) VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING",
        &[
            terms.version.into(),
            (&texts).into(),
            terms.published.into(),
            (&terms.published_by).into(),
        ],
    )?;
    Ok(added == 1)
}

pub(super) fn withdraw(tx: &mut Tx<'_>, version: u32) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE terms SET withdrawn_at = $2 WHERE version = $1 AND withdrawn_at IS NULL \
         AND version = (SELECT MAX(version) FROM terms)",
        &[version.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Notes somebody's word, once; `false` when it was given before.
pub(super) fn accept(tx: &mut Tx<'_>, word: &TermsAcceptance) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO terms_accepted (id, version, user_id, accepted_at, language, address) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (user_id, version) DO NOTHING",
        &[
            word.id.into(),
            word.version.into(),
            word.user_id.into(),
            word.accepted.into(),
            (&word.language).into(),
            (&word.address).into(),
        ],
    )?;
    Ok(added == 1)
}

/// The newest version that this user has accepted; 0 for none.
pub(crate) fn newest_accepted(tx: &mut Tx<'_>, user: Uuid) -> Result<u32, StoreError> {
    let sql = "SELECT version FROM terms_accepted WHERE user_id = $1 ORDER BY version DESC LIMIT 1";
    Ok(tx.one(sql, &[user.into()], |row| row.get(0))?.unwrap_or_default())
}

pub(super) fn accepted(tx: &mut Tx<'_>, query: &AcceptedQuery, limit: u32) -> Result<Vec<TermsAcceptance>, StoreError> {
    const SELECT: &str = "SELECT a.id, a.version, a.user_id, u.name, a.accepted_at, a.language, a.address \
                          FROM terms_accepted a JOIN users u ON u.id = a.user_id WHERE a.id < $1";
    const ORDER: &str = "ORDER BY a.id DESC LIMIT $2";
    let before = query.before.unwrap_or(Uuid::max());
    let (before, limit) = (before.into(), limit.into());
    match (query.user, query.version) {
        (None, None) => tx.all(&format!("{SELECT} {ORDER}"), &[before, limit], word),
        (None, Some(version)) => tx.all(
            &format!("{SELECT} AND a.version = $3 {ORDER}"),
            &[before, limit, version.into()],
            word,
        ),
        (Some(user), None) => tx.all(
            &format!("{SELECT} AND a.user_id = $3 {ORDER}"),
            &[before, limit, user.into()],
            word,
        ),
        (Some(user), Some(version)) => tx.all(
            &format!("{SELECT} AND a.user_id = $3 AND a.version = $4 {ORDER}"),
            &[before, limit, user.into(), version.into()],
            word,
        ),
    }
}

fn terms(row: &Row<'_>) -> Result<Terms, StoreError> {
    let texts: Vec<TermsText> = serde_json::from_str(&row.get::<String>(1)?)
        .map_err(|error| StoreError::Damaged(format!("the texts of terms: {error}")))?;
    Ok(Terms {
        version: row.get(0)?,
        texts,
        published: row.get(2)?,
        published_by: row.get(3)?,
        withdrawn: row.get(4)?,
    })
}

fn word(row: &Row<'_>) -> Result<TermsAcceptance, StoreError> {
    Ok(TermsAcceptance {
        id: row.get(0)?,
        version: row.get(1)?,
        user_id: row.get(2)?,
        user: row.get(3)?,
        accepted: row.get(4)?,
        language: row.get(5)?,
        address: row.get(6)?,
    })
}
