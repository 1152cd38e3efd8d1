//! What was typed about what an application's tokens are bound to.

use doorward_api as api;

use super::typed::Typed;

/// What differs from `known`; `None` when nothing does.
pub(super) fn change(
    known: &api::SenderSettings,
    typed: &Typed,
) -> Result<Option<api::SenderChange>, Box<api::ErrorBody>> {
    let change = api::SenderChange {
        dpop: typed.word("dpop", &known.dpop)?,
        certificate_bound: typed.flag("certificate_bound", known.certificate_bound),
        certificate_name: typed.maybe_word("certificate_name", known.certificate_name.as_ref())?,
        encryption_key: typed.json("encryption_key", known.encryption_key.as_ref())?,
        content_encryption: typed.word("content_encryption", &known.content_encryption)?,
        encrypt: typed.words("encrypt", &known.encrypt)?,
        introspection_alg: typed.maybe_word("introspection_alg", known.introspection_alg.as_ref())?,
        pairwise_sector: typed.maybe_word("pairwise_sector", known.pairwise_sector.as_ref())?,
    };
    Ok((change != api::SenderChange::default()).then_some(change))
}
