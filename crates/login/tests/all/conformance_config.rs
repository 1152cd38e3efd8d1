//! The modules of `oidcc-client-config-certification-test-plan`, each a test of that name (docs/conformance-rp.md).

use doorward_jose::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};

use crate::fake::{Fake, ISSUER, is_refused};
use crate::stub::new_key;

/// `oidcc-client-test-discovery-openid-config`
#[tokio::test]
async fn oidcc_client_test_discovery_openid_config() {
    let fake = Fake::with("https://sso.example/realms/x", new_key(Algorithm::ES256));
    fake.login().check().await.unwrap();
    assert_eq!(
        fake.asked("openid-configuration")[0].url,
        "https://sso.example/realms/x/.well-known/openid-configuration"
    );
}

/// `oidcc-client-test-discovery-jwks-uri-keys`
#[tokio::test]
async fn oidcc_client_test_discovery_jwks_uri_keys() {
    let fake = Fake::new();
    let login = fake.login();
    login.check().await.unwrap();
    fake.log_in(&login, |_| ()).await.unwrap();
    assert_eq!(fake.asked("/jwks").len(), 1);
}

/// `oidcc-client-test-discovery-issuer-mismatch`
#[tokio::test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    let fake = Fake::new();
    for issuer in ["https://evil.example", "https://sso.example/", "HTTPS://sso.example"] {
        fake.has_metadata(|members| members["issuer"] = json!(issuer));
        is_refused(fake.login().check().await, "issuer_mismatch", issuer);
    }
    assert!(fake.asked("/jwks").is_empty(), "nothing else of that provider is asked");
}

/// `oidcc-client-test-signing-key-rotation-just-before-signing`: the token is signed with a key that was published after
/// the key set was fetched.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let fake = Fake::new();
    let login = fake.login();
    login.check().await.unwrap();
    let new = new_key(Algorithm::ES256);
    fake.has_keys(&json!(JwkSet::new([new.public_jwk().clone()]).unwrap()));
    fake.clock.pass(30);
    let by_new = |claims: Value, _: &SigningKey| new.sign(None, &claims).unwrap();
    fake.log_in_with(&login, by_new).await.unwrap();
    assert_eq!(fake.asked("/jwks").len(), 2);
}

/// `oidcc-client-test-signing-key-rotation`: between two logins, also where tokens name no key.
#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    for names_it in [true, false] {
        let fake = Fake::new();
        let login = fake.login();
        fake.log_in(&login, |_| ()).await.unwrap();
        let new = new_key(Algorithm::ES256);
        fake.has_keys(&json!(JwkSet::new([new.public_jwk().clone()]).unwrap()));
        fake.clock.pass(30);
        let by_new = |claims: Value, _: &SigningKey| {
            let mut header = json!({"alg": "ES256"});
            if names_it {
                header["kid"] = json!(new.kid());
            }
            crate::fake::with_header(&new, &header, &claims)
        };
        fake.log_in_with(&login, by_new).await.unwrap();
    }
    assert_eq!(ISSUER, "https://sso.example");
}
