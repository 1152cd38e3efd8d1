//! A provider without a network: what it is asked is written down, and what it answers is whatever a test says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use doorward_jose::{Algorithm, JwkSet, SigningKey, half_hash};
use doorward_login::{
    BeginOptions, Builder, Clock, Http, HttpAnswer, HttpRequest, Login, LoginError, Pending, Verified,
};
use doorward_oidc::Parameters;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::stub::new_key;

pub(crate) const ISSUER: &str = "https://sso.example";
pub(crate) const CLIENT_ID: &str = "app";
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const CODE: &str = "the-code";
pub(crate) const ACCESS_TOKEN: &str = "the-access-token";

pub(crate) struct FakeClock(AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl FakeClock {
    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A request that came.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) authorization: Option<String>,
    pub(crate) form: Parameters,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Option<String>,
}

pub(crate) struct Fake {
    pub(crate) issuer: String,
    pub(crate) key: SigningKey,
    pub(crate) clock: Arc<FakeClock>,
    answers: Mutex<HashMap<String, HttpAnswer>>,
    asked: Mutex<Vec<Asked>>,
}

/// A login that the provider was asked for.
pub(crate) struct Asking {
    pub(crate) request: Parameters,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) binding: String,
}

pub(crate) fn answer(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> HttpAnswer {
    HttpAnswer {
        status,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]),
        body: body.into(),
    }
}

pub(crate) fn json_answer(value: &Value) -> HttpAnswer {
    answer(200, "application/json", value.to_string())
}

pub(crate) fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "none", "HS256"],
    })
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(ISSUER, new_key(Algorithm::ES256))
    }

    pub(crate) fn with(issuer: &str, key: SigningKey) -> Arc<Self> {
        let fake = Self {
            issuer: issuer.to_owned(),
            key,
            clock: Arc::new(FakeClock(AtomicI64::new(NOW))),
            answers: Mutex::default(),
            asked: Mutex::default(),
        };
        fake.says("/.well-known/openid-configuration", json_answer(&metadata(issuer)));
        fake.has_keys(&json!(JwkSet::new([fake.key.public_jwk().clone()]).unwrap()));
        Arc::new(fake)
    }

    /// From now on the answer at this path of the issuer, or at this address.
    pub(crate) fn says(&self, path: &str, answer: HttpAnswer) {
        let url = if path.starts_with('/') {
            format!("{}{path}", self.issuer)
        } else {
            path.to_owned()
        };
        self.answers.lock().unwrap().insert(url, answer);
    }

    pub(crate) fn has_keys(&self, set: &Value) {
        self.says("/jwks", json_answer(set));
    }

    pub(crate) fn has_metadata(&self, change: impl FnOnce(&mut Value)) {
        let mut members = metadata(&self.issuer);
        change(&mut members);
        self.says("/.well-known/openid-configuration", json_answer(&members));
    }

    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|asked| asked.url.ends_with(path))
            .cloned()
            .collect()
    }

    pub(crate) fn builder(self: &Arc<Self>) -> Builder {
        Login::builder(&self.issuer, CLIENT_ID)
            .base_url("https://app.example")
            .secret("hush")
            .clock(Arc::clone(&self.clock) as Arc<_>)
            .http(Arc::clone(self) as Arc<_>)
    }

    pub(crate) fn login(self: &Arc<Self>) -> Login {
        self.builder().build().unwrap()
    }

    /// What a right ID token says.
    pub(crate) fn claims(&self, asking: &Asking) -> Value {
        json!({
            "iss": self.issuer, "sub": "u-1", "aud": CLIENT_ID, "nonce": asking.nonce,
            "iat": self.clock.now(), "exp": self.clock.now() + 300,
        })
    }

    pub(crate) fn gives_token(&self, id_token: &str) {
        self.says(
            "/token",
            json_answer(&json!({
                "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
            })),
        );
    }

    /// A whole login with claims that a test changes.
    pub(crate) async fn log_in(&self, login: &Login, change: impl FnOnce(&mut Value)) -> Result<Verified, LoginError> {
        self.log_in_with(login, |claims, key| {
            let mut claims = claims;
            change(&mut claims);
            key.sign(Some("JWT"), &claims).unwrap()
        })
        .await
    }

    /// A whole login with an ID token that a test makes.
    pub(crate) async fn log_in_with(
        &self,
        login: &Login,
        make: impl FnOnce(Value, &SigningKey) -> String,
    ) -> Result<Verified, LoginError> {
        let asking = ask(login, BeginOptions::new("/")).await?;
        self.gives_token(&make(self.claims(&asking), &self.key));
        finish(login, &asking, &[("code", CODE)]).await
    }
}

impl Http for Fake {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        self.asked.lock().unwrap().push(Asked {
            url: request.url.clone(),
            authorization: request.authorization,
            form: Parameters::parse(request.form.unwrap_or_default().as_bytes()).unwrap(),
            headers: request.headers,
            json: request.json,
        });
        let answers = self.answers.lock().unwrap();
        let answer = answers.get(&request.url).map(|answer| HttpAnswer {
            status: answer.status,
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        });
        let answer = answer.unwrap_or_else(answer_not_found);
        Box::pin(async move { Ok(answer) })
    }
}

fn answer_not_found() -> HttpAnswer {
    answer(404, "text/plain", "not found")
}

pub(crate) async fn ask(login: &Login, options: BeginOptions) -> Result<Asking, LoginError> {
    let begun = login.begin_with(options).await?;
    let (_, query) = begun.location.split_once('?').unwrap();
    let request = Parameters::parse(query.as_bytes()).unwrap();
    Ok(Asking {
        nonce: request.find("nonce").unwrap_or_default().to_owned(),
        request,
        state: begun.state,
        binding: begun.binding,
    })
}

pub(crate) async fn finish(login: &Login, asking: &Asking, answer: &[(&str, &str)]) -> Result<Verified, LoginError> {
    let pairs = [("state", asking.state.as_str())]
        .into_iter()
        .chain(answer.iter().copied());
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = Parameters::from_pairs(pairs).unwrap();
    login.finish(&answer, Some(&asking.binding)).await
}

/// The hash of a value as ID tokens of the fake carry it.
pub(crate) fn hash(value: &str) -> Value {
    json!(half_hash(Algorithm::ES256, value))
}

/// A token with any header.
pub(crate) fn with_header(key: &SigningKey, header: &Value, claims: &Value) -> String {
    key.sign_raw(header.to_string().as_bytes(), claims.to_string().as_bytes())
        .unwrap()
}

pub(crate) fn is_refused<T>(outcome: Result<T, LoginError>, code: &str, words: &str) {
    let Err(error) = outcome else {
        panic!("expected {code}, got a login");
    };
    let said = error.to_string();
    assert!(
        error.code() == code && said.contains(words),
        "expected {code} {words}, got {} {said}",
        error.code()
    );
}
