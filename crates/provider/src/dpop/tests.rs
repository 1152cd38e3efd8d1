//! Every rule of RFC 9449 §4.3, and the proofs that attackers make.

use doorward_jose::{Algorithm, SigningKey, base64url, sha256};
use serde_json::{Value, json};

use super::*;
use crate::testing::NOW;
use crate::{MutualTls, path};

const TOKEN_ENDPOINT: &str = "https://sso.example.com/token";

fn mac(bytes: &[u8]) -> [u8; 32] {
    sha256(&[b"key", bytes].concat())
}

struct Client {
    key: SigningKey,
    header: Value,
    claims: Value,
}

impl Client {
    fn new() -> Self {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
        Self {
            header: json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.public_jwk()}),
            claims: json!({"jti": "one", "htm": "POST", "htu": TOKEN_ENDPOINT, "iat": NOW}),
            key,
        }
    }

    fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.claims[claim] = value.into();
        self
    }

    fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    fn header(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.header[member] = value.into();
        self
    }

    fn proof(&self) -> String {
        let (header, claims) = (self.header.to_string(), self.claims.to_string());
        self.key.sign_raw(header.as_bytes(), claims.as_bytes()).unwrap()
    }

    fn judged(&self) -> Result<Proof, &'static str> {
        judged(&self.proof(), None, false)
    }
}

fn judged(proof: &str, access_token: Option<&str>, nonce_demanded: bool) -> Result<Proof, &'static str> {
    judged_by(Algorithm::ALL, proof, access_token, nonce_demanded)
}

fn judged_by(
    algorithms: &[Algorithm],
    proof: &str,
    access_token: Option<&str>,
    nonce_demanded: bool,
) -> Result<Proof, &'static str> {
    let server = Server::new("https://sso.example.com");
    let server = server.with_mtls(MutualTls::At("https://mtls.sso.example.com".to_owned()));
    let presented = Presented {
        proof,
        method: "POST",
        server: &server,
        path: path::TOKEN,
        app: None,
        access_token,
        nonce_demanded,
        algorithms,
        is_mac: &|bytes, given| mac(bytes) == given,
        now: NOW,
    };
    verify(presented, &mut Steps::new()).map_err(|refusal| refusal.kind.code)
}

#[test]
fn a_proof_is_signed_with_what_the_application_may_sign_with() {
    let proof = Client::new().proof();
    assert!(judged_by(&[Algorithm::ES256], &proof, None, false).is_ok());
    let others = &[Algorithm::PS256, Algorithm::EdDSA];
    assert_eq!(judged_by(others, &proof, None, false), Err("dpop_proof_invalid"));
}

#[test]
fn a_proof_names_the_key_it_was_made_with() {
    let client = Client::new();
    let proof = client.judged().unwrap();
    assert_eq!(proof.jkt, client.key.public_jwk().thumbprint());
    assert_eq!(proof.once.key, format!("{}:one", proof.jkt));
    assert!(proof.once.expires_at > NOW + 2 * WITH_NONCE);
}

#[test]
fn a_proof_for_another_method_address_or_token_is_worth_nothing_here() {
    let invalid = Err("dpop_proof_invalid");
    for htm in ["GET", "post", ""] {
        assert_eq!(Client::new().with("htm", htm).judged(), invalid, "{htm}");
    }
    for htu in [
        "https://sso.example.com/userinfo",
        "https://sso.example.com/token/",
        "https://evil.example/token",
        "http://sso.example.com/token",
        "https://sso.example.com:8443/token",
        "/token",
        "",
    ] {
        assert_eq!(Client::new().with("htu", htu).judged(), invalid, "{htu}");
    }
    for htu in [
        "https://SSO.example.com:443/token",
        "https://sso.example.com/token?a=b#c",
        "https://mtls.sso.example.com/token",
    ] {
        assert!(Client::new().with("htu", htu).judged().is_ok(), "{htu}");
    }
    let ath = base64url::encode(sha256(b"the token"));
    let bound = Client::new().with("ath", ath).proof();
    assert!(judged(&bound, Some("the token"), false).is_ok());
    assert_eq!(judged(&bound, Some("another"), false), invalid);
    assert_eq!(
        judged(&Client::new().proof(), Some("the token"), false),
        invalid,
        "no ath"
    );
}

#[test]
fn what_is_missing_or_of_the_wrong_kind_is_refused() {
    for claim in ["jti", "htm", "htu", "iat"] {
        assert_eq!(
            Client::new().without(claim).judged(),
            Err("dpop_proof_invalid"),
            "no {claim}"
        );
        let wrong = Client::new().with(claim, json!(["x"]));
        assert_eq!(wrong.judged(), Err("dpop_proof_invalid"), "{claim} as a list");
    }
    assert!(Client::new().with("jti", "").judged().is_err());
    assert!(Client::new().with("jti", "x".repeat(257)).judged().is_err());
    assert!(Client::new().with("nonce", 5).judged().is_err());
    assert!(judged("", None, false).is_err());
    assert!(judged(&"x".repeat(9_000), None, false).is_err());
}

#[test]
fn only_a_signature_by_the_public_key_in_the_header_counts() {
    let other = SigningKey::generate(Algorithm::ES256).unwrap().key;
    let stolen = Client::new().header("jwk", serde_json::to_value(other.public_jwk()).unwrap());
    assert!(stolen.judged().is_err(), "somebody else's key in the header");
    for (member, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("at+jwt")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("jwk", json!("https://evil.example/key")),
        ("crit", json!(["x"])),
        ("jku", json!("https://evil.example/jwks")),
        ("kid", json!(5)),
    ] {
        assert!(
            Client::new().header(member, value.clone()).judged().is_err(),
            "{member} {value}"
        );
    }
    let mut private = serde_json::to_value(Client::new().key.public_jwk()).unwrap();
    private["d"] = json!("AAAA");
    assert!(
        Client::new().header("jwk", private).judged().is_err(),
        "a private key is no proof of anything"
    );
    let proof = Client::new().proof();
    let (signed, _) = proof.rsplit_once('.').unwrap();
    assert!(judged(&format!("{signed}."), None, false).is_err());
}

#[test]
fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds() {
    assert!(Client::new().with("iat", NOW - 10).judged().is_ok());
}

#[test]
fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds() {
    assert!(Client::new().with("iat", NOW + 10).judged().is_ok());
}

#[test]
fn a_clock_that_is_minutes_off_is_given_a_nonce_and_one_that_is_hours_off_a_refusal() {
    for off in [-299, -61, 31, 299] {
        assert_eq!(
            Client::new().with("iat", NOW + off).judged(),
            Err("dpop_nonce_wanted"),
            "{off}"
        );
        let nonce = nonce::current(&mac, NOW);
        assert!(
            Client::new()
                .with("iat", NOW + off)
                .with("nonce", nonce)
                .judged()
                .is_ok(),
            "{off}"
        );
    }
    for off in [-86_400, -301, 301, 86_400] {
        assert_eq!(
            Client::new().with("iat", NOW + off).judged(),
            Err("dpop_proof_invalid"),
            "{off}"
        );
        let nonce = nonce::current(&mac, NOW);
        let with_nonce = Client::new().with("iat", NOW + off).with("nonce", nonce);
        assert_eq!(with_nonce.judged(), Err("dpop_proof_invalid"), "{off}");
    }
    assert!(Client::new().with("iat", f64::MAX).judged().is_err());
}

#[test]
fn where_a_nonce_is_demanded_a_proof_made_in_advance_does_not_pass() {
    let wanted = Err("dpop_nonce_wanted");
    assert_eq!(judged(&Client::new().proof(), None, true), wanted);
    let old = nonce::current(&mac, NOW - 1_000);
    assert_eq!(judged(&Client::new().with("nonce", old).proof(), None, true), wanted);
    assert_eq!(
        judged(&Client::new().with("nonce", "invented").proof(), None, false),
        wanted
    );
    let fresh = nonce::current(&mac, NOW);
    assert!(judged(&Client::new().with("nonce", fresh).proof(), None, true).is_ok());
}
