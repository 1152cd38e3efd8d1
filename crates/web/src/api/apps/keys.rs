//! What follows from keys that an application holds, between the API and the applications' crate.

use doorward_api as api;
use doorward_apps::{Edit, KeySettings, KeysEdit, RefreshTokens};

use super::change::nullable;

/// The settings as the API shows them.
pub(super) fn view(settings: &KeySettings) -> api::KeySettings {
    api::KeySettings {
        jwks_uri: settings.uri.clone(),
        weaken_private_address: settings.weaken_private_address,
        refresh_tokens: match settings.refresh_tokens {
            RefreshTokens::Rotate => api::RefreshTokens::Rotate,
            RefreshTokens::Stay => api::RefreshTokens::Stay,
        },
    }
}

/// Where its keys are, as an edit: before the method is named, which counts.
pub(super) fn place(change: &api::KeySettingsChange) -> Option<Edit> {
    nullable(change.jwks_uri.clone()).map(|uri| Edit::Keys(KeysEdit::Uri(uri)))
}

/// The rest.
pub(super) fn edits(change: &api::KeySettingsChange) -> impl Iterator<Item = Edit> {
    let refresh_tokens = change.refresh_tokens.map(|wanted| match wanted {
        api::RefreshTokens::Rotate => RefreshTokens::Rotate,
        api::RefreshTokens::Stay => RefreshTokens::Stay,
    });
    let edits = [
        change.weaken_private_address.map(KeysEdit::WeakenPrivateAddress),
        refresh_tokens.map(KeysEdit::RefreshTokens),
    ];
    edits.into_iter().flatten().map(Edit::Keys)
}
