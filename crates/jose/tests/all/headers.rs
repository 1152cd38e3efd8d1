//! Each rule about the header, with a token that is otherwise perfect and properly signed.

use doorward_jose::{
    Algorithm, Header, JoseError, JwkSet, Typ, UnknownMembers, VerificationPolicy, VerifiedJws, base64url,
    peek_unverified, verify,
};
use serde_json::json;

use crate::fixtures::{PLAIN, all_keys, key};

fn signed(header: &str) -> String {
    key(Algorithm::ES256)
        .sign_raw(header.as_bytes(), br#"{"sub":"ada"}"#)
        .unwrap()
}

fn verify_header(header: &str, policy: &VerificationPolicy<'_>) -> Result<VerifiedJws, JoseError> {
    verify(&signed(header), &all_keys(), policy)
}

fn refusal(header: &str) -> JoseError {
    verify_header(header, &PLAIN).unwrap_err()
}

#[test]
fn a_plain_header_passes() {
    verify_header(r#"{"alg":"ES256"}"#, &PLAIN).unwrap();
    verify_header(r#"{"typ":"JWT","alg":"ES256"}"#, &PLAIN).unwrap();
}

#[test]
fn crit_is_always_fatal() {
    let ignoring = PLAIN.with_unknown_members(UnknownMembers::Ignored);
    for header in [
        r#"{"alg":"ES256","crit":["urn:x"],"urn:x":1}"#,
        r#"{"alg":"ES256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":null}"#,
    ] {
        assert_eq!(
            verify_header(header, &ignoring).unwrap_err().code(),
            "jose_crit",
            "{header}"
        );
    }
    assert_eq!(
        refusal(r#"{"alg":"ES256","crit":["urn:x"]}"#).to_string(),
        r#"the header marks extensions as critical (crit: "[\"urn:x\"]"); none is supported"#
    );
}

#[test]
fn b64_is_refused_even_when_unknown_members_are_ignored() {
    let ignoring = PLAIN.with_unknown_members(UnknownMembers::Ignored);
    let error = verify_header(r#"{"alg":"ES256","b64":false}"#, &ignoring).unwrap_err();
    assert_eq!(error.code(), "jose_unknown_header_member");
}

#[test]
fn alg_comes_from_the_policy_alone() {
    for name in ["none", "None", "HS256", "RS512", "es256", "ES256 ", ""] {
        let error = refusal(&format!(r#"{{"alg":"{name}"}}"#));
        assert_eq!(
            error.to_string(),
            format!(r#"alg: expected RS256, PS256, ES256, EdDSA, received "{name}""#)
        );
    }
    let rsa_only = VerificationPolicy::new(Typ::PLAIN, &[Algorithm::RS256]);
    let error = verify_header(r#"{"alg":"ES256"}"#, &rsa_only).unwrap_err();
    assert_eq!(error.to_string(), r#"alg: expected RS256, received "ES256""#);
}

#[test]
fn alg_must_be_there_and_a_string() {
    assert_eq!(refusal("{}").to_string(), r#"the header member "alg" must be present"#);
    assert_eq!(
        refusal(r#"{"alg":1}"#).to_string(),
        r#"the header member "alg" must be a string"#
    );
    assert_eq!(refusal(r#"{"alg":["ES256"]}"#).code(), "jose_header_member");
}

#[test]
fn a_key_is_never_used_with_an_algorithm_that_is_not_its_own() {
    // The P-256 key signed, the header says EdDSA: the Ed25519 key is chosen, and refuses.
    assert_eq!(refusal(r#"{"alg":"EdDSA"}"#).code(), "jose_signature");
    // The header names the P-256 key for RSA.
    let kid = key(Algorithm::ES256).kid();
    assert_eq!(
        refusal(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#)).code(),
        "jose_unknown_key"
    );
}

#[test]
fn typ_is_checked_per_kind_of_token() {
    let access = VerificationPolicy::new(Typ::Required(&["at+jwt"]), Algorithm::ALL);
    for passing in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/at+JWT"] {
        verify_header(&format!(r#"{{"alg":"ES256","typ":"{passing}"}}"#), &access).unwrap();
    }
    for (header, received) in [
        (r#"{"alg":"ES256"}"#, "none"),
        (r#"{"alg":"ES256","typ":"JWT"}"#, r#""JWT""#),
        (r#"{"alg":"ES256","typ":"logout+jwt"}"#, r#""logout+jwt""#),
        (r#"{"alg":"ES256","typ":""}"#, r#""""#),
        (r#"{"alg":"ES256","typ":"application/"}"#, r#""application/""#),
    ] {
        let error = verify_header(header, &access).unwrap_err();
        assert_eq!(error.to_string(), format!("typ: expected at+jwt, received {received}"));
    }
    let error = refusal(r#"{"alg":"ES256","typ":"at+jwt"}"#);
    assert_eq!(error.to_string(), r#"typ: expected JWT or none, received "at+jwt""#);
    assert_eq!(refusal(r#"{"alg":"ES256","typ":1}"#).code(), "jose_header_member");
}

#[test]
fn unknown_members_are_refused_unless_the_policy_names_them() {
    let header = r#"{"alg":"ES256","x5t":"abc"}"#;
    assert_eq!(
        refusal(header).to_string(),
        r#"the header has the member "x5t", which this kind of token may not carry"#
    );
    let naming = PLAIN.with_unknown_members(UnknownMembers::RefusedExcept(&["x5t"]));
    assert_eq!(verify_header(header, &naming).unwrap().header().extra["x5t"], "abc");
    assert!(verify_header(r#"{"alg":"ES256","x5u":"https://x"}"#, &naming).is_err());
    let ignoring = PLAIN.with_unknown_members(UnknownMembers::Ignored);
    verify_header(r#"{"alg":"ES256","anything":{"a":[1]}}"#, &ignoring).unwrap();
}

#[test]
fn a_key_inside_the_token_is_never_used() {
    let attacker = doorward_jose::SigningKey::generate(Algorithm::ES256).unwrap().key;
    let jwk = serde_json::to_value(attacker.public_jwk()).unwrap();
    let ignoring = PLAIN.with_unknown_members(UnknownMembers::Ignored);
    for header in [
        json!({ "alg": "ES256", "jwk": jwk }),
        json!({ "alg": "ES256", "jku": "https://attacker.example/jwks" }),
        json!({ "alg": "ES256", "x5u": "https://attacker.example/cert", "x5c": ["MIIB"] }),
    ] {
        let token = attacker.sign_raw(header.to_string().as_bytes(), b"{}").unwrap();
        let error = verify(&token, &all_keys(), &ignoring).unwrap_err();
        assert_eq!(error, JoseError::Signature { algorithm: "ES256" });
        assert_eq!(
            verify(&token, &all_keys(), &PLAIN).unwrap_err().code(),
            "jose_unknown_header_member"
        );
    }
}

#[test]
fn a_member_named_twice_is_refused() {
    let error = refusal(r#"{"alg":"ES256","alg":"ES256"}"#);
    assert_eq!(error.to_string(), r#"the header names the member "alg" twice"#);
    // The same name, written differently.
    assert_eq!(
        refusal(r#"{"alg":"ES256","\u0061lg":"none"}"#).code(),
        "jose_duplicate_member"
    );
}

#[test]
fn a_header_that_is_not_an_object_is_refused() {
    for header in [
        "",
        "[]",
        "null",
        r#""ES256""#,
        "{",
        r#"{"alg":"ES256"} x"#,
        "{\"alg\":\"ES256\",}",
        "\u{feff}{}",
    ] {
        assert_eq!(refusal(header).code(), "jose_json", "{header:?}");
    }
    let invalid_utf8 = key(Algorithm::ES256)
        .sign_raw(b"{\"alg\":\"ES256\xff\"}", b"{}")
        .unwrap();
    assert_eq!(
        verify(&invalid_utf8, &all_keys(), &PLAIN).unwrap_err().code(),
        "jose_json"
    );
}

#[test]
fn the_kid_chooses_the_key() {
    let known = key(Algorithm::ES256).kid();
    let verified = verify_header(&format!(r#"{{"alg":"ES256","kid":"{known}"}}"#), &PLAIN).unwrap();
    assert_eq!(verified.header().kid.as_deref(), Some(known));

    let error = refusal(r#"{"alg":"ES256","kid":"gone"}"#);
    assert_eq!(error.code(), "jose_unknown_key");
    assert!(
        error
            .to_string()
            .starts_with(r#"no ES256 key with kid "gone" in the key set; it has "#),
        "{error}"
    );
    assert!(error.to_string().contains(known), "{error}");
    assert_eq!(refusal(r#"{"alg":"ES256","kid":7}"#).code(), "jose_header_member");
}

#[test]
fn without_kid_exactly_one_key_must_fit() {
    let first = key(Algorithm::ES256).public_jwk().clone();
    let second = doorward_jose::SigningKey::generate(Algorithm::ES256)
        .unwrap()
        .key
        .public_jwk()
        .clone();
    let token = signed(r#"{"alg":"ES256"}"#);
    let two = JwkSet::new([first, second]).unwrap();
    assert_eq!(
        verify(&token, &two, &PLAIN).unwrap_err(),
        JoseError::AmbiguousKey {
            algorithm: "ES256",
            fitting: 2
        }
    );
    assert_eq!(
        verify(&token, &JwkSet::default(), &PLAIN).unwrap_err(),
        JoseError::AmbiguousKey {
            algorithm: "ES256",
            fitting: 0
        }
    );
}

#[test]
fn foreign_text_in_a_message_is_escaped_and_cut() {
    let error = refusal(r#"{"alg":"\n\u001b[31mred"}"#);
    assert!(!error.to_string().contains(['\n', '\u{1b}']), "{error}");
    let long = "x".repeat(5000);
    let error = refusal(&format!(r#"{{"alg":"{long}"}}"#));
    assert!(error.to_string().len() < 200);
}

#[test]
fn the_shape_is_three_parts() {
    for (token, parts) in [
        ("", 1),
        ("a", 1),
        ("a.b", 2),
        ("a.b.c.d", 4),
        ("a.b.c.d.e", 5),
        ("a.b.c.d.e.f.g", 6),
    ] {
        assert_eq!(
            verify(token, &all_keys(), &PLAIN).unwrap_err(),
            JoseError::Shape { parts },
            "{token}"
        );
    }
    let encrypted = verify("a.b.c.d.e", &all_keys(), &PLAIN).unwrap_err();
    assert!(encrypted.to_string().contains("an encrypted token"));
    let good = signed(r#"{"alg":"ES256"}"#);
    for broken in [
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.replace('.', ".."),
    ] {
        assert!(verify(&broken, &all_keys(), &PLAIN).is_err(), "{broken:?}");
    }
}

#[test]
fn an_empty_or_shortened_signature_is_refused() {
    for &algorithm in Algorithm::ALL {
        let token = key(algorithm).sign(None, &json!({})).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = base64url::decode(signature).unwrap();
        let mut longer = bytes.clone();
        longer.push(0);
        for wrong in [&[][..], &bytes[..bytes.len() - 1], &longer, &vec![0; bytes.len()]] {
            let token = format!("{signed}.{}", base64url::encode(wrong));
            let error = verify(&token, &all_keys(), &PLAIN).unwrap_err();
            assert_eq!(
                error,
                JoseError::Signature {
                    algorithm: algorithm.name()
                }
            );
        }
    }
}

#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    // RFC 7518 §3.4 wants R and S side by side, 64 bytes.
    let token = signed(r#"{"alg":"ES256"}"#);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let bytes = base64url::decode(signature).unwrap();
    let integer = |part: &[u8]| [&[0x02, 33, 0][..], part].concat();
    let body = [integer(&bytes[..32]), integer(&bytes[32..])].concat();
    let der = [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat();
    let token = format!("{signed}.{}", base64url::encode(der));
    assert_eq!(
        verify(&token, &all_keys(), &PLAIN).unwrap_err().code(),
        "jose_signature"
    );
}

#[test]
fn a_token_beyond_the_limit_is_not_looked_at() {
    let token = signed(r#"{"alg":"ES256"}"#);
    let tight = PLAIN.with_max_bytes(token.len() - 1);
    assert_eq!(
        verify(&token, &all_keys(), &tight).unwrap_err(),
        JoseError::TooLarge {
            received: token.len(),
            allowed: token.len() - 1
        }
    );
    verify(&token, &all_keys(), &PLAIN.with_max_bytes(token.len())).unwrap();
    let huge = "a".repeat(VerificationPolicy::DEFAULT_MAX_BYTES + 1);
    assert_eq!(verify(&huge, &all_keys(), &PLAIN).unwrap_err().code(), "jose_too_large");
}

#[test]
fn peeking_reads_without_believing() {
    let token = key(Algorithm::EdDSA)
        .sign(Some("at+jwt"), &json!({ "iss": "netbox" }))
        .unwrap();
    let (Header { alg, typ, .. }, claims) = peek_unverified(&token, 4096).unwrap();
    assert_eq!((alg, typ.as_deref()), (Algorithm::EdDSA, Some("at+jwt")));
    assert_eq!(claims["iss"], "netbox");
    assert_eq!(peek_unverified(&token, 10).unwrap_err().code(), "jose_too_large");
    let crit = key(Algorithm::EdDSA)
        .sign_raw(br#"{"alg":"EdDSA","crit":["x"]}"#, b"{}")
        .unwrap();
    assert_eq!(peek_unverified(&crit, 4096).unwrap_err().code(), "jose_crit");
}
