//! `doorward status`

use doorward_api::Status;

use crate::{caller::Caller, failure::Failure, output::instant};

/// What the server says of itself, and who you are to it.
pub(super) async fn run(caller: &Caller<'_>) -> Result<(), Failure> {
    let reply = caller.get::<Status>(&["status"]).await?;
    caller.show(&reply, |status, output| {
        let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let rights = if status.actor.rights.is_empty() {
            "none".to_owned()
        } else {
            status.actor.rights.join(", ")
        };
        output.fields(&[
            ("server", format!("Doorward {}", status.version)),
            ("reached at", caller.connection.describe()),
            ("issuer", status.issuer.clone()),
            ("clock", instant(status.now)),
            ("applications", number(status.apps)),
            ("you are", format!("{} ({})", status.actor.name, status.actor.via)),
            ("you may", rights),
        ])
    })
}
