//! `doorward user passkeys`, `doorward user rename-passkey` and `doorward user remove-passkey`.

use doorward_api::{List, Passkey, PasskeyChange, PasskeysRemoved};

use super::count;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{instant, maybe_instant},
};

/// What a person logs in with instead of a password.
pub(super) async fn list(caller: &Caller<'_>, name: &str) -> Result<(), Failure> {
    let reply = caller.get::<List<Passkey>>(&["users", name, "passkeys"]).await?;
    caller.show(&reply, |list, output| {
        output.list(
            list,
            &["ID", "NAME", "ADDED", "LAST USED", "KEPT", "STATE"],
            row,
            &format!("{name} has no passkey."),
        )
    })
}

/// Gives one another name.
pub(super) async fn rename(caller: &Caller<'_>, name: &str, id: &str, to: String) -> Result<(), Failure> {
    let change = PasskeyChange { name: to };
    let reply = caller
        .patch::<Passkey>(&["users", name, "passkeys", id], &change)
        .await?;
    caller.show(&reply, |passkey, output| {
        output.line(format!("The passkey of {name} is called {} now.", passkey.name))
    })
}

/// Removes one, or all.
pub(super) async fn remove(caller: &Caller<'_>, name: &str, id: Option<&str>) -> Result<(), Failure> {
    let Some(id) = id else {
        let reply = caller
            .delete_for::<PasskeysRemoved>(&["users", name, "passkeys"])
            .await?;
        return caller.show(&reply, |done, output| {
            output.line(format!("Removed {} of {name}.", count(done.removed, "passkey")))
        });
    };
    caller.delete(&["users", name, "passkeys", id]).await?;
    caller.output.line(format!("Removed the passkey of {name}."))
}

fn row(passkey: &Passkey) -> Vec<String> {
    vec![
        passkey.id.to_string(),
        passkey.name.clone(),
        instant(passkey.created),
        maybe_instant(passkey.last_used),
        if passkey.synced { "synced" } else { "one device" }.to_owned(),
        match passkey.copied {
            Some(_) => "copied, refused",
            None if passkey.verifies_user => "logs in alone",
            None => "second factor",
        }
        .to_owned(),
    ]
}
