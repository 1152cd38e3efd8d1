//! A token as the application would get it, judged by what its preset says that it demands. It is never signed.

use doorward_apps::{App, Preset, Reads};
use doorward_provider::issue::Preview;
use serde_json::{Map, Value};

use crate::{Cause, Finding, Fix};

/// Judges what `person` would get.
pub fn judge(preview: &Preview, app: &App, preset: Option<&Preset>, person: &str) -> Vec<Finding> {
    let Some(preset) = preset else {
        return vec![Finding::good(Cause::Token, format!("{person} gets a token"))];
    };
    let wants = &preset.doctor;
    let mut found = Vec::new();
    let nothing = Map::new();
    let of = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let id_token = of(preview.id_token.as_ref());
    let access_token = of(Some(&preview.access_token));
    let places: Vec<&Map<String, Value>> = wants
        .reads
        .iter()
        .map(|place| match place {
            Reads::IdToken => &id_token,
            Reads::Userinfo => &preview.userinfo,
            Reads::AccessToken => &access_token,
        })
        .collect();
    let places = if places.is_empty() {
        vec![&id_token, &preview.userinfo, &nothing]
    } else {
        places
    };
    // The first place that has it is what counts.
    let claim = |name: &str| places.iter().find_map(|place| at(place, name));
    for name in &wants.needs {
        if claim(name).is_none_or(is_empty) {
            found.push(lacks(app, name, person));
        }
    }
    if let Some(name) = &wants.groups_claim {
        found.push(groups(app, name, claim(name), person));
    }
    if app.userinfo_signed_alg.is_some() && wants.reads.contains(&Reads::Userinfo) {
        found.extend(signed_userinfo(app, wants.signed_userinfo));
    }
    if wants.reads.contains(&Reads::AccessToken) && !has_audience(&access_token, &app.client_id) {
        let expected = format!(
            "{} among the audiences of the access token, which {} verifies",
            app.client_id, app.name
        );
        let received = access_token
            .get("aud")
            .map_or_else(|| "none".to_owned(), Value::to_string);
        let finding = Finding::problem(Cause::Audience, expected, received);
        found.push(
            finding
                .here(format!("doorward app edit {} --audience-client-id true", app.client_id))
                .fix(Fix::ClientIdAudience),
        );
    }
    if found.is_empty() {
        found.push(Finding::good(
            Cause::Token,
            format!("{person} gets what {} needs", app.name),
        ));
    }
    found
}

/// Userinfo comes as a signed token. `taken`: whether the application takes that, where it is known.
fn signed_userinfo(app: &App, taken: Option<bool>) -> Option<Finding> {
    let received = "userinfo as a signed token";
    let finding = match taken {
        Some(true) => return None,
        Some(false) => {
            let received = format!("{received}, on which {} ends the login", app.name);
            Finding::problem(Cause::UserinfoForm, "userinfo as JSON", received)
        }
        None => Finding::advice(Cause::UserinfoForm, "userinfo as JSON", received),
    };
    let here = format!("doorward app edit {} --userinfo-alg none", app.client_id);
    Some(finding.here(here).fix(Fix::PlainUserinfo))
}

/// A claim by its name, or by a path with dots.
fn at<'v>(claims: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.')
        .try_fold(claims.get(first)?, |value, key| value.get(key))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn lacks(app: &App, name: &str, person: &str) -> Finding {
    let expected = format!("the claim {name}, without which {} refuses the login", app.name);
    let finding = Finding::problem(Cause::Claim, expected, format!("{person} has none"));
    match name {
        "email" => finding.here(format!("doorward user edit {person} --email ADDRESS")),
        _ => finding.here(format!(
            "doorward app preview {} --user {person} shows every claim, and why a rule put none",
            app.client_id
        )),
    }
}

fn groups(app: &App, name: &str, value: Option<&Value>, person: &str) -> Finding {
    match value {
        Some(Value::Array(list)) if !list.is_empty() => {
            Finding::good(Cause::Groups, format!("{person} has {} in {name}", list.len()))
        }
        Some(Value::String(_)) => Finding::good(Cause::Groups, format!("{person} has one in {name}")),
        Some(Value::Array(_)) | None => Finding::advice(
            Cause::Groups,
            format!("groups in {name}, where {} reads them", app.name),
            format!("none for {person}"),
        )
        .here(format!(
            "doorward app allow {} GROUP groups, if the scope is not granted; or put {person} into a group",
            app.client_id
        )),
        Some(other) => Finding::problem(Cause::Groups, format!("a list in {name}"), other.to_string()),
    }
}

fn has_audience(access_token: &Map<String, Value>, client_id: &str) -> bool {
    match access_token.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(list)) => list.iter().any(|one| one == client_id),
        _ => false,
    }
}
