//! Hashes that tokens carry.

use doorward_jose::{Algorithm, base64url, constant_time_eq, half_hash, sha256};

/// The values of the examples in OpenID Connect Core §A.3 and §A.4.
#[test]
fn at_hash_and_c_hash_are_those_of_the_specification() {
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256] {
        assert_eq!(half_hash(algorithm, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(half_hash(algorithm, code), "LDktKdoQak3Pk0cnXxCltA");
    }
}

#[test]
fn the_half_hash_of_ed25519_is_half_of_sha_512() {
    // The first 32 bytes of SHA-512("abc"), FIPS 180-4.
    let expected = [
        0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba, 0xcc, 0x41, 0x73, 0x49, 0xae, 0x20, 0x41, 0x31, 0x12, 0xe6,
        0xfa, 0x4e, 0x89, 0xa9, 0x7e, 0xa2, 0x0a, 0x9e, 0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a,
    ];
    assert_eq!(half_hash(Algorithm::EdDSA, "abc"), base64url::encode(expected));
}

#[test]
fn sha256_of_nothing_is_the_known_value() {
    assert_eq!(
        base64url::encode(sha256(b"")),
        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    );
}

#[test]
fn comparison_tells_equal_from_different() {
    assert!(constant_time_eq(b"same", b"same"));
    assert!(!constant_time_eq(b"same", b"sama"));
    assert!(!constant_time_eq(b"same", b"sam"));
}

#[test]
fn base64url_has_one_encoding_per_value() {
    assert_eq!(base64url::decode("-_8").unwrap(), [0xfb, 0xff]);
    for (text, why) in [
        ("-_8=", "padding"),
        ("-_9", "unused bits that are not zero"),
        ("+/8", "the other alphabet"),
        ("-_8\n", "a line break"),
        ("-_8 ", "a blank"),
        ("A", "a length that no value has"),
    ] {
        let error = base64url::decode(text).unwrap_err();
        assert_eq!(error.code(), "jose_encoding", "{why}");
    }
}
