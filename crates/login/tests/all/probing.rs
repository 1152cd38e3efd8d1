//! What a look at a provider says before anybody logs in.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::http::header::DATE;
use axum::routing::get;
use doorward_jose::{Algorithm, JwkSet};
use doorward_login::{Clock, Login, ProbeOptions, Report, SystemClock, Weight};
use doorward_oidc::ScopeSet;
use serde_json::{Value, json};

use crate::fake::{Fake, ISSUER, json_answer, metadata};
use crate::stub::new_key;

async fn probe(fake: &Arc<Fake>, issuer: &str) -> Report {
    let options = ProbeOptions {
        http: Some(Arc::clone(fake) as Arc<_>),
        clock: Arc::clone(&fake.clock) as Arc<_>,
        scopes: Some(ScopeSet::parse("openid groups").unwrap()),
        client_id: Some("app".to_owned()),
        ..ProbeOptions::default()
    };
    Login::probe(issuer, options).await
}

fn is_problem(report: &Report, code: &str, received: &str) {
    let finding = report
        .find(code)
        .unwrap_or_else(|| panic!("no {code}: {:?}", report.findings));
    assert_eq!(finding.weight, Weight::Problem, "{finding:?}");
    assert!(
        finding.received.contains(received) && finding.remedy.is_some(),
        "{finding:?}"
    );
    assert!(!report.is_usable());
}

#[tokio::test]
async fn a_provider_that_is_as_it_should_be_is_usable() {
    let fake = Fake::new();
    fake.has_metadata(|members| {
        members["code_challenge_methods_supported"] = json!(["S256"]);
        members["authorization_response_iss_parameter_supported"] = json!(true);
        members["userinfo_endpoint"] = json!("https://sso.example/userinfo");
        members["scopes_supported"] = json!(["openid", "groups"]);
        members["claims_supported"] = json!(["sub", "groups"]);
        members["backchannel_logout_supported"] = json!(true);
    });
    let report = probe(&fake, ISSUER).await;
    assert!(report.is_usable() && report.suggestion.is_none(), "{report:?}");
    let offered = report.offered.as_ref().unwrap();
    assert_eq!(
        (offered.keys, offered.names_itself, offered.back_channel_logout),
        (1, true, true)
    );
    assert_eq!(offered.claims, ["sub", "groups"]);
    for code in [
        "discovery_reached",
        "issuer_equal",
        "algorithms",
        "pkce",
        "response_issuer",
        "scopes",
        "keys",
    ] {
        assert_eq!(
            report.find(code).map(|finding| finding.weight),
            Some(Weight::Good),
            "{code}"
        );
    }
    // The fake has no clock of its own.
    assert_eq!(
        report.find("clock_unknown").map(|finding| finding.weight),
        Some(Weight::Advice)
    );
    let written: Value = serde_json::to_value(&report).unwrap();
    assert_eq!(written["findings"][0]["code"], "discovery_reached");
    assert_eq!(written["findings"][0]["weight"], "good");
}

#[tokio::test]
async fn a_slash_too_much_or_too_little_is_named_with_the_right_value() {
    let fake = Fake::new();
    fake.has_metadata(|members| members["issuer"] = json!("https://sso.example/"));
    let report = probe(&fake, ISSUER).await;
    is_problem(&report, "issuer_mismatch", "`https://sso.example/`");
    assert_eq!(report.suggestion.as_deref(), Some("https://sso.example/"));
    let fake = Fake::new();
    let report = probe(&fake, "https://sso.example/").await;
    is_problem(&report, "issuer_mismatch", "`https://sso.example`");
    assert_eq!(report.suggestion.as_deref(), Some(ISSUER));
    assert!(
        report
            .find("issuer_mismatch")
            .unwrap()
            .remedy
            .as_ref()
            .unwrap()
            .contains("exactly as it is written")
    );
}

#[tokio::test]
async fn a_path_that_is_doubled_missing_or_pasted_is_named_with_the_right_value() {
    let realm = "https://sso.example/realms/x";
    let fake = Fake::with(realm, new_key(Algorithm::ES256));
    for issuer in [
        "https://sso.example/realms/x/realms/x",
        "https://sso.example/realms/x/.well-known/openid-configuration",
        "https://sso.example/auth/realms/x",
        "https://sso.example/realms/x/protocol/openid-connect/token",
        "sso.example/realms/x",
        "https://sso.example//realms/x",
        "https://sso.example/realms/x?tab=1",
    ] {
        let report = probe(&fake, issuer).await;
        assert_eq!(
            report.suggestion.as_deref(),
            Some(realm),
            "{issuer}: {:?}",
            report.findings
        );
        assert!(!report.is_usable());
    }
    let kanidm = Fake::with("https://idm.example/oauth2/openid/app", new_key(Algorithm::ES256));
    assert_eq!(
        probe(&kanidm, "https://idm.example").await.suggestion.as_deref(),
        Some("https://idm.example/oauth2/openid/app")
    );
    let nowhere = probe(&fake, "https://other.example").await;
    is_problem(&nowhere, "setup_error", "status 404");
    assert_eq!(nowhere.suggestion, None);
}

#[tokio::test]
async fn a_template_is_explained() {
    let fake = Fake::new();
    fake.has_metadata(|members| members["issuer"] = json!("https://login.example/{tenantid}/v2.0"));
    let report = probe(&fake, ISSUER).await;
    is_problem(&report, "issuer_mismatch", "{tenantid}");
    assert!(
        report
            .find("issuer_mismatch")
            .unwrap()
            .remedy
            .as_ref()
            .unwrap()
            .contains("one issuer per tenant")
    );
    assert_eq!(report.suggestion, None);
}

#[tokio::test]
async fn what_a_login_would_fail_with_is_a_problem_and_the_rest_is_advice() {
    let fake = Fake::new();
    fake.has_metadata(|members| {
        members["id_token_signing_alg_values_supported"] = json!(["HS256", "none"]);
        members["token_endpoint_auth_methods_supported"] = json!(["tls_client_auth"]);
        members["code_challenge_methods_supported"] = json!(["plain"]);
        members["token_endpoint"] = json!("http://sso.example/token");
        members["jwks_uri"] = json!("https://keys.example/jwks");
        members["scopes_supported"] = json!(["openid"]);
    });
    let weak = json!({"keys": [{"kty": "oct", "kid": "s", "k": "AAAA"}]});
    fake.says("https://keys.example/jwks", json_answer(&weak));
    let report = probe(&fake, ISSUER).await;
    is_problem(&report, "algorithm_not_allowed", "HS256, none");
    is_problem(&report, "token_exchange_failed", "tls_client_auth");
    is_problem(&report, "endpoint_insecure", "http://sso.example/token");
    is_problem(&report, "key_not_found", "private member");
    let advice = |code: &str, words: &str| {
        let finding = report.find(code).unwrap();
        let remedy = finding.remedy.as_deref().unwrap_or_default();
        assert!(
            finding.weight == Weight::Advice && remedy.contains(words),
            "{finding:?}"
        );
    };
    advice("pkce", "S256");
    advice("response_issuer", "redirect URI of its own");
    advice("scopes", "leave out groups");
    advice("endpoint_elsewhere", "provider's own");
    advice("no_userinfo", "ID token");
}

#[tokio::test]
async fn a_provider_that_can_not_be_reached_or_trusted_is_named() {
    let report = Login::probe("http://127.0.0.1:9", ProbeOptions::default()).await;
    is_problem(&report, "upstream_unreachable", "none");
    assert!(report.offered.is_none());
    let private = ProbeOptions {
        allow_private: Some(false),
        ..ProbeOptions::default()
    };
    let report = Login::probe("https://127.0.0.1:9", private).await;
    is_problem(&report, "address_not_allowed", "127.0.0.1");
    let stub = crate::private_ca::private_provider().await;
    let report = Login::probe(&stub.issuer, ProbeOptions::default()).await;
    is_problem(&report, "tls_untrusted", "another");
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.received.contains("unknown issuer")),
        "{report:?}"
    );
    let trusting = ProbeOptions {
        ca_pem: Some(crate::private_ca::CA.to_vec()),
        ..ProbeOptions::default()
    };
    let report = Login::probe(&stub.issuer, trusting).await;
    assert!(report.is_usable(), "{report:?}");
}

/// A provider whose clock is so many milliseconds ahead.
async fn ahead_by(offset: i64) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let named = issuer.clone();
    let date = move || {
        let there = UNIX_EPOCH + Duration::from_millis(u64::try_from(SystemClock.now_ms() + offset).unwrap());
        [(DATE, httpdate::fmt_http_date(there))]
    };
    let keys = json!(JwkSet::new([new_key(Algorithm::ES256).public_jwk().clone()]).unwrap());
    let router = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(move || async move { (date(), axum::Json(metadata(&named))) }),
        )
        .route("/jwks", get(|| async { axum::Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}

#[tokio::test]
async fn the_offset_of_the_clock_is_measured_in_milliseconds() {
    let (exact, slow, far) = tokio::join!(ahead_by(0), ahead_by(-2_350), ahead_by(45_500));
    let probe = |issuer: String| async move { Login::probe(&issuer, ProbeOptions::default()).await };
    let (exact, slow, far) = tokio::join!(probe(exact), probe(slow), probe(far));
    for (report, offset) in [(&exact, 0), (&slow, -2_350), (&far, 45_500)] {
        let measured = report
            .clock_offset_ms
            .unwrap_or_else(|| panic!("{:?}", report.findings));
        let accuracy = report.clock_accuracy_ms.unwrap();
        // A busy machine measures less well, and says so.
        assert!(
            (measured - offset).abs() <= accuracy + 5,
            "{measured} for {offset}, within {accuracy}"
        );
        assert!(accuracy < 500, "{accuracy}");
    }
    assert_eq!(
        exact.find("clock_offset").map(|finding| finding.weight),
        Some(Weight::Good)
    );
    let behind = slow.find("clock_offset").unwrap();
    assert!(
        behind.weight == Weight::Advice && behind.received.contains("ms behind"),
        "{behind:?}"
    );
    is_problem(&far, "clock_skew", "ms ahead");
    assert!(exact.is_usable() && slow.is_usable());
}
