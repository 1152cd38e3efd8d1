//! People: tables of `people.toml`. How they log in (passwords, second factors, passkeys) is theirs and stands in no file.

use doorward_directory::{Actor, Attributes, NewUser, RoleHolder, User, UserEdit, UserKind, within};
use doorward_store::{Tx, new_id};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Thing,
    names::Names,
    services::{close, expiry},
};
use crate::{
    Form, Kind, Path, Schema, UnitError, Weaker, carry_out::Unit, form::object, here::Entry, refusals::invalid, weaker,
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

pub(crate) fn entries(tx: &mut Tx<'_>, _: &Unit, people: &[User]) -> Result<Vec<(Path, Entry)>, UnitError> {
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
        let name = user.name.as_str();
        list.push((Path::of(Kind::Person, name), entry(name, &form)?));
    }
    Ok(list)
}

impl Thing for PersonForm {
    fn usual(name: &str) -> Self {
        Self {
            display_name: name.to_owned(),
            ..Self::default()
        }
    }

    fn sets(&mut self) -> [&mut Vec<String>; 2] {
        [&mut self.groups, &mut self.roles]
    }

    fn weak(&self, name: &str) -> Vec<Weaker> {
        weaker::of_roles(&self.roles, name)
            .into_iter()
            .chain(weaker::of_address(self.email.as_deref(), self.email_verified))
            .collect()
    }
}

/// With the name, which no path says.
fn entry(name: &str, form: &PersonForm) -> Result<Entry, UnitError> {
    let mut entry = form.entry(name)?;
    entry.form.insert("name".to_owned(), Value::String(name.to_owned()));
    Ok(entry)
}

pub(crate) fn read(path: &Path, form: &Form) -> Result<PersonForm, UnitError> {
    let mut form = form.clone();
    form.remove("name");
    PersonForm::read(path, &form)
}

/// What is wanted, as what is here is compared; a file need not say ids.
pub(crate) fn canonical(path: &Path, form: &Form, here: Option<&Entry>) -> Result<Form, UnitError> {
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
) -> Result<(), UnitError> {
    let user = match within::user_by_name(tx, &path.name)? {
        None => {
            let new = NewUser {
                name: path.name.clone(),
                ..NewUser::default()
            };
            let id = form.id.unwrap_or_else(|| new_id(tx.now(), &*unit.random));
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
        .map_err(UnitError::Failed)?
        .into_iter()
        .collect();
    let mut attributes = wanted.clone();
    for (name, _) in object(&user.attributes).map_err(UnitError::Failed)? {
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
