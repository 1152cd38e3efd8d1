//! Applications: `applications/CLIENT_ID.toml`. Left out is what the preset gives for the URL.

use std::collections::BTreeMap;

use doorward_apps::{App, EVERYONE, ScopeMaps, declared, weakened};
use doorward_directory::{Actor, LoginPolicy, PolicyTarget, within};
use doorward_oidc::{Scope, ScopeSet};
use doorward_store::{Tx, new_id};
use serde_json::{Value, json};

use super::names::Names;
use crate::{
    Form, Kind, Path, Reference, Schema, UnitError, Weaker,
    carry_out::Unit,
    form::{object, over, strictly, without},
    here::Entry,
    refusals::{STATE_SECRET_MISSING, invalid},
};

/// An application as its file says it.
pub(crate) struct AppForm {
    pub(crate) app: App,
    maps: ScopeMaps,
    policy: LoginPolicy,
}

/// The word of the store for PKCE that is not demanded, and the loud one of files.
const QUIET: &str = "if-sent";
const LOUD: &str = "weaken-if-sent";

pub(crate) fn entries(tx: &mut Tx<'_>, unit: &Unit, names: &Names) -> Result<Vec<(Path, Entry)>, UnitError> {
    let mut list = Vec::new();
    for app in unit.apps.all(tx)? {
        // Those that registered themselves are looked after by themselves (RFC 7592).
        if app.grants.registered {
            continue;
        }
        let maps = app
            .scope_maps
            .iter()
            .map(|map| (map.group.clone(), map.scopes.clone()))
            .collect();
        let policy = names.policies.of(PolicyTarget::App(app.id));
        let path = Path::of(Kind::Application, &app.client_id);
        list.push((path, entry(&AppForm { app, maps, policy })?));
    }
    Ok(list)
}

fn entry(form: &AppForm) -> Result<Entry, UnitError> {
    let app = &form.app;
    let full = full(app, &form.maps, &form.policy)?;
    let usual = usual(&app.preset, &app.url, &app.client_id).unwrap_or_default();
    Ok(Entry {
        form: without(&full, &usual),
        full,
        weak: weakened(app)
            .into_iter()
            .map(|one| Weaker::new(one.name, one.meaning))
            .collect(),
        policy: form.policy.clone(),
    })
}

fn full(app: &App, maps: &ScopeMaps, policy: &LoginPolicy) -> Result<Form, UnitError> {
    let mut full = object(app).map_err(UnitError::Failed)?;
    if let Some(grants) = full.get_mut("grants").and_then(Value::as_object_mut) {
        grants.remove("registered");
    }
    if let Some(pkce) = full.get_mut("pkce").filter(|pkce| **pkce == json!(QUIET)) {
        *pkce = json!(LOUD);
    }
    let maps: BTreeMap<&str, Vec<&str>> = maps
        .iter()
        .map(|(group, scopes)| (group.as_str(), scopes.iter().collect()))
        .collect();
    full.insert("disabled".to_owned(), app.disabled.into());
    full.insert("scope_map".to_owned(), json!(maps));
    full.insert("policy".to_owned(), json!(policy));
    Ok(full)
}

/// What a file means that says only preset and URL.
fn usual(preset: &str, url: &str, client_id: &str) -> Result<Form, UnitError> {
    let base = declared::base(preset, url, client_id)?;
    let mut usual = full(&base, &Vec::new(), &LoginPolicy::default())?;
    for said in ["preset", "url"] {
        usual.remove(said);
    }
    Ok(usual)
}

/// Reads a file. `here` is the application as it is.
pub(crate) fn read(path: &Path, form: &Form, here: Option<&App>) -> Result<AppForm, UnitError> {
    let said = |name: &str| form.get(name).and_then(Value::as_str);
    let preset = said("preset").unwrap_or("generic");
    let url = said("url").ok_or_else(|| {
        invalid(path, "expected `url`, where the application lives").with_remedy("url = \"https://netbox.example.com\"")
    })?;
    let client_id = here.map_or(path.name.as_str(), |app| app.client_id.as_str());
    let mut usual = usual(preset, url, client_id).map_err(|error| error.about(path))?;
    let base = declared::base(preset, url, client_id)?;
    usual.insert("preset".to_owned(), base.preset.into());
    let mut form = form.clone();
    form.remove("preset");
    let mut full = over(&usual, &form).map_err(|problem| invalid(path, problem))?;
    if let Some(pkce) = full.get_mut("pkce") {
        if *pkce == json!(LOUD) {
            *pkce = json!(QUIET);
        } else if *pkce == json!(QUIET) {
            return Err(invalid(path, format!("pkce: expected required or {LOUD}, received {QUIET}")).into());
        }
    }
    let Some(Value::Bool(disabled)) = full.remove("disabled") else {
        return Err(invalid(path, "disabled: expected true or false").into());
    };
    let policy = match full.remove("policy") {
        Some(Value::Object(policy)) => {
            strictly(&policy).map_err(|problem| invalid(path, format!("policy: {problem}")))?
        }
        _ => return Err(invalid(path, "policy: expected a table").into()),
    };
    let maps = full.remove("scope_map").unwrap_or_default();
    let maps: BTreeMap<String, Vec<String>> = serde_json::from_value(maps)
        .map_err(|problem| invalid(path, format!("scope_map: expected GROUP = [\"scope\", …]: {problem}")))?;
    if let Some(grants) = full.get("grants").and_then(Value::as_object)
        && grants.contains_key("registered")
    {
        return Err(invalid(path, "grants.registered is no setting").into());
    }
    let mut app: App = serde_json::from_value(Value::Object(full)).map_err(|problem| invalid(path, problem))?;
    client_id.clone_into(&mut app.client_id);
    app.disabled = disabled;
    let maps = maps
        .into_iter()
        .map(|(group, list)| {
            if list.is_empty() {
                return Ok((group, app.scopes.clone()));
            }
            let mut scopes = ScopeSet::default();
            for scope in &list {
                scopes.insert(Scope::parse(scope)?);
            }
            Ok((group, scopes))
        })
        .collect::<Result<_, doorward_oidc::Refusal>>()
        .map_err(|refusal| UnitError::from(refusal).about(path))?;
    Ok(AppForm { app, maps, policy })
}

pub(crate) fn canonical(path: &Path, form: &Form, here: Option<&App>) -> Result<Form, UnitError> {
    Ok(entry(&read(path, form, here)?)?.form)
}

/// Makes it so. Whether the secret became another one.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, here): (&Path, &AppForm, Option<&App>),
    (secret, may_miss): (Option<&Reference>, bool),
) -> Result<bool, UnitError> {
    for (group, _) in &form.maps {
        if group != EVERYONE && group.eq_ignore_ascii_case(EVERYONE) {
            return Err(invalid(path, format!("scope_map: write {EVERYONE} in small letters")).into());
        }
    }
    let app = match here {
        None => {
            let app = App {
                id: new_id(tx.now(), &*unit.random),
                ..declared::fresh(&form.app)?
            };
            let maps: Vec<_> = form
                .maps
                .iter()
                .cloned()
                .map(|(group, scopes)| (group, Some(scopes)))
                .collect();
            unit.apps.add(tx, actor.into(), app, &maps, None)?
        }
        Some(_) => unit.apps.change(tx, actor.into(), &form.app, &form.maps)?,
    };
    within::set_policy(tx, actor, PolicyTarget::App(app.id), &form.policy)?;
    put_secret(tx, unit, actor, (path, &app, here.is_none()), (secret, may_miss))
}

/// Gives it the secret that its file names.
pub(crate) fn put_secret(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, app, is_new): (&Path, &App, bool),
    (secret, may_miss): (Option<&Reference>, bool),
) -> Result<bool, UnitError> {
    if secret.is_none() {
        return Ok(false);
    }
    if !declared::takes_secret(app) {
        return Err(invalid(path, "secret: the application proves itself in another way").into());
    }
    match unit.secret(path) {
        Some(given) if unit.apps.has_secret(app, given, tx.now()) => Ok(false),
        Some(given) => {
            unit.apps.set_secret(tx, actor.into(), &app.client_id, given)?;
            Ok(true)
        }
        // A plan that was sent none: the application will get the one that its file names.
        None if is_new && may_miss => Ok(true),
        None if is_new => Err(doorward_oidc::Refusal::response(
            &STATE_SECRET_MISSING,
            format!("{path} names a secret, and none was sent"),
        )
        .with_remedy("apply it from the command line, which reads secrets where files say: doorward apply DIR")
        .into()),
        None => Ok(false),
    }
}

/// What a file may say.
pub(crate) fn schema() -> Schema {
    let presets: Vec<&str> = doorward_apps::presets()
        .iter()
        .map(|preset| preset.id.as_str())
        .collect();
    let scopes = json!({"type": "array", "items": {"type": "string"}});
    Schema::of::<App>()
        .without("grants", "registered")
        // Editors offer those that are known here; one that only another version knows is no mistake of the file.
        .with("preset", json!({"anyOf": [{"enum": presets}, {"type": "string"}]}))
        .with("pkce", json!({"enum": ["required", LOUD]}))
        .with("disabled", json!({"type": "boolean"}))
        .with("scope_map", json!({"type": "object", "additionalProperties": scopes}))
        .with("policy", Schema::of::<LoginPolicy>().json().clone())
        .with_secret()
        .needs(&["url"])
}
