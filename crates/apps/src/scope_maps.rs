//! The rows of scope maps. They hold the group's id, so that a group that is renamed keeps its access and a group that is
//! deleted and made again does not get it back.

use doorward_jose::Random;
use doorward_oidc::{Refusal, ScopeSet, closest_name, shown};
use doorward_store::{StoreError, Tx, new_id};
use uuid::Uuid;

use crate::{App, AppsError, EVERYONE, refusals};

/// The group that a scope map is for: its id, or `None` for everyone.
pub(crate) fn resolve(tx: &mut Tx<'_>, group: &str) -> Result<Option<Uuid>, AppsError> {
    let key = group.to_ascii_lowercase();
    let id = tx.one(
        "SELECT id FROM user_groups WHERE name_key = $1",
        &[key.as_bytes().into()],
        |row| row.get(0),
    )?;
    match id {
        // Whoever types this name may mean either, and one of the two lets everybody in.
        Some(_) if key == EVERYONE => Err(ambiguous().into()),
        Some(id) => Ok(Some(id)),
        None if key == EVERYONE => Ok(None),
        None => Err(unknown_group(tx, group)?.into()),
    }
}

/// Whether the group is still there.
pub(crate) fn exists(tx: &mut Tx<'_>, group: Option<Uuid>) -> Result<bool, StoreError> {
    let Some(id) = group else { return Ok(true) };
    let found = tx.one("SELECT 1 FROM user_groups WHERE id = $1", &[id.into()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Sets the map of a group on a locked application.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    app: &App,
    group: Option<Uuid>,
    scopes: &ScopeSet,
) -> Result<(), StoreError> {
    let now = tx.now();
    let holder: &[u8] = group.as_ref().map_or(&[], |id| id.as_bytes());
    tx.execute(
        "INSERT INTO app_scope_maps (id, app_id, holder, group_id, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (app_id, holder) DO UPDATE SET scopes = excluded.scopes",
        &[
            new_id(now, random).into(),
            app.id.into(),
            holder.into(),
            group.into(),
            (&scopes.to_string()).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Takes the map of a group away; `false` when there was none.
pub(crate) fn take(tx: &mut Tx<'_>, app: &App, group: Option<Uuid>) -> Result<bool, StoreError> {
    let holder: &[u8] = group.as_ref().map_or(&[], |id| id.as_bytes());
    let taken = tx.execute(
        "DELETE FROM app_scope_maps WHERE app_id = $1 AND holder = $2",
        &[app.id.into(), holder.into()],
    )?;
    Ok(taken == 1)
}

/// Refuses an empty set: it would let people in with nothing, which is no login.
pub(crate) fn check_scopes(app: &App, scopes: &ScopeSet) -> Result<(), Refusal> {
    if !scopes.is_empty() {
        return Ok(());
    }
    Err(Refusal::response(
        &refusals::SCOPE_INVALID,
        format!("expected at least one scope for {}, received none", app.client_id),
    )
    .with_remedy(format!(
        "leave the scopes out for those that {} requests: {}",
        app.client_id, app.scopes
    )))
}

fn ambiguous() -> Refusal {
    Refusal::response(
        &refusals::GROUP_UNKNOWN,
        "`everyone` stands for all people, and there is a group of that name too",
    )
    .with_remedy("doorward group edit everyone --rename <another name>")
}

fn unknown_group(tx: &mut Tx<'_>, group: &str) -> Result<Refusal, StoreError> {
    let names: Vec<String> = tx.all(
        "SELECT name FROM user_groups ORDER BY name_key LIMIT 1000",
        &[],
        |row| row.get(0),
    )?;
    let near = closest_name(group, names.iter().map(String::as_str).chain([EVERYONE]));
    Ok(Refusal::response(
        &refusals::GROUP_UNKNOWN,
        format!("there is no group `{}`", shown(group)),
    )
    .with_remedy(near.map_or_else(
        || format!("doorward group add {}", shown(group)),
        |near| format!("did you mean {near}? Otherwise: doorward group add {}", shown(group)),
    )))
}
