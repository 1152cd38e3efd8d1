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
    };
    Ok((change != api::SenderChange::default()).then_some(change))
}
