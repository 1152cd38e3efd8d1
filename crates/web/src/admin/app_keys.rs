//! What was typed about keys that an application holds.

use doorward_api as api;

use super::typed::Typed;

/// What differs from `known`; `None` when nothing does.
pub(super) fn change(
    known: &api::KeySettings,
    typed: &Typed,
) -> Result<Option<api::KeySettingsChange>, Box<api::ErrorBody>> {
    let change = api::KeySettingsChange {
        jwks_uri: typed.maybe_text("jwks_uri", known.jwks_uri.as_deref()),
        weaken_private_address: typed.flag("weaken_jwks_private_address", known.weaken_private_address),
        refresh_tokens: typed.word("refresh_tokens", &known.refresh_tokens)?,
    };
    Ok((change != api::KeySettingsChange::default()).then_some(change))
}
