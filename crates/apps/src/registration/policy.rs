//! Whether applications may register themselves.

use doorward_audit::{Actor, Event};
use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Topic, Tx, settings};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{Apps, AppsError, EVERYONE, refusals, scope_maps};

/// The setting's name.
const SETTING: &str = "client_registration";
/// Groups at most.
const MOST_GROUPS: usize = 20;
/// Days after which an unused application goes: bounds.
const DAYS: std::ops::RangeInclusive<u32> = 1..=365;
/// Unused applications at the same time: bounds.
const CLIENTS: std::ops::RangeInclusive<u32> = 1..=10_000;

/// Who may register an application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// Nobody.
    #[default]
    Off,
    /// Whoever has an initial access token (RFC 7591 §1.2).
    Token,
    /// Anybody: weaker, for servers that nobody but one's own people reaches.
    Open,
}

/// Whether applications may register themselves, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientRegistration {
    /// Who may.
    pub mode: RegistrationMode,
    /// Whom such an application lets in: groups by id, [`None`] for everyone. Nobody while empty.
    pub groups: Vec<Option<Uuid>>,
    /// After so many days an application that nobody has used goes.
    pub unused_days: u32,
    /// Unused ones at the same time at the most.
    pub most_unused: u32,
}

impl Default for ClientRegistration {
    fn default() -> Self {
        Self {
            mode: RegistrationMode::Off,
            groups: Vec::new(),
            unused_days: 30,
            most_unused: 100,
        }
    }
}

/// What to change; `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientRegistrationEdit {
    /// See [`ClientRegistration`].
    pub mode: Option<RegistrationMode>,
    /// Names of the groups, [`EVERYONE`] among them.
    pub groups: Option<Vec<String>>,
    /// See [`ClientRegistration`].
    pub unused_days: Option<u32>,
    /// See [`ClientRegistration`].
    pub most_unused: Option<u32>,
}

impl Apps {
    /// The policy, with the groups as they are called now.
    pub async fn client_registration(&self) -> Result<(ClientRegistration, Vec<String>), AppsError> {
        self.store().scan(|tx| Ok(named(tx)?)).await
    }

    /// Changes it, if whoever does so `may` still: asked in the unit of work.
    pub async fn edit_client_registration(
        &self,
        by: &Actor,
        edit: ClientRegistrationEdit,
        now: Timestamp,
        may: impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static,
    ) -> Result<(ClientRegistration, Vec<String>), AppsError> {
        let by = by.clone();
        self.store()
            .write(now, move |tx| {
                may(tx)?;
                change(tx, by, edit)
            })
            .await
    }
}

/// Changes the policy; whether whoever does so may was asked before.
pub(crate) fn change(
    tx: &mut Tx<'_>,
    by: Actor,
    edit: ClientRegistrationEdit,
) -> Result<(ClientRegistration, Vec<String>), AppsError> {
    let before = load(tx)?;
    let after = changed(tx, &before, edit)?;
    let text = serde_json::to_string(&after).map_err(|error| StoreError::Damaged(error.to_string()))?;
    settings::set(tx, SETTING, &text)?;
    // Discovery says whether one may register, and is made of the snapshot of applications.
    tx.announce(Change::any(Topic::Apps));
    let event = Event::new("client_registration.edit", by).with_data(json!({ "from": before, "to": after }));
    doorward_audit::events::record(tx, &event)?;
    let names = names(tx, &after)?;
    Ok((after, names))
}

/// The policy, with the groups as they are called now.
pub(crate) fn named(tx: &mut Tx<'_>) -> Result<(ClientRegistration, Vec<String>), StoreError> {
    let policy = load(tx)?;
    let names = names(tx, &policy)?;
    Ok((policy, names))
}

/// The policy; off until somebody changes it.
pub(crate) fn load(tx: &mut Tx<'_>) -> Result<ClientRegistration, StoreError> {
    let Some(text) = settings::get(tx, SETTING)? else {
        return Ok(ClientRegistration::default());
    };
    serde_json::from_str(&text).map_err(|error| StoreError::Damaged(format!("the setting {SETTING}: {error}")))
}

/// Makes this unit wait for others that register by the same policy, and them for it.
pub(super) fn take_turn(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("UPDATE settings SET value = value WHERE name = $1", &[SETTING.into()])?;
    Ok(())
}

fn changed(
    tx: &mut Tx<'_>,
    before: &ClientRegistration,
    edit: ClientRegistrationEdit,
) -> Result<ClientRegistration, AppsError> {
    let mut after = before.clone();
    after.mode = edit.mode.unwrap_or(after.mode);
    if let Some(names) = edit.groups {
        if names.len() > MOST_GROUPS {
            return Err(invalid(format!(
                "expected at most {MOST_GROUPS} groups, received {}",
                names.len()
            ))
            .into());
        }
        after.groups = Vec::new();
        for name in names {
            let group = scope_maps::resolve(tx, &name)?;
            if !after.groups.contains(&group) {
                after.groups.push(group);
            }
        }
    }
    if let Some(days) = edit.unused_days {
        within("unused days", days, &DAYS)?;
        after.unused_days = days;
    }
    if let Some(most) = edit.most_unused {
        within("unused applications", most, &CLIENTS)?;
        after.most_unused = most;
    }
    Ok(after)
}

fn within(what: &str, value: u32, bounds: &std::ops::RangeInclusive<u32>) -> Result<(), Refusal> {
    if bounds.contains(&value) {
        return Ok(());
    }
    Err(invalid(format!(
        "{what}: expected {} to {}, received {value}",
        bounds.start(),
        bounds.end()
    )))
}

fn invalid(detail: String) -> Refusal {
    Refusal::response(&refusals::CLIENT_REGISTRATION_INVALID, detail)
}

/// The groups by name; one that is gone is left out.
fn names(tx: &mut Tx<'_>, policy: &ClientRegistration) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for group in &policy.groups {
        match group {
            None => names.push(EVERYONE.to_owned()),
            Some(id) => names.extend(
                tx.one("SELECT name FROM user_groups WHERE id = $1", &[id.into()], |row| {
                    row.get::<String>(0)
                })?,
            ),
        }
    }
    Ok(names)
}
