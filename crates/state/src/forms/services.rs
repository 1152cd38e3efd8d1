//! Service accounts: `services/NAME.toml`. Their API tokens are secrets that were shown once, and stand in no file.

use doorward_directory::{Actor, ExpiryEdit, NewUser, RoleHolder, User, UserEdit, UserKind, within};
use doorward_store::{Tx, new_id};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Thing, names::Names};
use crate::{Kind, Path, Schema, UnitError, Weaker, carry_out::Unit, here::Entry, refusals::invalid, weaker};

/// What the file of a service account says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServiceForm {
    display_name: String,
    disabled: bool,
    expires: Option<Timestamp>,
    groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    keys: Vec<KeyForm>,
}

/// A public key with which it signs for its tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    label: String,
    jwk: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
}

pub(crate) fn entries(tx: &mut Tx<'_>, names: &Names) -> Result<Vec<(Path, Entry)>, UnitError> {
    let mut list = Vec::new();
    for user in within::services(tx)? {
        let keys = within::service_keys(tx, user.id)?
            .into_iter()
            .map(|key| {
                Ok(KeyForm {
                    label: key.label,
                    jwk: serde_json::to_value(&key.jwk)?,
                    expires: key.expires,
                })
            })
            .collect::<Result<_, serde_json::Error>>()
            .map_err(|error| UnitError::Failed(error.to_string()))?;
        let mut groups = within::direct_groups(tx, user.id)?;
        groups.sort();
        let form = ServiceForm {
            display_name: user.display_name.clone(),
            disabled: user.disabled,
            expires: user.expires,
            groups,
            roles: names.roles_of(user.id),
            keys,
        };
        let name = user.name.as_str();
        list.push((Path::of(Kind::Service, name), form.entry(name)?));
    }
    Ok(list)
}

impl Thing for ServiceForm {
    fn usual(name: &str) -> Self {
        Self {
            display_name: name.to_owned(),
            ..Self::default()
        }
    }

    fn sets(&mut self) -> [&mut Vec<String>; 2] {
        [&mut self.groups, &mut self.roles]
    }

    fn weak(&self, name: &str) -> Vec<Weaker> {
        weaker::of_roles(&self.roles, name).into_iter().collect()
    }
}

pub(crate) fn put(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, names): (&Path, &ServiceForm, &Names),
) -> Result<(), UnitError> {
    let user = match within::user_by_name(tx, &path.name)? {
        None => {
            let new = NewUser {
                name: path.name.clone(),
                kind: UserKind::Service,
                ..NewUser::default()
            };
            within::add(tx, actor, new, new_id(tx.now(), &*unit.random))?
        }
        Some(user) if user.kind == UserKind::Service => user,
        Some(_) => return Err(invalid(path, "there is a person of this name").into()),
    };
    let edit = UserEdit {
        display_name: Some(form.display_name.clone()),
        disabled: Some(form.disabled && user.disabled),
        expires: expiry(user.expires, form.expires),
        ..UserEdit::default()
    };
    let user = within::edit(tx, actor, user.id, &edit)?;
    names.membership(tx, actor, (path, &user, &form.groups))?;
    put_keys(tx, unit, actor, (&user, form))?;
    names.grant(tx, actor, &*unit.random, (path, RoleHolder::User(user.id), &form.roles))?;
    close(tx, actor, &user, form.disabled)
}

/// Closes an account that is to be closed: last of all, because one that is closed is given nothing any more.
pub(crate) fn close(tx: &mut Tx<'_>, actor: &Actor, user: &User, disabled: bool) -> Result<(), UnitError> {
    if disabled && !user.disabled {
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        within::edit(tx, actor, user.id, &edit)?;
    }
    Ok(())
}

/// What becomes of the date at which an account is closed.
pub(crate) fn expiry(is: Option<Timestamp>, wanted: Option<Timestamp>) -> ExpiryEdit {
    match wanted {
        wanted if wanted == is => ExpiryEdit::Keep,
        Some(at) => ExpiryEdit::At(at),
        None => ExpiryEdit::Never,
    }
}

fn put_keys(tx: &mut Tx<'_>, unit: &Unit, actor: &Actor, (user, form): (&User, &ServiceForm)) -> Result<(), UnitError> {
    let held = within::service_keys(tx, user.id)?;
    let is = |wanted: &KeyForm, key: &doorward_directory::ServiceKey| {
        wanted.label == key.label
            && wanted.expires == key.expires
            && serde_json::to_value(&key.jwk).is_ok_and(|jwk| jwk == wanted.jwk)
    };
    for key in held
        .iter()
        .filter(|key| !form.keys.iter().any(|wanted| is(wanted, key)))
    {
        within::remove_service_key(tx, actor, user.id, key.id)?;
    }
    for wanted in form
        .keys
        .iter()
        .filter(|wanted| !held.iter().any(|key| is(wanted, key)))
    {
        let id = new_id(tx.now(), &*unit.random);
        let jwk = wanted.jwk.to_string();
        within::add_service_key(tx, actor, user.id, (id, &wanted.label, &jwk), wanted.expires)?;
    }
    Ok(())
}

pub(crate) fn withdraw(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (path, roles, names): (&Path, &[String], &Names),
) -> Result<(), UnitError> {
    match within::user_by_name(tx, &path.name)? {
        Some(user) => names.withdraw(tx, actor, (path, RoleHolder::User(user.id), roles)),
        None => Ok(()),
    }
}

pub(crate) fn remove(tx: &mut Tx<'_>, unit: &Unit, actor: &Actor, path: &Path) -> Result<(), UnitError> {
    if let Some(user) = within::user_by_name(tx, &path.name)? {
        within::delete_user(tx, actor, &unit.outbox, user.id)?;
    }
    Ok(())
}

/// What a file may say.
pub(crate) fn schema() -> Schema {
    Schema::of::<ServiceForm>()
}
