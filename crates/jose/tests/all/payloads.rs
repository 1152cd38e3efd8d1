//! Rules about what was signed.

use doorward_jose::{Algorithm, JoseError, parse_object, verify, verify_bytes};
use serde_json::json;

use crate::fixtures::{PLAIN, all_keys, key};

fn refusal(payload: &[u8]) -> JoseError {
    let token = key(Algorithm::EdDSA).sign_raw(br#"{"alg":"EdDSA"}"#, payload).unwrap();
    verify(&token, &all_keys(), &PLAIN).unwrap_err()
}

#[test]
fn a_claim_named_twice_is_refused_at_any_depth() {
    for payload in [
        r#"{"sub":"ada","sub":"root"}"#,
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":[{"b":1},{"c":1,"c":1}]}"#,
        r#"{"sub":1,"\u0073ub":2}"#,
    ] {
        assert_eq!(refusal(payload.as_bytes()).code(), "jose_duplicate_member", "{payload}");
    }
    // The same name in different objects is nothing.
    parse_object(br#"{"a":{"x":1},"b":{"x":1},"x":[{"x":1},{"x":2}]}"#, "payload").unwrap();
}

#[test]
fn a_payload_that_is_not_an_object_is_refused() {
    for payload in ["", "[]", "1", "null", r#"{"a":1}{"#, r#"{"a":1e999}"#, r#"{"a":NaN}"#] {
        assert_eq!(refusal(payload.as_bytes()).code(), "jose_json", "{payload}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    parse_object(nested(15).as_bytes(), "payload").unwrap();
    let error = refusal(nested(16).as_bytes());
    assert_eq!(
        error.to_string(),
        "payload is not acceptable JSON: nested more than 16 levels deep"
    );
    assert_eq!(refusal(nested(5000).as_bytes()).code(), "jose_json");
}

#[test]
fn errors_do_not_quote_the_payload() {
    let error = refusal(br#"{"password": hunter2}"#);
    assert_eq!(error.to_string(), "payload is not acceptable JSON: line 1, column 14");
}

#[test]
fn the_payload_is_not_parsed_before_the_signature_holds() {
    let token = key(Algorithm::EdDSA)
        .sign_raw(br#"{"alg":"EdDSA"}"#, b"not json")
        .unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", "A".repeat(86));
    assert_eq!(
        verify(&forged, &all_keys(), &PLAIN).unwrap_err().code(),
        "jose_signature"
    );
}

#[test]
fn bytes_that_are_no_json_can_be_signed_and_verified_as_bytes() {
    let token = key(Algorithm::ES256)
        .sign_raw(br#"{"alg":"ES256"}"#, b"\x00\xff")
        .unwrap();
    let (header, payload) = verify_bytes(&token, &all_keys(), &PLAIN).unwrap();
    assert_eq!((header.alg, payload.as_slice()), (Algorithm::ES256, &b"\x00\xff"[..]));
}

#[test]
fn claims_decode_into_a_type() {
    #[derive(serde::Deserialize)]
    struct Claims {
        sub: String,
    }
    let token = key(Algorithm::ES256).sign(None, &json!({ "sub": "ada" })).unwrap();
    let verified = verify(&token, &all_keys(), &PLAIN).unwrap();
    assert_eq!(verified.decode::<Claims>().unwrap().sub, "ada");
    assert_eq!(verified.decode::<Vec<u8>>().unwrap_err().code(), "jose_json");
    assert_eq!(verified.payload(), br#"{"sub":"ada"}"#);
}

#[test]
fn a_payload_that_json_cannot_hold_is_an_error() {
    let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = key(Algorithm::ES256).sign(None, &unwritable).unwrap_err();
    assert_eq!(error.code(), "jose_signing");
}
