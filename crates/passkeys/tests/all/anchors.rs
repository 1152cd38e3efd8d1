//! Chosen roots: which chains lead to them.

use doorward_passkeys::{Attestation, TrustAnchors};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const NOW: i64 = 1_800_000_000;

struct Authority {
    pem: String,
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

fn authority(name: &str, by: Option<&Authority>) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = match by {
        Some(by) => params.signed_by(&key, &by.issuer),
        None => params.self_signed(&key),
    };
    let certificate = certificate.unwrap();
    Authority {
        pem: certificate.pem(),
        der: certificate.der().to_vec(),
        issuer: Issuer::new(params, key),
    }
}

fn device(by: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = params("Model 5");
    params.is_ca = IsCa::ExplicitNoCa;
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    params.signed_by(&key, &by.issuer).unwrap().der().to_vec()
}

fn vouch(roots: &TrustAnchors, chain: &[&[u8]]) -> Result<(), String> {
    let chain = chain.iter().map(|der| der.to_vec()).collect();
    let vouched = roots.vouch(&Attestation::Certified { chain }, NOW);
    vouched.map_err(|error| {
        assert_eq!(error.code(), "passkey_untrusted");
        error.to_string()
    })
}

#[test]
fn a_chain_counts_that_leads_to_a_chosen_root() {
    let (ours, other) = (authority("Ours", None), authority("Ours", None));
    let between = authority("Batch", Some(&ours));
    let roots = TrustAnchors::parse(&format!("{}\n{}", authority("Third", None).pem, ours.pem)).unwrap();
    assert_eq!(roots.count(), 2);
    let made = device(&ours, |_| {});
    assert_eq!(vouch(&roots, &[&made]), Ok(()));
    let batch = device(&between, |_| {});
    assert_eq!(vouch(&roots, &[&batch, &between.der]), Ok(()));
    assert_eq!(vouch(&roots, &[&batch, &between.der, &ours.der]), Ok(()));

    assert!(vouch(&roots, &[&batch]).is_err(), "the one between is missing");
    let strange = device(&other, |_| {});
    assert!(
        vouch(&roots, &[&strange, &other.der]).is_err(),
        "the same name, another key"
    );
    let expired = device(&ours, |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    assert!(vouch(&roots, &[&expired]).is_err());
    let not_an_issuer = device(&ours, |_| {});
    assert!(vouch(&roots, &[&strange, &not_an_issuer]).is_err());
    assert!(vouch(&roots, &[b"no certificate"]).is_err());
    assert!(vouch(&roots, &[]).is_err());
}

#[test]
fn without_certificates_nobody_vouches() {
    let roots = TrustAnchors::parse(&authority("Ours", None).pem).unwrap();
    for attestation in [Attestation::None, Attestation::SelfSigned] {
        assert_eq!(roots.vouch(&attestation, NOW).unwrap_err().code(), "passkey_untrusted");
    }
}

#[test]
fn roots_are_certificates_in_pem_and_not_too_many() {
    let good = authority("Ours", None).pem;
    let spoilt = good.replacen("MII", "AAA", 1);
    let large = good.repeat(1_000);
    let cases = [
        ("", "passkey_attestation"),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "passkey_attestation",
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "passkey_attestation",
        ),
        (spoilt.as_str(), "passkey_attestation"),
        (large.as_str(), "passkey_too_large"),
    ];
    for (pem, code) in cases {
        assert_eq!(TrustAnchors::parse(pem).unwrap_err().code(), code);
    }
}
