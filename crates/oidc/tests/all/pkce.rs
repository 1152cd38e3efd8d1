use doorward_jose::SystemRandom;
use doorward_oidc::{CodeChallenge, CodeVerifier, catalogue};
use proptest::prelude::*;

// The pair of RFC 7636 Appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_example_of_the_rfc_holds() {
    let verifier = CodeVerifier::parse(VERIFIER).unwrap();
    assert_eq!(verifier.challenge().as_str(), CHALLENGE);
    assert!(
        CodeChallenge::parse(CHALLENGE, Some("S256"))
            .unwrap()
            .is_answered_by(&verifier)
    );
}

#[test]
fn only_s256_is_a_method() {
    for method in [None, Some("plain"), Some("s256"), Some("S512"), Some("")] {
        let refusal = CodeChallenge::parse(CHALLENGE, method).unwrap_err();
        assert_eq!(refusal.kind, &catalogue::PKCE_METHOD_UNSUPPORTED);
    }
}

#[test]
fn a_challenge_is_the_canonical_form_of_32_bytes() {
    for challenge in [
        "",
        "short",
        &format!("{CHALLENGE}="),
        &CHALLENGE[..42],
        // The last character carries two bits that must be zero.
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
        &CHALLENGE.replace('-', "+"),
    ] {
        let refusal = CodeChallenge::parse(challenge, Some("S256")).unwrap_err();
        assert_eq!(refusal.kind, &catalogue::PKCE_CHALLENGE_MALFORMED);
    }
}

#[test]
fn a_verifier_has_43_to_128_unreserved_characters() {
    for good in ["a".repeat(43), "a".repeat(128), format!("{}-._~", "a".repeat(40))] {
        CodeVerifier::parse(&good).unwrap();
    }
    for bad in [
        "a".repeat(42),
        "a".repeat(129),
        "+".repeat(43),
        "é".repeat(43),
        String::new(),
    ] {
        let refusal = CodeVerifier::parse(&bad).unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.kind.oauth),
            (&catalogue::PKCE_VERIFIER_MALFORMED, "invalid_grant")
        );
        assert!(bad.is_empty() || !refusal.detail.contains(&bad));
    }
}

#[test]
fn a_generated_verifier_is_fresh_and_readable() {
    let (one, two) = (
        CodeVerifier::generate(&SystemRandom),
        CodeVerifier::generate(&SystemRandom),
    );
    assert_ne!(one.expose(), two.expose());
    CodeVerifier::parse(one.expose()).unwrap();
    assert_eq!(format!("{one:?}"), "CodeVerifier([secret])");
}

proptest! {
    #[test]
    fn a_verifier_answers_its_own_challenge_and_no_other(one in "[A-Za-z0-9._~-]{43,128}", two in "[A-Za-z0-9._~-]{43,128}") {
        let (a, b) = (CodeVerifier::parse(&one).unwrap(), CodeVerifier::parse(&two).unwrap());
        prop_assert!(a.challenge().is_answered_by(&a));
        prop_assert_eq!(a.challenge().is_answered_by(&b), one == two);
        let travelled = CodeChallenge::parse(a.challenge().as_str(), Some("S256")).unwrap();
        prop_assert_eq!(travelled, a.challenge());
    }
}
