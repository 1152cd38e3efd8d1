//! A provider, or somebody who pretends to be one, against the relying party. Each attack ends with its own code.

use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use doorward_jose::{Algorithm, JwkSet, SigningKey};
use doorward_login::{BeginOptions, Memory};
use serde_json::{Value, json};

use crate::fake::{ACCESS_TOKEN, CLIENT_ID, CODE, Fake, ISSUER, NOW, ask, finish, hash, is_refused, with_header};
use crate::stub::new_key;

fn named(key: &SigningKey, kid: &str) -> Value {
    let mut jwk = json!(key.public_jwk());
    jwk["kid"] = json!(kid);
    jwk
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused_even_where_the_provider_advertises_none() {
    let fake = Fake::new();
    let login = fake.login();
    let unsigned = |claims: Value, _: &SigningKey| {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims))
    };
    is_refused(
        fake.log_in_with(&login, unsigned).await,
        "algorithm_not_allowed",
        "none",
    );
}

#[tokio::test]
async fn a_public_key_is_no_secret_for_hmac() {
    let fake = Fake::new();
    let login = fake.login();
    for secret in [json!(fake.key.public_jwk()).to_string(), "hush".to_owned()] {
        let symmetric = |claims: Value, key: &SigningKey| {
            let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
            let signed = format!("{}.{}", part(&json!({"alg": "HS256", "kid": key.kid()})), part(&claims));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
            format!("{signed}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
        };
        is_refused(
            fake.log_in_with(&login, symmetric).await,
            "algorithm_not_allowed",
            "HS256",
        );
    }
}

#[tokio::test]
async fn an_algorithm_of_another_key_type_is_refused() {
    let fake = Fake::new();
    let login = fake.login();
    let crossed =
        |claims: Value, key: &SigningKey| with_header(key, &json!({"alg": "RS256", "kid": key.kid()}), &claims);
    is_refused(fake.log_in_with(&login, crossed).await, "key_not_found", "RS256");
    let unannounced =
        |claims: Value, key: &SigningKey| with_header(key, &json!({"alg": "PS256", "kid": key.kid()}), &claims);
    is_refused(
        fake.log_in_with(&login, unannounced).await,
        "algorithm_not_allowed",
        "PS256",
    );
}

#[tokio::test]
async fn claims_of_somebody_else_are_refused_each_with_its_own_code() {
    for (claim, value, code, words) in [
        (
            "iss",
            json!("https://evil.example"),
            "issuer_mismatch",
            "got `https://evil.example`",
        ),
        (
            "iss",
            json!("https://sso.example/"),
            "issuer_mismatch",
            "got `https://sso.example/`",
        ),
        ("iss", Value::Null, "issuer_mismatch", "got null"),
        ("aud", json!("other"), "audience_mismatch", "expected `app` as `aud`"),
        ("aud", json!(["other"]), "audience_mismatch", "expected `app` as `aud`"),
        (
            "aud",
            json!([CLIENT_ID, "other"]),
            "authorized_party_mismatch",
            "as `azp` in the ID token, got none",
        ),
        ("azp", json!("other"), "authorized_party_mismatch", "got `other`"),
        ("nonce", json!("another"), "nonce_mismatch", "got another one"),
        ("nonce", Value::Null, "nonce_mismatch", "got none"),
        (
            "at_hash",
            hash("another-access-token"),
            "access_token_mismatch",
            "as `at_hash`",
        ),
        ("c_hash", hash("another-code"), "code_mismatch", "as `c_hash`"),
        ("sub", json!(""), "subject_invalid", "1 to 255 characters"),
        ("sub", json!("x".repeat(256)), "subject_invalid", "1 to 255 characters"),
        (
            "exp",
            json!(NOW - 31),
            "token_expired",
            "31 s later; 30 s are tolerated",
        ),
        ("iat", json!(NOW + 31), "clock_skew", "31 s earlier; 30 s are tolerated"),
        ("nbf", json!(NOW + 31), "clock_skew", "31 s earlier; 30 s are tolerated"),
        ("exp", json!("soon"), "token_malformed", "must be a number"),
    ] {
        let fake = Fake::new();
        let login = fake.login();
        let outcome = fake.log_in(&login, |claims| claims[claim] = value).await;
        is_refused(outcome, code, words);
    }
}

#[tokio::test]
async fn what_fits_is_accepted_up_to_the_leeway() {
    let fake = Fake::new();
    let login = fake.login();
    for (claim, value) in [
        ("aud", json!([CLIENT_ID])),
        ("azp", json!(CLIENT_ID)),
        ("at_hash", hash(ACCESS_TOKEN)),
        ("c_hash", hash(CODE)),
        ("exp", json!(NOW - 29)),
        ("iat", json!(NOW + 30)),
        ("nbf", json!(NOW + 30)),
    ] {
        fake.log_in(&login, |claims| claims[claim] = value).await.unwrap();
    }
    let strict = fake.builder().leeway(std::time::Duration::ZERO).build().unwrap();
    is_refused(
        fake.log_in(&strict, |claims| claims["iat"] = json!(NOW + 1)).await,
        "clock_skew",
        "0 s are tolerated",
    );
}

#[tokio::test]
async fn keys_that_are_unknown_foreign_doubled_or_weak_are_refused_each_with_its_own_code() {
    let fake = Fake::new();
    let other = new_key(Algorithm::ES256);
    let by_other = |claims: Value, _: &SigningKey| other.sign(Some("JWT"), &claims).unwrap();
    is_refused(
        fake.log_in_with(&fake.login(), by_other).await,
        "key_not_found",
        other.kid(),
    );

    let foreign =
        |claims: Value, key: &SigningKey| with_header(&other, &json!({"alg": "ES256", "kid": key.kid()}), &claims);
    is_refused(
        fake.log_in_with(&fake.login(), foreign).await,
        "signature_invalid",
        "does not verify",
    );

    fake.has_keys(&json!({"keys": [named(&fake.key, "same"), named(&other, "same")]}));
    is_refused(
        fake.log_in(&fake.login(), |_| ()).await,
        "key_ambiguous",
        "two different ES256 keys",
    );

    fake.has_keys(&json!({"keys": [fake.key.public_jwk(), other.public_jwk()]}));
    let nameless = |claims: Value, key: &SigningKey| with_header(key, &json!({"alg": "ES256"}), &claims);
    is_refused(
        fake.log_in_with(&fake.login(), nameless).await,
        "key_ambiguous",
        "names no kid",
    );

    let modulus = BASE64URL_NOPAD.encode(&[0xC1; 128]);
    fake.has_keys(&json!({"keys": [{"kty": "RSA", "kid": "weak", "n": modulus, "e": "AQAB"}]}));
    let weak = |claims: Value, key: &SigningKey| with_header(key, &json!({"alg": "RS256", "kid": "weak"}), &claims);
    is_refused(
        fake.log_in_with(&fake.login(), weak).await,
        "key_unusable",
        "received 1024",
    );

    fake.has_keys(&json!({"keys": [{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]}));
    let shared = |claims: Value, key: &SigningKey| with_header(key, &json!({"alg": "ES256", "kid": "shared"}), &claims);
    is_refused(
        fake.log_in_with(&fake.login(), shared).await,
        "key_unusable",
        "private member",
    );
}

#[tokio::test]
async fn a_key_that_a_token_brings_along_is_never_used_and_never_fetched() {
    let fake = Fake::new();
    let login = fake.login();
    let attacker = new_key(Algorithm::ES256);
    for (member, value) in [
        ("jwk", json!(attacker.public_jwk())),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
    ] {
        for kid in [attacker.kid(), fake.key.kid()] {
            let own = |claims: Value, _: &SigningKey| {
                with_header(&attacker, &json!({"alg": "ES256", "kid": kid, member: value}), &claims)
            };
            is_refused(fake.log_in_with(&login, own).await, "key_in_token", member);
        }
        // Some providers write such a member beside a good signature: it is left alone.
        let beside = |claims: Value, key: &SigningKey| {
            with_header(key, &json!({"alg": "ES256", "kid": key.kid(), member: value}), &claims)
        };
        fake.log_in_with(&login, beside).await.unwrap();
    }
    assert!(fake.asked("evil.example/jwks").is_empty() && fake.asked("evil.example/cert").is_empty());
}

#[tokio::test]
async fn headers_that_mean_something_unknown_are_refused() {
    let fake = Fake::new();
    let login = fake.login();
    for (header, code) in [
        (json!({"crit": ["exp"], "exp": 1}), "token_malformed"),
        (json!({"b64": false}), "token_malformed"),
        (json!({"typ": "at+jwt"}), "token_type_mismatch"),
        (json!({"typ": "logout+jwt"}), "token_type_mismatch"),
    ] {
        let made = |claims: Value, key: &SigningKey| {
            let mut header = header;
            header["alg"] = json!("ES256");
            header["kid"] = json!(key.kid());
            with_header(key, &header, &claims)
        };
        is_refused(fake.log_in_with(&login, made).await, code, "");
    }
    let encrypted = |_: Value, _: &SigningKey| "a.b.c.d.e".to_owned();
    is_refused(
        fake.log_in_with(&login, encrypted).await,
        "token_malformed",
        "an encrypted token",
    );
    let large = |_: Value, _: &SigningKey| "x".repeat(33 * 1024);
    is_refused(fake.log_in_with(&login, large).await, "token_too_large", "32768");
    let twice = |claims: Value, key: &SigningKey| {
        let payload = claims.to_string().replacen('{', "{\"sub\":\"admin\",", 1);
        let header = json!({"alg": "ES256", "kid": key.kid()}).to_string();
        key.sign_raw(header.as_bytes(), payload.as_bytes()).unwrap()
    };
    is_refused(fake.log_in_with(&login, twice).await, "token_malformed", "twice");
}

#[tokio::test]
async fn the_answer_of_one_provider_does_not_finish_a_login_at_another() {
    // One store for both, as in a server with several providers (mix-up, RFC 9700 §4.4).
    let store = Arc::new(Memory::new());
    let honest = Fake::new();
    let evil = Fake::with("https://evil.example", new_key(Algorithm::ES256));
    let at_honest = honest.builder().sessions(Arc::clone(&store) as Arc<_>).build().unwrap();
    let at_evil = evil.builder().sessions(store).build().unwrap();
    let asking = ask(&at_honest, BeginOptions::new("/")).await.unwrap();
    is_refused(
        finish(&at_evil, &asking, &[("code", CODE)]).await,
        "attempt_of_another_issuer",
        "began at `https://sso.example`, got it where `https://evil.example` answers",
    );
    assert!(evil.asked("/token").is_empty(), "the code went nowhere");
    let asking = ask(&at_honest, BeginOptions::new("/")).await.unwrap();
    is_refused(
        finish(&at_honest, &asking, &[("code", CODE), ("iss", "https://evil.example")]).await,
        "response_issuer_mismatch",
        "got `https://evil.example`",
    );
    assert!(honest.asked("/token").is_empty());
}

#[tokio::test]
async fn a_code_that_was_put_into_another_login_is_refused() {
    let fake = Fake::new();
    let login = fake.login();
    let attackers = ask(&login, BeginOptions::new("/")).await.unwrap();
    let victims = ask(&login, BeginOptions::new("/")).await.unwrap();
    // The provider ignores PKCE and redeems the attacker's code in the victim's login: the nonce tells.
    let claims = fake.claims(&attackers);
    fake.gives_token(&fake.key.sign(Some("JWT"), &claims).unwrap());
    is_refused(
        finish(&login, &victims, &[("code", CODE)]).await,
        "nonce_mismatch",
        "another one",
    );
    // The verifier that went along was the victim's, so that a provider that does check refuses before.
    let sent = fake.asked("/token");
    let challenge = doorward_oidc::CodeVerifier::parse(sent[0].form.find("code_verifier").unwrap())
        .unwrap()
        .challenge();
    assert_eq!(Some(challenge.as_str()), victims.request.find("code_challenge"));
    assert_ne!(Some(challenge.as_str()), attackers.request.find("code_challenge"));
}

#[tokio::test]
async fn nobody_is_logged_in_by_the_link_of_somebody_else() {
    let fake = Fake::new();
    let login = fake.login();
    let attackers = ask(&login, BeginOptions::new("/")).await.unwrap();
    let victims = ask(&login, BeginOptions::new("/")).await.unwrap();
    let crossed = crate::fake::Asking {
        binding: victims.binding,
        ..attackers
    };
    is_refused(
        finish(&login, &crossed, &[("code", CODE)]).await,
        "attempt_of_another_browser",
        "expected the browser in which the login began",
    );
    assert!(fake.asked("/token").is_empty());
    is_refused(finish(&login, &crossed, &[("code", CODE)]).await, "attempt_unknown", "");
}

#[tokio::test]
async fn invented_key_names_cause_one_fetch_in_thirty_seconds() {
    let fake = Fake::new();
    let login = fake.login();
    let other = new_key(Algorithm::ES256);
    fake.clock.pass(0);
    fake.log_in(&login, |_| ()).await.unwrap();
    fake.clock.pass(30);
    for number in 0..50 {
        let invented = |claims: Value, _: &SigningKey| {
            with_header(
                &other,
                &json!({"alg": "ES256", "kid": format!("invented-{number}")}),
                &claims,
            )
        };
        is_refused(fake.log_in_with(&login, invented).await, "key_not_found", "invented-");
    }
    assert_eq!(fake.asked("/jwks").len(), 2);
}

#[tokio::test]
async fn a_key_set_that_is_none_is_refused_and_says_why() {
    for (set, words) in [
        (json!({"keys": "none"}), "expected an array"),
        (json!([]), "key set"),
        (json!({"keys": vec![json!({}); 101]}), "at most 100"),
    ] {
        let fake = Fake::new();
        fake.has_keys(&set);
        is_refused(fake.log_in(&fake.login(), |_| ()).await, "setup_error", words);
    }
    let fake = Fake::new();
    fake.has_keys(&json!(JwkSet::default()));
    is_refused(
        fake.log_in(&fake.login(), |_| ()).await,
        "key_not_found",
        "no usable key",
    );
}

#[tokio::test]
async fn what_settings_would_overwrite_is_refused_as_a_parameter() {
    for name in [
        "state",
        "nonce",
        "redirect_uri",
        "code_challenge",
        "client_id",
        "response_type",
        "scope",
        "request",
    ] {
        let error = Fake::new().builder().parameter(name, "x").build().unwrap_err();
        assert_eq!(error.code(), "setting_invalid");
        let mut options = BeginOptions::new("/");
        options.parameters.push((name.to_owned(), "x".to_owned()));
        is_refused(
            ask(&Fake::new().login(), options).await.map(|_| ()),
            "setting_invalid",
            name,
        );
    }
    let mut options = BeginOptions::new("x".repeat(2049));
    is_refused(
        ask(&Fake::new().login(), options.clone()).await.map(|_| ()),
        "setting_invalid",
        "return_to",
    );
    options.return_to = "/".to_owned();
    options.redirect_uri = Some("http://app.example/callback".to_owned());
    is_refused(
        ask(&Fake::new().login(), options).await.map(|_| ()),
        "setting_invalid",
        "redirect_uri",
    );
    assert_eq!(ISSUER, Fake::new().login().issuer());
}
