//! `doorward setting …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorward_api::{Edit, OwnField, Settings, SettingsChange};

use crate::{caller::Caller, failure::Failure, output::Output, switch};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the settings
    Show,
    /// Change settings
    Edit(Change),
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Change {
    /// How many days events are kept
    #[arg(long, value_name = "DAYS")]
    event_retention: Option<u32>,
    /// How many days traces are kept
    #[arg(long, value_name = "DAYS")]
    trace_retention: Option<u32>,
    /// What people may change of themselves: name,email,language; empty for nothing
    #[arg(long, value_name = "FIELDS", value_parser = own_profile)]
    own_profile: Option<OwnProfile>,
    /// Days until a deleted person is gone for good; 0 for at once
    #[arg(long, value_name = "DAYS")]
    deletion_grace: Option<u32>,
    /// Whether people may delete their own account
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    own_deletion: Option<bool>,
    /// How many days a signing key signs, or `never`: then keys turn by hand alone
    #[arg(long, value_name = "DAYS", value_parser = days_or_never)]
    key_rotation: Option<Edit<u32>>,
    /// Whose authenticators may be registered as passkeys: a file of certificates in PEM, or `none` when any will do
    #[arg(long, value_name = "FILE")]
    attestation_roots: Option<PathBuf>,
}

fn days_or_never(text: &str) -> Result<Edit<u32>, String> {
    match text {
        "never" => Ok(Edit::Clear),
        days => days
            .parse()
            .map(Edit::Set)
            .map_err(|_| format!("expected a number of days or `never`, received {days:?}")),
    }
}

/// A list in one argument, which may be empty.
#[derive(Debug, Clone)]
struct OwnProfile(Vec<OwnField>);

fn own_profile(text: &str) -> Result<OwnProfile, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let fields: Result<Vec<_>, _> = words
        .map(|word| match word {
            "name" => Ok(OwnField::Name),
            "email" => Ok(OwnField::Email),
            "language" => Ok(OwnField::Language),
            other => Err(format!("expected name, email or language, received {other:?}")),
        })
        .collect();
    fields.map(OwnProfile)
}

fn word(field: OwnField) -> &'static str {
    match field {
        OwnField::Name => "name",
        OwnField::Email => "email",
        OwnField::Language => "language",
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = match self {
            Self::Show => caller.get::<Settings>(&["settings"]).await?,
            Self::Edit(change) => {
                let attestation_roots = match change.attestation_roots {
                    None => Edit::Keep,
                    Some(path) if path.as_os_str() == "none" => Edit::Clear,
                    Some(path) => Edit::Set(std::fs::read_to_string(&path).map_err(|error| {
                        Failure::usage(format!("--attestation-roots: cannot read {}: {error}", path.display()))
                    })?),
                };
                let change = SettingsChange {
                    attestation_roots,
                    event_retention_days: change.event_retention,
                    trace_retention_days: change.trace_retention,
                    own_profile: change.own_profile.map(|fields| fields.0),
                    deletion_grace_days: change.deletion_grace,
                    own_deletion: change.own_deletion,
                    key_rotation_days: change.key_rotation.unwrap_or_default(),
                };
                caller.patch::<Settings>(&["settings"], &change).await?
            }
        };
        caller.show(&reply, show)
    }
}

fn passkeys(roots: Option<&str>) -> String {
    match roots {
        None => "of any maker".to_owned(),
        Some(pem) => format!(
            "of makers with {} chosen roots",
            pem.matches("-----BEGIN CERTIFICATE-----").count()
        ),
    }
}

fn show(settings: &Settings, output: &Output) -> Result<(), Failure> {
    let own: Vec<&str> = settings.own_profile.iter().copied().map(word).collect();
    let own = if own.is_empty() {
        "nothing".to_owned()
    } else {
        own.join(", ")
    };
    output.fields(&[
        ("events are kept", format!("{} days", settings.event_retention_days)),
        ("traces are kept", format!("{} days", settings.trace_retention_days)),
        ("people change their own", own),
        (
            "deleted people are kept",
            match settings.deletion_grace_days {
                0 => "not at all".to_owned(),
                1 => "1 day".to_owned(),
                days => format!("{days} days"),
            },
        ),
        (
            "people delete their own account",
            if settings.own_deletion { "yes" } else { "no" }.to_owned(),
        ),
        (
            "a signing key signs for",
            match settings.key_rotation_days {
                Some(days) => format!("{days} days"),
                None => "as long as nobody turns it".to_owned(),
            },
        ),
        ("passkeys", passkeys(settings.attestation_roots.as_deref())),
    ])
}
