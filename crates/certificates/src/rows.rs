//! The tables of certificates.

use doorward_oidc::Refusal;
use doorward_store::{Change, Row, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::x509::Facts;

/// The private authority.
#[derive(Clone)]
pub(crate) struct AuthorityRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) permitted: String,
    pub(crate) certificate: String,
    pub(crate) secret: Vec<u8>,
    pub(crate) not_after: Timestamp,
    pub(crate) created_at: Timestamp,
}

/// The private authority, if there is one.
pub(crate) fn authority(tx: &mut Tx<'_>) -> Result<Option<AuthorityRow>, StoreError> {
    tx.one(
        "SELECT id, name, permitted, certificate, secret, not_after, created_at FROM certificate_authority",
        &[],
        |row| {
            Ok(AuthorityRow {
                id: row.get(0)?,
                name: row.get(1)?,
                permitted: row.get(2)?,
                certificate: row.get(3)?,
                secret: row.get(4)?,
                not_after: row.get(5)?,
                created_at: row.get(6)?,
            })
        },
    )
}

/// Puts the authority in its place, which must be free.
pub(crate) fn set_authority(tx: &mut Tx<'_>, row: &AuthorityRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO certificate_authority (place, id, name, permitted, certificate, secret, not_after, created_at) \
         VALUES (1, $1, $2, $3, $4, $5, $6, $7)",
        &[
            row.id.into(),
            (&row.name).into(),
            (&row.permitted).into(),
            (&row.certificate).into(),
            (&row.secret).into(),
            row.not_after.into(),
            row.created_at.into(),
        ],
    )?;
    Ok(())
}

/// Removes the authority, and what the server itself presents of it.
pub(crate) fn end_authority(tx: &mut Tx<'_>, source: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM certificate_authority", &[])?;
    tx.execute(
        "DELETE FROM certificates WHERE source = $1 AND secret IS NOT NULL",
        &[source.into()],
    )?;
    Ok(())
}

/// A certificate that was issued.
pub(crate) struct CertificateRow {
    pub(crate) id: Uuid,
    pub(crate) source: String,
    pub(crate) host: String,
    pub(crate) names: String,
    pub(crate) chain: String,
    pub(crate) secret: Option<Vec<u8>>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
}

impl CertificateRow {
    pub(crate) fn new(id: Uuid, source: &str, host: &str, chain: &str, secret: Option<Vec<u8>>, facts: &Facts) -> Self {
        Self {
            id,
            source: source.to_owned(),
            host: host.to_owned(),
            names: facts.names.join(" "),
            chain: chain.to_owned(),
            secret,
            not_before: facts.not_before,
            not_after: facts.not_after,
        }
    }
}

/// Adds a certificate; those that have ended go.
pub(crate) fn insert_certificate(tx: &mut Tx<'_>, row: &CertificateRow) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM certificates WHERE not_after <= $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO certificates (id, source, host, names, chain, secret, not_before, not_after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            row.id.into(),
            (&row.source).into(),
            (&row.host).into(),
            (&row.names).into(),
            (&row.chain).into(),
            row.secret.as_ref().into(),
            row.not_before.into(),
            row.not_after.into(),
        ],
    )?;
    tx.announce(Change::any(Topic::Certificates));
    Ok(())
}

/// The certificate to present for `host`: of those that have not ended, the one made last.
pub(crate) fn newest(
    tx: &mut Tx<'_>,
    source: &str,
    host: &str,
    now: Timestamp,
) -> Result<Option<CertificateRow>, StoreError> {
    tx.one(
        "SELECT id, source, host, names, chain, secret, not_before, not_after FROM certificates \
         WHERE source = $1 AND host = $2 AND secret IS NOT NULL AND not_after > $3 ORDER BY id DESC LIMIT 1",
        &[source.into(), host.into(), now.into()],
        |row| {
            Ok(CertificateRow {
                id: row.get(0)?,
                source: row.get(1)?,
                host: row.get(2)?,
                names: row.get(3)?,
                chain: row.get(4)?,
                secret: row.get(5)?,
                not_before: row.get(6)?,
                not_after: row.get(7)?,
            })
        },
    )
}

/// The way to the next certificate of a host.
pub(crate) struct OrderRow {
    pub(crate) url: Option<String>,
    pub(crate) secret: Option<Vec<u8>>,
    pub(crate) is_wanted: bool,
    pub(crate) failures: i64,
    pub(crate) next_try_at: Timestamp,
    pub(crate) failed_at: Option<Timestamp>,
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) remedy: Option<String>,
}

/// The order of this host, if one is under way or failed.
pub(crate) fn order(tx: &mut Tx<'_>, source: &str, host: &str) -> Result<Option<OrderRow>, StoreError> {
    let sql = "SELECT url, secret, is_wanted, failures, next_try_at, failed_at, code, detail, remedy \
               FROM certificate_orders WHERE source = $1 AND host = $2";
    tx.one(sql, &[source.into(), host.into()], order_row)
}

fn order_row(row: &Row<'_>) -> Result<OrderRow, StoreError> {
    Ok(OrderRow {
        url: row.get(0)?,
        secret: row.get(1)?,
        is_wanted: row.get(2)?,
        failures: row.get(3)?,
        next_try_at: row.get(4)?,
        failed_at: row.get(5)?,
        code: row.get(6)?,
        detail: row.get(7)?,
        remedy: row.get(8)?,
    })
}

fn touch_order(tx: &mut Tx<'_>, source: &str, host: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO certificate_orders (source, host, is_wanted, failures, next_try_at) VALUES ($1, $2, 0, 0, $3) \
         ON CONFLICT (source, host) DO NOTHING",
        &[source.into(), host.into(), now.into()],
    )?;
    Ok(())
}

/// Remembers the order under way and the sealed key that it is for; `None` forgets them.
pub(crate) fn set_order(
    tx: &mut Tx<'_>,
    source: &str,
    host: &str,
    under_way: Option<(&str, &Vec<u8>)>,
) -> Result<(), StoreError> {
    touch_order(tx, source, host)?;
    tx.execute(
        "UPDATE certificate_orders SET url = $3, secret = $4 WHERE source = $1 AND host = $2",
        &[
            source.into(),
            host.into(),
            under_way.map(|(url, _)| url).into(),
            under_way.map(|(_, secret)| secret).into(),
        ],
    )?;
    Ok(())
}

/// Remembers a failure, and when to try again.
pub(crate) fn fail_order(
    tx: &mut Tx<'_>,
    source: &str,
    host: &str,
    refusal: &Refusal,
    next_try_at: Timestamp,
) -> Result<(), StoreError> {
    touch_order(tx, source, host)?;
    let now = tx.now();
    tx.execute(
        "UPDATE certificate_orders SET failures = failures + 1, next_try_at = $3, failed_at = $4, code = $5, detail = $6, \
         remedy = $7 WHERE source = $1 AND host = $2",
        &[
            source.into(),
            host.into(),
            next_try_at.into(),
            now.into(),
            refusal.kind.code.into(),
            (&refusal.detail).into(),
            (&refusal.remedy).into(),
        ],
    )?;
    Ok(())
}

/// A new certificate is wanted now, whatever the old one and earlier failures say.
pub(crate) fn want(tx: &mut Tx<'_>, source: &str, host: &str) -> Result<(), StoreError> {
    touch_order(tx, source, host)?;
    let now = tx.now();
    tx.execute(
        "UPDATE certificate_orders SET is_wanted = 1, next_try_at = $3 WHERE source = $1 AND host = $2",
        &[source.into(), host.into(), now.into()],
    )?;
    tx.announce(Change::any(Topic::Certificates));
    Ok(())
}

/// The certificate has come.
pub(crate) fn end_order(tx: &mut Tx<'_>, source: &str, host: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM certificate_orders WHERE source = $1 AND host = $2",
        &[source.into(), host.into()],
    )?;
    Ok(())
}

/// The account at a directory: contact and sealed credentials.
pub(crate) fn account(tx: &mut Tx<'_>, directory: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    tx.one(
        "SELECT contact, credentials FROM acme_accounts WHERE directory = $1",
        &[directory.into()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Remembers the account; `None` forgets it, because the authority does not know it.
pub(crate) fn set_account(
    tx: &mut Tx<'_>,
    directory: &str,
    account: Option<(&str, &Vec<u8>)>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM acme_accounts WHERE directory = $1", &[directory.into()])?;
    if let Some((contact, credentials)) = account {
        tx.execute(
            "INSERT INTO acme_accounts (directory, contact, credentials, created_at) VALUES ($1, $2, $3, $4)",
            &[directory.into(), contact.into(), credentials.into(), now.into()],
        )?;
    }
    Ok(())
}

/// Remembers what to answer an authority; what nobody may ask for any more goes.
pub(crate) fn put_challenge(
    tx: &mut Tx<'_>,
    kind: &str,
    name: &str,
    answer: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM acme_challenges WHERE expires_at <= $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO acme_challenges (kind, name, answer, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (kind, name) DO UPDATE SET answer = excluded.answer, expires_at = excluded.expires_at",
        &[kind.into(), name.into(), answer.into(), expires_at.into()],
    )?;
    Ok(())
}

/// What to answer, if somebody may ask now.
pub(crate) fn challenge(tx: &mut Tx<'_>, kind: &str, name: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
    tx.one(
        "SELECT answer FROM acme_challenges WHERE kind = $1 AND name = $2 AND expires_at > $3",
        &[kind.into(), name.into(), now.into()],
        |row| row.get(0),
    )
}
