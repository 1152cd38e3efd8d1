//! What a change was, for its event: each setting that differs, before and after. Never a secret.

use serde_json::{Map, Value, json};

use crate::{Probing, Upstream};

/// The settings that an upstream began with, as far as an event needs them.
pub(crate) fn added(upstream: &Upstream, probing: Probing) -> Value {
    json!({
        "preset": upstream.preset,
        "issuer": upstream.issuer,
        "client_id": upstream.client_id,
        "link": upstream.link,
        "create_users": upstream.create_users,
        "probe": word(probing),
    })
}

/// Each setting that differs: `{"link": {"from": "never", "to": "confirmed"}}`; null when nothing does.
pub(crate) fn between(before: &Upstream, after: &Upstream, probing: Probing) -> Value {
    let (before, after) = (settings(before), settings(after));
    let mut differing: Map<String, Value> = after
        .into_iter()
        .filter_map(|(name, to)| {
            let from = before.get(&name).cloned().unwrap_or(Value::Null);
            (from != to).then(|| (name, json!({"from": from, "to": to})))
        })
        .collect();
    if differing.is_empty() {
        return Value::Null;
    }
    if probing == Probing::Skipped {
        differing.insert("probe".to_owned(), word(probing));
    }
    Value::Object(differing)
}

fn word(probing: Probing) -> Value {
    match probing {
        Probing::First => "passed".into(),
        Probing::Skipped => "skipped".into(),
    }
}

fn settings(upstream: &Upstream) -> Map<String, Value> {
    let mut settings = match serde_json::to_value(upstream) {
        Ok(Value::Object(settings)) => settings,
        _ => Map::new(),
    };
    settings.insert("enabled".to_owned(), upstream.enabled.into());
    let groups: Vec<&str> = upstream.groups.iter().map(|group| group.name.as_str()).collect();
    settings.insert("groups".to_owned(), json!(groups));
    settings
}
