//! What follows from keys that an application holds: flags, and how it is shown.

use clap::Args;
use doorward_api::{Edit, KeySettings, KeySettingsChange, RefreshTokens};

use super::word;

#[derive(Debug, Args)]
#[command(next_help_heading = "Keys of its own")]
pub(super) struct KeyFlags {
    /// Where it publishes its public keys, in the place of --jwks; empty to forget the address
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    jwks_uri: Option<String>,
    /// Fetch them, and requests from a --add-request-uri, although the names lead into a private network or to this machine
    #[arg(long, value_name = "BOOL")]
    weaken_jwks_private_address: Option<bool>,
    /// rotate: each use replaces the refresh token; stay: it stays the same, for applications that prove a key with each use
    #[arg(long, value_name = "HOW", value_parser = word::<RefreshTokens>)]
    refresh_tokens: Option<RefreshTokens>,
}

impl KeyFlags {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Option<KeySettingsChange> {
        let change = KeySettingsChange {
            jwks_uri: Edit::from_given(self.jwks_uri, String::is_empty),
            weaken_private_address: self.weaken_jwks_private_address,
            refresh_tokens: self.refresh_tokens,
        };
        (change != KeySettingsChange::default()).then_some(change)
    }
}

/// The settings that say something, as names and values.
pub(super) fn shown(settings: &KeySettings) -> Vec<(&'static str, String)> {
    let refresh_tokens = match settings.refresh_tokens {
        RefreshTokens::Rotate => "",
        RefreshTokens::Stay => "stay the same",
    };
    vec![
        ("its keys at", settings.jwks_uri.clone().unwrap_or_default()),
        ("refresh tokens", refresh_tokens.to_owned()),
    ]
}
