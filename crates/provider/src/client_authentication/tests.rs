//! Every check of client authentication, in the table's order.

use doorward_apps::{App, AppKind, ClientAuthentication as Allowed, SecretMatch};
use doorward_jose::{Algorithm, JwkSet, SigningKey};
use doorward_oidc::{ClientAuthMethod, ClientAuthentication, ErrorResponse, Parameters, Refusal, RefusalKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{self, NOW};

const RIGHT: &str = "s3cr3t";

/// Stands for the keyed hash: the subject here is which secret is asked about and what the answer means.
fn secrets(_: &App, presented: &str) -> SecretMatch {
    match presented {
        RIGHT => SecretMatch::Current,
        "previous" => SecretMatch::Previous,
        "expired" => SecretMatch::Expired,
        _ => SecretMatch::Wrong,
    }
}

fn parsed(authorization: Option<&str>, form: &str) -> Option<ClientAuthentication> {
    let form = Parameters::parse(form.as_bytes()).unwrap();
    ClientAuthentication::parse(authorization.map(str::as_bytes), &form).unwrap()
}

fn basic(id: &str, secret: &str) -> Option<ClientAuthentication> {
    let encoded = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
    parsed(Some(&format!("Basic {encoded}")), "")
}

fn attempt(app: &App, presented: Option<&ClientAuthentication>) -> Result<Authenticated, Refusal> {
    let server = Server::new("https://sso.example.com");
    let found = presented.and_then(|presented| named_app(presented, |id| (id == app.client_id).then_some(app)));
    let found = found.map(Keyed::from);
    authenticate(presented, found, &server, NOW, &secrets, None, &mut Steps::new())
}

fn kind(result: Result<Authenticated, Refusal>) -> &'static RefusalKind {
    result.unwrap_err().kind
}

#[test]
fn basic_and_post_are_told_apart_per_request() {
    let app = testing::app();
    let by_basic = attempt(&app, basic("netbox", RIGHT).as_ref()).unwrap();
    assert_eq!(by_basic.method, ClientAuthMethod::ClientSecretBasic);
    let by_post = attempt(
        &app,
        parsed(None, &format!("client_id=netbox&client_secret={RIGHT}")).as_ref(),
    )
    .unwrap();
    assert_eq!(by_post.method, ClientAuthMethod::ClientSecretPost);
}

#[test]
fn both_readings_of_a_basic_header_are_tried() {
    let mut app = testing::app();
    app.client_id = "net-box".to_owned();
    assert!(attempt(&app, basic("net%2Dbox", "s3cr%33t").as_ref()).is_ok());
}

#[test]
fn unknown_client_wrong_secret_and_wrong_method_look_alike_outside_and_not_in_the_trace() {
    let app = testing::app();
    let mut public = testing::app();
    public.kind = AppKind::Public;
    public.authentication = Allowed::None;
    let mut disabled = testing::app();
    disabled.disabled = true;
    let refusals = [
        attempt(&app, None),
        attempt(&app, basic("grafana", RIGHT).as_ref()),
        attempt(&disabled, basic("netbox", RIGHT).as_ref()),
        attempt(&app, parsed(None, "client_id=netbox").as_ref()),
        attempt(&public, basic("netbox", RIGHT).as_ref()),
        attempt(&app, basic("netbox", "wrong").as_ref()),
        attempt(&app, basic("netbox", "expired").as_ref()),
    ]
    .map(Result::unwrap_err);
    let codes: Vec<_> = refusals.iter().map(|refusal| refusal.kind.code).collect();
    assert_eq!(
        codes,
        [
            "client_authentication_missing",
            "client_id_unknown",
            "client_disabled",
            "client_method_wrong",
            "client_method_wrong",
            "client_secret_wrong",
            "client_secret_wrong"
        ]
    );
    let outside = ErrorResponse::from(&refusals[0]);
    assert_eq!((outside.error.as_str(), outside.status()), ("invalid_client", 401));
    for refusal in &refusals {
        assert_eq!(ErrorResponse::from(refusal), outside, "{}", refusal.kind.code);
        assert!(refusal.remedy.is_some(), "{}", refusal.kind.code);
        assert!(!refusal.detail.contains(RIGHT), "no secret in a trace");
    }
}

#[test]
fn a_secret_in_its_overlap_works_and_the_trace_asks_for_the_new_one() {
    let app = testing::app();
    let presented = basic("netbox", "previous");
    let mut steps = Steps::new();
    let server = Server::new("https://sso.example.com");
    let authenticated = authenticate(
        presented.as_ref(),
        Some((&app).into()),
        &server,
        NOW,
        &secrets,
        None,
        &mut steps,
    )
    .unwrap();
    assert!(authenticated.previous_secret);
    assert!(steps.as_slice().last().unwrap().detail.contains("previous secret"));
}

#[test]
fn a_public_client_names_itself_and_a_confidential_one_may_not_stop_at_that() {
    let mut public = testing::app();
    public.authentication = Allowed::None;
    assert!(attempt(&public, parsed(None, "client_id=netbox").as_ref()).is_ok());
    assert_eq!(
        kind(attempt(&testing::app(), parsed(None, "client_id=netbox").as_ref())),
        &CLIENT_METHOD_WRONG
    );
}

/// An application with a registered key, and that key.
fn with_key() -> (App, SigningKey) {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
    let mut app = testing::app();
    app.authentication = Allowed::PrivateKeyJwt;
    app.jwks = Some(JwkSet::new([key.public_jwk().clone()]).unwrap());
    (app, key)
}

fn claims() -> Value {
    json!({"iss": "netbox", "sub": "netbox", "aud": "https://sso.example.com", "exp": NOW + 60, "iat": NOW, "jti": "j-1"})
}

fn assertion(key: &SigningKey, claims: &Value) -> Option<ClientAuthentication> {
    assertion_of(key, claims, "")
}

fn assertion_of(key: &SigningKey, claims: &Value, more: &str) -> Option<ClientAuthentication> {
    let assertion = key.sign(Some("JWT"), claims).unwrap();
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    parsed(
        None,
        &format!("client_assertion_type={kind}&client_assertion={assertion}{more}"),
    )
}

#[test]
fn an_assertion_by_the_registered_key_is_accepted_and_returned_to_be_claimed_once() {
    let (app, key) = with_key();
    for audience in [
        json!("https://sso.example.com"),
        json!("https://sso.example.com/token"),
        json!(["https://sso.example.com", "https://sso.example.com/token"]),
    ] {
        let mut claims = claims();
        claims["aud"] = audience;
        let used = attempt(&app, assertion(&key, &claims).as_ref())
            .unwrap()
            .assertion
            .unwrap();
        assert_eq!(used.key, "netbox:j-1");
        assert!(
            used.expires_at >= NOW + 60 + 30,
            "remembered for as long as it could be accepted"
        );
        assert_eq!(used.replayed().kind, &ASSERTION_REPLAYED);
    }
}

#[test]
fn an_issuer_of_its_own_is_an_audience_too() {
    let (mut app, key) = with_key();
    app.issuer_style = doorward_apps::IssuerStyle::Own;
    let mut claims = claims();
    claims["aud"] = json!("https://sso.example.com/apps/netbox");
    assert!(attempt(&app, assertion(&key, &claims).as_ref()).is_ok());
}

#[test]
fn every_claim_of_an_assertion_is_checked() {
    let (app, key) = with_key();
    let cases: &[(&str, Value, &str)] = &[
        ("iss", json!("grafana"), "iss: expected netbox"),
        ("iss", Value::Null, "iss: expected netbox"),
        (
            "aud",
            json!("https://evil.example"),
            "aud: expected https://sso.example.com",
        ),
        (
            "aud",
            json!(["https://sso.example.com", "https://evil.example"]),
            "aud: expected",
        ),
        ("aud", json!([]), "aud: expected"),
        ("aud", Value::Null, "aud: expected"),
        ("exp", json!(NOW - 31), "expired"),
        ("exp", json!(NOW + 3_600), "valid for too long"),
        ("exp", json!("soon"), "exp"),
        ("iat", json!(NOW + 120), "issued in the future"),
        ("nbf", json!(NOW + 120), "not yet valid"),
        ("jti", json!(""), "jti: expected a unique string"),
        ("jti", json!("x".repeat(257)), "jti: expected at most 256 bytes"),
    ];
    for (name, value, expected) in cases {
        let mut claims = claims();
        claims[*name] = value.clone();
        let refusal = attempt(&app, assertion(&key, &claims).as_ref()).unwrap_err();
        assert_eq!(refusal.kind, &ASSERTION_INVALID, "{name}");
        assert!(refusal.detail.contains(expected), "{name}: {}", refusal.detail);
    }
    for name in ["exp", "jti", "aud", "iss"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(
            kind(attempt(&app, assertion(&key, &claims).as_ref())),
            &ASSERTION_INVALID,
            "without {name}"
        );
    }
}

#[test]
fn an_assertion_for_somebody_else_by_somebody_else_or_without_keys_is_refused() {
    let (app, key) = with_key();
    let stranger = SigningKey::generate(Algorithm::ES256).unwrap().key;
    assert_eq!(
        kind(attempt(&app, assertion(&stranger, &claims()).as_ref())),
        &ASSERTION_INVALID
    );
    let mut unknown = claims();
    unknown["sub"] = json!("nobody");
    assert_eq!(
        kind(attempt(&app, assertion(&key, &unknown).as_ref())),
        &CLIENT_ID_UNKNOWN
    );
    let named = assertion_of(&key, &unknown, "&client_id=netbox");
    assert_eq!(kind(attempt(&app, named.as_ref())), &ASSERTION_INVALID);
    let mut without_keys = app.clone();
    without_keys.jwks = None;
    assert_eq!(
        kind(attempt(&without_keys, assertion(&key, &claims()).as_ref())),
        &ASSERTION_INVALID
    );
}

#[test]
fn private_key_jwt_is_never_downgraded_to_a_secret_nor_a_secret_replaced_by_an_assertion() {
    let (app, key) = with_key();
    assert_eq!(
        kind(attempt(&app, basic("netbox", RIGHT).as_ref())),
        &CLIENT_METHOD_WRONG
    );
    assert_eq!(
        kind(attempt(&app, parsed(None, "client_id=netbox").as_ref())),
        &CLIENT_METHOD_WRONG
    );
    let mut by_secret = app;
    by_secret.authentication = Allowed::ClientSecret;
    assert_eq!(
        kind(attempt(&by_secret, assertion(&key, &claims()).as_ref())),
        &CLIENT_METHOD_WRONG
    );
}

proptest! {
    /// Whatever is presented, only the right secret opens.
    #[test]
    fn no_other_secret_opens(secret in "[ -~]{1,64}") {
        let app = testing::app();
        prop_assume!(secret != RIGHT && secret != "previous");
        let authenticated = attempt(&app, basic("netbox", &secret).as_ref());
        // A secret that decodes to the right one is the right one, written by a client that escapes.
        let decoded = doorward_oidc::Parameters::parse(format!("v={secret}").as_bytes())
            .ok()
            .and_then(|pairs| pairs.find("v").map(str::to_owned));
        let escaped = matches!(decoded.as_deref(), Some(RIGHT | "previous"));
        prop_assert_eq!(authenticated.is_ok(), escaped);
    }
}
