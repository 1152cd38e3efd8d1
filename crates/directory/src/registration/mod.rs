//! People who come by themselves: whether they may, with which addresses, into which groups, and who decides.
//!
//! Somebody asks with an address ([`ask`]); a letter goes to it ([`answer`]); whoever reads it names themselves ([`complete`]) and
//! has an account, or waits until an administrator says so ([`approve`]).

mod address;
mod answer;
mod approve;
mod ask;
mod complete;
mod reserved;
mod rows;

use std::sync::Arc;

use doorward_audit::{Event, events};
use doorward_mail::Outbox;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx, settings};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use complete::{Newcomer, OpenRegistration, Registered};
pub use rows::{Registration, count_waiting};

use crate::{
    Actor, Directory, DirectoryError, Group, GroupName, Right, User,
    directory::Result,
    error::{INVALID_REGISTRATION, shortened},
    groups,
    membership::{self, Member},
    roles,
};

/// The setting's name.
const SETTING: &str = "registration";
const MOST_DOMAINS: usize = 100;
const MOST_GROUPS: usize = 20;
const LONGEST_DOMAIN: usize = 253;

/// Whether and how people register themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistrationPolicy {
    /// Whether anybody may. Off unless somebody turns it on.
    pub open: bool,
    /// Domains of the addresses that may, in lower case; [`RegistrationPolicy::ANY_DOMAIN`] for all.
    pub domains: Vec<String>,
    /// Whether an administrator decides about each. On unless turned off.
    pub approval: bool,
    /// Groups that newcomers are put into, by id.
    pub groups: Vec<Uuid>,
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        Self {
            open: false,
            domains: Vec::new(),
            approval: true,
            groups: Vec::new(),
        }
    }
}

impl RegistrationPolicy {
    /// Stands for every domain: to be written, not left out.
    pub const ANY_DOMAIN: &'static str = "*";

    /// Whether somebody with this address may register.
    pub fn admits(&self, address: &str) -> bool {
        let Some((_, domain)) = address.rsplit_once('@') else {
            return false;
        };
        let domain = domain.to_lowercase();
        self.open
            && self
                .domains
                .iter()
                .any(|admitted| admitted == Self::ANY_DOMAIN || *admitted == domain)
    }
}

/// What to change; `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistrationEdit {
    /// See [`RegistrationPolicy`].
    pub open: Option<bool>,
    /// See [`RegistrationPolicy`].
    pub domains: Option<Vec<String>>,
    /// See [`RegistrationPolicy`].
    pub approval: Option<bool>,
    /// Names of the groups.
    pub groups: Option<Vec<String>>,
}

impl Directory {
    /// Whether and how people register themselves, with the groups as they are called now.
    pub async fn registration_policy(&self) -> Result<(RegistrationPolicy, Vec<Group>)> {
        self.scan(named).await
    }

    /// The policy by which people register now, from a cache that every change clears; `None` when nobody does.
    pub async fn open_registration(&self) -> Result<Option<Arc<RegistrationPolicy>>> {
        if !self.outbox().is_on() {
            return Ok(None);
        }
        let policy = self.registration_cache().get(self.read(load)).await?;
        Ok(Some(policy).filter(|policy| policy.open))
    }

    /// Changes it. Right: full, for it says who gets an account.
    pub async fn edit_registration(
        &self,
        actor: &Actor,
        edit: RegistrationEdit,
        now: Timestamp,
    ) -> Result<(RegistrationPolicy, Vec<Group>)> {
        let outbox = self.outbox().clone();
        self.restructure(actor, now, move |tx, actor| change(tx, actor, &outbox, &edit))
            .await
    }
}

/// The policy with the names of its groups.
pub(crate) fn named(tx: &mut Tx<'_>) -> Result<(RegistrationPolicy, Vec<Group>)> {
    let policy = load(tx)?;
    let groups = existing(tx, &policy.groups)?;
    Ok((policy, groups))
}

/// Changes it in a unit that has taken its turn; see [`Directory::edit_registration`].
pub(crate) fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    outbox: &Outbox,
    edit: &RegistrationEdit,
) -> Result<(RegistrationPolicy, Vec<Group>)> {
    actor.require(Right::Full)?;
    let before = load(tx)?;
    let after = applied(tx, &before, edit)?;
    if after.open {
        outbox.require()?;
    }
    let groups = existing(tx, &after.groups)?;
    if after != before {
        store(tx, &after)?;
        let event = Event::new("registration.edit", actor.into())
            .about("registration", None, "policy")
            .with_data(serde_json::json!({ "from": before, "to": after }));
        events::record(tx, &event)?;
    }
    Ok((after, groups))
}

fn load(tx: &mut Tx<'_>) -> Result<RegistrationPolicy, StoreError> {
    match settings::get(tx, SETTING)? {
        None => Ok(RegistrationPolicy::default()),
        Some(text) => {
            serde_json::from_str(&text).map_err(|error| StoreError::Damaged(format!("the setting {SETTING}: {error}")))
        }
    }
}

fn store(tx: &mut Tx<'_>, policy: &RegistrationPolicy) -> Result<(), StoreError> {
    let text = serde_json::to_string(policy).map_err(|error| StoreError::Damaged(error.to_string()))?;
    settings::set(tx, SETTING, &text)
}

fn applied(tx: &mut Tx<'_>, before: &RegistrationPolicy, edit: &RegistrationEdit) -> Result<RegistrationPolicy> {
    let mut after = before.clone();
    after.open = edit.open.unwrap_or(before.open);
    after.approval = edit.approval.unwrap_or(before.approval);
    if let Some(domains) = &edit.domains {
        after.domains = domains.iter().map(|text| domain(text)).collect::<Result<_, _>>()?;
        after.domains.sort();
        after.domains.dedup();
    }
    if let Some(names) = &edit.groups {
        after.groups = Vec::new();
        for name in names {
            let group = groups::named(tx, &GroupName::parse(name)?)?;
            if roles::are_gained_in(tx, group.id)? {
                return Err(refused(format!(
                    "members of the group {} gain an administrator role",
                    group.name
                ))
                .into());
            }
            if !after.groups.contains(&group.id) {
                after.groups.push(group.id);
            }
        }
    }
    if after.domains.len() > MOST_DOMAINS || after.groups.len() > MOST_GROUPS {
        return Err(refused(format!(
            "{} domains and {} groups; at most {MOST_DOMAINS} and {MOST_GROUPS} are allowed",
            after.domains.len(),
            after.groups.len()
        ))
        .into());
    }
    if after.open && after.domains.is_empty() {
        return Err(refused("nobody could register: no mail domain is allowed".to_owned())
            .with_remedy(
                "Name them: `doorward registration set --open true --domains example.com`; `--domains '*'` lets everybody in.",
            )
            .into());
    }
    Ok(after)
}

/// A domain as it is compared.
fn domain(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_start_matches('@').to_lowercase();
    let is_name = text.len() <= LONGEST_DOMAIN
        && text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
    if is_name || text == RegistrationPolicy::ANY_DOMAIN {
        return Ok(text);
    }
    Err(refused(format!("{:?} is no mail domain", shortened(&text)))
        .with_remedy(
            "Write what is behind the @ of the addresses: example.com; one with letters beyond a-z in its form `xn--…`. Each \
             subdomain is named by itself.",
        ))
}

fn refused(detail: String) -> Refusal {
    Refusal::response(&INVALID_REGISTRATION, detail)
}

/// Those of the groups that are still there.
fn existing(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Group>, DirectoryError> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(groups::by_id(tx, *id)?);
    }
    Ok(found)
}

/// Puts a newcomer into the policy's groups. One that has gained a role since it was named is left out: nobody becomes an
/// administrator by registering.
fn enter_groups(tx: &mut Tx<'_>, actor: &Actor, person: &User, policy: &RegistrationPolicy) -> Result<()> {
    for group in existing(tx, &policy.groups)? {
        if !roles::are_gained_in(tx, group.id)? {
            membership::add(tx, actor, &group, Member::User(person))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(domains: &[&str]) -> RegistrationPolicy {
        RegistrationPolicy {
            open: true,
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            ..RegistrationPolicy::default()
        }
    }

    #[test]
    fn an_address_is_admitted_by_its_whole_domain_and_nobody_while_it_is_closed() {
        let policy = open(&["example.com"]);
        assert!(policy.admits("anna@example.com") && policy.admits("anna@Example.COM"));
        for other in [
            "anna@mail.example.com",
            "anna@notexample.com",
            "anna@example.com.evil.example",
            "example.com",
            "anna@",
        ] {
            assert!(!policy.admits(other), "{other}");
        }
        assert!(open(&["*"]).admits("anna@anywhere.example"));
        assert!(!open(&[]).admits("anna@example.com"));
        assert!(!RegistrationPolicy { open: false, ..policy }.admits("anna@example.com"));
    }

    #[test]
    fn a_domain_is_a_name_or_a_star() {
        assert_eq!(domain(" @Example.COM ").unwrap(), "example.com");
        assert_eq!(domain("*").unwrap(), "*");
        for bad in [
            "",
            "*.example.com",
            "a@b",
            "a..b",
            "-a.example",
            "müller.example",
            "a b",
            "https://example.com",
        ] {
            assert_eq!(domain(bad).unwrap_err().kind.code, "invalid_registration", "{bad:?}");
        }
    }
}
