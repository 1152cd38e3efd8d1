//! What an application's tokens are bound to: flags, and how it is shown.

use std::path::PathBuf;

use clap::Args;
use doorward_api::{ContentEncryption, Dpop, Edit, Encrypted, SenderChange, SenderSettings, SigningAlg};

use super::{
    edit::{alg_or_none, jwks},
    show::word as said,
    word,
};
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(next_help_heading = "Bound tokens")]
pub(crate) struct Sender {
    /// optional (tokens are bound when it sends a DPoP proof), required, or required-with-nonce
    #[arg(long, value_name = "HOW", value_parser = word::<Dpop>)]
    dpop: Option<Dpop>,
    /// Whether its tokens are bound to the certificate that it presents (mutual TLS)
    #[arg(long, value_name = "BOOL")]
    certificate_bound: Option<bool>,
    /// The name in its certificate, for tls_client_auth: subject_dn=CN=client,O=Example or san_dns=, san_uri=, san_ip=,
    /// san_email=; empty for none
    #[arg(long, value_name = "KIND=NAME")]
    certificate_name: Option<String>,
    /// File with the public key that is encrypted for: a JWK, or a JWK set with one for encryption; empty for none
    #[arg(long, value_name = "FILE")]
    encryption_key: Option<PathBuf>,
    /// How the content is encrypted: A256GCM or A128GCM
    #[arg(long, value_name = "ENC", value_parser = word::<ContentEncryption>)]
    content_encryption: Option<ContentEncryption>,
    /// What is encrypted: id_token, userinfo, introspection; empty for nothing
    #[arg(long, value_name = "WHAT", value_parser = encrypted)]
    encrypt: Option<Encryptions>,
    /// What signs the answers of introspection when it asks for signed ones; `none` for RS256
    #[arg(long, value_name = "ALG", value_parser = alg_or_none)]
    introspection_alg: Option<Edit<SigningAlg>>,
    /// Host of the sector whose applications alone know its subjects; empty: the same subject for every application.
    /// Changing it makes everybody a stranger to the application
    #[arg(long, value_name = "HOST")]
    pairwise_sector: Option<String>,
}

/// A list as one value, so that an empty one can be told from none.
#[derive(Debug, Clone)]
struct Encryptions(Vec<Encrypted>);

fn encrypted(text: &str) -> Result<Encryptions, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(word::<Encrypted>).collect::<Result<_, _>>().map(Encryptions)
}

impl Sender {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Result<Option<SenderChange>, Failure> {
        let change = SenderChange {
            dpop: self.dpop,
            certificate_bound: self.certificate_bound,
            certificate_name: Edit::from_given(self.certificate_name, String::is_empty),
            encryption_key: jwks(self.encryption_key)?,
            content_encryption: self.content_encryption,
            encrypt: self.encrypt.map(|what| what.0),
            introspection_alg: self.introspection_alg.unwrap_or_default(),
            pairwise_sector: Edit::from_given(self.pairwise_sector, String::is_empty),
        };
        Ok((change != SenderChange::default()).then_some(change))
    }
}

/// The settings that say something, as names and values.
pub(super) fn shown(settings: &SenderSettings) -> Vec<(&'static str, String)> {
    let dpop = match settings.dpop {
        Dpop::Optional => "when it sends a DPoP proof",
        Dpop::Required => "DPoP required",
        Dpop::RequiredWithNonce => "DPoP required, with a nonce",
    };
    let mut bound = vec![dpop];
    bound.extend(settings.certificate_bound.then_some("to its certificate"));
    vec![
        ("bound tokens", bound.join(", ")),
        ("certificate", settings.certificate_name.clone().unwrap_or_default()),
        ("encrypted", encryption(settings)),
        (
            "introspection",
            settings
                .introspection_alg
                .map(|alg| format!("signed with {}", said(&alg)))
                .unwrap_or_default(),
        ),
        (
            "subjects",
            settings
                .pairwise_sector
                .as_ref()
                .map(|sector| format!("pairwise, of the sector {sector}"))
                .unwrap_or_default(),
        ),
    ]
}

fn encryption(settings: &SenderSettings) -> String {
    if settings.encrypt.is_empty() {
        return String::new();
    }
    let what: Vec<String> = settings.encrypt.iter().map(said).collect();
    format!("{} with {}", what.join(", "), said(&settings.content_encryption))
}
