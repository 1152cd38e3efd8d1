//! People inside the unit of work of another subject: a login through an upstream writes the identity, the person, their
//! groups and the event together or not at all. Each function checks what the service's own operations check, with the
//! actor's rights as they are in this unit.

use std::{net::IpAddr, time::Duration};

use doorward_jose::{Jwk, Random};
use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Budget, DirectoryError, Facts, NewUser, Role, RoleHolder, User, UserEdit, UserName,
    budget::Account,
    credential,
    directory::Result,
    error::LAST_ADMINISTRATOR,
    event, facts, groups, guard,
    membership::{self, Member},
    people, roles, users,
};

/// The longest name that [`free_name`] begins with: what makes it free must fit behind.
const LONGEST_STEM: usize = 54;
/// How many numbers are tried before something random.
const MOST_NUMBERS: u32 = 99;

/// The actor with the roles that count in this unit of work: those they came with and still hold.
pub fn current(tx: &mut Tx<'_>, actor: &Actor) -> Result<Actor, StoreError> {
    guard::current(tx, actor)
}

/// A user by id.
pub fn user(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<User>, StoreError> {
    users::by_id(tx, id)
}

/// A user by name, without regard to case.
pub fn user_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    users::by_name(tx, name)
}

/// The user who has this e-mail address, without regard to case.
pub fn user_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>, StoreError> {
    users::by_email(tx, email)
}

/// Whether an address is no more than what its holder said at an upstream: whoever proves it has it instead.
pub fn is_only_said(tx: &mut Tx<'_>, holder: &User) -> Result<bool, StoreError> {
    users::is_only_said(tx, holder)
}

/// What is known of a user, groups and roles included.
pub fn facts(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Facts>, StoreError> {
    facts::load(tx, id)
}

/// Names of the groups a user is in directly, sorted without regard to case.
pub fn direct_groups(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT g.name FROM group_users m JOIN user_groups g ON g.id = m.group_id WHERE m.user_id = $1 ORDER BY g.name_key",
        &[user.into()],
        |row| row.get(0),
    )
}

/// Whether the account is open; what would end their access waits for this unit, and it for that. To be asked in each unit
/// that opens something for a person.
pub fn lock_enabled(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    credential::lock_enabled(tx, user)
}

/// Whether the user holds a role, through groups too.
pub fn holds_role(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    Ok(!roles::of_user(tx, user)?.is_empty())
}

/// Names of the groups whose members hold a role, through nesting too, sorted.
pub fn groups_with_roles(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.all(
        "WITH RECURSIVE bring (id) AS (SELECT group_id FROM role_grants WHERE group_id IS NOT NULL \
         UNION SELECT n.child_id FROM group_groups n JOIN bring ON n.parent_id = bring.id) \
         SELECT g.name FROM bring JOIN user_groups g ON g.id = bring.id ORDER BY g.name_key",
        &[],
        |row| row.get(0),
    )
}

/// Notes that a user logged in now. No change of the user: nothing is announced.
pub fn note_login(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    credential::note_login(tx, user)
}

/// A name that nobody has, as near to `wanted` as the rules for names allow: what stands before an `@`, every other
/// character than letters (a-z), digits, `.`, `_` and `-` replaced by `-`, at most 54 characters; if it is taken, `-2` to `-99`
/// behind it, then eight random hexadecimal digits. Without anything to begin with it is `user`, and an id gets `user-` before it.
pub fn free_name(tx: &mut Tx<'_>, wanted: &str, random: &dyn Random) -> Result<UserName, DirectoryError> {
    let stem = stem(wanted);
    if users::by_name(tx, &stem)?.is_none() {
        return Ok(UserName::parse(&stem)?);
    }
    for number in 2..=MOST_NUMBERS {
        let name = format!("{stem}-{number}");
        if users::by_name(tx, &name)?.is_none() {
            return Ok(UserName::parse(&name)?);
        }
    }
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    Ok(UserName::parse(&format!("{stem}-{:08x}", u32::from_be_bytes(bytes)))?)
}

fn stem(wanted: &str) -> String {
    let local = wanted.split('@').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let text: String = local
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(LONGEST_STEM)
        .collect();
    let text = text.trim_end_matches('-');
    if text.is_empty() {
        "user".to_owned()
    } else if Uuid::parse_str(text).is_ok() {
        // Nobody is called like somebody's id.
        format!("user-{text}")
    } else {
        text.to_owned()
    }
}

/// Adds a user. Right: change-people; joining a group follows [`join`].
pub fn add(tx: &mut Tx<'_>, actor: &Actor, new: NewUser, id: Uuid) -> Result<User, DirectoryError> {
    let (user, groups) = people::fresh(new, id, tx.now())?;
    people::add(tx, actor, &user, &groups)
}

/// Changes a user, if anything of them would change; rights as for `Directory::edit_user`.
pub fn edit(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, edit: &UserEdit) -> Result<User, DirectoryError> {
    people::edit_unless_same(tx, actor, id, edit)
}

/// Puts a user into the group of this name; false when they were in it directly already.
pub fn join(tx: &mut Tx<'_>, actor: &Actor, group: &str, user: &User) -> Result<bool, DirectoryError> {
    let group = groups::named(tx, &crate::GroupName::parse(group)?)?;
    membership::add(tx, actor, &group, Member::User(user))
}

/// Takes a user out of the group of this name. Never the last administrator out of what makes one: nobody could undo it.
pub fn leave(tx: &mut Tx<'_>, actor: &Actor, group: &str, user: &User) -> Result<Left, DirectoryError> {
    let Some(group) = groups::by_name(tx, group)? else {
        return Ok(Left::WasNotIn);
    };
    match membership::remove(tx, actor, &group, Member::User(user)) {
        Ok(true) => Ok(Left::Yes),
        Ok(false) => Ok(Left::WasNotIn),
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == LAST_ADMINISTRATOR.code => {
            // Found out by taking it away: given back, before anybody could see it.
            tx.execute(
                "INSERT INTO group_users (group_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[group.id.into(), user.id.into(), tx.now().into()],
            )?;
            Ok(Left::LastAdministrator)
        }
        Err(error) => Err(error),
    }
}

/// What came of taking somebody out of a group or away from a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// They were in it and are not any more.
    Yes,
    /// They were not in it directly.
    WasNotIn,
    /// They stay: without them nobody would have full rights.
    LastAdministrator,
}

/// Grants a role to a user; false when they held it already. Right: full.
pub fn grant(tx: &mut Tx<'_>, actor: &Actor, role: Role, user: &User, id: Uuid) -> Result<bool, DirectoryError> {
    actor.require(crate::Right::Full)?;
    guard::take_turn(tx)?;
    let holder = RoleHolder::User(user.id);
    if !roles::insert(tx, id, role, holder)? {
        return Ok(false);
    }
    event::role(tx, actor, "role.grant", role, holder, user.name.as_str())?;
    tx.announce(Change::of(Topic::People, user.id));
    Ok(true)
}

/// Withdraws a role that a user holds themselves. Right: full.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, role: Role, user: &User, id: Uuid) -> Result<Left, DirectoryError> {
    actor.require(crate::Right::Full)?;
    let admins = guard::Administrators::look(tx)?;
    let holder = RoleHolder::User(user.id);
    if !roles::delete(tx, role, holder)? {
        return Ok(Left::WasNotIn);
    }
    match admins.keep_one(tx) {
        Ok(()) => {}
        Err(DirectoryError::Refused(_)) => {
            roles::insert(tx, id, role, holder)?;
            return Ok(Left::LastAdministrator);
        }
        Err(error) => return Err(error),
    }
    event::role(tx, actor, "role.withdraw", role, holder, user.name.as_str())?;
    tx.announce(Change::of(Topic::People, user.id));
    Ok(Left::Yes)
}

/// The roles granted to a user themselves, not through groups.
pub fn own_roles(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Role>, StoreError> {
    roles::own(tx, user)
}

/// Persons with an e-mail address, by name, at most `limit`: whom a login by e-mail could reach.
pub fn persons_with_email(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<User>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            users::user_columns!(),
            " FROM users u WHERE u.email IS NOT NULL ORDER BY u.name_key LIMIT $1"
        ),
        &[limit.into()],
        users::from_row,
    )
}

/// What it costs a person to try the code of a device (RFC 8628 §5.1): ten tries, one more each half minute; all people behind
/// one address together sixty, one more in ten seconds.
pub struct UserCodeBudget([Account; 2]);

impl UserCodeBudget {
    /// Of this person at this address.
    pub fn of(user: Uuid, address: IpAddr) -> Self {
        let budget = |tries, seconds| Budget {
            tries,
            interval: Duration::from_secs(seconds),
        };
        Self([
            Account::of_user_codes(user, budget(10, 30)),
            Account::of_user_codes_from(address, budget(60, 10)),
        ])
    }

    /// Pays for one try; how long to wait when the budget is spent.
    pub fn pay(&self, tx: &mut Tx<'_>) -> Result<Option<Duration>, StoreError> {
        let [person, address] = &self.0;
        if let Some(spent) = person.pay(tx)? {
            return Ok(Some(spent.retry_after));
        }
        let spent = address.pay(tx)?;
        if spent.is_some() {
            person.give_back(tx)?;
        }
        Ok(spent.map(|spent| spent.retry_after))
    }

    /// The code was right: the try cost nothing.
    pub fn give_back(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|account| account.give_back(tx))
    }
}

/// A user as they would name themselves at the login: by name, by name and domain, or by address.
pub fn user_by_login(tx: &mut Tx<'_>, login: &str, domain: &str) -> Result<Option<User>, StoreError> {
    users::by_login(tx, login, Some(domain))
}

/// The public keys of a service account that hold at `now`.
pub fn service_keys(tx: &mut Tx<'_>, user: Uuid, now: Timestamp) -> Result<Vec<Jwk>, StoreError> {
    crate::service_keys::live(tx, user, now)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_name_is_made_of_what_names_may_consist_of() {
        assert_eq!(stem("alice"), "alice");
        assert_eq!(stem("Alice.Smith@example.com"), "Alice.Smith");
        assert_eq!(stem("müller anna"), "m-ller-anna");
        assert_eq!(stem("-_alice"), "alice");
        assert_eq!(stem("@"), "user");
        assert_eq!(stem("日本"), "user");
        assert_eq!(stem(&"x".repeat(200)).len(), 54);
        assert_eq!(stem("spn@idm.example@other"), "spn");
        for id in [
            "0198c0de-0000-7000-8000-000000000001",
            "0198C0DE000070008000000000000001@example.com",
        ] {
            let name = stem(id);
            assert!(name.starts_with("user-0198"), "{name}");
            assert!(name.len() <= super::LONGEST_STEM && uuid::Uuid::parse_str(&name).is_err());
        }
    }
}
