//! People: tables of `people.toml`. How they log in (passwords, second factors, passkeys) is theirs and stands in no file.

use doorward_directory::{Actor, Attributes, LoginPolicy, NewUser, RoleHolder, User, UserEdit, UserKind, within};
use doorward_store::{Tx, new_id};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    names::Names,
    services::{close, expiry},
};
use crate::{
    Form, Kind, Path, Schema, StateError,
    carry_out::Unit,
    form::{object, over, strictly, without},
    here::Entry,
    refusals::invalid,
    weaker,
};

/// What the file says of a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PersonForm {
    /// What applications know them by. Of somebody new: theirs from elsewhere.
    id: Option<Uuid>,
    display_name: String,
    email: Option<String>,
    email_verified: bool,
    disabled: bool,
    expires: Option<Timestamp>,
    groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    attributes: Attributes,
}

pub(crate) fn entries(tx: &mut Tx<'_>, _: &Unit, people: &[User]) -> Result<Vec<(Path, Entry)>, StateError> {
    let names = Names::read(tx)?;
    let mut list = Vec::new();
    for user in people {
        let mut groups = within::direct_groups(tx, user.id)?;
        groups.sort();
        let form = PersonForm {
            id: Some(user.id),
            display_name: user.display_name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            disabled: user.disabled,
            expires: user.expires,
            groups,
            roles: names.roles_of(user.id),
            attributes: user.attributes.clone(),
        };
        list.push((
            Path::of(Kind::Person, user.name.as_str()),
            entry(user.name.as_str(), &form)?,
        ));
    }
    Ok(list)
}

fn entry(name: &str, form: &PersonForm) -> Result<Entry, StateError> {
    let full = object(form).map_err(StateError::Failed)?;
    let mut said = Form::new();
    said.insert("name".to_owned(), Value::String(name.to_owned()));
    said.extend(without(&full, &usual(name)?));
    Ok(Entry {
        form: said,
        full,
        weak: weaker::of_roles(&form.roles, name)
            .into_iter()
            .chain(weaker::of_address(form.email.as_deref(), form.email_verified))
            .collect(),
        policy: LoginPolicy::default(),
    })
}

fn usual(name: &str) -> Result<Form, StateError> {
    object(&PersonForm {
        display_name: name.to_owned(),
        ..PersonForm::default()
    })
    .map_err(StateError::Failed)
}

pub(crate) fn read(path: &Path, form: &Form) -> Result<PersonForm, StateError> {
    let mut form = form.clone();
    form.remove("name");
    let full = over(&usual(&path.name)?, &form).map_err(|problem| invalid(path, problem))?;
    let mut read: PersonForm = strictly(&full).map_err(|problem| invalid(path, problem))?;
    for list in [&mut read.groups, &mut read.roles] {
        list.sort();
        list.dedup();
    }
    Ok(read)
}

/// What is wanted, as what is here is compared; a file need not say ids.
pub(crate) fn canonical(path: &Path, form: &Form, here: Option<&Entry>) -> Result<Form, StateError> {
    let mut wanted = entry(&path.name, &read(path, form)?)?.form;
    if let Some(id) = here.and_then(|entry| entry.form.get("id")) {
        wanted.entry("id").or_insert_with(|| id.clone());
    }
    Ok(wanted)
}

pub(crate) fn put(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    (path, form, names): (&Path, &PersonForm, &Names),
) -> Result<(), StateError> {
    let user = match within::user_by_name(tx, &path.name)? {
        None => {
            let new = NewUser {
                name: path.name.clone(),
                ..NewUser::default()
            };
            let id = form.id.unwrap_or_else(|| new_id(tx.now(), &*unit.random));
            if within::user(tx, id)?.is_some() {
                return Err(invalid(path, format!("somebody else has the id {id}"))
                    .with_remedy("leave it out, or rename them: doorward user edit")
                    .into());
            }
            within::add(tx, actor, new, id)?
        }
        Some(user) if user.kind == UserKind::Person => user,
        Some(_) => return Err(invalid(path, "there is a service account of this name").into()),
    };
    if form.id.is_some_and(|id| id != user.id) {
        return Err(invalid(path, format!("{} has another id here: {}", user.name, user.id))
            .with_remedy("an id never changes, because applications know people by it; leave it out")
            .into());
    }
    let wanted: std::collections::BTreeMap<String, Value> = object(&form.attributes)
        .map_err(StateError::Failed)?
        .into_iter()
        .collect();
    let mut attributes = wanted.clone();
    for (name, _) in object(&user.attributes).map_err(StateError::Failed)? {
        attributes.entry(name).or_insert(Value::Null);
    }
    let edit = UserEdit {
        display_name: Some(form.display_name.clone()),
        email: Some(form.email.clone().unwrap_or_default()),
        email_verified: Some(form.email_verified),
        disabled: Some(form.disabled && user.disabled),
        expires: expiry(user.expires, form.expires),
        attributes,
        ..UserEdit::default()
    };
    let user = within::edit(tx, actor, user.id, &edit)?;
    names.membership(tx, actor, (path, &user, &form.groups))?;
    names.grant(tx, actor, &*unit.random, (path, RoleHolder::User(user.id), &form.roles))?;
    close(tx, actor, &user, form.disabled)
}

/// What the file of people may say of one.
pub(crate) fn schema() -> Schema {
    Schema::of::<PersonForm>()
        .with("name", json!({"type": "string"}))
        .needs(&["name"])
}
