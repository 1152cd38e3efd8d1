use doorward_oidc::ProviderMetadata;
use serde_json::json;

#[test]
fn metadata_is_written_with_what_clients_decide_by() {
    let metadata = ProviderMetadata {
        issuer: "https://sso.example".to_owned(),
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        ..ProviderMetadata::default()
    };
    let wire = serde_json::to_value(&metadata).unwrap();
    assert_eq!(wire["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(wire["authorization_response_iss_parameter_supported"], json!(true));
    // Absent would mean true (Discovery §3).
    assert_eq!(wire["request_uri_parameter_supported"], json!(false));
    assert!(wire.get("end_session_endpoint").is_none());
}

#[test]
fn foreign_metadata_is_read_without_minding_what_is_more() {
    let metadata: ProviderMetadata = serde_json::from_value(json!({
        "issuer": "https://sso.example",
        "authorization_endpoint": "https://sso.example/authorize",
        "token_endpoint": "https://sso.example/token",
        "jwks_uri": "https://sso.example/jwks",
        "backchannel_logout_supported": true,
    }))
    .unwrap();
    assert_eq!(metadata.userinfo_endpoint, None);
    assert!(metadata.request_uri_parameter_supported);
    serde_json::from_value::<ProviderMetadata>(json!({"issuer": "https://sso.example"})).unwrap_err();
}
