//! Whose an address is when somebody comes who has proved it.

use doorward_store::Tx;

use crate::{Actor, User, UserEdit, credential, directory::Result, guard, people, users};

/// Who has the address and keeps it. Somebody who has only said it at an upstream does not: they would stand in its owner's way.
pub(super) fn holder(tx: &mut Tx<'_>, address: &str) -> Result<Option<User>> {
    let Some(user) = users::by_email(tx, address)? else {
        return Ok(None);
    };
    Ok(if users::is_only_said(tx, &user)? {
        None
    } else {
        Some(user)
    })
}

/// Takes the address from whoever has only said it, in the unit in which somebody gets it who has proved it.
pub(super) fn take_from_sayer(tx: &mut Tx<'_>, address: &str) -> Result<()> {
    let Some(seen) = only_said_by(tx, address)? else {
        return Ok(());
    };
    // They may be proving it at this very moment: looked at once more when nobody else can change them.
    guard::take_turn(tx)?;
    credential::lock(tx, seen.id)?;
    let Some(sayer) = only_said_by(tx, address)?.filter(|sayer| sayer.id == seen.id) else {
        return Ok(());
    };
    let without = UserEdit {
        email: Some(String::new()),
        ..UserEdit::default()
    };
    people::edit_unless_same(tx, &Actor::server(), sayer.id, &without)?;
    Ok(())
}

fn only_said_by(tx: &mut Tx<'_>, address: &str) -> Result<Option<User>> {
    let Some(user) = users::by_email(tx, address)? else {
        return Ok(None);
    };
    Ok(users::is_only_said(tx, &user)?.then_some(user))
}
