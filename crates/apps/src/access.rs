//! Who may use an application: the members of the groups that have a scope map on it, and nobody else.

use doorward_oidc::{Refusal, ScopeSet};

use crate::{App, refusals};

/// The built-in group that every person and service account belongs to.
pub const EVERYONE: &str = "everyone";

/// What a member of these groups may be granted in this application: the union over the scope maps that match.
///
/// `groups` are the person's effective groups by plain name, nested membership resolved. Without a map that matches the
/// answer is a refusal whose detail names the groups that would let the person in.
pub fn access<S: AsRef<str>>(app: &App, groups: &[S]) -> Result<ScopeSet, Refusal> {
    if app.disabled {
        return Err(Refusal::redirect(
            &refusals::APP_DISABLED,
            format!("the application {} ({}) is disabled", app.name, app.client_id),
        )
        .with_remedy(format!("doorward app enable {}", app.client_id)));
    }
    let mut granted = ScopeSet::default();
    let mut matched = false;
    for map in &app.scope_maps {
        if map.group_id.is_none() || groups.iter().any(|group| group.as_ref() == map.group) {
            matched = true;
            granted = granted.union(&map.scopes);
        }
    }
    if matched {
        Ok(granted)
    } else {
        Err(no_scope_map(app, groups))
    }
}

fn no_scope_map<S: AsRef<str>>(app: &App, groups: &[S]) -> Refusal {
    let app_id = &app.client_id;
    let app_name = &app.name;
    let Some(first) = app.scope_maps.first() else {
        return Refusal::page(
            &refusals::NO_SCOPE_MAP,
            format!("{app_name} ({app_id}) has no scope map at all, so nobody gets in"),
        )
        .with_remedy(format!("doorward app allow {app_id} <group>"));
    };
    let wanted: Vec<&str> = app.scope_maps.iter().map(|map| map.group.as_str()).collect();
    let has: Vec<&str> = groups.iter().map(AsRef::as_ref).collect();
    let has = if has.is_empty() {
        "none".to_owned()
    } else {
        has.join(", ")
    };
    Refusal::page(
        &refusals::NO_SCOPE_MAP,
        format!(
            "{app_name} ({app_id}) lets in members of: {}; groups of this person: {has}",
            wanted.join(", ")
        ),
    )
    .with_remedy(format!("doorward group member add {} <person>", first.group))
}
