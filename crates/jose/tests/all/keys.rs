//! Rules about single keys, public and private.

use doorward_jose::{Algorithm, Jwk, SigningKey, base64url};
use serde_json::{Value, json};

use crate::fixtures::key;

fn jwk(algorithm: Algorithm) -> Value {
    serde_json::to_value(key(algorithm).public_jwk()).unwrap()
}

fn refusal(key: &Value) -> String {
    Jwk::parse(key.to_string().as_bytes()).unwrap_err().to_string()
}

fn changed(algorithm: Algorithm, member: &str, value: Value) -> Value {
    let mut key = jwk(algorithm);
    key[member] = value;
    key
}

#[test]
fn published_keys_name_their_use_algorithm_and_kid() {
    for &algorithm in Algorithm::ALL {
        let key = jwk(algorithm);
        assert_eq!((&key["use"], &key["alg"]), (&json!("sig"), &json!(algorithm.name())));
        assert!(key["kid"].is_string());
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(
            members
                .iter()
                .all(|name| ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"].contains(name))
        );
        assert_eq!(
            Jwk::parse(key.to_string().as_bytes()).unwrap(),
            *crate::fixtures::key(algorithm).public_jwk()
        );
    }
}

#[test]
fn an_rsa_key_without_alg_fits_both_paddings() {
    let mut without = jwk(Algorithm::RS256);
    without.as_object_mut().unwrap().remove("alg");
    let key = Jwk::parse(without.to_string().as_bytes()).unwrap();
    assert!(key.fits(Algorithm::RS256) && key.fits(Algorithm::PS256) && !key.fits(Algorithm::ES256));
    let with = Jwk::parse(jwk(Algorithm::RS256).to_string().as_bytes()).unwrap();
    assert!(with.fits(Algorithm::RS256) && !with.fits(Algorithm::PS256));
    assert!(with.is_same_key(&key) && with != key);
}

#[test]
fn small_and_huge_rsa_keys_are_refused() {
    for (bytes, bits) in [(128, 1024), (255, 2040), (1025, 8200)] {
        let modulus = base64url::encode(vec![0xff; bytes]);
        assert_eq!(
            refusal(&changed(Algorithm::RS256, "n", json!(modulus))),
            format!("invalid key: expected an RSA modulus of 2048 to 8192 bits, received {bits}")
        );
    }
    // 2047 bits in 256 bytes: the first bit counts, not the length.
    let modulus = base64url::encode([&[0x7f][..], &[0xff; 255]].concat());
    assert!(refusal(&changed(Algorithm::RS256, "n", json!(modulus))).ends_with("received 2047"));
}

#[test]
fn odd_rsa_numbers_are_refused() {
    let even = base64url::encode([&[0xff; 255][..], &[0xfe]].concat());
    assert_eq!(
        refusal(&changed(Algorithm::RS256, "n", json!(even))),
        "invalid key: the RSA modulus is even"
    );
    let padded = base64url::encode([&[0][..], &[0xff; 256]].concat());
    assert!(refusal(&changed(Algorithm::RS256, "n", json!(padded))).contains("starts with a zero byte"));
    for exponent in [&[1][..], &[2], &[4], &[1, 0, 0, 0, 1]] {
        let e = json!(base64url::encode(exponent));
        assert!(
            refusal(&changed(Algorithm::RS256, "e", e)).contains("odd RSA exponent"),
            "{exponent:?}"
        );
    }
    assert!(refusal(&changed(Algorithm::RS256, "e", json!(""))).contains("empty"));
}

#[test]
fn a_point_off_the_curve_is_refused() {
    let zeros = json!(base64url::encode([0; 32]));
    let refused = refusal(&changed(Algorithm::ES256, "x", zeros.clone()));
    assert_eq!(refused, "invalid key: the EC members do not make a public key");
    let mut infinity = changed(Algorithm::ES256, "x", zeros.clone());
    infinity["y"] = zeros;
    assert_eq!(
        refusal(&infinity),
        "invalid key: the EC members do not make a public key"
    );
}

#[test]
fn coordinates_have_exactly_32_bytes() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        for length in [0, 31, 33, 64] {
            let x = json!(base64url::encode(vec![1; length]));
            let refused = refusal(&changed(algorithm, "x", x));
            assert_eq!(
                refused,
                format!("invalid key: expected 32 bytes in \"x\", received {length}")
            );
        }
    }
}

#[test]
fn private_and_symmetric_keys_are_refused_loudly() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let refused = refusal(&changed(Algorithm::ES256, member, json!("c2VjcmV0")));
        assert!(refused.contains(&format!("private member \"{member}\"")), "{refused}");
        assert!(!refused.contains("c2VjcmV0"));
    }
    assert!(refusal(&json!({ "kty": "oct", "k": "c2VjcmV0" })).contains("private member"));
}

#[test]
fn what_we_do_not_have_is_called_unsupported() {
    for key in [
        json!({ "kty": "oct" }),
        json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": "AA" }),
        changed(Algorithm::RS256, "alg", json!("RS512")),
        changed(Algorithm::RS256, "alg", json!("none")),
        changed(Algorithm::RS256, "use", json!("enc")),
        changed(Algorithm::RS256, "key_ops", json!(["encrypt"])),
        changed(Algorithm::RS256, "key_ops", json!("verify")),
    ] {
        let error = Jwk::parse(key.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.code(), "jose_unsupported_key", "{key}");
    }
    Jwk::parse(
        changed(Algorithm::RS256, "key_ops", json!(["verify"]))
            .to_string()
            .as_bytes(),
    )
    .unwrap();
}

#[test]
fn malformed_keys_are_called_invalid() {
    for (key, why) in [
        (json!({}), "\"kty\" is missing"),
        (json!({ "kty": 1 }), "\"kty\" must be a string"),
        (json!({ "kty": "RSA" }), "\"n\" is missing"),
        (json!({ "kty": "EC" }), "\"crv\" is missing"),
        (
            changed(Algorithm::ES256, "alg", json!("RS256")),
            "alg RS256 does not belong to kty EC",
        ),
        (changed(Algorithm::ES256, "kid", json!(1)), "\"kid\" must be a string"),
    ] {
        assert_eq!(refusal(&key), format!("invalid key: {why}"));
    }
    let padded = changed(Algorithm::EdDSA, "x", json!(base64url::encode([7; 32]) + "="));
    assert_eq!(
        Jwk::parse(padded.to_string().as_bytes()).unwrap_err().code(),
        "jose_encoding"
    );
    assert_eq!(
        Jwk::parse(br#"{"kty":"EC","kty":"RSA"}"#).unwrap_err().code(),
        "jose_duplicate_member"
    );
    let huge = changed(Algorithm::EdDSA, "x5c", json!(["A".repeat(40_000)]));
    assert_eq!(Jwk::parse(huge.to_string().as_bytes()).unwrap_err().code(), "jose_json");
}

#[test]
fn keys_travel_through_serde() {
    let text = serde_json::to_string(key(Algorithm::EdDSA).public_jwk()).unwrap();
    let back: Jwk = serde_json::from_str(&text).unwrap();
    assert_eq!(back, *key(Algorithm::EdDSA).public_jwk());
    assert!(serde_json::from_str::<Jwk>(r#"{"kty":"oct"}"#).is_err());
}

#[test]
fn a_document_for_another_algorithm_is_refused() {
    let p256 = SigningKey::generate(Algorithm::ES256).unwrap();
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::EdDSA] {
        let error = SigningKey::from_pkcs8(algorithm, "k", p256.pkcs8.expose()).unwrap_err();
        let said = error.to_string();
        assert!(
            said.starts_with(&format!("invalid key: expected a PKCS#8 private key for {algorithm}")),
            "{said}"
        );
    }
    assert!(SigningKey::from_pkcs8(Algorithm::ES256, "k", b"").is_err());
}

#[test]
fn private_keys_cannot_be_printed() {
    let generated = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let key = SigningKey::from_pkcs8(Algorithm::EdDSA, "blue", generated.pkcs8.expose()).unwrap();
    assert_eq!(
        format!("{key:?}"),
        r#"SigningKey { algorithm: EdDSA, kid: "blue", .. }"#
    );
    assert_eq!(format!("{:?}", generated.pkcs8), "[secret]");
}
