//! What an application's tokens are bound to, between the API and the applications' crate.

use doorward_api as api;
use doorward_apps::{Dpop, Edit, SenderEdit, SenderSettings};

use super::change::nullable;

/// The settings as the API shows them.
pub(super) fn view(settings: &SenderSettings) -> api::SenderSettings {
    api::SenderSettings {
        dpop: match settings.dpop {
            Dpop::Optional => api::Dpop::Optional,
            Dpop::Required => api::Dpop::Required,
            Dpop::RequiredWithNonce => api::Dpop::RequiredWithNonce,
        },
        certificate_bound: settings.certificate_bound,
        certificate_name: settings.certificate_name.as_ref().map(ToString::to_string),
    }
}

/// What the API says about them, as edits.
pub(super) fn edits(change: api::SenderChange) -> impl Iterator<Item = Edit> {
    let dpop = change.dpop.map(|dpop| match dpop {
        api::Dpop::Optional => Dpop::Optional,
        api::Dpop::Required => Dpop::Required,
        api::Dpop::RequiredWithNonce => Dpop::RequiredWithNonce,
    });
    let edits = [
        dpop.map(SenderEdit::Dpop),
        change.certificate_bound.map(SenderEdit::CertificateBound),
        nullable(change.certificate_name).map(SenderEdit::CertificateName),
    ];
    edits.into_iter().flatten().map(Edit::Sender)
}
