//! `doorward user grants` and `doorward user revoke`.

use doorward_api::{AppGrants, GrantsRevoked, List};

use super::count;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{instant, maybe_instant},
};

/// Which applications may know something of a person.
pub(super) async fn list(caller: &Caller<'_>, name: &str) -> Result<(), Failure> {
    let reply = caller.get::<List<AppGrants>>(&["users", name, "grants"]).await?;
    caller.show(&reply, |list, output| {
        output.list(
            list,
            &["APP", "NAME", "MAY READ", "SINCE", "LAST LOGIN", "ASKED"],
            row,
            &format!("No application may know anything of {name}."),
        )
    })
}

/// Takes back what a person has given to an application.
pub(super) async fn revoke(caller: &Caller<'_>, name: &str, app: &str) -> Result<(), Failure> {
    let reply = caller
        .delete_for::<GrantsRevoked>(&["users", name, "grants", app])
        .await?;
    caller.show(&reply, |done, output| {
        output.line(match (done.grants, done.consent) {
            (0, false) => format!("{app} had nothing of {name}."),
            (grants, false) => format!("Revoked {} of {name} to {app}.", count(grants, "grant")),
            (grants, true) => format!(
                "Revoked {} of {name} to {app}; the next login asks again.",
                count(grants, "grant")
            ),
        })
    })
}

fn row(app: &AppGrants) -> Vec<String> {
    vec![
        app.app.clone(),
        app.app_name.clone(),
        app.scopes.join(" "),
        instant(app.since),
        maybe_instant(app.last_login),
        maybe_instant(app.consented),
    ]
}
