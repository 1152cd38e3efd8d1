//! What the modules of the FAPI-CIBA conformance plan ask of requests, named after them.

use doorward_apps::{App, Ciba};
use doorward_jose::{Algorithm, JwkSet, SigningKey};
use doorward_oidc::{BackchannelRequest, Parameters, Refusal};
use serde_json::{Value, json};

use super::ciba::{self, CIBA_HINT_UNUSABLE, CIBA_MESSAGE_INVALID, CIBA_REQUEST_INVALID, Question};
use crate::Steps;
use crate::testing::{self, NOW, World};

struct Case {
    world: World,
    app: App,
    key: SigningKey,
}

impl Case {
    fn new() -> Self {
        Self::with(Algorithm::ES256)
    }

    fn with(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).unwrap().key;
        let mut app = testing::app();
        app.grants.ciba = Ciba::Signed;
        app.jwks = Some(JwkSet::new([key.public_jwk().clone()]).unwrap());
        Self {
            world: World::new(),
            app,
            key,
        }
    }

    fn asks(&self, claims: &Value) -> Result<Question, Refusal> {
        self.asks_with(&self.key.sign(None, claims).unwrap())
    }

    fn asks_with(&self, request: &str) -> Result<Question, Refusal> {
        let form = [("client_id", "netbox"), ("request", request)];
        self.sends(form.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    fn sends(&self, form: impl IntoIterator<Item = (String, String)>) -> Result<Question, Refusal> {
        let form = Parameters::from_pairs(form)?;
        let mut steps = Steps::new();
        ciba::may_ask(&self.app, &mut steps)?;
        let (parameters, _) = ciba::parameters((&self.app).into(), &form, &self.world.server, NOW, &mut steps)?;
        let request = BackchannelRequest::parse(&parameters)?;
        ciba::question(&self.app, &request, &self.world.server, &self.world.keys, &mut steps)
    }
}

fn claims() -> Value {
    json!({
        "iss": "netbox", "aud": "https://sso.example.com", "exp": NOW + 300, "nbf": NOW - 5, "iat": NOW - 5, "jti": "1",
        "scope": "openid profile", "login_hint": "alice", "binding_message": "1234",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => {
            claims.as_object_mut().unwrap().remove(name);
        }
        value => claims[name] = value,
    }
    claims
}

fn is_refused(claims: &Value) {
    assert_eq!(
        Case::new().asks(claims).unwrap_err().kind,
        &CIBA_REQUEST_INVALID,
        "{claims}"
    );
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_binding_message_succeeds() {
    let question = Case::new().asks(&claims()).unwrap();
    assert_eq!(question.message.as_deref(), Some("1234"));
}

#[test]
fn fapi_ciba_id1_ensure_other_scope_order_succeeds() {
    assert!(Case::new().asks(&with("scope", json!("profile openid"))).is_ok());
}

#[test]
fn fapi_ciba_id1_ensure_requested_expiry_as_string_succeeds() {
    for expiry in [json!("30"), json!(30)] {
        let question = Case::new().asks(&with("requested_expiry", expiry)).unwrap();
        assert_eq!(question.lifetime, 30);
    }
    let longest = Case::new().asks(&with("requested_expiry", json!(86_400))).unwrap();
    assert_eq!(longest.lifetime, 900);
    let shortest = Case::new().asks(&with("requested_expiry", json!(1))).unwrap();
    assert_eq!(shortest.lifetime, 30);
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_potentially_bad_binding_message() {
    let bad = [
        "x".repeat(65),
        "a\u{202E}b".to_owned(),
        "a\nb".to_owned(),
        "  ".to_owned(),
    ];
    for message in bad {
        let refused = Case::new().asks(&with("binding_message", json!(message))).unwrap_err();
        assert_eq!(refused.kind, &CIBA_MESSAGE_INVALID, "{message:?}");
    }
    assert!(
        Case::new()
            .asks(&with("binding_message", json!("Überweisung 🙂 #1")))
            .is_ok()
    );
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_aud_fails() {
    is_refused(&with("aud", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_aud_fails() {
    is_refused(&with("aud", json!("https://other.example")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_iss_fails() {
    is_refused(&with("iss", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_iss_fails() {
    is_refused(&with("iss", json!("grafana")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_exp_fails() {
    is_refused(&with("exp", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_expired_exp_fails() {
    is_refused(&with("exp", json!(NOW - 300)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_exp_is_70_minutes_in_future_fails() {
    is_refused(&with("exp", json!(NOW + 4200)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_iat_fails() {
    is_refused(&with("iat", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_nbf_fails() {
    is_refused(&with("nbf", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_10_minutes_in_future_fails() {
    is_refused(&with("nbf", json!(NOW + 600)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_70_minutes_in_past_fails() {
    is_refused(&with("nbf", json!(NOW - 4200)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_jti_fails() {
    is_refused(&with("jti", Value::Null));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_none_fails() {
    let part = |value: Value| doorward_jose::base64url::encode(value.to_string());
    let unsigned = format!("{}.{}.", part(json!({"alg": "none"})), part(claims()));
    assert_eq!(
        Case::new().asks_with(&unsigned).unwrap_err().kind,
        &CIBA_REQUEST_INVALID
    );
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_bad_fails() {
    let case = Case::new();
    let signed = case.key.sign(None, &claims()).unwrap();
    let (_, rest) = signed.split_once('.').unwrap();
    let header = doorward_jose::base64url::encode(json!({"alg": "HS256"}).to_string());
    assert_eq!(
        case.asks_with(&format!("{header}.{rest}")).unwrap_err().kind,
        &CIBA_REQUEST_INVALID
    );
}

#[test]
#[expect(non_snake_case, reason = "the name of the module")]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_RS256_fails() {
    assert_eq!(
        Case::with(Algorithm::RS256).asks(&claims()).unwrap_err().kind,
        &CIBA_REQUEST_INVALID
    );
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signed_by_other_client_fails() {
    let (case, other) = (Case::new(), Case::new());
    let signed = other.key.sign(None, &claims()).unwrap();
    assert_eq!(case.asks_with(&signed).unwrap_err().kind, &CIBA_REQUEST_INVALID);
}

#[test]
fn fapi_ciba_id1_ensure_different_client_id_and_issuer_in_backchannel_authorization_request() {
    is_refused(&with("iss", json!("another")));
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_multiple_hints_fails() {
    let refused = Case::new().asks(&with("login_hint_token", json!("x"))).unwrap_err();
    assert_eq!(refused.kind, &CIBA_HINT_UNUSABLE);
    let none = Case::new().asks(&with("login_hint", Value::Null)).unwrap_err();
    assert_eq!(none.kind, &CIBA_HINT_UNUSABLE);
}

#[test]
fn fapi_ciba_id1_ensure_unsigned_backchannel_authorization_request_fails() {
    let form = [("scope", "openid"), ("login_hint", "alice")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(Case::new().sends(form).unwrap_err().kind, &CIBA_REQUEST_INVALID);
}

#[test]
fn a_parameter_beside_a_signed_request_is_refused() {
    let case = Case::new();
    let request = case.key.sign(None, &claims()).unwrap();
    let form = [("request", request.as_str()), ("login_hint", "mallory")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(case.sends(form).unwrap_err().kind, &CIBA_REQUEST_INVALID);
}
