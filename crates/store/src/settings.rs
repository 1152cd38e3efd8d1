//! Settings of the server that are state: a name and a text.

use crate::{Change, StoreError, Topic, Tx};

/// A setting.
pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, StoreError> {
    tx.one("SELECT value FROM settings WHERE name = $1", &[name.into()], |row| {
        row.get(0)
    })
}

/// Every setting, by name.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, StoreError> {
    tx.all("SELECT name, value FROM settings ORDER BY name", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Sets a setting and announces it.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[name.into(), value.into()],
    )?;
    tx.announce(Change::any(Topic::Settings));
    Ok(())
}

/// Sets a setting that has no value yet, and gives the one that holds: of two nodes that start at once, both get the
/// same.
pub fn set_once(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<String, StoreError> {
    let changed = tx.execute(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        &[name.into(), value.into()],
    )?;
    if changed == 1 {
        tx.announce(Change::any(Topic::Settings));
        return Ok(value.to_owned());
    }
    get(tx, name)?.ok_or_else(|| StoreError::Busy(format!("the setting {name} is being removed")))
}

/// Removes a setting. `false` when it was not set.
pub fn remove(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    let changed = tx.execute("DELETE FROM settings WHERE name = $1", &[name.into()])?;
    if changed == 1 {
        tx.announce(Change::any(Topic::Settings));
    }
    Ok(changed == 1)
}
