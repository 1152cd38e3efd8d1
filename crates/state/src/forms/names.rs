//! Names of groups, and who holds which role: what files say by name and rows by id.

use std::collections::HashMap;

use doorward_directory::{Actor, Group, GroupName, Policies, Role, RoleHolder, User, within};
use doorward_jose::Random;
use doorward_oidc::{Refusal, closest_name, shown};
use doorward_store::{StoreError, Tx, new_id};
use uuid::Uuid;

use crate::{Path, UnitError, refusals};

/// What forms of several kinds are read with.
pub(crate) struct Names {
    pub(crate) groups: HashMap<Uuid, Group>,
    by_key: HashMap<String, Uuid>,
    roles: HashMap<Uuid, Vec<Role>>,
    pub(crate) policies: Policies,
}

impl Names {
    pub(crate) fn read(tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        let groups: HashMap<Uuid, Group> = within::all_groups(tx)?
            .into_iter()
            .map(|group| (group.id, group))
            .collect();
        let mut roles: HashMap<Uuid, Vec<Role>> = HashMap::new();
        for grant in within::all_roles(tx)? {
            roles.entry(grant.holder.id()).or_default().push(grant.role);
        }
        Ok(Self {
            by_key: groups
                .values()
                .map(|group| (group.name.as_str().to_ascii_lowercase(), group.id))
                .collect(),
            groups,
            roles,
            policies: within::policies(tx)?,
        })
    }

    /// The group of that name.
    pub(crate) fn group(&self, path: &Path, name: &str) -> Result<&Group, Refusal> {
        let found = self.by_key.get(&name.to_ascii_lowercase());
        found.and_then(|id| self.groups.get(id)).ok_or_else(|| {
            let refusal = refusals::invalid(path, format!("there is no group `{}`", shown(name)));
            match closest_name(name, self.groups.values().map(|group| group.name.as_str())) {
                Some(near) => refusal.with_remedy(format!("did you mean {near}? Otherwise add groups/NAME.toml")),
                None => refusal.with_remedy("add groups/NAME.toml, which may be empty"),
            }
        })
    }

    /// The group of that name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<&Group> {
        self.groups.get(self.by_key.get(&name.to_ascii_lowercase())?)
    }

    /// Roles as files say them, sorted.
    pub(crate) fn roles_of(&self, holder: Uuid) -> Vec<String> {
        let roles = self.roles.get(&holder).map_or(&[][..], Vec::as_slice);
        let mut words: Vec<String> = roles.iter().map(|role| self.word(*role)).collect();
        words.sort();
        words
    }

    fn word(&self, role: Role) -> String {
        match role.group().and_then(|id| self.groups.get(&id)) {
            Some(group) => format!("{}:{}", role.as_str(), group.name),
            None => role.as_str().to_owned(),
        }
    }

    fn role(&self, path: &Path, word: &str) -> Result<Role, Refusal> {
        let (name, group) = match word.split_once(':') {
            Some((name, group)) => (name, Some(self.group(path, group)?.id)),
            None => (word, None),
        };
        Role::from_parts(name, group).ok_or_else(|| {
            refusals::invalid(
                path,
                format!(
                    "expected the roles full, apps, people, read-only or group-manager:GROUP, received `{}`",
                    shown(word)
                ),
            )
        })
    }

    /// Grants the roles that are missing.
    pub(crate) fn grant(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        random: &dyn Random,
        (path, holder, wanted): (&Path, RoleHolder, &[String]),
    ) -> Result<(), UnitError> {
        let held = self.roles_of(holder.id());
        for word in wanted {
            if !held.contains(word) {
                let id = new_id(tx.now(), random);
                let role = self.role(path, word)?;
                within::grant(tx, actor, id, role, holder).map_err(|error| UnitError::from(error).about(path))?;
            }
        }
        Ok(())
    }

    /// Withdraws the roles that are not wanted.
    pub(crate) fn withdraw(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        (path, holder, wanted): (&Path, RoleHolder, &[String]),
    ) -> Result<(), UnitError> {
        let mut keep = Vec::new();
        for word in wanted {
            keep.push(self.role(path, word)?);
        }
        for role in self.roles.get(&holder.id()).into_iter().flatten() {
            if !keep.contains(role) {
                within::withdraw(tx, actor, *role, holder).map_err(|error| UnitError::from(error).about(path))?;
            }
        }
        Ok(())
    }

    /// Puts a user into these groups, and takes them out of all others.
    pub(crate) fn membership(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        (path, user, wanted): (&Path, &User, &[String]),
    ) -> Result<(), UnitError> {
        let wrong = |error| UnitError::from(error).about(path);
        let direct = within::direct_groups(tx, user.id)?;
        let is_in = |list: &[String], name: &str| list.iter().any(|other| other.eq_ignore_ascii_case(name));
        for name in wanted {
            GroupName::parse(name).map_err(|refusal| UnitError::from(refusal).about(path))?;
            if !is_in(&direct, name) {
                within::enter(tx, actor, self.group(path, name)?, user).map_err(wrong)?;
            }
        }
        for name in direct.iter().filter(|name| !is_in(wanted, name)) {
            within::take_out(tx, actor, self.group(path, name)?, user).map_err(wrong)?;
        }
        Ok(())
    }
}
