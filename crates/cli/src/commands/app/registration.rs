//! `doorward app registration …`

use clap::{Args, Subcommand};
use doorward_api::{
    ClientRegistration, ClientRegistrationChange, InitialAccessToken, InitialAccessTokenShown, List,
    NewInitialAccessToken, RegistrationMode,
};

use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
    span,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show whether applications may register themselves
    Show,
    /// Say whether applications may register themselves, and what becomes of them
    Set(Change),
    /// Initial access tokens, which let an application register itself
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Change {
    /// off, or token for whoever has an initial access token
    #[arg(long, value_name = "MODE", value_parser = mode, conflicts_with = "weaken_open")]
    mode: Option<RegistrationMode>,
    /// Let anybody register an application: weaker, for a server that only one's own people reach
    #[arg(long)]
    weaken_open: bool,
    /// Groups that such an application lets in: staff,guests; everyone for everybody, empty for nobody
    #[arg(long, value_name = "GROUPS")]
    groups: Option<String>,
    /// After so many days an application that nobody has used goes
    #[arg(long, value_name = "DAYS")]
    unused_days: Option<u32>,
    /// Unused applications at the same time at the most
    #[arg(long, value_name = "N")]
    most_unused: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token; its value is shown this once
    Add {
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: String,
        /// How long it counts: 7d; 30 days when not given
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        lifetime: Option<u32>,
        /// How many applications may register by it; any number when not given
        #[arg(long, value_name = "N")]
        uses: Option<u32>,
    },
    /// List the tokens, never their values
    List,
    /// Revoke a token; what registered by it stays
    Remove {
        /// The token's id in the list
        id: String,
    },
}

fn mode(text: &str) -> Result<RegistrationMode, String> {
    match text {
        "off" => Ok(RegistrationMode::Off),
        "token" => Ok(RegistrationMode::Token),
        "open" => Err("letting anybody register is spelled --weaken-open".to_owned()),
        _ => Err(format!(
            "expected off or token, received {text:?}; for anybody: --weaken-open"
        )),
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Show => {
                let reply = caller.get::<ClientRegistration>(&["client-registration"]).await?;
                caller.show(&reply, show)
            }
            Self::Set(change) => {
                let groups = change.groups.map(|groups| {
                    let names = groups.split(',').map(str::trim).filter(|name| !name.is_empty());
                    names.map(str::to_owned).collect()
                });
                let change = ClientRegistrationChange {
                    mode: if change.weaken_open {
                        Some(RegistrationMode::WeakenOpen)
                    } else {
                        change.mode
                    },
                    groups,
                    unused_days: change.unused_days,
                    most_unused: change.most_unused,
                };
                let reply = caller
                    .patch::<ClientRegistration>(&["client-registration"], &change)
                    .await?;
                caller.show(&reply, show)
            }
            Self::Token(token) => token.run(caller).await,
        }
    }
}

impl Token {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add { label, lifetime, uses } => {
                let request = NewInitialAccessToken {
                    label,
                    lifetime_seconds: lifetime,
                    uses,
                };
                let reply = caller
                    .post::<InitialAccessTokenShown>(&["client-registration", "tokens"], &request)
                    .await?;
                caller.show(&reply, |shown, output| {
                    output.aside("This is its value; it is shown only now:")?;
                    output.line(&shown.token)
                })
            }
            Self::List => {
                let reply = caller
                    .get::<List<InitialAccessToken>>(&["client-registration", "tokens"])
                    .await?;
                caller.show(&reply, |list, output| {
                    let row = |token: &InitialAccessToken| {
                        vec![
                            token.id.to_string(),
                            token.label.clone(),
                            instant(token.expires),
                            token
                                .uses_left
                                .map_or_else(|| "any".to_owned(), |left| left.to_string()),
                            token.used.to_string(),
                        ]
                    };
                    output.list(
                        list,
                        &["ID", "FOR", "ENDS", "USES LEFT", "USED"],
                        row,
                        "There is none. Try: doorward app registration token add --label <what for>",
                    )
                })
            }
            Self::Remove { id } => {
                caller.delete(&["client-registration", "tokens", &id]).await?;
                caller.output.line("Revoked an initial access token.")
            }
        }
    }
}

fn show(policy: &ClientRegistration, output: &Output) -> Result<(), Failure> {
    let who = match policy.mode {
        RegistrationMode::Off => "nobody",
        RegistrationMode::Token => "whoever has an initial access token",
        RegistrationMode::WeakenOpen => "anybody (weakened: weaken-open)",
    };
    let groups = if policy.groups.is_empty() {
        "nobody, until somebody runs doorward app allow".to_owned()
    } else {
        policy.groups.join(", ")
    };
    output.fields(&[
        ("who may register", who.to_owned()),
        ("where", policy.endpoint.clone()),
        ("lets in", groups),
        ("unused ones go after", format!("{} days", policy.unused_days)),
        ("unused at the most", policy.most_unused.to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_is_opened_by_its_loud_name_only() {
        assert_eq!(mode("token"), Ok(RegistrationMode::Token));
        assert!(mode("open").unwrap_err().contains("--weaken-open"));
    }
}
