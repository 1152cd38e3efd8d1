//! What an application's tokens are bound to, between the API and the applications' crate.

use doorward_api as api;
use doorward_apps::{Dpop, Edit, Encrypted, SenderEdit, SenderSettings};
use doorward_jose::ContentEncryption;

use super::change::{algorithm, nullable};

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
        encryption_key: settings
            .encryption_key
            .as_ref()
            .and_then(|key| serde_json::to_value(key).ok()),
        content_encryption: match settings.content_encryption {
            ContentEncryption::A128GCM => api::ContentEncryption::A128GCM,
            ContentEncryption::A256GCM => api::ContentEncryption::A256GCM,
        },
        encrypt: settings
            .encrypt
            .iter()
            .map(|what| match what {
                Encrypted::IdToken => api::Encrypted::IdToken,
                Encrypted::Userinfo => api::Encrypted::Userinfo,
                Encrypted::Introspection => api::Encrypted::Introspection,
            })
            .collect(),
        introspection_alg: settings.introspection_alg.map(super::view::algorithm),
        pairwise_sector: settings.pairwise_sector.clone(),
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
        nullable(change.encryption_key).map(|key| SenderEdit::EncryptionKey(key.map(|key| key.to_string()))),
        change.content_encryption.map(|enc| {
            SenderEdit::ContentEncryption(match enc {
                api::ContentEncryption::A128GCM => ContentEncryption::A128GCM,
                api::ContentEncryption::A256GCM => ContentEncryption::A256GCM,
            })
        }),
        change
            .encrypt
            .map(|what| SenderEdit::Encrypt(what.into_iter().map(encrypted).collect())),
        nullable(change.introspection_alg).map(|alg| SenderEdit::IntrospectionAlgorithm(alg.map(algorithm))),
        nullable(change.pairwise_sector).map(SenderEdit::PairwiseSector),
    ];
    edits.into_iter().flatten().map(Edit::Sender)
}

fn encrypted(what: api::Encrypted) -> Encrypted {
    match what {
        api::Encrypted::IdToken => Encrypted::IdToken,
        api::Encrypted::Userinfo => Encrypted::Userinfo,
        api::Encrypted::Introspection => Encrypted::Introspection,
    }
}
