//! The modules of `oidcc-client-basic-certification-test-plan` and `oidcc-client-formpost-basic-certification-test-plan`,
//! each a test of that name (docs/conformance-rp.md).

use doorward_jose::{Algorithm, JwkSet, SigningKey};
use doorward_login::BeginOptions;
use serde_json::{Value, json};

use crate::fake::{CODE, Fake, ISSUER, answer, ask, finish, is_refused, json_answer, with_header};
use crate::stub::new_key;

fn without(claim: &'static str) -> impl FnOnce(&mut Value) {
    move |claims| {
        claims.as_object_mut().unwrap().remove(claim);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the provider calls it like the others that sign"
)]
fn without_kid(claims: Value, key: &SigningKey) -> String {
    with_header(key, &json!({"alg": key.algorithm()}), &claims)
}

/// `oidcc-client-test`
#[tokio::test]
async fn oidcc_client_test() {
    let fake = Fake::new();
    let verified = fake.log_in(&fake.login(), |_| ()).await.unwrap();
    assert_eq!((verified.sub.as_str(), verified.issuer.as_str()), ("u-1", ISSUER));
}

/// `oidcc-client-test-invalid-iss`
#[tokio::test]
async fn oidcc_client_test_invalid_iss() {
    let fake = Fake::new();
    let outcome = fake
        .log_in(&fake.login(), |claims| {
            claims["iss"] = json!("https://sso.example/other");
        })
        .await;
    is_refused(outcome, "issuer_mismatch", "https://sso.example/other");
}

/// `oidcc-client-test-missing-sub`
#[tokio::test]
async fn oidcc_client_test_missing_sub() {
    let fake = Fake::new();
    is_refused(
        fake.log_in(&fake.login(), without("sub")).await,
        "subject_invalid",
        "got none",
    );
}

/// `oidcc-client-test-invalid-aud`
#[tokio::test]
async fn oidcc_client_test_invalid_aud() {
    let fake = Fake::new();
    is_refused(
        fake.log_in(&fake.login(), |claims| claims["aud"] = json!("invalid"))
            .await,
        "audience_mismatch",
        "invalid",
    );
}

/// `oidcc-client-test-missing-iat`
#[tokio::test]
async fn oidcc_client_test_missing_iat() {
    let fake = Fake::new();
    is_refused(
        fake.log_in(&fake.login(), without("iat")).await,
        "token_malformed",
        "\"iat\" is missing",
    );
}

/// `oidcc-client-test-kid-absent-single-jwks`
#[tokio::test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    let fake = Fake::new();
    fake.log_in_with(&fake.login(), without_kid).await.unwrap();
}

/// `oidcc-client-test-kid-absent-multiple-jwks`: which key is meant can not be said, so none is tried.
#[tokio::test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    let fake = Fake::new();
    let keys = [
        fake.key.public_jwk().clone(),
        new_key(Algorithm::ES256).public_jwk().clone(),
    ];
    fake.has_keys(&json!(JwkSet::new(keys).unwrap()));
    is_refused(
        fake.log_in_with(&fake.login(), without_kid).await,
        "key_ambiguous",
        "2 ES256 keys",
    );
    // One of another type is not meant.
    let keys = [
        fake.key.public_jwk().clone(),
        new_key(Algorithm::RS256).public_jwk().clone(),
    ];
    fake.has_keys(&json!(JwkSet::new(keys).unwrap()));
    fake.log_in_with(&fake.login(), without_kid).await.unwrap();
}

/// `oidcc-client-test-idtoken-sig-rs256`
#[tokio::test]
async fn oidcc_client_test_idtoken_sig_rs256() {
    let fake = Fake::with(ISSUER, new_key(Algorithm::RS256));
    fake.log_in(&fake.login(), |_| ()).await.unwrap();
}

/// `oidcc-client-test-idtoken-sig-none`: refused; a client that did not ask for it has no use for it.
#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    let fake = Fake::new();
    let none = |claims: Value, _: &SigningKey| {
        let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims))
    };
    is_refused(
        fake.log_in_with(&fake.login(), none).await,
        "algorithm_not_allowed",
        "none",
    );
}

/// `oidcc-client-test-invalid-sig-rs256`
#[tokio::test]
async fn oidcc_client_test_invalid_sig_rs256() {
    let fake = Fake::with(ISSUER, new_key(Algorithm::RS256));
    let other = new_key(Algorithm::RS256);
    let invalid =
        |claims: Value, key: &SigningKey| with_header(&other, &json!({"alg": "RS256", "kid": key.kid()}), &claims);
    is_refused(
        fake.log_in_with(&fake.login(), invalid).await,
        "signature_invalid",
        "RS256",
    );
}

fn has_userinfo(fake: &Fake, userinfo: &Value) {
    fake.has_metadata(|members| members["userinfo_endpoint"] = json!("https://sso.example/userinfo"));
    fake.says("/userinfo", json_answer(userinfo));
}

/// `oidcc-client-test-userinfo-invalid-sub`
#[tokio::test]
async fn oidcc_client_test_userinfo_invalid_sub() {
    let fake = Fake::new();
    has_userinfo(&fake, &json!({"sub": "u-2"}));
    is_refused(
        fake.log_in(&fake.login(), |_| ()).await,
        "userinfo_subject_mismatch",
        "`u-1` in the userinfo answer, got `u-2`",
    );
    has_userinfo(&fake, &json!({"name": "Alice"}));
    is_refused(
        fake.log_in(&fake.login(), |_| ()).await,
        "userinfo_subject_mismatch",
        "got none",
    );
}

/// `oidcc-client-test-nonce-invalid`
#[tokio::test]
async fn oidcc_client_test_nonce_invalid() {
    let fake = Fake::new();
    is_refused(
        fake.log_in(&fake.login(), |claims| claims["nonce"] = json!("invalid"))
            .await,
        "nonce_mismatch",
        "another one",
    );
}

/// `oidcc-client-test-scope-userinfo-claims`
#[tokio::test]
async fn oidcc_client_test_scope_userinfo_claims() {
    let fake = Fake::new();
    let claims = json!({
        "sub": "u-1", "name": "Alice", "email": "alice@example.org", "email_verified": true,
        "phone_number": "+49 30 1", "address": {"locality": "Berlin"}, "iss": "https://evil.example",
    });
    has_userinfo(&fake, &claims);
    let login = fake
        .builder()
        .scopes("profile email address phone")
        .unwrap()
        .build()
        .unwrap();
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    assert_eq!(asking.request.find("scope"), Some("openid profile email address phone"));
    fake.gives_token(&fake.key.sign(None, &fake.claims(&asking)).unwrap());
    let verified = finish(&login, &asking, &[("code", CODE)]).await.unwrap();
    for claim in ["name", "email", "email_verified", "phone_number", "address"] {
        assert_eq!(verified.claims[claim], claims[claim], "{claim}");
    }
    assert_eq!(verified.claims["iss"], ISSUER);
    assert_eq!(
        fake.asked("/userinfo")[0].authorization.as_deref(),
        Some("Bearer the-access-token")
    );
}

/// `oidcc-client-test-client-secret-basic`
#[tokio::test]
async fn oidcc_client_test_client_secret_basic() {
    let fake = Fake::new();
    fake.has_metadata(|members| {
        members["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", "client_secret_basic"]);
    });
    fake.log_in(&fake.login(), |_| ()).await.unwrap();
    let sent = fake.asked("/token").pop().unwrap();
    assert_eq!(sent.authorization.as_deref(), Some("Basic YXBwOmh1c2g="));
    assert_eq!(sent.form.find("client_secret"), None);
}

/// `oidcc-client-test-userinfo-signed` of `oidcc-client-dynamic-certification-test-plan`
#[tokio::test]
async fn oidcc_client_test_userinfo_signed() {
    let fake = Fake::new();
    let signs = |claims: Value, key: &SigningKey| {
        has_userinfo(&fake, &json!({}));
        fake.says(
            "/userinfo",
            answer(200, "application/jwt", key.sign(Some("JWT"), &claims).unwrap()),
        );
    };
    signs(
        json!({"sub": "u-1", "iss": ISSUER, "aud": "app", "name": "Alice"}),
        &fake.key,
    );
    let verified = fake.log_in(&fake.login(), |_| ()).await.unwrap();
    assert_eq!(verified.claims["name"], "Alice");
    signs(json!({"sub": "u-1", "name": "Alice"}), &fake.key);
    fake.log_in(&fake.login(), |_| ()).await.unwrap();
    for (claims, code) in [
        (
            json!({"sub": "u-2", "iss": ISSUER, "aud": "app"}),
            "userinfo_subject_mismatch",
        ),
        (json!({"sub": "u-1", "iss": "https://evil.example"}), "issuer_mismatch"),
        (json!({"sub": "u-1", "aud": "other"}), "audience_mismatch"),
        (json!({"sub": "u-1", "exp": 1}), "token_expired"),
    ] {
        signs(claims, &fake.key);
        is_refused(fake.log_in(&fake.login(), |_| ()).await, code, "userinfo");
    }
    signs(json!({"sub": "u-1"}), &new_key(Algorithm::ES256));
    is_refused(fake.log_in(&fake.login(), |_| ()).await, "key_not_found", "userinfo: ");
}

/// `oidcc-client-formpost-basic-certification-test-plan`: the same with `response_mode=form_post`; the way of the form
/// itself is `providers::an_answer_can_come_as_a_form_and_then_only_so`.
#[tokio::test]
async fn oidcc_client_formpost_basic() {
    let fake = Fake::new();
    let login = fake.builder().form_post().build().unwrap();
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    assert_eq!(asking.request.find("response_mode"), Some("form_post"));
    fake.log_in(&login, |_| ()).await.unwrap();
    for (claim, code) in [
        ("iss", "issuer_mismatch"),
        ("sub", "subject_invalid"),
        ("aud", "audience_mismatch"),
        ("iat", "token_malformed"),
        ("nonce", "nonce_mismatch"),
    ] {
        is_refused(fake.log_in(&login, without(claim)).await, code, "");
    }
}
