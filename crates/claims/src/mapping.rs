//! Claims that become attributes, and what every mapping says about the logins after the first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evaluation::Run;
use crate::groups::GroupRules;
use crate::identity::present;
use crate::login_rules::{check_rows, check_text, wrong};
use crate::reason::{Code, Effect, shown};
use crate::shape::Shape;
use crate::{ClaimError, ClaimPath};

/// What a login does with what a rule put here before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnLogin {
    /// Every login replaces it: what vanished at the provider vanishes here.
    #[default]
    Replace,
    /// Logins add to it and never take away.
    Add,
    /// The first login through this provider sets it, later ones leave it alone.
    FirstLoginOnly,
}

/// What a login without the claim does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnMissing {
    /// What is here stays.
    Keep,
    /// It counts as empty: what the rule put here is taken away.
    Clear,
    /// The login is refused.
    Deny,
}

/// A claim that becomes an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeRule {
    /// Where it is.
    pub claim: ClaimPath,
    /// What it becomes.
    pub attribute: String,
    /// What it is read as.
    #[serde(default, rename = "as")]
    pub shape: Shape,
    /// What later logins do. A list adds its members to what is there, any other value is added where there is none.
    #[serde(default)]
    pub on_login: OnLogin,
    /// What happens without the claim; not said, it is `clear` with `replace` and `keep` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_missing: Option<OnMissing>,
}

impl AttributeRule {
    fn on_missing(&self) -> OnMissing {
        self.on_missing.unwrap_or(match self.on_login {
            OnLogin::Replace => OnMissing::Clear,
            OnLogin::Add | OnLogin::FirstLoginOnly => OnMissing::Keep,
        })
    }

    pub(crate) fn read(&self, row: usize, run: &mut Run<'_>) {
        let received = present(self.claim.find(run.claims));
        let here = run.local.attributes.get(&self.attribute);
        let is_late = self.on_login == OnLogin::FirstLoginOnly && !run.local.is_first_login;
        let mut new = None;
        let mut clear = false;
        let (code, effect) = match received {
            None => match self.on_missing() {
                OnMissing::Deny => (Code::ClaimMissing, Effect::Denied),
                OnMissing::Clear if here.is_some() => {
                    clear = true;
                    (Code::ClaimMissing, Effect::Cleared)
                }
                OnMissing::Keep | OnMissing::Clear => (Code::ClaimMissing, Effect::Kept),
            },
            Some(_) if is_late => (Code::NotFirstLogin, Effect::Kept),
            Some(value) => match self.shape.take(value) {
                Err(code) => (code, Effect::Denied),
                Ok(value) => match (self.on_login, here) {
                    (OnLogin::Add, Some(here)) => match self.added(here, value) {
                        Some(more) => {
                            new = Some(more);
                            (Code::ClaimRead, Effect::Added)
                        }
                        None => (Code::AlreadyThere, Effect::Kept),
                    },
                    (_, Some(here)) if *here == value => (Code::ClaimRead, Effect::Kept),
                    _ => {
                        new = Some(value);
                        (Code::ClaimRead, Effect::Set)
                    }
                },
            },
        };
        let on = vec![format!("attribute {}", self.attribute)];
        let expected = format!("{} in `{}`", self.shape.expected(), self.claim);
        let received = shown(received);
        run.say(format!("attributes[{row}]"), code, effect, on, expected, received);
        if let Some(value) = new {
            run.changes.set_attributes.insert(self.attribute.clone(), value);
        }
        if clear {
            run.changes.clear_attributes.insert(self.attribute.clone());
        }
    }

    /// What is here with the new members; nothing when all of them are here.
    fn added(&self, here: &Value, value: Value) -> Option<Value> {
        let (Value::Array(here), Value::Array(new), true) = (here, value, self.shape.is_list()) else {
            return None;
        };
        // By their texts, so that a long list from outside is not compared member by member.
        let mut seen: BTreeSet<String> = here.iter().map(Value::to_string).collect();
        let mut all = here.clone();
        all.extend(new.into_iter().filter(|item| seen.insert(item.to_string())));
        (all.len() > here.len()).then_some(Value::Array(all))
    }
}

/// No attribute has two sources: the second would undo the first at every login.
pub(crate) fn check_attributes(rules: &[AttributeRule], groups: Option<&GroupRules>) -> Result<(), ClaimError> {
    check_rows("attributes", rules.len())?;
    let mut targets: BTreeSet<&str> = groups.map(GroupRules::attributes).unwrap_or_default();
    for (row, rule) in rules.iter().enumerate() {
        let place = format!("attributes[{row}]");
        check_text(&place, &rule.attribute)?;
        if !targets.insert(&rule.attribute) {
            return Err(wrong(
                place,
                "an attribute that no other rule sets",
                format!("`{}`", rule.attribute),
            ));
        }
        if rule.on_login != OnLogin::Replace && rule.on_missing == Some(OnMissing::Clear) {
            return Err(wrong(
                format!("{place}.on_missing"),
                "`keep` or `deny`, because `on_login` takes nothing away",
                "`clear`",
            ));
        }
    }
    Ok(())
}
