use doorward_oidc::{
    AuthorizationRequest, AuthorizationResponse, Delivery, Display, Parameters, Prompt, Refusal, ResponseMode,
    ResponseType, catalogue, encode,
};
use proptest::prelude::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn request(pairs: &[(&str, &str)]) -> Result<AuthorizationRequest, Refusal> {
    AuthorizationRequest::parse(&Parameters::parse(encode(pairs.iter().copied()).as_bytes()).unwrap())
}

fn with(name: &str, value: &str) -> AuthorizationRequest {
    request(&[("client_id", "netbox"), ("state", "s"), (name, value)]).unwrap()
}

#[test]
fn a_full_request_is_read_completely() {
    let request = request(&[
        ("client_id", "netbox"),
        ("redirect_uri", "https://netbox.example/cb/"),
        ("response_type", "code"),
        ("response_mode", "form_post"),
        ("scope", "openid profile nonsense"),
        ("state", "{\"a\": 1}"),
        ("nonce", "n-1"),
        ("display", "popup"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("ui_locales", "de en"),
        ("login_hint", "alice"),
        ("id_token_hint", "e30.e30.x"),
        ("acr_values", "1 2"),
        ("claims", r#"{"id_token":{"email":null}}"#),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("resource", "https://api.example"),
        ("unknown", "ignored"),
    ])
    .unwrap();
    assert_eq!(request.malformed, None);
    assert_eq!(request.client_id, "netbox");
    assert_eq!(request.redirect_uri.as_deref(), Some("https://netbox.example/cb/"));
    assert_eq!(request.response_type, Some(ResponseType::Code));
    assert_eq!(request.response_mode, Some(ResponseMode::FormPost));
    assert_eq!(request.scope.to_string(), "openid profile nonsense");
    assert_eq!(request.state.as_deref(), Some("{\"a\": 1}"));
    assert_eq!(request.nonce.as_deref(), Some("n-1"));
    assert_eq!(request.display, Some(Display::Popup));
    assert!(request.prompt.contains(Prompt::Login) && request.prompt.contains(Prompt::Consent));
    assert_eq!(request.max_age, Some(0));
    assert_eq!(request.ui_locales, ["de", "en"]);
    assert_eq!(request.acr_values, ["1", "2"]);
    assert!(request.claims.id_token.find("email").is_some());
    assert_eq!(request.code_challenge.as_ref().unwrap().as_str(), CHALLENGE);
    assert_eq!(request.resources, ["https://api.example"]);
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
}

#[test]
fn without_a_client_there_is_only_a_page() {
    let refusal = request(&[("redirect_uri", "https://a/b")]).unwrap_err();
    assert_eq!(
        (refusal.kind, refusal.delivery),
        (&catalogue::PARAMETER_MISSING, Delivery::Page)
    );
    let long = "x".repeat(4097);
    for pairs in [
        &[("client_id", long.as_str())][..],
        &[("client_id", "a"), ("redirect_uri", &long)],
        &[("client_id", "a"), ("state", &long)],
    ] {
        let refusal = request(pairs).unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.delivery),
            (&catalogue::REQUEST_TOO_LARGE, Delivery::Page)
        );
    }
}

#[test]
fn what_is_malformed_waits_until_it_is_known_where_to_send_it() {
    for (name, value, kind, detail) in [
        (
            "response_mode",
            "fragment",
            &catalogue::PARAMETER_MALFORMED,
            "expected `query`, `form_post`, `jwt`, `query.jwt` or `form_post.jwt` in `response_mode`, got `fragment`",
        ),
        (
            "max_age",
            "-1",
            &catalogue::PARAMETER_MALFORMED,
            "expected a number of seconds in `max_age`, got `-1`",
        ),
        (
            "scope",
            "a\"b",
            &catalogue::SCOPE_MALFORMED,
            "expected a scope of 1 to 128 printable characters without quote and backslash, got `a\\\"b`",
        ),
        (
            "code_challenge_method",
            "S256",
            &catalogue::PARAMETER_MISSING,
            "expected `code_challenge` beside `code_challenge_method`, got none",
        ),
        (
            "code_challenge",
            CHALLENGE,
            &catalogue::PKCE_METHOD_UNSUPPORTED,
            "expected code_challenge_method `S256`, got no method (which means plain)",
        ),
    ] {
        let request = with(name, value);
        let refusal = request.malformed.unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(
            (refusal.kind, refusal.detail.as_str(), refusal.delivery),
            (kind, detail, Delivery::Redirect)
        );
        assert_eq!(request.state.as_deref(), Some("s"), "the answer must carry the state");
    }
    assert_eq!(
        with("claims", "[1]").malformed.unwrap().kind,
        &catalogue::CLAIMS_REQUEST_MALFORMED
    );
    assert_eq!(
        with("nonce", &"n".repeat(1025)).malformed.unwrap().kind,
        &catalogue::REQUEST_TOO_LARGE
    );
    assert_eq!(
        with("id_token_hint", &"n".repeat(8193)).malformed.unwrap().kind,
        &catalogue::REQUEST_TOO_LARGE
    );
    assert_eq!(
        with("resource", &"n".repeat(2049)).malformed.unwrap().kind,
        &catalogue::PARAMETER_MALFORMED
    );
}

#[test]
fn the_first_malformed_parameter_is_reported_and_the_rest_is_still_read() {
    let request = request(&[
        ("client_id", "a"),
        ("max_age", "x"),
        ("claims", "x"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ])
    .unwrap();
    assert!(request.malformed.unwrap().detail.contains("max_age"));
    assert!(request.code_challenge.is_some());
}

#[test]
fn a_malformed_parameter_never_hides_how_to_answer() {
    let request = request(&[("client_id", "a"), ("scope", "\u{e9}"), ("response_mode", "form_post")]).unwrap();
    assert!(request.malformed.is_some());
    assert_eq!(request.response_mode, Some(ResponseMode::FormPost));
}

#[test]
fn hints_that_are_not_understood_are_dropped() {
    assert_eq!(with("display", "hologram").malformed, None);
    assert_eq!(with("prompt", "create").malformed, None);
    assert!(with("prompt", "create").prompt.is_empty());
    assert_eq!(with("login_hint", &"x".repeat(513)).login_hint, None);
    assert_eq!(with("max_age", "99999999999").max_age, Some(u32::MAX));
}

#[test]
fn prompt_none_stands_alone() {
    assert!(with("prompt", "none").prompt.is_consistent());
    assert!(with("prompt", "login consent").prompt.is_consistent());
    assert!(!with("prompt", "none login").prompt.is_consistent());
}

#[test]
fn a_signed_answer_is_asked_for_by_the_response_mode() {
    for (word, mode) in [
        ("jwt", ResponseMode::Query),
        ("query.jwt", ResponseMode::Query),
        ("form_post.jwt", ResponseMode::FormPost),
    ] {
        let request = with("response_mode", word);
        assert_eq!((request.response_mode, request.signed_response), (Some(mode), true));
        let written = request.to_pairs();
        let again = written.iter().find(|(name, _)| *name == "response_mode").unwrap();
        assert_eq!(again.1, format!("{mode}.jwt"));
    }
    assert!(!with("response_mode", "form_post").signed_response);
    let refused = with("response_mode", "fragment.jwt").malformed.unwrap();
    assert_eq!(refused.kind, &catalogue::PARAMETER_MALFORMED);
}

#[test]
fn another_response_type_keeps_its_name() {
    assert_eq!(
        with("response_type", "code id_token").response_type,
        Some(ResponseType::Other("code id_token".to_owned()))
    );
    assert_eq!(with("nonce", "x").response_type, None);
}

#[test]
fn an_answer_is_written_and_read_back() {
    let code = AuthorizationResponse::Code {
        code: "abc".to_owned(),
        state: Some("a b+c".to_owned()),
        iss: Some("https://sso.example".to_owned()),
    };
    let location = code.location("https://app.example/cb?x=1");
    assert_eq!(
        location,
        "https://app.example/cb?x=1&code=abc&state=a%20b%2Bc&iss=https%3A%2F%2Fsso.example"
    );
    let (_, query) = location.split_once('?').unwrap();
    assert_eq!(
        AuthorizationResponse::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap(),
        code
    );
    assert!(!format!("{code:?}").contains("abc"));
}

#[test]
fn a_refused_answer_tells_the_public_sentence_and_not_the_detail() {
    let refusal = Refusal::redirect(&catalogue::PARAMETER_MALFORMED, "internal detail");
    let response = AuthorizationResponse::refused(&refusal, None, "https://sso.example");
    assert_eq!(
        response.to_pairs(),
        [
            ("error", "invalid_request"),
            ("error_description", catalogue::PARAMETER_MALFORMED.public),
            ("iss", "https://sso.example"),
        ]
    );
}

#[test]
fn an_answer_with_both_or_neither_is_refused() {
    for query in [&b"state=s"[..], b"code=1&error=x"] {
        AuthorizationResponse::parse(&Parameters::parse(query).unwrap()).unwrap_err();
    }
}

proptest! {
    #[test]
    fn a_request_that_is_sent_is_the_one_that_is_read(state in "[^\u{FFFD}]{1,60}", nonce in "[ -~]{1,60}", age in any::<u32>()) {
        let mut sent = AuthorizationRequest::new("app", "https://app.example/cb?a=b");
        sent.state = Some(state);
        sent.nonce = Some(nonce);
        sent.max_age = Some(age);
        sent.ui_locales = vec!["de".to_owned()];
        sent.prompt = [Prompt::Login].into_iter().collect();
        let pairs = sent.to_pairs();
        let query = encode(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let read = AuthorizationRequest::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(read, sent);
    }
}
