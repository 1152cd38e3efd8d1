//! Which aliases there are. An application names its alias by the address, so that a token is made without a query; a row that an
//! application names stays.

use doorward_audit::{Actor, Event};
use doorward_oidc::{Refusal, shown};
use doorward_store::{Change, Row, StoreError, Topic, Tx, new_id};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::AliasAddress;
use crate::{App, Apps, AppsError, IssuerStyle, refusals, rows as apps};

/// Aliases at the most: each request to one looks through them.
const MOST: usize = 50;

const COLUMNS: &str = "id, address, created_by, created_at";

/// An issuer at which this server answers too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerAlias {
    /// Its id.
    pub id: Uuid,
    /// Where it is.
    pub address: AliasAddress,
    /// Who added it.
    pub created_by: String,
    /// When.
    pub created: Timestamp,
}

impl Apps {
    /// All aliases, by address.
    pub async fn aliases(&self) -> Result<Vec<IssuerAlias>, AppsError> {
        self.store().scan(|tx| Ok(all(tx)?)).await
    }

    /// Adds one, if whoever does so `may` still: asked in the unit of work.
    pub async fn add_alias(
        &self,
        by: &Actor,
        address: AliasAddress,
        now: Timestamp,
        may: impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static,
    ) -> Result<IssuerAlias, AppsError> {
        let (by, id) = (by.clone(), new_id(now, self.random()));
        self.store()
            .write(now, move |tx| {
                may(tx)?;
                if !put_alias(tx, by, id, &address)? {
                    return Err(Refusal::response(
                        &refusals::ALIAS_EXISTS,
                        format!("this server answers at {address} already"),
                    )
                    .with_remedy("doorward alias list")
                    .into());
                }
                existing(tx, id)
            })
            .await
    }

    /// Takes one away, if whoever does so `may` still and no application uses it.
    pub async fn remove_alias(
        &self,
        by: &Actor,
        id: Uuid,
        now: Timestamp,
        may: impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static,
    ) -> Result<(), AppsError> {
        let by = by.clone();
        self.store()
            .write(now, move |tx| {
                may(tx)?;
                let alias = existing(tx, id)?;
                // First the row, which an application that is given this alias locks: then nobody can begin to use it.
                tx.execute("DELETE FROM issuer_aliases WHERE id = $1", &[id.into()])?;
                let users = users(tx, &alias.address)?;
                if let Some(first) = users.first() {
                    return Err(Refusal::response(
                        &refusals::ALIAS_IN_USE,
                        format!("the issuer of {} is {}", users.join(", "), alias.address),
                    )
                    .with_remedy(format!("doorward app edit {first} --issuer server"))
                    .into());
                }
                tx.announce(Change::any(Topic::Apps));
                Ok(record(tx, by, "alias.remove", &alias.address)?)
            })
            .await
    }
}

/// Adds an alias unless it is there; whether it was not. For whoever writes more in the same unit of work.
///
/// # Errors
/// [`refusals::ALIAS_FULL`].
pub fn put_alias(tx: &mut Tx<'_>, by: Actor, id: Uuid, address: &AliasAddress) -> Result<bool, AppsError> {
    let now = tx.now();
    let added = tx.execute(
        "INSERT INTO issuer_aliases (id, address, created_by, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (address) DO NOTHING",
        &[id.into(), address.as_str().into(), (&by.name).into(), now.into()],
    )?;
    if added == 0 {
        return Ok(false);
    }
    let count = tx.one("SELECT count(*) FROM issuer_aliases", &[], |row| row.get::<i64>(0))?;
    if usize::try_from(count.unwrap_or_default()).unwrap_or(usize::MAX) > MOST {
        let detail = format!("there are {MOST} aliases already");
        return Err(Refusal::response(&refusals::ALIAS_FULL, detail)
            .with_remedy("doorward alias remove one that no application uses")
            .into());
    }
    tx.announce(Change::any(Topic::Apps));
    record(tx, by, "alias.add", address)?;
    Ok(true)
}

/// The addresses, for the snapshot.
pub(crate) fn addresses(tx: &mut Tx<'_>) -> Result<Vec<AliasAddress>, StoreError> {
    Ok(all(tx)?.into_iter().map(|alias| alias.address).collect())
}

/// The alias that an application names is there, and nobody takes it away until this unit of work has ended.
pub(crate) fn require(tx: &mut Tx<'_>, app: &App) -> Result<(), AppsError> {
    let IssuerStyle::Alias(address) = &app.issuer_style else {
        return Ok(());
    };
    let found = tx.execute(
        "UPDATE issuer_aliases SET address = address WHERE address = $1",
        &[address.as_str().into()],
    )?;
    if found == 1 {
        return Ok(());
    }
    Err(Refusal::response(
        &refusals::ALIAS_UNKNOWN,
        format!("this server does not answer at {}", shown(address.as_str())),
    )
    .with_remedy(format!("doorward alias add {address}"))
    .into())
}

fn users(tx: &mut Tx<'_>, address: &AliasAddress) -> Result<Vec<String>, StoreError> {
    let all = apps::all(tx)?;
    let uses = |app: &App| matches!(&app.issuer_style, IssuerStyle::Alias(named) if named == address);
    Ok(all.into_iter().filter(uses).map(|app| app.client_id).collect())
}

fn all(tx: &mut Tx<'_>) -> Result<Vec<IssuerAlias>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM issuer_aliases ORDER BY address");
    tx.all(&sql, &[], from_row)
}

fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<IssuerAlias, AppsError> {
    let sql = format!("SELECT {COLUMNS} FROM issuer_aliases WHERE id = $1");
    tx.one(&sql, &[id.into()], from_row)?.ok_or_else(|| {
        Refusal::response(&refusals::ALIAS_UNKNOWN, format!("no alias has the id {id}"))
            .with_remedy("doorward alias list")
            .into()
    })
}

fn from_row(row: &Row<'_>) -> Result<IssuerAlias, StoreError> {
    let address: String = row.get(1)?;
    Ok(IssuerAlias {
        id: row.get(0)?,
        address: AliasAddress::parse(&address)
            .map_err(|refusal| StoreError::Damaged(format!("an issuer alias: {}", refusal.detail)))?,
        created_by: row.get(2)?,
        created: row.get(3)?,
    })
}

fn record(tx: &mut Tx<'_>, by: Actor, action: &'static str, address: &AliasAddress) -> Result<(), StoreError> {
    let event = Event::new(action, by).with_data(json!({ "address": address }));
    doorward_audit::events::record(tx, &event).map(|_| ())
}
