//! Bytes that no honest browser sends: refused by a value, never by a panic, and never by reading more than is there.

use doorward_jose::base64url;
use doorward_passkeys::{
    AssertionResponse, AttestationObject, AuthenticatorData, Ceremony, ClientData, CoseKey, RegistrationResponse,
    RelyingParty, UserVerification, testing::SoftwareAuthenticator,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn registration() -> Value {
    let mut device = SoftwareAuthenticator::new("https://a.example", "a.example");
    device.create(&json!({ "challenge": base64url::encode([1; 32]), "user": { "id": "AAAA" } }))
}

fn part(answer: &Value, name: &str) -> Vec<u8> {
    base64url::decode(answer["response"][name].as_str().unwrap()).unwrap()
}

proptest! {
    #[test]
    fn no_bytes_bring_a_parser_down(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = ClientData::parse(&bytes);
        let _ = AuthenticatorData::parse(&bytes);
        let _ = AttestationObject::parse(&bytes);
        let _ = CoseKey::parse(&bytes);
        let _ = RegistrationResponse::parse(&bytes);
        let _ = AssertionResponse::parse(&bytes);
    }

    #[test]
    fn a_changed_byte_never_passes_as_the_same_passkey(at in any::<prop::sample::Index>(), with in 1u8..) {
        let answer = registration();
        let mut object = part(&answer, "attestationObject");
        let before = AttestationObject::parse(&object).unwrap();
        let index = at.index(object.len());
        object[index] ^= with;
        if let Ok(after) = AttestationObject::parse(&object) {
            prop_assert_ne!(before, after, "byte {} of the object is read by nobody", index);
        }
    }

    #[test]
    fn a_changed_login_is_refused(at in any::<prop::sample::Index>(), with in 1u8.., which in 0usize..3) {
        let mut device = SoftwareAuthenticator::new("https://a.example", "a.example");
        let options = json!({ "challenge": base64url::encode([1; 32]), "user": { "id": "AAAA" } });
        let _ = device.create(&options);
        let mut answer = device.get(&options);
        let name = ["clientDataJSON", "authenticatorData", "signature"][which];
        let mut bytes = part(&answer, name);
        let index = at.index(bytes.len());
        bytes[index] ^= with;
        answer["response"][name] = json!(base64url::encode(bytes));
        let party = RelyingParty::at(&"https://a.example".parse().unwrap(), "A").unwrap();
        let ceremony = Ceremony { relying_party: &party, challenge: &[1; 32], user_verification: UserVerification::Required };
        let registered = doorward_passkeys::Registered {
            credential_id: &device.credential_id,
            public_key: &CoseKey::parse(&device.cose_key()).unwrap(),
            sign_count: 0,
            backup_eligible: false,
        };
        let judged = AssertionResponse::parse(answer.to_string().as_bytes())
            .and_then(|answer| answer.verify(&ceremony, &registered));
        prop_assert!(judged.is_err(), "{} with byte {} changed", name, index);
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let large = vec![b' '; 200 * 1024];
    assert_eq!(ClientData::parse(&large).unwrap_err().code(), "passkey_too_large");
    assert_eq!(
        AuthenticatorData::parse(&large).unwrap_err().code(),
        "passkey_too_large"
    );
    assert_eq!(
        AttestationObject::parse(&large).unwrap_err().code(),
        "passkey_too_large"
    );
    assert_eq!(
        RegistrationResponse::parse(&large).unwrap_err().code(),
        "passkey_too_large"
    );
    let mut device = SoftwareAuthenticator::new("https://a.example", "a.example");
    device.user_handle = Some(vec![0; 65]);
    let answer = device.get(&json!({ "challenge": "AAAA" })).to_string();
    assert_eq!(
        AssertionResponse::parse(answer.as_bytes()).unwrap_err().code(),
        "passkey_too_large"
    );
}

#[test]
fn a_length_that_lies_costs_nothing() {
    // Maps, arrays and strings of 2^32 to 2^64 entries that are not there.
    for head in [0xbbu8, 0x9b, 0x5b, 0x7b, 0xba, 0x9a, 0x5a, 0x7a] {
        let mut bytes = vec![head];
        bytes.extend([0xff; 8]);
        assert!(AttestationObject::parse(&bytes).is_err());
        assert!(CoseKey::parse(&bytes).is_err());
    }
}

#[test]
fn deep_nesting_and_indefinite_lengths_are_refused() {
    let object = |statement: &[u8]| [b"\xa1\x67attStmt".as_slice(), statement].concat();
    for statement in [
        [vec![0x81; 20], vec![0x00]].concat(), // twenty arrays in each other
        vec![0xbf, 0xff],                      // a map without a length
        vec![0x9f, 0xff],                      // an array without a length
        vec![0x5f, 0x41, 0x00, 0xff],          // bytes in pieces
        vec![0xc0, 0x00],                      // a tag
    ] {
        let refused = AttestationObject::parse(&object(&statement)).unwrap_err();
        assert_eq!(refused.code(), "passkey_cbor", "{refused}");
        assert!(!refused.to_string().contains("absent"), "{refused}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let answer = registration();
    let client_data = part(&answer, "clientDataJSON");
    let text = String::from_utf8(client_data).unwrap();
    let twice = text.replacen('{', r#"{"origin":"https://a.example","#, 1);
    assert_eq!(ClientData::parse(twice.as_bytes()).unwrap_err().code(), "passkey_json");
    let twice = b"\xa2\x63fmt\x64none\x63fmt\x64none";
    assert_eq!(AttestationObject::parse(twice).unwrap_err().code(), "passkey_cbor");
}

#[test]
fn an_answer_about_another_kind_of_credential_is_refused() {
    for (member, value) in [
        ("type", json!("password")),
        ("id", json!("")),
        ("id", json!("AAAA")),
        ("id", json!("not base64url!")),
        ("rawId", json!("AAAA=")),
        ("response", json!([])),
        ("response", Value::Null),
    ] {
        let mut answer = registration();
        answer[member] = value;
        let refused = RegistrationResponse::parse(answer.to_string().as_bytes()).unwrap_err();
        assert_eq!(refused.code(), "passkey_json", "{member}: {refused}");
    }
}
