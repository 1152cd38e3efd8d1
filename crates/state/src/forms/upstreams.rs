//! Upstreams: `upstreams/NAME.toml`. Left out is what the preset gives for the issuer.

use std::collections::BTreeSet;

use doorward_directory::{Actor, LoginPolicy, within};
use doorward_oidc::Refusal;
use doorward_store::Tx;
use doorward_upstreams::{Given, Upstream, declared, weakened};
use serde_json::{Value, json};

use crate::{
    Form, Kind, Path, Reference, Schema, UnitError, Weaker,
    carry_out::Unit,
    form::{compact, object, over, without},
    here::Entry,
    refusals::{STATE_SECRET_MISSING, invalid},
};

/// An upstream as its file says it.
pub(crate) struct UpstreamForm {
    upstream: Upstream,
    groups: Vec<String>,
}

/// What a file always says: the rest follows from them.
const SAID: [&str; 3] = ["preset", "issuer", "client_id"];

pub(crate) fn entries(tx: &mut Tx<'_>, unit: &Unit) -> Result<Vec<(Path, Entry)>, UnitError> {
    let role_groups: BTreeSet<String> = within::groups_with_roles(tx)?.into_iter().collect();
    unit.upstreams
        .all(tx)?
        .into_iter()
        .map(|upstream| {
            let groups = upstream.groups.iter().map(|group| group.name.clone()).collect();
            let path = Path::of(Kind::Upstream, &upstream.name);
            Ok((path, entry(&UpstreamForm { upstream, groups }, &role_groups)?))
        })
        .collect()
}

fn entry(form: &UpstreamForm, role_groups: &BTreeSet<String>) -> Result<Entry, UnitError> {
    let one = &form.upstream;
    let full = full(one, &form.groups)?;
    let usual = usual(&one.preset, &one.name, Some(&one.issuer), &one.client_id).unwrap_or_default();
    Ok(Entry {
        form: without(&full, &usual),
        full,
        weak: weakened(one, role_groups)
            .into_iter()
            .map(|one| Weaker::new(one.name, one.meaning))
            .collect(),
        policy: LoginPolicy::default(),
    })
}

fn full(upstream: &Upstream, groups: &[String]) -> Result<Form, UnitError> {
    let mut groups = groups.to_vec();
    groups.sort();
    groups.dedup();
    let mut full = object(upstream).map_err(UnitError::Failed)?;
    full.insert("enabled".to_owned(), upstream.enabled.into());
    full.insert("groups".to_owned(), json!(groups));
    Ok(full)
}

fn usual(preset: &str, name: &str, issuer: Option<&str>, client_id: &str) -> Result<Form, UnitError> {
    let base = declared::base_of(preset, name, issuer, client_id)?;
    let mut usual = full(&base, &[])?;
    for said in SAID {
        usual.remove(said);
    }
    Ok(usual)
}

pub(crate) fn read(path: &Path, form: &Form) -> Result<UpstreamForm, UnitError> {
    let said = |name: &str| form.get(name).and_then(Value::as_str);
    let preset = said("preset").unwrap_or("generic");
    let client_id = said("client_id")
        .ok_or_else(|| invalid(path, "expected `client_id`, which this server has at the upstream"))?;
    let base = declared::base_of(preset, &path.name, said("issuer"), client_id)
        .map_err(|refusal| UnitError::from(refusal).about(path))?;
    let mut usual = usual(preset, &path.name, said("issuer"), client_id)?;
    usual.insert("preset".to_owned(), base.preset.into());
    usual.insert("issuer".to_owned(), base.issuer.into());
    usual.insert("client_id".to_owned(), client_id.into());
    let mut form = form.clone();
    for said in SAID {
        form.remove(said);
    }
    let mut full = over(&usual, &form).map_err(|problem| invalid(path, problem))?;
    let Some(Value::Bool(enabled)) = full.remove("enabled") else {
        return Err(invalid(path, "enabled: expected true or false").into());
    };
    let groups: Vec<String> = serde_json::from_value(full.remove("groups").unwrap_or_default())
        .map_err(|problem| invalid(path, format!("groups: {problem}")))?;
    // The rules leave out what is as rules usually are.
    if let Some(Value::Object(rules)) = full.get_mut("rules") {
        compact(rules);
    }
    let mut upstream: Upstream =
        serde_json::from_value(Value::Object(full)).map_err(|problem| invalid(path, problem))?;
    path.name.clone_into(&mut upstream.name);
    upstream.enabled = enabled;
    Ok(UpstreamForm { upstream, groups })
}

pub(crate) fn canonical(path: &Path, form: &Form) -> Result<Form, UnitError> {
    Ok(entry(&read(path, form)?, &BTreeSet::new())?.form)
}

/// Makes it so. Whether the secret became another one.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, here): (&Path, &UpstreamForm, Option<&Upstream>),
    (secret, may_miss): (Option<&Reference>, bool),
) -> Result<bool, UnitError> {
    let given = match (secret, unit.secret(path)) {
        (None, _) => Given::Nothing,
        (Some(_), Some(given)) => Given::Secret(given),
        // A plan that was sent none judges everything else.
        (Some(_), None) if may_miss => Given::NotRead,
        (Some(_), None) if here.is_some() => Given::Nothing,
        (Some(_), None) => {
            return Err(Refusal::response(
                &STATE_SECRET_MISSING,
                format!("{path} names a secret, and none was sent"),
            )
            .with_remedy("apply it from the command line, which reads secrets where files say: doorward apply DIR")
            .into());
        }
    };
    let Some(here) = here else {
        unit.upstreams.declare(tx, actor, &form.upstream, &form.groups, given)?;
        return Ok(given != Given::Nothing);
    };
    let is_other = match given {
        Given::Secret(secret) => !unit.upstreams.has_secret(here, secret)?,
        Given::Nothing | Given::NotRead => false,
    };
    let given = match given {
        Given::Secret(_) if !is_other => Given::Nothing,
        given => given,
    };
    unit.upstreams.change(tx, actor, &form.upstream, &form.groups, given)?;
    Ok(is_other)
}

/// What a file may say.
pub(crate) fn schema() -> Schema {
    let presets: Vec<&str> = doorward_upstreams::presets()
        .iter()
        .map(|preset| preset.id.as_str())
        .collect();
    Schema::of::<Upstream>()
        .with("preset", json!({"anyOf": [{"enum": presets}, {"type": "string"}]}))
        .with("enabled", json!({"type": "boolean"}))
        .with("groups", json!({"type": "array", "items": {"type": "string"}}))
        .with_secret()
        .needs(&["client_id"])
}
