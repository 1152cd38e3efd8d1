//! What we sign, we verify; what was touched, nobody verifies.

use doorward_jose::{Algorithm, JoseError, JwkSet, SigningKey, Typ, VerificationPolicy, verify};
use serde_json::json;

fn policy() -> VerificationPolicy<'static> {
    VerificationPolicy::new(Typ::Required(&["at+jwt"]), Algorithm::ALL)
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for &algorithm in Algorithm::ALL {
        let generated = SigningKey::generate(algorithm).unwrap();
        let key = SigningKey::from_pkcs8(algorithm, generated.key.kid(), generated.pkcs8.expose()).unwrap();
        let published = serde_json::to_vec(&JwkSet::new([key.public_jwk().clone()]).unwrap()).unwrap();
        let keys = JwkSet::parse(&published).unwrap();
        assert_eq!(keys.skipped(), []);

        let token = key.sign(Some("at+jwt"), &json!({ "sub": "ada" })).unwrap();
        let verified = verify(&token, &keys, &policy()).unwrap();
        assert_eq!(verified.claims()["sub"], "ada");
        assert_eq!(verified.header().kid.as_deref(), Some(key.kid()));
        assert_eq!(verified.header().alg, algorithm);
        assert_eq!(key.kid(), keys.keys()[0].thumbprint());
    }
}

#[test]
fn another_key_with_the_same_name_does_not_verify() {
    for &algorithm in Algorithm::ALL {
        let signer = SigningKey::generate(algorithm).unwrap().key;
        let other = SigningKey::generate(algorithm).unwrap().key;
        let keys = JwkSet::new([other.public_jwk().with_kid(signer.kid())]).unwrap();
        let token = signer.sign(Some("at+jwt"), &json!({})).unwrap();
        let error = verify(&token, &keys, &policy()).unwrap_err();
        assert_eq!(
            error,
            JoseError::Signature {
                algorithm: algorithm.name()
            }
        );
    }
}
