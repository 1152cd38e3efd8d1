//! A provider that is right unless it is told to be wrong.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorward_jose::{Algorithm, JwkSet, SigningKey, half_hash};
use doorward_login::Clock;
use doorward_oidc::{AuthorizationRequest, AuthorizationResponse, ClientAuthentication, Parameters, TokenRequest};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

pub(crate) const CLIENT: &str = "demo app";
pub(crate) const SECRET: &str = "s3cret:+/ %";

/// What is done to an answer before it leaves.
pub(crate) struct Change(Box<Alter>);

type Alter = dyn Fn(&mut Map<String, Value>) + Send + Sync;

impl Change {
    pub(crate) fn new(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> Self {
        Self(Box::new(change))
    }

    pub(crate) fn set(name: &'static str, value: Value) -> Self {
        Self::new(move |members| {
            members.insert(name.to_owned(), value.clone());
        })
    }

    pub(crate) fn without(name: &'static str) -> Self {
        Self::new(move |members| {
            members.remove(name);
        })
    }
}

impl Default for Change {
    fn default() -> Self {
        Self::new(|_| ())
    }
}

type Replace = Box<dyn Fn() -> Response + Send + Sync>;

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl TestClock {
    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[derive(Default)]
pub(crate) struct Behaviour {
    pub(crate) metadata: Change,
    pub(crate) answer: Change,
    pub(crate) tokens: Change,
    pub(crate) claims: Change,
    pub(crate) userinfo: Change,
    pub(crate) discovery_response: Option<Replace>,
    pub(crate) token_response: Option<Replace>,
    pub(crate) userinfo_response: Option<Replace>,
    /// Done to the ID token's claims and to the answer of a refresh.
    pub(crate) refreshed_claims: Change,
    pub(crate) refreshed: Change,
    pub(crate) refresh_response: Option<Replace>,
    /// How long a refresh takes beyond a moment.
    pub(crate) refresh_takes: std::time::Duration,
    /// Signs with this instead, without publishing it.
    pub(crate) other_key: Option<SigningKey>,
}

pub(crate) struct Stub {
    pub(crate) issuer: String,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) behaviour: Mutex<Behaviour>,
    pub(crate) key: Mutex<SigningKey>,
    codes: Mutex<HashMap<String, AuthorizationRequest>>,
    /// The access token that is good now, and the refresh token that brings the next one.
    pub(crate) access_token: Mutex<String>,
    pub(crate) refresh_token: Mutex<String>,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) discoveries: AtomicUsize,
    pub(crate) key_fetches: AtomicUsize,
}

pub(crate) fn new_key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap().key
}

impl Stub {
    pub(crate) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Arc::new(Self::at(format!("http://{}", listener.local_addr().unwrap())));
        let router = stub.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        stub
    }

    pub(crate) fn at(issuer: String) -> Self {
        Self {
            issuer,
            clock: Arc::new(TestClock(AtomicI64::new(1_800_000_000))),
            behaviour: Mutex::default(),
            key: Mutex::new(new_key(Algorithm::ES256)),
            codes: Mutex::default(),
            access_token: Mutex::new("the-access-token".to_owned()),
            refresh_token: Mutex::new("refresh-0".to_owned()),
            refreshes: AtomicUsize::new(0),
            discoveries: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
        }
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(self))
    }

    /// Waits until the metadata have been asked for so many times, and a moment longer, in case of one time too many.
    pub(crate) async fn has_been_asked(&self, times: usize) {
        for _ in 0..200 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            if self.discoveries.load(Ordering::SeqCst) >= times {
                break;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        assert_eq!(self.discoveries.load(Ordering::SeqCst), times);
    }

    pub(crate) fn is_told(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    fn changed(&self, value: Value, which: impl Fn(&Behaviour) -> &Change) -> Value {
        let Value::Object(mut members) = value else {
            return value;
        };
        (which(&self.behaviour.lock().unwrap()).0)(&mut members);
        Value::Object(members)
    }

    fn replaced(&self, which: impl Fn(&Behaviour) -> Option<&Replace>) -> Option<Response> {
        which(&self.behaviour.lock().unwrap()).map(|replace| replace())
    }
}

async fn metadata(State(stub): State<Arc<Stub>>) -> Response {
    stub.discoveries.fetch_add(1, Ordering::SeqCst);
    // Long enough for others to queue behind this one.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    if let Some(response) = stub.replaced(|behaviour| behaviour.discovery_response.as_ref()) {
        return response;
    }
    let at = |path: &str| format!("{}{path}", stub.issuer);
    let metadata = json!({
        "issuer": stub.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "end_session_endpoint": at("/end"),
        "jwks_uri": at("/jwks"),
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "authorization_response_iss_parameter_supported": true,
    });
    axum::Json(stub.changed(metadata, |behaviour| &behaviour.metadata)).into_response()
}

async fn keys(State(stub): State<Arc<Stub>>) -> Response {
    stub.key_fetches.fetch_add(1, Ordering::SeqCst);
    let key = stub.key.lock().unwrap().public_jwk().clone();
    axum::Json(JwkSet::new([key]).unwrap()).into_response()
}

async fn authorize(State(stub): State<Arc<Stub>>, RawQuery(query): RawQuery) -> Redirect {
    let query = Parameters::parse(query.unwrap().as_bytes()).unwrap();
    let request = AuthorizationRequest::parse(&query).unwrap();
    assert_eq!(request.malformed, None);
    assert!(request.scope.contains("openid") && request.code_challenge.is_some());
    let redirect_uri = request.redirect_uri.clone().unwrap();
    let code = format!("code-{}", stub.codes.lock().unwrap().len());
    let answer = AuthorizationResponse::Code {
        code: code.clone(),
        state: request.state.clone(),
        iss: Some(stub.issuer.clone()),
    };
    stub.codes.lock().unwrap().insert(code, request);
    let pairs = answer
        .to_pairs()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)));
    let pairs = stub.changed(Value::Object(pairs.collect()), |behaviour| &behaviour.answer);
    let pairs = pairs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    Redirect::to(&doorward_oidc::append_query(&redirect_uri, pairs))
}

async fn token(State(stub): State<Arc<Stub>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(response) = stub.replaced(|behaviour| behaviour.token_response.as_ref()) {
        return response;
    }
    let form = Parameters::parse(&body).unwrap();
    let authorization = headers.get("authorization").map(http::HeaderValue::as_bytes);
    let client = ClientAuthentication::parse(authorization, &form).unwrap().unwrap();
    let is_right = match &client {
        ClientAuthentication::Basic(basic) => basic.secrets().next().unwrap().expose() == SECRET,
        ClientAuthentication::Post { secret, .. } => secret.expose() == SECRET,
        ClientAuthentication::None { .. } => true,
        ClientAuthentication::PrivateKeyJwt { .. } => false,
    };
    let refused = |error: &str| (StatusCode::BAD_REQUEST, axum::Json(json!({"error": error}))).into_response();
    if client.client_ids()[0] != CLIENT || !is_right {
        return refused("invalid_client");
    }
    let (code, redirect_uri, code_verifier) = match TokenRequest::parse(&form).unwrap() {
        TokenRequest::AuthorizationCode {
            code,
            redirect_uri,
            code_verifier,
            ..
        } => (code, redirect_uri, code_verifier),
        TokenRequest::RefreshToken { refresh_token, .. } => return refresh(&stub, refresh_token.expose()).await,
        _ => return refused("unsupported_grant_type"),
    };
    let Some(request) = stub.codes.lock().unwrap().remove(code.expose()) else {
        return refused("invalid_grant");
    };
    if request.redirect_uri != redirect_uri || !request.code_challenge.unwrap().is_answered_by(&code_verifier.unwrap())
    {
        return refused("invalid_grant");
    }
    let mut claims = stub.id_token_claims();
    claims["nonce"] = json!(request.nonce);
    let mut tokens = stub.tokens(claims, |behaviour| &behaviour.claims);
    if request.scope.contains("offline_access") {
        tokens["refresh_token"] = json!(*stub.refresh_token.lock().unwrap());
    }
    axum::Json(stub.changed(tokens, |behaviour| &behaviour.tokens)).into_response()
}

impl Stub {
    fn id_token_claims(&self) -> Value {
        json!({
            "iss": self.issuer,
            "sub": "u-1",
            "aud": CLIENT,
            "exp": self.clock.now() + 300,
            "iat": self.clock.now(),
            "at_hash": half_hash(Algorithm::ES256, &self.access_token.lock().unwrap()),
            "name": "from the ID token",
        })
    }

    fn tokens(&self, claims: Value, change: impl Fn(&Behaviour) -> &Change) -> Value {
        let claims = self.changed(claims, change);
        json!({
            "access_token": *self.access_token.lock().unwrap(),
            "token_type": "bearer",
            "expires_in": 300,
            "id_token": self.signed("JWT", &claims),
        })
    }

    pub(crate) fn signed(&self, typ: &str, claims: &Value) -> String {
        let other = self.behaviour.lock().unwrap().other_key.clone();
        let key = other.unwrap_or_else(|| self.key.lock().unwrap().clone());
        key.sign(Some(typ), claims).unwrap()
    }
}

/// Rotates the refresh token, and takes long enough for others to come in between.
async fn refresh(stub: &Stub, presented: &str) -> Response {
    stub.refreshes.fetch_add(1, Ordering::SeqCst);
    let takes = stub.behaviour.lock().unwrap().refresh_takes;
    tokio::time::sleep(std::time::Duration::from_millis(50) + takes).await;
    if let Some(response) = stub.replaced(|behaviour| behaviour.refresh_response.as_ref()) {
        return response;
    }
    let number = stub.refreshes.load(Ordering::SeqCst);
    {
        let mut current = stub.refresh_token.lock().unwrap();
        if *current != presented {
            let refusal = json!({"error": "invalid_grant", "error_description": "used before"});
            return (StatusCode::BAD_REQUEST, axum::Json(refusal)).into_response();
        }
        *current = format!("refresh-{number}");
        *stub.access_token.lock().unwrap() = format!("access-{number}");
    }
    let mut tokens = stub.tokens(stub.id_token_claims(), |behaviour| &behaviour.refreshed_claims);
    tokens["refresh_token"] = json!(format!("refresh-{number}"));
    axum::Json(stub.changed(tokens, |behaviour| &behaviour.refreshed)).into_response()
}

async fn userinfo(State(stub): State<Arc<Stub>>, headers: HeaderMap) -> Response {
    if let Some(response) = stub.replaced(|behaviour| behaviour.userinfo_response.as_ref()) {
        return response;
    }
    let expected = format!("Bearer {}", stub.access_token.lock().unwrap());
    assert_eq!(headers["authorization"], expected.as_str());
    let claims = json!({
        "sub": "u-1",
        "name": "Alice Liddell",
        "preferred_username": "alice",
        "email": "alice@example.org",
        "email_verified": true,
        "groups": ["admins", "users"],
        "aud": "a claim that must not replace the signed one",
    });
    axum::Json(stub.changed(claims, |behaviour| &behaviour.userinfo)).into_response()
}
