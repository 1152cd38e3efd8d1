//! What an application's tokens are bound to: flags, and how it is shown.

use clap::Args;
use doorward_api::{Dpop, Edit, SenderChange, SenderSettings};

use super::word;

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
}

impl Sender {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Option<SenderChange> {
        let change = SenderChange {
            dpop: self.dpop,
            certificate_bound: self.certificate_bound,
            certificate_name: Edit::from_given(self.certificate_name, String::is_empty),
        };
        (change != SenderChange::default()).then_some(change)
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
    ]
}
