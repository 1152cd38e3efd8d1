use doorward_jose::Algorithm;
use http::StatusCode;
use serde_json::json;

use crate::browser::setup;
use crate::refusals::{is_refused, seen};
use crate::stub::{Change, new_key};

#[tokio::test]
async fn claims_of_the_id_token_that_do_not_fit_are_refused() {
    let now = 1_800_000_000;
    for (claims, code, words) in [
        (
            Change::set("iss", json!("https://evil.example")),
            "issuer_mismatch",
            "as `iss` in the ID token, got `https://evil.example`",
        ),
        (
            Change::without("iss"),
            "issuer_mismatch",
            "as `iss` in the ID token, got none",
        ),
        (
            Change::set("aud", json!("other")),
            "audience_mismatch",
            "expected `demo app` as `aud` in the ID token, got `other`",
        ),
        (Change::set("aud", json!([])), "audience_mismatch", "as `aud`"),
        (
            Change::without("aud"),
            "audience_mismatch",
            "as `aud` in the ID token, got none",
        ),
        (
            Change::set("aud", json!(["demo app", "other"])),
            "authorized_party_mismatch",
            "expected `demo app` as `azp` in the ID token, got none",
        ),
        (
            Change::set("azp", json!("other")),
            "authorized_party_mismatch",
            "as `azp` in the ID token, got `other`",
        ),
        (
            Change::set("sub", json!("")),
            "subject_invalid",
            "expected 1 to 255 characters as `sub`",
        ),
        (Change::set("sub", json!(7)), "subject_invalid", "as `sub`"),
        (
            Change::set("nonce", json!("another")),
            "nonce_mismatch",
            "expected the one of this login as `nonce` in the ID token, got another one",
        ),
        (
            Change::without("nonce"),
            "nonce_mismatch",
            "as `nonce` in the ID token, got none",
        ),
        (
            Change::set("at_hash", json!("AAAA")),
            "access_token_mismatch",
            "as `at_hash`",
        ),
        (Change::set("exp", json!(now - 30)), "token_expired", "ID token: "),
        (Change::without("exp"), "token_malformed", "exp"),
        (Change::set("iat", json!(now + 31)), "clock_skew", "ID token: "),
        (Change::without("iat"), "token_malformed", "iat"),
        (Change::set("nbf", json!(now + 31)), "clock_skew", "ID token: "),
    ] {
        let seen = seen(|told| told.claims = claims).await;
        is_refused(&seen, StatusCode::BAD_GATEWAY, code, words);
    }
}

#[tokio::test]
async fn clocks_may_differ_by_thirty_seconds() {
    for claims in [
        Change::set("exp", json!(1_800_000_000 - 29)),
        Change::set("iat", json!(1_800_000_000 + 30)),
    ] {
        let (stub, mut browser) = setup().await;
        stub.is_told(|told| told.claims = claims);
        assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn several_audiences_are_fine_with_an_authorized_party() {
    let (stub, mut browser) = setup().await;
    stub.is_told(|told| {
        told.claims = Change::new(|claims| {
            claims.insert("aud".to_owned(), json!(["demo app", "other"]));
            claims.insert("azp".to_owned(), json!("demo app"));
        });
    });
    assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signatures_that_do_not_hold_are_refused() {
    let seen_with = |id_token: fn(&str) -> String| {
        seen(move |told| {
            told.tokens = Change::new(move |tokens| {
                let token = tokens["id_token"].as_str().unwrap().to_owned();
                tokens.insert("id_token".to_owned(), json!(id_token(&token)));
            });
        })
    };
    // {"alg":"none"} and {"alg":"HS256"}
    let unsigned = |token: &str| format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
    is_refused(
        &seen_with(unsigned).await,
        StatusCode::BAD_GATEWAY,
        "algorithm_not_allowed",
        "none",
    );
    let symmetric = |token: &str| format!("eyJhbGciOiJIUzI1NiJ9.{}.AAAA", token.split('.').nth(1).unwrap());
    is_refused(
        &seen_with(symmetric).await,
        StatusCode::BAD_GATEWAY,
        "algorithm_not_allowed",
        "HS256",
    );
    let altered = |token: &str| {
        let parts: Vec<_> = token.split('.').collect();
        format!("{}.{}.{}", parts[0], "eyJzdWIiOiJ1LTIifQ", parts[2])
    };
    is_refused(
        &seen_with(altered).await,
        StatusCode::BAD_GATEWAY,
        "signature_invalid",
        "ID token: ",
    );
    is_refused(
        &seen_with(|_| "x".to_owned()).await,
        StatusCode::BAD_GATEWAY,
        "token_malformed",
        "ID token: ",
    );
    let foreign = seen(|told| told.other_key = Some(new_key(Algorithm::ES256))).await;
    is_refused(&foreign, StatusCode::BAD_GATEWAY, "key_not_found", "ID token: ");
    // The stub advertises no PS256.
    let unannounced = seen(|told| told.other_key = Some(new_key(Algorithm::PS256))).await;
    is_refused(&unannounced, StatusCode::BAD_GATEWAY, "algorithm_not_allowed", "PS256");
}
