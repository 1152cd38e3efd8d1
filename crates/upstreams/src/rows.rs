//! The rows of upstreams. Every operation that changes one begins with [`lock`], so that two of them cannot overwrite each
//! other.

use std::collections::HashMap;

use doorward_directory::Facts;
use doorward_oidc::{Refusal, closest_name, shown};
use doorward_store::{Change, Row, StoreError, Topic, Tx};
use uuid::Uuid;

use crate::{RoutedGroup, SealedSecret, Upstream, UpstreamsError, refusals};

const COLUMNS: &str = "id, name, enabled, document, secret, version, created_at, changed_at";

/// Every upstream, with its groups.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Upstream>, StoreError> {
    let mut upstreams = tx.all(&format!("SELECT {COLUMNS} FROM upstreams ORDER BY id"), &[], upstream)?;
    let place: HashMap<Uuid, usize> = upstreams.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
    let groups = tx.all(
        "SELECT r.upstream_id, r.group_id, g.name FROM upstream_groups r JOIN user_groups g ON g.id = r.group_id \
         ORDER BY g.name_key",
        &[],
        |row| Ok((row.get::<Uuid>(0)?, routed(row, 1)?)),
    )?;
    for (id, group) in groups {
        if let Some(upstream) = place.get(&id).and_then(|at| upstreams.get_mut(*at)) {
            upstream.groups.push(group);
        }
    }
    Ok(upstreams)
}

/// The upstreams through which this person always logs in, because of groups that they are in, nesting included.
pub(crate) fn routes_of(tx: &mut Tx<'_>, facts: &Facts) -> Result<Vec<Upstream>, StoreError> {
    // Most servers route no group at all, and then this is one look at an empty table.
    let is_any = tx.one("SELECT 1 FROM upstream_groups LIMIT 1", &[], |row| row.get::<i64>(0))?;
    if is_any.is_none() {
        return Ok(Vec::new());
    }
    let is_route = |upstream: &Upstream| {
        upstream.enabled && upstream.groups.iter().any(|group| facts.group_ids.contains(&group.id))
    };
    Ok(all(tx)?.into_iter().filter(is_route).collect())
}

/// The upstream of this name, whole, and nobody else changes it until this unit has ended. Every cache is told.
pub(crate) fn lock(tx: &mut Tx<'_>, name: &str) -> Result<Upstream, UpstreamsError> {
    let now = tx.now();
    let found = tx.one(
        &format!("UPDATE upstreams SET changed_at = $2, version = version + 1 WHERE name = $1 RETURNING {COLUMNS}"),
        &[name.into(), now.into()],
        upstream,
    )?;
    let Some(mut upstream) = found else {
        return Err(unknown(tx, name)?.into());
    };
    upstream.groups = groups(tx, upstream.id)?;
    tx.announce(Change::of(Topic::Upstreams, upstream.id));
    Ok(upstream)
}

/// The upstream of this name, whole, for reading.
pub(crate) fn find(tx: &mut Tx<'_>, name: &str) -> Result<Upstream, UpstreamsError> {
    let sql = format!("SELECT {COLUMNS} FROM upstreams WHERE name = $1");
    let Some(mut upstream) = tx.one(&sql, &[name.into()], upstream)? else {
        return Err(unknown(tx, name)?.into());
    };
    upstream.groups = groups(tx, upstream.id)?;
    Ok(upstream)
}

/// The upstream of this id, without its groups.
pub(crate) fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Upstream>, StoreError> {
    tx.one(
        &format!("SELECT {COLUMNS} FROM upstreams WHERE id = $1"),
        &[id.into()],
        upstream,
    )
}

/// Makes first logins through this upstream take turns: two of one person at the same time must find each other.
pub(crate) fn take_turn(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    tx.execute("UPDATE upstreams SET version = version WHERE id = $1", &[id.into()])?;
    Ok(())
}

/// Adds the row; `false` when the name is taken.
pub(crate) fn insert(tx: &mut Tx<'_>, upstream: &Upstream) -> Result<bool, StoreError> {
    let document = document(upstream)?;
    let added = tx.execute(
        "INSERT INTO upstreams (id, name, name_key, enabled, document, secret, version, created_at, changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name_key) DO NOTHING",
        &[
            upstream.id.into(),
            (&upstream.name).into(),
            upstream.name.as_bytes().into(),
            upstream.enabled.into(),
            (&document).into(),
            upstream.secret.as_ref().map(|sealed| sealed.0.as_slice()).into(),
            upstream.version.into(),
            upstream.created.into(),
            upstream.changed.into(),
        ],
    )?;
    tx.announce(Change::of(Topic::Upstreams, upstream.id));
    Ok(added == 1)
}

/// Writes the settings and the secret of a locked upstream.
pub(crate) fn update(tx: &mut Tx<'_>, upstream: &Upstream) -> Result<(), StoreError> {
    let document = document(upstream)?;
    tx.execute(
        "UPDATE upstreams SET enabled = $2, document = $3, secret = $4 WHERE id = $1",
        &[
            upstream.id.into(),
            upstream.enabled.into(),
            (&document).into(),
            upstream.secret.as_ref().map(|sealed| sealed.0.as_slice()).into(),
        ],
    )?;
    Ok(())
}

/// Removes a locked upstream with its identities.
pub(crate) fn delete(tx: &mut Tx<'_>, upstream: &Upstream) -> Result<(), StoreError> {
    tx.execute("DELETE FROM upstreams WHERE id = $1", &[upstream.id.into()])?;
    Ok(())
}

/// The ids of the groups of these names, or a refusal for the first that is not there: asked before an upstream is written.
pub(crate) fn resolve_groups(tx: &mut Tx<'_>, names: &[String]) -> Result<Vec<Uuid>, UpstreamsError> {
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let key = name.to_ascii_lowercase();
        let found = tx.one(
            "SELECT id FROM user_groups WHERE name_key = $1",
            &[key.as_bytes().into()],
            |row| row.get::<Uuid>(0),
        )?;
        match found {
            Some(id) => ids.push(id),
            None => return Err(unknown_group(tx, name)?.into()),
        }
    }
    Ok(ids)
}

/// The groups that log in through a locked upstream, anew.
pub(crate) fn put_groups(tx: &mut Tx<'_>, upstream: Uuid, ids: &[Uuid]) -> Result<Vec<RoutedGroup>, StoreError> {
    tx.execute("DELETE FROM upstream_groups WHERE upstream_id = $1", &[upstream.into()])?;
    for group in ids {
        tx.execute(
            "INSERT INTO upstream_groups (upstream_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[upstream.into(), (*group).into()],
        )?;
    }
    groups(tx, upstream)
}

fn groups(tx: &mut Tx<'_>, upstream: Uuid) -> Result<Vec<RoutedGroup>, StoreError> {
    tx.all(
        "SELECT r.group_id, g.name FROM upstream_groups r JOIN user_groups g ON g.id = r.group_id \
         WHERE r.upstream_id = $1 ORDER BY g.name_key",
        &[upstream.into()],
        |row| routed(row, 0),
    )
}

fn unknown_group(tx: &mut Tx<'_>, name: &str) -> Result<Refusal, StoreError> {
    let names: Vec<String> = tx.all(
        "SELECT name FROM user_groups ORDER BY name_key LIMIT 1000",
        &[],
        |row| row.get(0),
    )?;
    let refusal = Refusal::response(
        &refusals::UPSTREAM_SETTING_INVALID,
        format!("expected groups of this server, received `{}`", shown(name)),
    );
    Ok(
        refusal.with_remedy(match closest_name(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add it first: doorward group add {}", shown(name)),
        }),
    )
}

/// The refusal for a name that no upstream has, with the one that was meant.
fn unknown(tx: &mut Tx<'_>, name: &str) -> Result<Refusal, StoreError> {
    let names: Vec<String> = tx.all("SELECT name FROM upstreams ORDER BY name_key LIMIT 1000", &[], |row| {
        row.get(0)
    })?;
    Ok(unknown_upstream(name, names.iter().map(String::as_str)))
}

/// As [`unknown`], from names at hand.
pub(crate) fn unknown_upstream<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Refusal {
    let near = closest_name(name, names);
    Refusal::response(
        &refusals::UPSTREAM_UNKNOWN,
        format!("there is no upstream `{}`", shown(name)),
    )
    .with_remedy(near.map_or_else(
        || "doorward upstream list".to_owned(),
        |near| format!("did you mean {near}?"),
    ))
}

fn document(upstream: &Upstream) -> Result<String, StoreError> {
    serde_json::to_string(upstream).map_err(|error| StoreError::Damaged(format!("upstream {}: {error}", upstream.name)))
}

fn upstream(row: &Row<'_>) -> Result<Upstream, StoreError> {
    let name: String = row.get(1)?;
    let document: String = row.get(3)?;
    let mut upstream: Upstream =
        serde_json::from_str(&document).map_err(|error| StoreError::Damaged(format!("upstream {name}: {error}")))?;
    upstream.id = row.get(0)?;
    upstream.name = name;
    upstream.enabled = row.get(2)?;
    upstream.secret = row.get::<Option<Vec<u8>>>(4)?.map(SealedSecret);
    upstream.version = row.get(5)?;
    upstream.created = row.get(6)?;
    upstream.changed = row.get(7)?;
    Ok(upstream)
}

fn routed(row: &Row<'_>, first: usize) -> Result<RoutedGroup, StoreError> {
    Ok(RoutedGroup {
        id: row.get(first)?,
        name: row.get(first + 1)?,
    })
}
