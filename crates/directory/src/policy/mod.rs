//! What is asked of logins: of everybody, of the members of a group, into an application. The strictest counts.

mod edit;
mod level;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use edit::PolicyEdit;
pub(crate) use edit::change;
pub use level::Level;
pub(crate) use rows::load;

use crate::{Directory, Facts, MIN_PASSWORD_CHARS, directory::Result};

/// The setting that holds what is asked of everybody.
pub(crate) const SETTING: &str = "login_policy";

/// What one place asks of a login. What is not set asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginPolicy {
    /// How strong it must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<Level>,
    /// Until then `factors` may be put off by people who have no such factor yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postpone_until: Option<Timestamp>,
    /// How many seconds ago the person may have proved who they are at the most, when an application asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_seconds: Option<u32>,
    /// For how many days a browser may be remembered in which a second factor was proved; without any, not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_days: Option<u32>,
    /// Fewest characters of a new password. Not for applications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_min: Option<u32>,
    /// How hard a new password must be to guess, 0 to 4 as zxcvbn counts. Not for applications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_strength: Option<u8>,
}

impl LoginPolicy {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyTarget {
    /// The server: everybody.
    Default,
    /// Members of a group, nested ones included.
    Group(Uuid),
    /// Logins into an application.
    App(Uuid),
}

/// Every policy there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// Of the server.
    pub default: LoginPolicy,
    /// By group.
    pub groups: HashMap<Uuid, LoginPolicy>,
    /// By application.
    pub apps: HashMap<Uuid, LoginPolicy>,
}

/// What is asked of one login, after all policies that apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// How strong it must be now.
    pub now: Level,
    /// How strong it should be and must be later, with the first day on which something more is demanded; equal to `now`
    /// when nothing is put off.
    pub soon: Level,
    /// When the earliest postponement ends.
    pub postponed_until: Option<Timestamp>,
    /// How many seconds ago the person may have authenticated.
    pub fresh_seconds: Option<u32>,
    /// For how many days a browser may be remembered; 0 for not at all.
    pub remember_days: u32,
}

/// What is asked of a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters.
    pub min: usize,
    /// Smallest score of zxcvbn.
    pub strength: u8,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min: MIN_PASSWORD_CHARS,
            strength: 0,
        }
    }
}

impl Policies {
    /// What one place asks.
    pub fn of(&self, target: PolicyTarget) -> LoginPolicy {
        match target {
            PolicyTarget::Default => Some(&self.default),
            PolicyTarget::Group(group) => self.groups.get(&group),
            PolicyTarget::App(app) => self.apps.get(&app),
        }
        .cloned()
        .unwrap_or_default()
    }

    fn applying<'a>(&'a self, groups: &'a [Uuid], app: Option<Uuid>) -> impl Iterator<Item = &'a LoginPolicy> {
        let of_groups = groups.iter().filter_map(|group| self.groups.get(group));
        let of_app = app.and_then(|app| self.apps.get(&app));
        std::iter::once(&self.default).chain(of_groups).chain(of_app)
    }

    /// What is asked of a login of a member of these groups, into this application. A postponement counts for the policy that
    /// grants it, not for others that ask the same.
    pub fn demand(&self, groups: &[Uuid], app: Option<Uuid>, now: Timestamp) -> Demand {
        let mut demand = Demand::default();
        let mut remember: Option<u32> = None;
        for policy in self.applying(groups, app) {
            let level = policy.factors.unwrap_or_default();
            demand.soon = demand.soon.max(level);
            match policy.postpone_until.filter(|until| now < *until && level > Level::Any) {
                None => demand.now = demand.now.max(level),
                Some(until) => {
                    let earliest = demand.postponed_until.map_or(until, |other| other.min(until));
                    demand.postponed_until = Some(earliest);
                }
            }
            demand.fresh_seconds = least(demand.fresh_seconds, policy.fresh_seconds);
            remember = least(remember, policy.remember_days);
        }
        demand.remember_days = remember.unwrap_or_default();
        if demand.now == demand.soon {
            demand.postponed_until = None;
        }
        demand
    }

    /// What is asked of a new password of a member of these groups.
    pub fn password_rules(&self, groups: &[Uuid]) -> PasswordRules {
        let mut rules = PasswordRules::default();
        for policy in self.applying(groups, None) {
            let min = policy.password_min.and_then(|min| usize::try_from(min).ok());
            rules.min = rules.min.max(min.unwrap_or_default());
            rules.strength = rules.strength.max(policy.password_strength.unwrap_or_default());
        }
        rules
    }
}

fn least(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Directory {
    /// Every policy, from a cache that every change clears.
    pub async fn policies(&self) -> Result<Arc<Policies>> {
        self.policy_cache().get(self.read(rows::load)).await
    }

    /// What is asked of a new password of this person. Somebody who is not there yet is in no group.
    pub async fn password_rules(&self, user: Uuid) -> Result<PasswordRules> {
        let groups = self.facts(user).await?.map(|facts| facts.group_ids.clone());
        Ok(self.policies().await?.password_rules(&groups.unwrap_or_default()))
    }

    /// What is asked of a login of this person, into this application.
    pub async fn demand(&self, facts: &Facts, app: Option<Uuid>, now: Timestamp) -> Result<Demand> {
        Ok(self.policies().await?.demand(&facts.group_ids, app, now))
    }
}

/// The same within a unit of work.
pub fn demand(
    tx: &mut doorward_store::Tx<'_>,
    facts: &Facts,
    app: Option<Uuid>,
    now: Timestamp,
) -> Result<Demand, doorward_store::StoreError> {
    Ok(rows::load(tx)?.demand(&facts.group_ids, app, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn asks(factors: Level, postpone_until: Option<i64>) -> LoginPolicy {
        LoginPolicy {
            factors: Some(factors),
            postpone_until: postpone_until.map(at),
            ..LoginPolicy::default()
        }
    }

    #[test]
    fn the_strictest_counts() {
        let (staff, netbox) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let policies = Policies {
            default: LoginPolicy {
                remember_days: Some(30),
                password_min: Some(12),
                ..LoginPolicy::default()
            },
            groups: HashMap::from([(staff, asks(Level::Second, None))]),
            apps: HashMap::from([(
                netbox,
                LoginPolicy {
                    remember_days: Some(0),
                    fresh_seconds: Some(600),
                    ..asks(Level::Passkey, None)
                },
            )]),
        };
        let demand = |groups: &[Uuid], app| policies.demand(groups, app, at(0));
        assert_eq!(
            (demand(&[], None).now, demand(&[], None).remember_days),
            (Level::Any, 30)
        );
        assert_eq!(demand(&[staff], None).now, Level::Second);
        let into = demand(&[staff], Some(netbox));
        assert_eq!(
            (into.now, into.remember_days, into.fresh_seconds),
            (Level::Passkey, 0, Some(600))
        );
        assert_eq!(policies.password_rules(&[staff]).min, 12);
    }

    #[test]
    fn a_postponement_counts_for_the_policy_that_grants_it() {
        let (staff, admins) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let policies = Policies {
            groups: HashMap::from([
                (staff, asks(Level::Second, Some(100))),
                (admins, asks(Level::Second, None)),
            ]),
            ..Policies::default()
        };
        let early = policies.demand(&[staff], None, at(99));
        assert_eq!(
            (early.now, early.soon, early.postponed_until),
            (Level::Any, Level::Second, Some(at(100)))
        );
        assert_eq!(policies.demand(&[staff], None, at(100)).now, Level::Second);
        let both = policies.demand(&[staff, admins], None, at(99));
        assert_eq!((both.now, both.postponed_until), (Level::Second, None));
    }
}
