//! What a provider answers to a relying party: first byte which of its answers, the rest the answer. Everything else about
//! the login is right, so that what follows is reached.

use std::sync::{Arc, LazyLock, Mutex};

use doorward_jose::{Algorithm, JwkSet, Random, SigningKey};
use doorward_login::{BeginOptions, Clock, Http, HttpAnswer, HttpRequest, Login, LoginError, Pending};
use doorward_oidc::Parameters;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

const ISSUER: &str = "https://sso.example";
const NOW: i64 = 1_800_000_000;
/// The key of RFC 8037 §A.1 in its PKCS#8 frame.
const PKCS8: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, 0x9d, 0x61, 0xb1,
    0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
    0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_pkcs8(Algorithm::EdDSA, "k", &PKCS8).unwrap());
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());

#[derive(Clone, Copy, PartialEq)]
enum Which {
    Metadata,
    Keys,
    Tokens,
    IdToken,
    Userinfo,
    SignedUserinfo,
    Callback,
}

const ALL: [Which; 7] = [
    Which::Metadata,
    Which::Keys,
    Which::Tokens,
    Which::IdToken,
    Which::Userinfo,
    Which::SignedUserinfo,
    Which::Callback,
];

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

struct Provider {
    which: Which,
    answer: Vec<u8>,
    nonce: Mutex<String>,
}

impl Provider {
    fn answer(&self, url: &str) -> (&'static str, Vec<u8>) {
        const JSON: &str = "application/json";
        let is = |which| self.which == which;
        match url.strip_prefix(ISSUER).unwrap_or_default() {
            "/.well-known/openid-configuration" if is(Which::Metadata) => (JSON, self.answer.clone()),
            "/.well-known/openid-configuration" => (JSON, metadata().to_string().into_bytes()),
            "/jwks" if is(Which::Keys) => (JSON, self.answer.clone()),
            "/jwks" => (
                JSON,
                json!(JwkSet::new([KEY.public_jwk().clone()]).unwrap())
                    .to_string()
                    .into_bytes(),
            ),
            "/token" if is(Which::Tokens) => (JSON, self.answer.clone()),
            "/token" => (JSON, self.tokens().to_string().into_bytes()),
            "/userinfo" if is(Which::Userinfo) => (JSON, self.answer.clone()),
            "/userinfo" if is(Which::SignedUserinfo) => ("application/jwt", signed(&self.answer).into_bytes()),
            "/userinfo" => (JSON, br#"{"sub":"u-1","name":"Alice"}"#.to_vec()),
            _ => ("text/plain", Vec::new()),
        }
    }

    fn tokens(&self) -> Value {
        let claims = json!({
            "iss": ISSUER, "sub": "u-1", "aud": "app", "nonce": *self.nonce.lock().unwrap(), "iat": NOW, "exp": NOW + 300,
        });
        let payload = if self.which == Which::IdToken {
            self.answer.clone()
        } else {
            claims.to_string().into_bytes()
        };
        json!({"access_token": "a", "token_type": "Bearer", "id_token": signed(&payload)})
    }
}

impl Http for Provider {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        let (content_type, body) = self.answer(&request.url);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Box::pin(async move {
            Ok(HttpAnswer {
                status: 200,
                headers,
                body,
            })
        })
    }
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER, "authorization_endpoint": "https://sso.example/authorize",
        "token_endpoint": "https://sso.example/token", "jwks_uri": "https://sso.example/jwks",
        "userinfo_endpoint": "https://sso.example/userinfo", "id_token_signing_alg_values_supported": ["EdDSA"],
    })
}

fn signed(payload: &[u8]) -> String {
    KEY.sign_raw(br#"{"alg":"EdDSA","kid":"k"}"#, payload).unwrap()
}

pub(crate) fn run(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let which = ALL[usize::from(*first) % ALL.len()];
    let provider = Arc::new(Provider {
        which,
        answer: rest.to_vec(),
        nonce: Mutex::default(),
    });
    match RUNTIME.block_on(log_in(&provider, which, rest)) {
        Ok(login) => {
            // Whatever was answered, nobody becomes somebody else.
            assert_eq!(login.issuer, ISSUER);
            assert_eq!(login.claims["iss"], ISSUER);
            assert!(which == Which::IdToken || login.sub == "u-1");
            assert!(!login.sub.is_empty() && login.sub.len() <= 255);
            assert!(which != Which::Tokens || login.id_token.is_some());
        }
        Err(error) => {
            let words = error.to_string();
            assert!(
                !words.chars().any(char::is_control) && words.len() < 16 * 1024,
                "{words:?}"
            );
            assert!(
                error
                    .code()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
        }
    }
}

async fn log_in(provider: &Arc<Provider>, which: Which, data: &[u8]) -> Result<doorward_login::Verified, LoginError> {
    let login = Login::builder(ISSUER, "app")
        .base_url("https://app.example")
        .secret("s")
        .clock(Arc::new(Fixed))
        .random(Arc::new(Fixed))
        .http(Arc::clone(provider) as Arc<_>)
        .build()?;
    let begun = login.begin_with(BeginOptions::new("/")).await?;
    let (_, request) = begun.location.rsplit_once('?').unwrap();
    if let Ok(request) = Parameters::parse(request.as_bytes()) {
        request
            .find("nonce")
            .unwrap_or_default()
            .clone_into(&mut provider.nonce.lock().unwrap());
    }
    let callback = match which {
        Which::Callback => data.to_vec(),
        _ => format!("code=c&state={}", begun.state).into_bytes(),
    };
    let answer = Parameters::parse(&callback).map_err(LoginError::Response)?;
    login.finish(&answer, Some(&begun.binding)).await
}
