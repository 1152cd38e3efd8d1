//! First line rules as JSON, second what is here, the rest a claim set: all three from strangers.

use std::collections::BTreeSet;

use doorward_claims::{Changes, Effect, Local, LoginRules};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Here {
    attributes: Map<String, Value>,
    groups: BTreeSet<String>,
    roles: BTreeSet<String>,
    flags: BTreeSet<String>,
    again: bool,
}

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (rules, here, claims) = (line(), line(), line());
    let Ok(rules) = serde_json::from_str::<LoginRules>(rules) else {
        return;
    };
    let written = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<LoginRules>(&written).unwrap(), rules);
    let mut here: Here = serde_json::from_str(here).unwrap_or_default();
    let claims: Map<String, Value> = serde_json::from_str(claims).unwrap_or_default();

    let first = rules.evaluate_at(&claims, &local(&here), 1_700_000_000);
    for reason in &first.reasons {
        assert!(reason.received.len() < 2000, "a reason is a line");
    }
    let refused = first.reasons.iter().any(|reason| reason.effect == Effect::Denied);
    assert_eq!(first.outcome.is_err(), refused);
    let Ok(changes) = first.outcome else { return };
    assert!(!changes.user.is_empty());
    for (set, change) in [
        (&here.groups, &changes.groups),
        (&here.roles, &changes.roles),
        (&here.flags, &changes.flags),
    ] {
        assert!(change.add.is_disjoint(set) && change.remove.is_subset(set));
    }
    if rules.check().is_ok() {
        // The same person with the same claims: nothing is left to do.
        carry_out(&mut here, &changes);
        let again = rules.evaluate(&claims, &local(&here)).outcome.unwrap();
        assert!(again.groups.is_empty() && again.roles.is_empty() && again.flags.is_empty());
        assert!(
            again.clear_attributes.is_empty() && again.set_attributes.is_empty(),
            "{again:?}"
        );
    }
}

fn local(here: &Here) -> Local<'_> {
    Local {
        attributes: &here.attributes,
        groups: &here.groups,
        roles: &here.roles,
        flags: &here.flags,
        is_first_login: !here.again,
    }
}

fn carry_out(here: &mut Here, changes: &Changes) {
    here.attributes.extend(changes.set_attributes.clone());
    here.attributes
        .retain(|name, _| !changes.clear_attributes.contains(name));
    for (set, change) in [
        (&mut here.groups, &changes.groups),
        (&mut here.roles, &changes.roles),
        (&mut here.flags, &changes.flags),
    ] {
        set.retain(|name| !change.remove.contains(name));
        set.extend(change.add.iter().cloned());
    }
    here.again = true;
}
