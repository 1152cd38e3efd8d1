//! The rows of applications. Every operation that changes an application begins with [`lock`], so that two of them
//! cannot overwrite each other.

use std::collections::HashMap;

use doorward_oidc::{Refusal, ScopeSet, closest_name, shown};
use doorward_store::{Change, Row, StoreError, Topic, Tx};
use uuid::Uuid;

use crate::{App, AppsError, EVERYONE, ScopeMap, SecretHash, refusals};

const COLUMNS: &str = "id, client_id, disabled, document, created_at, changed_at";

/// Every application, with secrets and scope maps.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<App>, StoreError> {
    let mut apps = tx.all(&format!("SELECT {COLUMNS} FROM apps ORDER BY id"), &[], app)?;
    let place: HashMap<Uuid, usize> = apps.iter().enumerate().map(|(index, app)| (app.id, index)).collect();
    let at = |id: Uuid| place.get(&id).copied();
    let secrets = tx.all(
        "SELECT app_id, id, hash, created_at, valid_until FROM app_secrets ORDER BY id DESC",
        &[],
        |row| Ok((row.get::<Uuid>(0)?, secret(row, 1)?)),
    )?;
    for (id, secret) in secrets {
        if let Some(app) = at(id).and_then(|index| apps.get_mut(index)) {
            app.secrets.push(secret);
        }
    }
    let maps = tx.all(
        "SELECT m.app_id, m.group_id, g.name, m.scopes FROM app_scope_maps m
         LEFT JOIN user_groups g ON g.id = m.group_id ORDER BY m.id",
        &[],
        |row| Ok((row.get::<Uuid>(0)?, scope_map(row, 1)?)),
    )?;
    for (id, map) in maps {
        if let Some(app) = at(id).and_then(|index| apps.get_mut(index)) {
            app.scope_maps.push(map);
        }
    }
    Ok(apps)
}

/// The application with this client id, whole, and nobody else changes it until this unit has ended. Its `changed` is the
/// time of this unit, every cache is told.
pub(crate) fn lock(tx: &mut Tx<'_>, client_id: &str) -> Result<App, AppsError> {
    let now = tx.now();
    let found = tx.one(
        &format!("UPDATE apps SET changed_at = $2 WHERE client_id = $1 RETURNING {COLUMNS}"),
        &[client_id.into(), now.into()],
        app,
    )?;
    let Some(mut app) = found else {
        return Err(unknown(tx, client_id)?.into());
    };
    load_parts(tx, &mut app)?;
    tx.announce(Change::of(Topic::Apps, app.id));
    Ok(app)
}

/// The application with this client id, whole, for reading.
pub(crate) fn find(tx: &mut Tx<'_>, client_id: &str) -> Result<App, AppsError> {
    let sql = format!("SELECT {COLUMNS} FROM apps WHERE client_id = $1");
    let Some(mut app) = tx.one(&sql, &[client_id.into()], app)? else {
        return Err(unknown(tx, client_id)?.into());
    };
    load_parts(tx, &mut app)?;
    Ok(app)
}

/// Reads the secrets and scope maps of one application anew.
pub(crate) fn load_parts(tx: &mut Tx<'_>, app: &mut App) -> Result<(), StoreError> {
    app.secrets = tx.all(
        "SELECT id, hash, created_at, valid_until FROM app_secrets WHERE app_id = $1 ORDER BY id DESC",
        &[app.id.into()],
        |row| secret(row, 0),
    )?;
    app.scope_maps = tx.all(
        "SELECT m.group_id, g.name, m.scopes FROM app_scope_maps m
         LEFT JOIN user_groups g ON g.id = m.group_id WHERE m.app_id = $1 ORDER BY m.id",
        &[app.id.into()],
        |row| scope_map(row, 0),
    )?;
    Ok(())
}

/// Adds the row; `false` when the name is taken.
pub(crate) fn insert(tx: &mut Tx<'_>, app: &App) -> Result<bool, StoreError> {
    let document = document(app)?;
    let key = app.client_id.to_ascii_lowercase();
    let added = tx.execute(
        "INSERT INTO apps (id, client_id, client_key, disabled, document, created_at, changed_at, backchannel)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (client_key) DO NOTHING",
        &[
            app.id.into(),
            (&app.client_id).into(),
            key.as_bytes().into(),
            app.disabled.into(),
            (&document).into(),
            app.created.into(),
            app.changed.into(),
            app.logout.backchannel_uri.is_some().into(),
        ],
    )?;
    tx.announce(Change::of(Topic::Apps, app.id));
    Ok(added == 1)
}

/// Writes the settings of a locked application.
pub(crate) fn update(tx: &mut Tx<'_>, app: &App) -> Result<(), StoreError> {
    let document = document(app)?;
    tx.execute(
        "UPDATE apps SET disabled = $2, document = $3, backchannel = $4 WHERE id = $1",
        &[
            app.id.into(),
            app.disabled.into(),
            (&document).into(),
            app.logout.backchannel_uri.is_some().into(),
        ],
    )?;
    Ok(())
}

/// Removes a locked application with its secrets and scope maps.
pub(crate) fn delete(tx: &mut Tx<'_>, app: &App) -> Result<(), StoreError> {
    tx.execute("DELETE FROM apps WHERE id = $1", &[app.id.into()])?;
    Ok(())
}

/// The refusal for a name that no application has, with the one that was meant.
fn unknown(tx: &mut Tx<'_>, client_id: &str) -> Result<Refusal, StoreError> {
    let names: Vec<String> = tx.all("SELECT client_id FROM apps ORDER BY client_id LIMIT 1000", &[], |row| {
        row.get(0)
    })?;
    Ok(unknown_app(client_id, names.iter().map(String::as_str)))
}

/// As [`unknown`], from names at hand.
pub(crate) fn unknown_app<'a>(client_id: &str, names: impl IntoIterator<Item = &'a str>) -> Refusal {
    let near = closest_name(client_id, names);
    Refusal::response(
        &refusals::APP_UNKNOWN,
        format!("there is no application `{}`", shown(client_id)),
    )
    .with_remedy(near.map_or_else(
        || "doorward app list".to_owned(),
        |near| format!("did you mean {near}?"),
    ))
}

fn document(app: &App) -> Result<String, StoreError> {
    serde_json::to_string(app).map_err(|error| StoreError::Damaged(format!("application {}: {error}", app.client_id)))
}

fn app(row: &Row<'_>) -> Result<App, StoreError> {
    let client_id: String = row.get(1)?;
    let document: String = row.get(3)?;
    let mut app: App = serde_json::from_str(&document)
        .map_err(|error| StoreError::Damaged(format!("application {client_id}: {error}")))?;
    app.id = row.get(0)?;
    app.client_id = client_id;
    app.disabled = row.get(2)?;
    app.created = row.get(4)?;
    app.changed = row.get(5)?;
    Ok(app)
}

fn secret(row: &Row<'_>, first: usize) -> Result<SecretHash, StoreError> {
    let hash: Vec<u8> = row.get(first + 1)?;
    Ok(SecretHash {
        id: row.get(first)?,
        hash: hash
            .try_into()
            .map_err(|_| StoreError::Damaged("the hash of a client secret has not 32 bytes".to_owned()))?,
        created: row.get(first + 2)?,
        until: row.get(first + 3)?,
    })
}

fn scope_map(row: &Row<'_>, first: usize) -> Result<ScopeMap, StoreError> {
    let group: Option<String> = row.get(first + 1)?;
    let scopes: String = row.get(first + 2)?;
    Ok(ScopeMap {
        group_id: row.get(first)?,
        group: group.unwrap_or_else(|| EVERYONE.to_owned()),
        scopes: ScopeSet::parse(&scopes).map_err(|error| StoreError::Damaged(format!("scope map: {error}")))?,
    })
}
