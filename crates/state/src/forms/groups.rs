//! Groups: `groups/NAME.toml`.

use std::collections::HashMap;

use doorward_directory::{Actor, GroupEdit, LoginPolicy, NewGroup, PolicyTarget, RoleHolder, within};
use doorward_store::{Tx, new_id};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Thing, names::Names};
use crate::{Kind, Path, Schema, UnitError, Weaker, carry_out::Unit, here::Entry, weaker};

/// What the file of a group says. Who is in it stands with people and service accounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GroupForm {
    description: String,
    /// Groups whose members are members of this one.
    groups: Vec<String>,
    /// Roles that its members hold.
    pub(crate) roles: Vec<String>,
    policy: LoginPolicy,
}

pub(crate) fn entries(tx: &mut Tx<'_>, names: &Names) -> Result<Vec<(Path, Entry)>, UnitError> {
    let mut below: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (parent, child) in within::nesting(tx)? {
        if let Some(group) = names.groups.get(&child) {
            below.entry(parent).or_default().push(group.name.to_string());
        }
    }
    names
        .groups
        .values()
        .map(|group| {
            let mut groups = below.remove(&group.id).unwrap_or_default();
            groups.sort();
            let form = GroupForm {
                description: group.description.clone(),
                groups,
                roles: names.roles_of(group.id),
                policy: names.policies.of(PolicyTarget::Group(group.id)),
            };
            let name = group.name.as_str();
            Ok((Path::of(Kind::Group, name), form.entry(name)?))
        })
        .collect()
}

impl Thing for GroupForm {
    fn usual(_: &str) -> Self {
        Self::default()
    }

    fn sets(&mut self) -> [&mut Vec<String>; 2] {
        [&mut self.groups, &mut self.roles]
    }

    fn weak(&self, _: &str) -> Vec<Weaker> {
        weaker::of_roles(&self.roles, "its members").into_iter().collect()
    }

    fn policy(&self) -> LoginPolicy {
        self.policy.clone()
    }
}

/// The group itself, so that others can name it.
pub(crate) fn make(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, names): (&Path, &GroupForm, &Names),
) -> Result<(), UnitError> {
    let description = form.description.clone();
    match names.find(&path.name) {
        None => {
            let new = NewGroup {
                name: path.name.clone(),
                description,
            };
            within::add_group(tx, actor, &new, new_id(tx.now(), &*unit.random))?;
        }
        Some(group) if group.description != description.trim() => {
            let edit = GroupEdit {
                name: None,
                description: Some(description),
            };
            within::edit_group(tx, actor, group.id, &edit)?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Takes groups out of it that it does not name any more. Before any is put in: the order of files makes no cycle.
pub(crate) fn unnest(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (path, form, names): (&Path, &GroupForm, &Names),
) -> Result<(), UnitError> {
    let group = names.group(path, &path.name)?;
    for (parent, child) in within::nesting(tx)? {
        let Some(child) = names.groups.get(&child).filter(|_| parent == group.id) else {
            continue;
        };
        if !form
            .groups
            .iter()
            .any(|name| name.eq_ignore_ascii_case(child.name.as_str()))
        {
            within::unnest(tx, actor, group, child)?;
        }
    }
    Ok(())
}

/// Everything else of it but roles that go.
pub(crate) fn fill(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, names): (&Path, &GroupForm, &Names),
) -> Result<(), UnitError> {
    let group = names.group(path, &path.name)?;
    for child in &form.groups {
        within::nest(tx, actor, group, names.group(path, child)?)?;
    }
    names.grant(
        tx,
        actor,
        &*unit.random,
        (path, RoleHolder::Group(group.id), &form.roles),
    )?;
    within::set_policy(tx, actor, PolicyTarget::Group(group.id), &form.policy)?;
    Ok(())
}

pub(crate) fn remove(tx: &mut Tx<'_>, actor: &Actor, path: &Path, names: &Names) -> Result<(), UnitError> {
    Ok(within::remove_group(tx, actor, names.group(path, &path.name)?.id)?)
}

/// What a file may say.
pub(crate) fn schema() -> Schema {
    Schema::of::<GroupForm>()
}
