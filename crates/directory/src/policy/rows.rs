//! Rows of policies.

use std::collections::HashMap;

use doorward_store::{StoreError, Tx, settings};
use uuid::Uuid;

use super::{LoginPolicy, Policies, PolicyTarget, SETTING};

pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Policies, StoreError> {
    Ok(Policies {
        default: match settings::get(tx, SETTING)? {
            Some(text) => parsed(&text)?,
            None => LoginPolicy::default(),
        },
        groups: all(tx, "SELECT group_id, policy FROM group_policies")?,
        apps: all(tx, "SELECT app_id, policy FROM app_policies")?,
    })
}

fn all(tx: &mut Tx<'_>, sql: &'static str) -> Result<HashMap<Uuid, LoginPolicy>, StoreError> {
    let rows: Vec<(Uuid, String)> = tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.into_iter().map(|(id, text)| Ok((id, parsed(&text)?))).collect()
}

fn parsed(text: &str) -> Result<LoginPolicy, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(format!("a login policy: {error}")))
}

/// Writes a policy; one that asks nothing is no row.
pub(super) fn store(tx: &mut Tx<'_>, target: PolicyTarget, policy: &LoginPolicy) -> Result<(), StoreError> {
    let text = serde_json::to_string(policy).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let (id, delete, write) = match target {
        PolicyTarget::Default if policy.is_empty() => {
            settings::remove(tx, SETTING)?;
            return Ok(());
        }
        PolicyTarget::Default => return settings::set(tx, SETTING, &text),
        PolicyTarget::Group(id) => (
            id,
            "DELETE FROM group_policies WHERE group_id = $1",
            "INSERT INTO group_policies (group_id, policy) VALUES ($1, $2) \
             ON CONFLICT (group_id) DO UPDATE SET policy = $2",
        ),
        PolicyTarget::App(id) => (
            id,
            "DELETE FROM app_policies WHERE app_id = $1",
            "INSERT INTO app_policies (app_id, policy) VALUES ($1, $2) \
             ON CONFLICT (app_id) DO UPDATE SET policy = $2",
        ),
    };
    if policy.is_empty() {
        tx.execute(delete, &[id.into()])?;
    } else {
        tx.execute(write, &[id.into(), (&text).into()])?;
    }
    tx.announce(doorward_store::Change::any(doorward_store::Topic::Settings));
    Ok(())
}

/// The name of what a policy stands at, for its event; `None` when that is gone.
pub(super) fn name(tx: &mut Tx<'_>, target: PolicyTarget) -> Result<Option<String>, StoreError> {
    let (sql, id) = match target {
        PolicyTarget::Default => return Ok(Some("default".to_owned())),
        PolicyTarget::Group(id) => ("SELECT name FROM user_groups WHERE id = $1", id),
        PolicyTarget::App(id) => ("SELECT client_id FROM apps WHERE id = $1", id),
    };
    tx.one(sql, &[id.into()], |row| row.get(0))
}
