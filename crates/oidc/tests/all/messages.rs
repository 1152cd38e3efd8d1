use doorward_oidc::{
    ClaimsRequest, EndSessionRequest, ErrorResponse, GrantType, IntrospectionResponse, Parameters, PresentedToken,
    Refusal, TokenRequest, TokenResponse, access_token, catalogue, encode,
};
use proptest::prelude::*;
use serde_json::json;

fn form(pairs: &[(&str, &str)]) -> Parameters {
    Parameters::parse(encode(pairs.iter().copied()).as_bytes()).unwrap()
}

fn token_request(pairs: &[(&str, &str)]) -> Result<TokenRequest, Refusal> {
    TokenRequest::parse(&form(pairs))
}

#[test]
fn each_grant_type_is_read() {
    let verifier = "v".repeat(43);
    let code = token_request(&[
        ("grant_type", "authorization_code"),
        ("code", "c"),
        ("redirect_uri", "https://a/b"),
        ("code_verifier", &verifier),
    ])
    .unwrap();
    let TokenRequest::AuthorizationCode {
        code,
        redirect_uri,
        code_verifier,
        ..
    } = code
    else {
        panic!("another grant type")
    };
    assert_eq!(
        (code.expose().as_str(), redirect_uri.as_deref()),
        ("c", Some("https://a/b"))
    );
    assert_eq!(code_verifier.unwrap().expose(), verifier);
    let refresh = token_request(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", "r"),
        ("scope", "openid"),
    ])
    .unwrap();
    assert_eq!(refresh.grant_type(), GrantType::RefreshToken);
    let machine = token_request(&[("grant_type", "client_credentials")]).unwrap();
    assert_eq!(machine.grant_type(), GrantType::ClientCredentials);
}

#[test]
fn token_requests_that_lack_something_are_refused() {
    let long = "x".repeat(1025);
    for (pairs, kind) in [
        (&[("code", "c")][..], &catalogue::PARAMETER_MISSING),
        (
            &[("grant_type", "password"), ("username", "a")],
            &catalogue::GRANT_TYPE_UNSUPPORTED,
        ),
        (&[("grant_type", "authorization_code")], &catalogue::PARAMETER_MISSING),
        (
            &[("grant_type", "authorization_code"), ("code", &long)],
            &catalogue::REQUEST_TOO_LARGE,
        ),
        (
            &[
                ("grant_type", "authorization_code"),
                ("code", "c"),
                ("code_verifier", "short"),
            ],
            &catalogue::PKCE_VERIFIER_MALFORMED,
        ),
        (&[("grant_type", "refresh_token")], &catalogue::PARAMETER_MISSING),
        (
            &[("grant_type", "client_credentials"), ("scope", "\"")],
            &catalogue::SCOPE_MALFORMED,
        ),
    ] {
        assert_eq!(token_request(pairs).unwrap_err().kind, kind, "{pairs:?}");
    }
}

#[test]
fn a_token_response_shows_no_token_when_it_is_debugged() {
    let response = TokenResponse {
        access_token: "hush".to_owned(),
        token_type: "Bearer".to_owned(),
        expires_in: Some(300),
        refresh_token: Some("hush".to_owned()),
        id_token: None,
        scope: Some("openid".to_owned()),
        authorization_details: doorward_oidc::AuthorizationDetails::default(),
        session_state: None,
        issued_token_type: None,
    };
    assert!(!format!("{response:?}").contains("hush"));
    let wire = serde_json::to_value(&response).unwrap();
    assert_eq!(wire["refresh_token"], "hush");
    assert!(wire.get("id_token").is_none());
}

#[test]
fn errors_have_the_status_of_their_rfc_and_no_quotes_inside() {
    for (error, status) in [
        ("invalid_client", 401),
        ("invalid_grant", 400),
        ("insufficient_scope", 403),
        ("invalid_token", 401),
        ("temporarily_unavailable", 503),
    ] {
        let response = ErrorResponse {
            error: error.to_owned(),
            error_description: Some("a \"b\" \\ ü".to_owned()),
            error_uri: None,
        };
        assert_eq!(response.status(), status);
        assert_eq!(
            response.bearer_challenge("door"),
            format!("Bearer realm=\"door\", error=\"{error}\", error_description=\"a 'b' ? ?\"")
        );
    }
    let refusal = Refusal::response(&catalogue::PARAMETER_MISSING, "operator only");
    assert_eq!(
        ErrorResponse::from(&refusal).error_description.as_deref(),
        Some(catalogue::PARAMETER_MISSING.public)
    );
}

#[test]
fn an_access_token_comes_in_one_place() {
    let read = |header: Option<&str>, pairs: &[(&str, &str)]| {
        access_token(header.map(str::as_bytes), Some(&form(pairs)))
            .map(|token| token.map(|(_, token)| token.expose().clone()))
    };
    assert_eq!(read(Some("bearer abc"), &[]).unwrap().as_deref(), Some("abc"));
    assert_eq!(read(None, &[("access_token", "abc")]).unwrap().as_deref(), Some("abc"));
    assert_eq!(read(None, &[]).unwrap(), None);
    assert_eq!(read(Some("Basic abc"), &[]).unwrap(), None);
    for (header, pairs) in [
        (Some("Bearer abc"), &[("access_token", "abc")][..]),
        (Some("Bearer a b"), &[]),
        (Some("Bearer a\"b"), &[]),
        (Some(format!("Bearer {}", "a".repeat(8193)).as_str()), &[]),
    ] {
        assert_eq!(
            read(header, pairs).unwrap_err().kind,
            &catalogue::BEARER_TOKEN_MALFORMED
        );
    }
}

#[test]
fn introspection_and_revocation_need_a_token() {
    let presented = PresentedToken::parse(&form(&[("token", "t"), ("token_type_hint", "refresh_token")])).unwrap();
    assert_eq!(
        (presented.token.expose().as_str(), presented.hint.as_deref()),
        ("t", Some("refresh_token"))
    );
    assert_eq!(
        PresentedToken::parse(&form(&[])).unwrap_err().kind,
        &catalogue::PARAMETER_MISSING
    );
    assert_eq!(
        serde_json::to_value(IntrospectionResponse::inactive()).unwrap(),
        json!({"active": false})
    );
}

#[test]
fn an_end_session_request_is_read_whole_and_empty() {
    let empty = EndSessionRequest::parse(&form(&[])).unwrap();
    assert_eq!(empty, EndSessionRequest::default());
    let full = EndSessionRequest {
        id_token_hint: Some("a.b.c".to_owned()),
        logout_hint: Some("alice".to_owned()),
        client_id: Some("netbox".to_owned()),
        post_logout_redirect_uri: Some("https://a/b?c=d".to_owned()),
        state: Some("a b".to_owned()),
        ui_locales: vec!["de".to_owned()],
    };
    let pairs = full.to_pairs();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(EndSessionRequest::parse(&form(&pairs)).unwrap(), full);
    assert_eq!(
        EndSessionRequest::parse(&form(&[("state", &"x".repeat(4097))]))
            .unwrap_err()
            .kind,
        &catalogue::REQUEST_TOO_LARGE
    );
}

#[test]
fn single_claims_are_asked_for_with_and_without_values() {
    let request = ClaimsRequest::parse(
        r#"{"userinfo":{"email":{"essential":true},"nickname":null},"id_token":{"acr":{"values":["2","1"]},"sub":{"value":"u1"}},"other":1}"#,
    )
    .unwrap();
    assert!(request.userinfo.find("email").unwrap().essential);
    assert!(!request.userinfo.find("nickname").unwrap().essential);
    let acr = request.id_token.find("acr").unwrap();
    assert!(acr.accepts(&json!("1")) && !acr.accepts(&json!("3")));
    assert!(request.id_token.find("sub").unwrap().accepts(&json!("u1")));
    assert!(ClaimsRequest::parse(r#"{"userinfo":null}"#).unwrap().is_empty());
    let written = serde_json::to_string(&request).unwrap();
    assert_eq!(ClaimsRequest::parse(&written).unwrap(), request);
}

#[test]
fn claims_requests_that_are_none_are_refused() {
    let many: serde_json::Map<_, _> = (0..101).map(|index| (format!("c{index}"), json!(null))).collect();
    let many = json!({ "userinfo": many }).to_string();
    let deep = format!(
        r#"{{"userinfo":{{"a":{{"value":{}1{}}}}}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    for text in [
        "",
        "[]",
        "{",
        r#"{"userinfo":[]}"#,
        r#"{"userinfo":{"a":1}}"#,
        r#"{"userinfo":{"a":{"essential":"yes"}}}"#,
        r#"{"userinfo":{"a":{"value":1,"values":[1]}}}"#,
        r#"{"userinfo":{"a":null,"a":{"essential":true}}}"#,
        r#"{"userinfo":{},"userinfo":{}}"#,
        &many,
        &deep,
        &format!("{{}}{}", " ".repeat(9000)),
    ] {
        assert_eq!(
            ClaimsRequest::parse(text).unwrap_err().kind,
            &catalogue::CLAIMS_REQUEST_MALFORMED,
            "{text:.60}"
        );
    }
}

proptest! {
    #[test]
    fn no_claims_parameter_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = ClaimsRequest::parse(&text);
    }
}
