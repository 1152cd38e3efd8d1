//! Rules about sets of keys.

use doorward_jose::{Algorithm, JoseError, JwkSet, SigningKey, verify};
use serde_json::{Value, json};

use crate::fixtures::{PLAIN, key};

fn jwk(algorithm: Algorithm) -> Value {
    serde_json::to_value(key(algorithm).public_jwk()).unwrap()
}

fn parse(keys: &Value) -> Result<JwkSet, JoseError> {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

#[test]
fn foreign_keys_that_we_cannot_use_are_skipped_and_reported() {
    let set = parse(&json!([
        { "kty": "EC", "crv": "P-521", "kid": "big", "x": "AA", "y": "AA" },
        jwk(Algorithm::ES256),
        { "kty": "oct", "k": "AA", "kid": "shared" },
        "what",
        { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
        jwk(Algorithm::RS256),
    ]))
    .unwrap();
    assert_eq!(set.keys().len(), 2);
    let skipped: Vec<_> = set
        .skipped()
        .iter()
        .map(|one| (one.index, one.kid.as_deref(), one.reason.code()))
        .collect();
    assert_eq!(
        skipped,
        [
            (0, Some("big"), "jose_unsupported_key"),
            (2, Some("shared"), "jose_private_key"),
            (3, None, "jose_invalid_key"),
            (4, None, "jose_unsupported_key"),
        ]
    );
    let token = key(Algorithm::RS256).sign(None, &json!({})).unwrap();
    verify(&token, &set, &PLAIN).unwrap();
}

#[test]
fn two_different_keys_with_one_name_and_algorithm_refuse_the_set() {
    let mut other = serde_json::to_value(SigningKey::generate(Algorithm::ES256).unwrap().key.public_jwk()).unwrap();
    other["kid"] = jwk(Algorithm::ES256)["kid"].clone();
    let error = parse(&json!([jwk(Algorithm::ES256), other])).unwrap_err();
    assert_eq!(error.code(), "jose_conflicting_keys");
}

#[test]
fn keys_without_alg_conflict_where_they_overlap() {
    let mut first = jwk(Algorithm::RS256);
    let mut second = jwk(Algorithm::PS256);
    first["kid"] = json!("same");
    second["kid"] = json!("same");
    // RS256 and PS256 under one name can be told apart by the header's alg …
    let set = parse(&json!([first, second])).unwrap();
    assert!(
        !set.find("same", Algorithm::RS256)
            .unwrap()
            .is_same_key(set.find("same", Algorithm::PS256).unwrap())
    );
    // … but not when one of them is for both.
    first.as_object_mut().unwrap().remove("alg");
    assert_eq!(
        parse(&json!([first, second])).unwrap_err().code(),
        "jose_conflicting_keys"
    );
}

#[test]
fn the_same_key_twice_is_one_key() {
    assert_eq!(
        parse(&json!([jwk(Algorithm::ES256), jwk(Algorithm::ES256)]))
            .unwrap()
            .keys()
            .len(),
        1
    );
}

#[test]
fn what_is_no_set_is_refused() {
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "<html>"] {
        assert!(JwkSet::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert_eq!(parse(&json!([])).unwrap(), JwkSet::default());
}

#[test]
fn sets_are_bounded() {
    let many: Vec<_> = (0..101).map(|_| json!({ "kty": "oct" })).collect();
    assert_eq!(parse(&json!(many)).unwrap_err().code(), "jose_json");
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(300_000));
    assert_eq!(JwkSet::parse(long.as_bytes()).unwrap_err().code(), "jose_json");
}

#[test]
fn sets_travel_through_serde() {
    let set = crate::fixtures::all_keys();
    let back: JwkSet = serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
    assert_eq!(back, set);
}
