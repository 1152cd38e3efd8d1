//! What a login changes about a person: the outcome of the rules, written through the directory. What does not fit (a group
//! that is not here, an address that somebody else has) is left out and said, and stops nobody.

use std::collections::BTreeMap;

use doorward_claims::{Change, Changes};
use doorward_directory::{Actor, DirectoryError, NewUser, Role, RoleHolder, User, UserEdit, within};
use doorward_jose::Random;
use doorward_store::{Tx, new_id};
use serde_json::{Map, Value};

use crate::decide::counts;
use crate::{Upstream, UpstreamsError};

/// The longest full name that the directory takes, in characters.
const LONGEST_NAME: usize = 200;

/// Adds the person that the claims describe, without groups yet.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    random: &dyn Random,
    changes: &Changes,
    claims: &Map<String, Value>,
) -> Result<User, UpstreamsError> {
    let name = within::free_name(tx, &wanted_name(changes, claims), random)?;
    let id = new_id(tx.now(), random);
    let new = NewUser {
        name: name.to_string(),
        ..NewUser::default()
    };
    Ok(within::add(tx, actor, new, id)?)
}

/// What the name of a new user is made from: what the rules say, what applications call people, the address, the full name.
pub(crate) fn wanted_name(changes: &Changes, claims: &Map<String, Value>) -> String {
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let email = changes.email.value().map(|email| email.address.as_str());
    changes
        .username
        .value()
        .map(String::as_str)
        .or_else(|| claim("preferred_username"))
        .or(email)
        .or_else(|| claim("email"))
        .or_else(|| claim("name"))
        .unwrap_or_default()
        .to_owned()
}

/// Writes the changes; what was left out and why.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    actor: &Actor,
    random: &dyn Random,
    upstream: &Upstream,
    user: User,
    changes: &Changes,
) -> Result<(User, Vec<String>), UpstreamsError> {
    let mut notes = Vec::new();
    let edits = edits(tx, actor, upstream, &user, changes, &mut notes)?;
    let user = edited(tx, actor, user, edits, &mut notes)?;
    for group in &changes.groups.add {
        match within::join(tx, actor, group, &user) {
            Ok(_) => {}
            Err(DirectoryError::Refused(refusal)) => notes.push(format!("group {group}: {}", refusal.detail)),
            Err(error) => return Err(error.into()),
        }
    }
    for group in &changes.groups.remove {
        if within::leave(tx, actor, group, &user)? == within::Left::LastAdministrator {
            notes.push(format!(
                "stays in the group {group}: nobody else would have full rights"
            ));
        }
    }
    for word in &changes.roles.add {
        match Role::from_parts(word, None) {
            Some(role) => {
                within::grant(tx, actor, new_id(tx.now(), random), role, RoleHolder::User(user.id))?;
            }
            None => notes.push(format!(
                "role {word}: expected full, apps, people or read-only; further roles come with groups"
            )),
        }
    }
    for word in &changes.roles.remove {
        if let Some(role) = Role::from_parts(word, None)
            && within::withdraw_if_possible(tx, actor, role, &user, new_id(tx.now(), random))?
                == within::Left::LastAdministrator
        {
            notes.push(format!("keeps the role {word}: nobody else would have full rights"));
        }
    }
    let user = within::user(tx, user.id)?.unwrap_or(user);
    Ok((user, notes))
}

/// One edit for each field that changes, so that one that does not fit leaves the others.
fn edits(
    tx: &mut Tx<'_>,
    actor: &Actor,
    upstream: &Upstream,
    user: &User,
    changes: &Changes,
    notes: &mut Vec<String>,
) -> Result<Vec<UserEdit>, UpstreamsError> {
    let mut edits = Vec::new();
    match &changes.name {
        Change::Set(name) => edits.push(UserEdit {
            display_name: Some(name.chars().take(LONGEST_NAME).collect()),
            ..UserEdit::default()
        }),
        Change::Clear => edits.push(UserEdit {
            display_name: Some(String::new()),
            ..UserEdit::default()
        }),
        Change::Keep => {}
    }
    match &changes.email {
        Change::Set(email) => match within::user_by_email(tx, &email.address)? {
            Some(other)
                if other.id != user.id && !(counts(upstream, email.verified) && within::is_only_said(tx, &other)?) =>
            {
                notes.push(format!("e-mail {}: it is the address of {}", email.address, other.name));
            }
            holder => {
                if let Some(other) = holder.filter(|other| other.id != user.id) {
                    let without = UserEdit {
                        email: Some(String::new()),
                        ..UserEdit::default()
                    };
                    within::edit(tx, actor, other.id, &without)?;
                    notes.push(format!(
                        "e-mail {}: taken from {}, who had only said it",
                        email.address, other.name
                    ));
                }
                edits.push(UserEdit {
                    email: Some(email.address.clone()),
                    // Whoever's word does not count here neither verifies an address nor takes that away.
                    email_verified: counts(upstream, email.verified).then_some(true),
                    ..UserEdit::default()
                });
            }
        },
        Change::Clear => edits.push(UserEdit {
            email: Some(String::new()),
            ..UserEdit::default()
        }),
        Change::Keep => {}
    }
    let set = changes.set_attributes.iter().map(|(name, value)| (name, value.clone()));
    let cleared = changes.clear_attributes.iter().map(|name| (name, Value::Null));
    let flags = changes.flags.add.iter().map(|name| (name, Value::Bool(true)));
    let unset = changes.flags.remove.iter().map(|name| (name, Value::Null));
    for (name, value) in set.chain(cleared).chain(flags).chain(unset) {
        edits.push(UserEdit {
            attributes: BTreeMap::from([(name.clone(), value)]),
            ..UserEdit::default()
        });
    }
    Ok(edits)
}

/// All edits as one if they fit together, which is one event; otherwise one by one, and those that do not fit are noted.
fn edited(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: User,
    edits: Vec<UserEdit>,
    notes: &mut Vec<String>,
) -> Result<User, UpstreamsError> {
    let mut all = UserEdit::default();
    for edit in &edits {
        all.display_name = edit.display_name.clone().or(all.display_name);
        all.email = edit.email.clone().or(all.email);
        all.email_verified = edit.email_verified.or(all.email_verified);
        all.attributes.extend(
            edit.attributes
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    match within::edit(tx, actor, user.id, &all) {
        Ok(user) => return Ok(user),
        Err(DirectoryError::Refused(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let mut user = user;
    for edit in edits {
        match within::edit(tx, actor, user.id, &edit) {
            Ok(changed) => user = changed,
            Err(DirectoryError::Refused(refusal)) => notes.push(refusal.detail),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(user)
}
