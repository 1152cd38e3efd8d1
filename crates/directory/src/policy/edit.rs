//! Changing what is asked of logins.

use std::ops::RangeInclusive;

use doorward_audit::{Event, events};
use doorward_oidc::Refusal;
use doorward_store::Tx;
use jiff::Timestamp;

use super::{Level, LoginPolicy, PolicyTarget, rows};
use crate::{Actor, Directory, MIN_PASSWORD_CHARS, Right, directory::Result, error::INVALID_POLICY};

const FRESH: RangeInclusive<u32> = 60..=365 * 86_400;
const REMEMBER: RangeInclusive<u32> = 0..=365;
const LONGEST_MINIMUM: u32 = 128;
const STRONGEST: u8 = 4;

/// What to change; `None` keeps, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyEdit {
    /// See [`LoginPolicy`].
    pub factors: Option<Option<Level>>,
    /// See [`LoginPolicy`].
    pub postpone_until: Option<Option<Timestamp>>,
    /// See [`LoginPolicy`].
    pub fresh_seconds: Option<Option<u32>>,
    /// See [`LoginPolicy`].
    pub remember_days: Option<Option<u32>>,
    /// See [`LoginPolicy`].
    pub password_min: Option<Option<u32>>,
    /// See [`LoginPolicy`].
    pub password_strength: Option<Option<u8>>,
}

impl PolicyEdit {
    /// The edit that leaves exactly this policy.
    pub fn to(policy: &LoginPolicy) -> Self {
        let LoginPolicy {
            factors,
            postpone_until,
            fresh_seconds,
            remember_days,
            password_min,
            password_strength,
        } = policy.clone();
        Self {
            factors: Some(factors),
            postpone_until: Some(postpone_until),
            fresh_seconds: Some(fresh_seconds),
            remember_days: Some(remember_days),
            password_min: Some(password_min),
            password_strength: Some(password_strength),
        }
    }

    fn apply(&self, policy: &LoginPolicy) -> LoginPolicy {
        LoginPolicy {
            factors: self.factors.unwrap_or(policy.factors),
            postpone_until: self.postpone_until.unwrap_or(policy.postpone_until),
            fresh_seconds: self.fresh_seconds.unwrap_or(policy.fresh_seconds),
            remember_days: self.remember_days.unwrap_or(policy.remember_days),
            password_min: self.password_min.unwrap_or(policy.password_min),
            password_strength: self.password_strength.unwrap_or(policy.password_strength),
        }
    }
}

impl Directory {
    /// Changes what is asked of logins at one place. Right: full.
    pub async fn edit_policy(
        &self,
        actor: &Actor,
        target: PolicyTarget,
        edit: PolicyEdit,
        now: Timestamp,
    ) -> Result<LoginPolicy> {
        self.administer(actor, now, move |tx, actor| change(tx, actor, target, &edit))
            .await
    }
}

/// Changes a policy; see [`Directory::edit_policy`].
pub(crate) fn change(tx: &mut Tx<'_>, actor: &Actor, target: PolicyTarget, edit: &PolicyEdit) -> Result<LoginPolicy> {
    actor.require(Right::Full)?;
    let name = rows::name(tx, target)?.ok_or_else(|| refused("the group or application is gone".to_owned()))?;
    let before = rows::load(tx)?.of(target);
    let after = edit.apply(&before);
    check(target, &after)?;
    if after == before {
        return Ok(after);
    }
    rows::store(tx, target, &after)?;
    let event = Event::new("policy.edit", actor.into()).with_data(serde_json::json!({
        "from": before, "to": after,
    }));
    let event = match target {
        PolicyTarget::Default => event.about("policy", None, name),
        PolicyTarget::Group(id) => event.about("group", Some(id), name),
        PolicyTarget::App(id) => event.about("app", Some(id), name),
    };
    events::record(tx, &event)?;
    Ok(after)
}

fn check(target: PolicyTarget, policy: &LoginPolicy) -> Result<(), Refusal> {
    let within = |name: &str, value: Option<u32>, range: RangeInclusive<u32>| match value {
        Some(value) if !range.contains(&value) => Err(refused(format!(
            "{name}: expected {} to {}, received {value}",
            range.start(),
            range.end()
        ))),
        _ => Ok(()),
    };
    let fewest = u32::try_from(MIN_PASSWORD_CHARS).unwrap_or_default();
    within("fresh_seconds", policy.fresh_seconds, FRESH)?;
    within("remember_days", policy.remember_days, REMEMBER)?;
    within("password_min", policy.password_min, fewest..=LONGEST_MINIMUM)?;
    within(
        "password_strength",
        policy.password_strength.map(u32::from),
        0..=STRONGEST.into(),
    )?;
    let is_about_passwords = policy.password_min.is_some() || policy.password_strength.is_some();
    if matches!(target, PolicyTarget::App(_)) && is_about_passwords {
        return Err(refused(
            "an application's policy cannot ask for better passwords: one password opens them all".to_owned(),
        )
        .with_remedy("Ask it of a group: `doorward policy set --group GROUP --password-min 14`."));
    }
    if policy.postpone_until.is_some() && policy.factors.unwrap_or_default() == Level::Any {
        return Err(
            refused("postpone_until without factors: there is nothing to put off".to_owned())
                .with_remedy("Say which: `doorward policy set --factors second --postpone-until DATE`."),
        );
    }
    Ok(())
}

fn refused(detail: String) -> Refusal {
    Refusal::response(&INVALID_POLICY, detail)
}
