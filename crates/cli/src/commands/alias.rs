//! `doorward alias …`

use clap::Subcommand;
use doorward_api::{AliasForm, IssuerAlias, List, NewIssuerAlias};

use crate::{caller::Caller, failure::Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer at the issuer of an earlier provider too, with that provider's paths
    #[command(
        after_help = "Keycloak: https://sso.example.com/realms/<realm>, or …/auth/realms/<realm>, as applications have it.\n\
        Kanidm: https://idm.example.com/oauth2/openid; each application's issuer is that address and its client id.\n\
        Requests to that host have to reach this server; then: doorward app edit <app> --issuer <address>"
    )]
    Add {
        /// The issuer, byte for byte
        address: String,
    },
    /// List them, with the applications that have them
    List,
    /// Do not answer there any more; no application may have it
    Remove {
        /// The issuer
        address: String,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add { address } => {
                let reply = caller
                    .post::<IssuerAlias>(&["aliases"], &NewIssuerAlias { address })
                    .await?;
                caller.show(&reply, |alias, output| {
                    let address = &alias.address;
                    output.line(format!(
                        "Answers at {address} too, with the paths of {}.",
                        name(alias.form)
                    ))?;
                    output.aside(format!(
                        "Give it to applications: doorward app edit <app> --issuer {address}"
                    ))
                })
            }
            Self::List => {
                let reply = caller.get::<List<IssuerAlias>>(&["aliases"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |alias: &IssuerAlias| {
                        vec![
                            alias.address.clone(),
                            name(alias.form).to_owned(),
                            alias.apps.join(", "),
                        ]
                    };
                    output.list(
                        list,
                        &["ISSUER", "PATHS OF", "APPLICATIONS"],
                        row,
                        "There is none. For applications that came from another provider: doorward alias add <its issuer>",
                    )
                })
            }
            Self::Remove { address } => {
                let list = caller.get::<List<IssuerAlias>>(&["aliases"]).await?.value;
                let found = list.items.iter().find(|alias| alias.address == address);
                let found = found.ok_or_else(|| {
                    Failure::usage_with(
                        format!("this server does not answer at {address}"),
                        "doorward alias list",
                    )
                })?;
                caller.delete(&["aliases", &found.id.to_string()]).await?;
                caller.output.line(format!("Does not answer at {address} any more."))
            }
        }
    }
}

fn name(form: AliasForm) -> &'static str {
    match form {
        AliasForm::Keycloak => "Keycloak",
        AliasForm::Kanidm => "Kanidm",
    }
}
