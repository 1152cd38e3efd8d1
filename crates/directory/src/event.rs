//! Events of the directory: recorded in the unit of work that makes the change.

use doorward_audit::{Event, events};
use doorward_store::{StoreError, Tx};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    Actor, ApiToken, AppGrantsRevoked, Group, LinkKind, Passkey, Role, RoleHolder, User, Via, directory::Result,
    membership::Member,
};

pub(crate) fn record(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    events::record(tx, event)?;
    Ok(())
}

/// Something done to a user.
pub(crate) fn user(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, user: &User) -> Result<()> {
    record(
        tx,
        &Event::new(action, actor.into()).about("user", Some(user.id), user.name.as_str()),
    )
}

/// Something done to a user, and what is to be known of it.
pub(crate) fn user_with(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, user: &User, data: Value) -> Result<()> {
    let event = Event::new(action, actor.into()).about("user", Some(user.id), user.name.as_str());
    record(tx, &event.with_data(data))
}

/// Sessions that an administrator ended for somebody.
pub(crate) fn session_end(tx: &mut Tx<'_>, actor: &Actor, user: &User, data: Value) -> Result<()> {
    let event = Event::new("session.end", actor.into()).about("user", Some(user.id), user.name.as_str());
    record(tx, &event.with_data(data))
}

/// Something that users did to their own account.
pub(crate) fn own(tx: &mut Tx<'_>, action: &'static str, user: &User, via: &'static str) -> Result<()> {
    let actor = doorward_audit::Actor::new(user.id, user.name.as_str(), via);
    record(
        tx,
        &Event::new(action, actor).about("user", Some(user.id), user.name.as_str()),
    )
}

/// A changed user, with the fields that changed: from what, to what.
pub(crate) fn user_changed(tx: &mut Tx<'_>, actor: &Actor, before: &User, after: &User) -> Result<()> {
    let changes = differences(before, after)?;
    let event = Event::new("user.edit", actor.into()).about("user", Some(after.id), before.name.as_str());
    record(tx, &event.with_data(changes))
}

/// What users changed of themselves: from what, to what.
pub(crate) fn own_changed(
    tx: &mut Tx<'_>,
    action: &'static str,
    before: &User,
    after: &User,
    via: &'static str,
) -> Result<()> {
    let actor = doorward_audit::Actor::new(before.id, before.name.as_str(), via);
    let event = Event::new(action, actor).about("user", Some(before.id), before.name.as_str());
    record(tx, &event.with_data(differences(before, after)?))
}

/// Something done to a group.
pub(crate) fn group(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, group: &Group) -> Result<()> {
    record(
        tx,
        &Event::new(action, actor.into()).about("group", Some(group.id), group.name.as_str()),
    )
}

/// A changed group.
pub(crate) fn group_changed(tx: &mut Tx<'_>, actor: &Actor, before: &Group, after: &Group) -> Result<()> {
    let changes = differences(before, after)?;
    let event = Event::new("group.edit", actor.into()).about("group", Some(after.id), before.name.as_str());
    record(tx, &event.with_data(changes))
}

/// Somebody, or a group, came into a group or left it.
pub(crate) fn member(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    group: &Group,
    member: Member<'_>,
) -> Result<()> {
    let (kind, id, name) = (member.kind(), member.id(), member.name());
    let event = Event::new(action, actor.into()).about("group", Some(group.id), group.name.as_str());
    record(
        tx,
        &event.with_data(json!({ "member": { "kind": kind, "id": id, "name": name } })),
    )
}

/// A role given or taken.
pub(crate) fn role(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    role: Role,
    holder: RoleHolder,
    holder_name: &str,
) -> Result<()> {
    let kind = match holder {
        RoleHolder::User(_) => "user",
        RoleHolder::Group(_) => "group",
    };
    let data = match role.group() {
        Some(group) => json!({ "role": role.as_str(), "managed_group": group }),
        None => json!({ "role": role.as_str() }),
    };
    record(
        tx,
        &Event::new(action, actor.into())
            .about(kind, Some(holder.id()), holder_name)
            .with_data(data),
    )
}

/// A link made.
pub(crate) fn link(tx: &mut Tx<'_>, actor: &Actor, user: Option<&User>, kind: LinkKind) -> Result<()> {
    let event = Event::new("link.create", actor.into()).with_data(json!({ "kind": kind.as_str() }));
    record(
        tx,
        &match user {
            Some(user) => event.about("user", Some(user.id), user.name.as_str()),
            None => event,
        },
    )
}

/// A link used.
pub(crate) fn link_used(tx: &mut Tx<'_>, user: &User, kind: LinkKind) -> Result<()> {
    let actor = doorward_audit::Actor::new(user.id, user.name.as_str(), "link");
    let event = Event::new("link.redeem", actor).about("user", Some(user.id), user.name.as_str());
    record(tx, &event.with_data(json!({ "kind": kind.as_str() })))
}

/// An API token made or revoked.
pub(crate) fn token(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, user: &User, token: &ApiToken) -> Result<()> {
    let event = Event::new(action, actor.into()).about("user", Some(user.id), user.name.as_str());
    record(
        tx,
        &event.with_data(json!({ "token": token.id, "label": token.label, "expires": token.expires })),
    )
}

/// A passkey registered, renamed or removed.
pub(crate) fn passkey(
    tx: &mut Tx<'_>,
    by: impl Into<doorward_audit::Actor>,
    action: &'static str,
    user: &User,
    passkey: &Passkey,
) -> Result<()> {
    let event = Event::new(action, by.into()).about("user", Some(user.id), user.name.as_str());
    record(
        tx,
        &event.with_data(json!({ "passkey": passkey.id, "name": passkey.name, "synced": passkey.synced })),
    )
}

/// A passkey whose counter went back, `from` one value to another.
pub(crate) fn passkey_copied(
    tx: &mut Tx<'_>,
    user: &User,
    passkey: &Passkey,
    (from, to): (u32, u32),
    address: String,
) -> Result<()> {
    let actor = doorward_audit::Actor::new(user.id, user.name.as_str(), "login");
    let event = Event::new("user.passkey.copied", actor)
        .about("user", Some(user.id), user.name.as_str())
        .from_address(address);
    let data = json!({ "passkey": passkey.id, "name": passkey.name, "counter": { "from": from, "to": to } });
    record(tx, &event.with_data(data))
}

/// What a person had given to an application was taken back: `app` is id and client id.
pub(crate) fn app_grants_revoked(
    tx: &mut Tx<'_>,
    actor: &Actor,
    person: &User,
    app: (Uuid, &str),
    done: AppGrantsRevoked,
    address: Option<String>,
) -> Result<()> {
    let mut event = Event::new("grant.revoke", actor.into()).about("app", Some(app.0), app.1);
    event.address = address;
    let data = json!({
        "user": { "id": person.id, "name": person.name.as_str() },
        "grants": done.grants,
        "consent": done.consent,
    });
    record(tx, &event.with_data(data))
}

/// The fields in which two values differ; times are left out, the event has its own.
fn differences(before: &impl serde::Serialize, after: &impl serde::Serialize) -> Result<Value, StoreError> {
    let object = |value: Result<Value, serde_json::Error>| match value {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(StoreError::Damaged("a row that is no JSON object".to_owned())),
    };
    let (before, after) = (
        object(serde_json::to_value(before))?,
        object(serde_json::to_value(after))?,
    );
    let changed: Map<String, Value> = after
        .into_iter()
        .filter(|(name, _)| name != "updated")
        .filter_map(|(name, to)| {
            let from = before.get(&name).cloned().unwrap_or_default();
            (from != to).then(|| (name, json!({ "from": from, "to": to })))
        })
        .collect();
    Ok(json!({ "changed": changed }))
}

impl Via {
    /// The word in events: `socket`, `session`, `token`, `system`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Session(_) => "session",
            Self::ApiToken(_) => "token",
            Self::Server => "system",
        }
    }
}
