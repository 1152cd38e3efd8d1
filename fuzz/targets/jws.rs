//! A token as it comes from the network, and a header and payload of an attacker's choice under a good signature, so that
//! the rules behind the signature are reached.

use std::sync::LazyLock;

use doorward_jose::{
    Algorithm, JwkSet, SigningKey, TimeRules, Typ, UnknownMembers, VerificationPolicy, peek_unverified, verify,
    verify_possession,
};
use serde_json::Value;

/// The key of RFC 8037 §A.1 in its PKCS#8 frame.
const PKCS8: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, 0x9d, 0x61, 0xb1,
    0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
    0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_pkcs8(Algorithm::EdDSA, "k", &PKCS8).unwrap());
static KEYS: LazyLock<JwkSet> = LazyLock::new(|| JwkSet::new([KEY.public_jwk().clone()]).unwrap());

const STRICT: VerificationPolicy<'static> = VerificationPolicy::new(Typ::Required(&["at+jwt"]), Algorithm::ALL);
const LENIENT: VerificationPolicy<'static> =
    VerificationPolicy::new(Typ::PLAIN, Algorithm::ALL).with_unknown_members(UnknownMembers::Ignored);

pub(crate) fn run(data: &[u8]) {
    if let Ok(token) = std::str::from_utf8(data) {
        let _ = peek_unverified(token, 4096);
        let _ = verify_possession(token, "dpop+jwt", Algorithm::ALL, 8192);
        let _ = verify(token, &KEYS, &LENIENT);
        if let Ok(verified) = verify(token, &KEYS, &STRICT) {
            assert!(
                verified
                    .header()
                    .typ
                    .as_deref()
                    .is_some_and(|typ| typ.to_lowercase().ends_with("at+jwt"))
            );
        }
    }
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (header, payload) = (&data[..end], &data[end + 1..]);
    let token = KEY.sign_raw(header, payload).unwrap();
    let Ok(verified) = verify(&token, &KEYS, &LENIENT) else {
        return;
    };
    // Whoever reads the same bytes with another parser sees the same token.
    let header: Value = serde_json::from_slice(header).unwrap();
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
    assert_eq!(
        serde_json::from_slice::<Value>(payload).unwrap(),
        Value::Object(verified.claims().clone())
    );
    // Reading and writing fractions may move their last digit, which is no fault of ours.
    if !has_fraction(&Value::Object(verified.claims().clone())) {
        let again = KEY.sign(None, verified.claims()).unwrap();
        let again = verify(&again, &KEYS, &LENIENT.with_max_bytes(1 << 20)).unwrap();
        assert_eq!(again.claims(), verified.claims());
    }
    let _ = TimeRules::new(1_800_000_000, 30).check(verified.claims());
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(members) => members.values().any(has_fraction),
        _ => false,
    }
}
