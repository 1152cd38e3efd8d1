//! What follows from keys that an application holds: where it publishes them, and refresh tokens that need not change.

use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};

use crate::{App, ClientAuthentication, Dpop, edit, requests, values};

/// The settings of an application about its own keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySettings {
    /// Where it publishes its public keys (RFC 7591 §2 `jwks_uri`), in the place of [`App::jwks`].
    pub uri: Option<String>,
    /// The address, and those of its request objects, may be in a private network although their names do not look like that.
    pub weaken_private_address: bool,
    /// Whether a refresh replaces the refresh token.
    pub refresh_tokens: RefreshTokens,
}

/// Whether a refresh replaces the refresh token (RFC 9700 §4.14.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokens {
    /// Each use replaces it, so that a stolen one is noticed.
    #[default]
    Rotate,
    /// It stays the same, for applications that prove a key with each use (FAPI 2.0 Security Profile §5.3.2.1): a client whose
    /// answer was lost has lost nothing.
    Stay,
}

/// One change of these settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysEdit {
    /// Where it publishes its keys. The first keys make a secret's method `private_key_jwt`; `None` returns to a secret.
    Uri(Option<String>),
    /// Whether the address, and those of its request objects, may be in a private network although their names do not look like that.
    WeakenPrivateAddress(bool),
    /// Whether a refresh replaces the refresh token.
    RefreshTokens(RefreshTokens),
}

impl App {
    /// Whether its public keys are known, or where they are.
    pub fn has_keys(&self) -> bool {
        self.jwks.is_some() || self.keys.uri.is_some()
    }

    /// Whether a refresh leaves its refresh token as it is. Of a public client that holds for tokens alone that are bound to the key it
    /// proves, which an old one may not be: `is_bound`.
    pub fn keeps_refresh_token(&self, is_bound: bool) -> bool {
        self.keys.refresh_tokens == RefreshTokens::Stay
            && (is_bound || self.authentication != ClientAuthentication::None)
    }
}

pub(crate) fn step(app: &mut App, edit: &KeysEdit) -> Result<(), Refusal> {
    match edit {
        KeysEdit::Uri(None) => {
            app.keys.uri = None;
            if app.jwks.is_none() {
                edit::without_keys(app);
            }
        }
        KeysEdit::Uri(Some(uri)) => {
            let uri = requests::own_address("an address of the application's keys", uri)?;
            let had_keys = app.has_keys();
            app.jwks = None;
            app.keys.uri = Some(uri);
            edit::with_keys(app, had_keys);
        }
        KeysEdit::WeakenPrivateAddress(may) => app.keys.weaken_private_address = *may,
        KeysEdit::RefreshTokens(wanted) => app.keys.refresh_tokens = *wanted,
    }
    Ok(())
}

/// What must hold of them together with the rest.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    let proves_a_key = match app.authentication {
        ClientAuthentication::PrivateKeyJwt
        | ClientAuthentication::TlsClientAuth
        | ClientAuthentication::SelfSignedTlsClientAuth => true,
        ClientAuthentication::None => app.sender.dpop != Dpop::Optional || app.sender.certificate_bound,
        ClientAuthentication::ClientSecret => false,
    };
    if app.keys.refresh_tokens == RefreshTokens::Stay && !proves_a_key {
        return Err(values::invalid(
            "refresh tokens that stay the same are for applications that prove a key with each use: a stolen one would be used \
             unnoticed (RFC 9700 §4.14.2)",
        )
        .with_remedy(format!("doorward app edit {} --refresh-tokens rotate", app.client_id)));
    }
    Ok(())
}
