//! What a change was, for its event: each setting that differs, before and after. Never a secret.

use serde_json::{Map, Value, json};

use crate::App;

/// The settings that an application began with, as far as an event needs them.
pub(crate) fn added(app: &App) -> Value {
    json!({
        "preset": app.preset,
        "url": app.url,
        "redirect_uris": app.redirect_uris,
        "scope_maps": scope_maps(app),
    })
}

/// Each setting that differs: `{"consent": {"from": "ask", "to": "skip"}}`; null when nothing does.
pub(crate) fn between(before: &App, after: &App) -> Value {
    let (before, after) = (settings(before), settings(after));
    let differing: Map<String, Value> = after
        .into_iter()
        .filter_map(|(name, to)| {
            let from = before.get(&name).cloned().unwrap_or(Value::Null);
            (from != to).then(|| (name, json!({"from": from, "to": to})))
        })
        .collect();
    if differing.is_empty() {
        Value::Null
    } else {
        Value::Object(differing)
    }
}

fn settings(app: &App) -> Map<String, Value> {
    let mut settings = match serde_json::to_value(app) {
        Ok(Value::Object(settings)) => settings,
        _ => Map::new(),
    };
    settings.insert("disabled".to_owned(), app.disabled.into());
    settings.insert("scope_maps".to_owned(), scope_maps(app));
    settings
}

fn scope_maps(app: &App) -> Value {
    let maps = app.scope_maps.iter().map(|map| (map.group.clone(), json!(map.scopes)));
    Value::Object(maps.collect())
}
