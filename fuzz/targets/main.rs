//! Every fuzz target in one program: `DOORWARD_FUZZ_TARGET` names the one that libFuzzer feeds. Without it each is given its committed
//! corpus once.

#![no_main]

use std::{env, fs, path::Path, process, sync::OnceLock};

use libfuzzer_sys::fuzz_target;

mod application_page;
mod authorization_request;
mod claim_path;
mod claims_parameter;
mod client_certificate;
mod client_metadata;
mod headers;
mod imports;
mod jwk;
mod jws;
mod login_rules;
mod passkey_attestation;
mod passkey_authenticator_data;
mod passkey_client_data;
mod preset;
mod provider_answers;
mod redirect_uri;
mod tickets;
mod token_request;

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("application_page", application_page::run),
    ("authorization_request", authorization_request::run),
    ("claim_path", claim_path::run),
    ("claims_parameter", claims_parameter::run),
    ("client_certificate", client_certificate::run),
    ("client_metadata", client_metadata::run),
    ("headers", headers::run),
    ("imports", imports::run),
    ("jwk", jwk::run),
    ("jws", jws::run),
    ("login_rules", login_rules::run),
    ("passkey_attestation", passkey_attestation::run),
    ("passkey_authenticator_data", passkey_authenticator_data::run),
    ("passkey_client_data", passkey_client_data::run),
    ("preset", preset::run),
    ("provider_answers", provider_answers::run),
    ("redirect_uri", redirect_uri::run),
    ("tickets", tickets::run),
    ("token_request", token_request::run),
];

static CHOSEN: OnceLock<Target> = OnceLock::new();

/// What `DOORWARD_FUZZ_TARGET` names.
fn chosen() -> Target {
    *CHOSEN.get_or_init(|| match env::var("DOORWARD_FUZZ_TARGET") {
        Ok(name) => match TARGETS.iter().find(|(known, _)| *known == name) {
            Some((_, target)) => *target,
            None => panic!("DOORWARD_FUZZ_TARGET: no target is named {name:?}"),
        },
        Err(_) => {
            for (name, target) in TARGETS {
                println!("{name}: {} inputs", replay(name, *target));
            }
            process::exit(0);
        }
    })
}

/// Gives `target` every input of its committed corpus; how many they were.
fn replay(name: &str, target: Target) -> usize {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let inputs = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let inputs: Vec<_> = inputs.map(|input| fs::read(input.unwrap().path()).unwrap()).collect();
    assert!(!inputs.is_empty(), "{}: expected inputs, found none", corpus.display());
    for input in &inputs {
        target(input);
    }
    inputs.len()
}

fuzz_target!(
    init: {
        chosen();
    },
    |data: &[u8]| chosen()(data)
);
