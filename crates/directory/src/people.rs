//! Adding, changing, removing and finding users.

use std::time::Duration;

use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Actor, Directory, ExpiryEdit, GroupName, Link, LinkKind, NewUser, Right, Theme, User, UserEdit, UserKind, UserName,
    credential,
    directory::Result,
    ending,
    error::{INVALID_USER, shortened},
    event, expiry,
    factors::{self, Seals},
    foreign::Arrival,
    groups,
    guard::{self, Administrators},
    letters::tell_of_address,
    links,
    membership::{self, Member},
    users,
};

const MAX_DISPLAY_NAME_CHARS: usize = 200;
const MAX_EMAIL_BYTES: usize = 254;
const MAX_FIRST_GROUPS: usize = 100;

impl Directory {
    /// Adds a user. Right: change-people; joining a group follows [`Directory::add_member`].
    pub async fn add_user(&self, actor: &Actor, new: NewUser, now: Timestamp) -> Result<User> {
        let (user, groups) = fresh(new, self.new_id(now), now)?;
        self.administer(actor, now, move |tx, actor| add(tx, actor, &user, &groups))
            .await
    }

    /// Adds a person together with their enrolment link: both or neither. Rights as for each.
    pub async fn add_person(
        &self,
        actor: &Actor,
        new: NewUser,
        link_lifetime: Duration,
        now: Timestamp,
    ) -> Result<(User, Link)> {
        let (user, groups) = fresh(new, self.new_id(now), now)?;
        let draft = links::Draft::new(self, LinkKind::Enrol, link_lifetime, now)?;
        self.administer(actor, now, move |tx, actor| {
            let user = add(tx, actor, &user, &groups)?;
            let link = draft.make(tx, actor, user.id)?;
            Ok((user, link))
        })
        .await
    }

    /// Adds a person and mails them the enrolment link: all or nothing. Rights as for [`Directory::add_person`].
    pub async fn invite_person(
        &self,
        actor: &Actor,
        new: NewUser,
        link_lifetime: Duration,
        now: Timestamp,
    ) -> Result<(User, Link)> {
        let (user, groups) = fresh(new, self.new_id(now), now)?;
        let draft = links::Draft::new(self, LinkKind::Enrol, link_lifetime, now)?;
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            let user = add(tx, actor, &user, &groups)?;
            let link = draft.make(tx, actor, user.id)?;
            links::mail(tx, &outbox, &link, &user)?;
            Ok((user, link))
        })
        .await
    }

    /// Changes a user. Right: change-people, or full for a user with a role. Disabling ends sessions and revokes grants.
    pub async fn edit_user(&self, actor: &Actor, id: Uuid, edit: UserEdit, now: Timestamp) -> Result<User> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            let (admins, before) = changeable(tx, actor, id)?;
            let after = edited(&before, &edit, tx.now())?;
            let after = change(tx, actor, admins, &before, &after)?;
            if before.email != after.email {
                tell_of_address(tx, &outbox, &before, &after)?;
            }
            Ok(after)
        })
        .await
    }

    /// A user by id.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>> {
        self.read(move |tx| users::by_id(tx, id)).await
    }

    /// A user by id as text, by name (any case), by `name@domain`, or by e-mail address. The id comes first: nobody is hidden by
    /// somebody who is called like it.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        let name = name.to_owned();
        let domain = self.settings().domain.clone();
        self.read(move |tx| {
            if let Ok(id) = Uuid::parse_str(&name)
                && let Some(user) = users::by_id(tx, id)?
            {
                return Ok(Some(user));
            }
            users::by_login(tx, &name, domain.as_deref())
        })
        .await
    }
}

/// The user as they are until this unit ends, if the actor may change them. The turn of administrators comes before the row, as
/// where users are deleted: units that took them the other way round would wait for each other.
fn changeable(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<(Administrators, User)> {
    let user = users::existing(tx, id)?;
    let admins = guard::user(tx, actor, &user)?;
    credential::lock(tx, id)?;
    Ok((admins, users::existing(tx, id)?))
}

/// Stores a changed user, with all that follows.
fn change(tx: &mut Tx<'_>, actor: &Actor, admins: Administrators, before: &User, after: &User) -> Result<User> {
    users::update(tx, before, after)?;
    if after.disabled && !before.disabled {
        ending::end_access(tx, before.id, None)?;
    }
    if after.disabled != before.disabled || after.expires != before.expires {
        admins.keep_one(tx)?;
    }
    event::user_changed(tx, actor, before, after)?;
    tx.announce(Change::of(Topic::People, before.id));
    users::existing(tx, before.id)
}

/// Changes a user if the edit makes a difference: a login that says what is known already writes nothing.
pub(crate) fn edit_unless_same(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, edit: &UserEdit) -> Result<User> {
    let seen = users::existing(tx, id)?;
    if edited(&seen, edit, seen.updated)? == seen {
        return Ok(seen);
    }
    let (admins, before) = changeable(tx, actor, id)?;
    let after = edited(&before, edit, before.updated)?;
    let after = User {
        updated: tx.now(),
        ..after
    };
    change(tx, actor, admins, &before, &after)
}

/// Stores a new user and puts them into their groups.
pub(crate) fn add(tx: &mut Tx<'_>, actor: &Actor, user: &User, groups: &[GroupName]) -> Result<User> {
    put(tx, actor, user, groups, Value::Null)?;
    users::existing(tx, user.id)
}

/// Stores somebody from elsewhere with what they bring; see [`crate::within::arrive`].
pub(crate) fn arrive(
    tx: &mut Tx<'_>,
    actor: &Actor,
    seals: &Seals,
    (id, mut arrival): (Uuid, Arrival),
    from: &'static str,
) -> Result<()> {
    actor.require(Right::Full)?;
    // Not as few as somebody types at once: every role there is a group here.
    let groups = parsed(&std::mem::take(&mut arrival.user.groups))?;
    let (mut user, _) = fresh(arrival.user, id, tx.now())?;
    user.disabled = arrival.disabled;
    let brings = json!({ "from": from, "password": arrival.password.is_some(), "totp": arrival.totp.is_some() });
    put(tx, actor, &user, &groups, brings)?;
    if let Some(hash) = &arrival.password {
        tx.execute(
            "INSERT INTO passwords (user_id, phc, prepared, set_at) VALUES ($1, $2, 0, $3)",
            &[id.into(), (&hash.0).into(), tx.now().into()],
        )?;
    }
    if let Some(totp) = &arrival.totp {
        factors::adopt_totp(tx, seals, id, &totp.secret, totp.form)?;
    }
    Ok(())
}

/// Groups that are not there are refused before anything is written. One with a role is refused to an actor without `full` after
/// that, so a unit that goes on after refusals needs an actor with it.
fn put(tx: &mut Tx<'_>, actor: &Actor, user: &User, groups: &[GroupName], brings: Value) -> Result<()> {
    actor.require(Right::ChangePeople)?;
    let mut joined = Vec::with_capacity(groups.len());
    for name in groups {
        joined.push(groups::named(tx, name)?);
    }
    users::insert(tx, user)?;
    event::user_with(tx, actor, "user.add", user, brings)?;
    for group in &joined {
        membership::add(tx, actor, group, Member::User(user))?;
    }
    tx.announce(Change::of(Topic::People, user.id));
    Ok(())
}

fn parsed(groups: &[String]) -> Result<Vec<GroupName>, Refusal> {
    groups.iter().map(|group| GroupName::parse(group)).collect()
}

/// The user that a [`NewUser`] describes, and the groups to join.
pub(crate) fn fresh(new: NewUser, id: Uuid, now: Timestamp) -> Result<(User, Vec<GroupName>), Refusal> {
    let name = UserName::parse(&new.name)?;
    new.attributes.check()?;
    if new.groups.len() > MAX_FIRST_GROUPS {
        return Err(refused(format!(
            "{} groups at once, at most {MAX_FIRST_GROUPS} are allowed",
            new.groups.len()
        )));
    }
    let groups = parsed(&new.groups)?;
    let email = new.email.map(checked_email).transpose()?.flatten();
    let expires = expiry::edited(
        new.kind,
        None,
        new.expires.map_or(ExpiryEdit::Never, ExpiryEdit::At),
        now,
    )?;
    Ok((
        User {
            id,
            kind: new.kind,
            display_name: display_name(new.display_name.as_deref().unwrap_or_default(), &name)?,
            name,
            email_verified: new.email_verified && email.is_some(),
            email,
            attributes: new.attributes,
            disabled: false,
            expires,
            deletion: None,
            theme: Theme::default(),
            has_password: false,
            created: now,
            updated: now,
            last_login: None,
        },
        groups,
    ))
}

pub(crate) fn edited(before: &User, edit: &UserEdit, now: Timestamp) -> Result<User, Refusal> {
    let mut user = before.clone();
    if let Some(name) = &edit.name {
        user.name = UserName::parse(name)?;
        // A full name that was only the short name follows it.
        if before.display_name == before.name.as_str() {
            user.display_name = user.name.to_string();
        }
    }
    if let Some(text) = &edit.display_name {
        user.display_name = display_name(text, &user.name)?;
    }
    if let Some(email) = &edit.email {
        user.email = checked_email(email.clone())?;
        user.email_verified = before.email_verified && user.email == before.email;
    }
    if let Some(verified) = edit.email_verified {
        user.email_verified = verified && user.email.is_some();
    }
    if let Some(disabled) = edit.disabled {
        user.disabled = disabled;
    }
    user.expires = expiry::edited(before.kind, before.expires, edit.expires, now)?;
    user.theme = edit.theme.unwrap_or(before.theme);
    user.attributes.merge(&edit.attributes);
    user.attributes.check()?;
    user.updated = now;
    Ok(user)
}

fn refused(detail: String) -> Refusal {
    Refusal::response(&INVALID_USER, detail)
}

fn display_name(text: &str, name: &UserName) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAX_DISPLAY_NAME_CHARS {
        return Err(refused(format!(
            "the full name has more than {MAX_DISPLAY_NAME_CHARS} characters"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(refused("the full name contains a control character".to_owned()));
    }
    Ok(if text.is_empty() {
        name.to_string()
    } else {
        text.to_owned()
    })
}

/// An address with one `@` and no white space; empty is none. Several `@` have made others trust the wrong domain.
pub(crate) fn checked_email(email: String) -> Result<Option<String>, Refusal> {
    if email.is_empty() {
        return Ok(None);
    }
    let well_formed = email.len() <= MAX_EMAIL_BYTES
        && !email
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'))
        && matches!(email.split_once('@'), Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if well_formed {
        Ok(Some(email))
    } else {
        Err(refused(format!("{:?} is not an e-mail address", shortened(&email)))
            .with_remedy("Write it as name@example.com, at most 254 bytes."))
    }
}

/// Whether the user exists and the account is open: to be asked in the unit of work that opens something for them (a code, a
/// grant) in a session that began earlier. A unit that begins a session asks [`crate::Proof::holds`].
pub fn is_enabled(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM users WHERE id = $1 AND disabled = 0 AND deletion_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)";
    Ok(tx.one(sql, &[user.into(), tx.now().into()], |_| Ok(()))?.is_some())
}

impl User {
    /// Whether this user can have a password at all.
    pub(crate) fn is_person(&self) -> bool {
        self.kind == UserKind::Person
    }
}
