//! Whole code logins at the issuer of an earlier provider, which Doorward answers at too (docs/issuer-aliases.md).

use anyhow::Result;

use crate::{
    scenarios::{self, Effort},
    setup,
    table::Row,
    target::{Endpoints, Home, Target},
};

/// As Keycloak has it.
const PATH: &str = "/realms/bench";

/// The same application but for its issuer. Afterwards `ours` is known by the addresses of the alias.
pub(crate) async fn row(home: &Home, ours: &mut Target, effort: Effort) -> Result<Row> {
    let id = "bench-alias";
    let issuer = format!("http://{}{PATH}", ours.authority);
    home.ask(&["alias", "add", &issuer])?;
    setup::application(&|arguments| home.ask(arguments), id, "ES256", "ES256")?;
    home.ask(&["app", "edit", id, "--issuer", &issuer])?;
    ours.endpoints = Endpoints::of(&ours.authority, PATH).await?;
    let client = home.secret(id)?;
    Ok(Row::new(
        "code login ES256 at an alias",
        scenarios::code_login(ours, &client, effort).await?,
    ))
}
