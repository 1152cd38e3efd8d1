//! `cargo xtask bench verify`: what it costs a relying party to verify one ID token, and to take one whole login in, beside npm
//! `jose` and `openid-client` and the crate `openidconnect`. Everything runs on one thread, without a network, on the same
//! tokens; the figures are operations per second of the process's CPU time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64URL_NOPAD;
use doorward_jose::{Algorithm, JwkSet, Random, SigningKey, TimeRules, Typ, VerificationPolicy, verify};
use doorward_login::{BeginOptions, Clock, Http, HttpAnswer, HttpRequest, Login, LoginError, Pending, SystemClock};
use doorward_oidc::Parameters;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::process::own_cpu_seconds;

const ISSUER: &str = "https://sso.example";
const CLIENT: &str = "app";
const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

/// What every contender gets.
#[derive(Serialize)]
struct Case {
    algorithm: &'static str,
    issuer: &'static str,
    client: &'static str,
    nonce: String,
    state: String,
    seconds: f64,
    keys: JwkSet,
    token: String,
}

/// Per second of CPU time; `None` for what a contender does not have.
#[derive(Debug, Default, Deserialize)]
struct Rates {
    verify: Option<f64>,
    login: Option<f64>,
}

/// Prints both tables; each figure is taken for `time`.
pub(crate) async fn report(time: Duration) -> Result<()> {
    let node = std::env::var("DOORWARD_NODE_HOME").context("DOORWARD_NODE_HOME is set by `cargo xtask bench`")?;
    let peer = openidconnect()?;
    println!("| one thread, per CPU second | Doorward | npm jose | crate openidconnect |");
    println!("|---|---:|---:|---:|");
    let mut logins = Vec::new();
    for algorithm in ALGORITHMS {
        let case = Case::new(algorithm, time)?;
        let file = tempfile::NamedTempFile::new()?;
        serde_json::to_writer(&file, &case)?;
        let ours = verifications(&case)?;
        // Node looks for packages beside the script, so the script runs from beside the packages.
        let script = Path::new(&node).join("bench-verify.mjs");
        std::fs::write(&script, include_str!("../peer/verify.mjs"))?;
        let javascript = rates(Command::new("node").arg(script).arg(file.path()))?;
        let rust = rates(Command::new(&peer).arg(file.path()))?;
        let shown = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}"));
        println!(
            "| ID token {algorithm} | {ours:.0} | {} | {} |",
            shown(javascript.verify),
            shown(rust.verify)
        );
        logins.push((algorithm, taken_in(&case).await?, javascript.login));
    }
    println!("\n| one whole login without network, per CPU second | Doorward | npm openid-client |");
    println!("|---|---:|---:|");
    for (algorithm, ours, peer) in logins {
        let peer = peer.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}"));
        println!("| {algorithm} | {ours:.0} | {peer} |");
    }
    Ok(())
}

impl Case {
    fn new(algorithm: Algorithm, time: Duration) -> Result<Self> {
        let key: SigningKey = SigningKey::generate(algorithm)?.key;
        let now = SystemClock.now();
        let nonce = fixed_text();
        let claims = json!({
            "iss": ISSUER, "sub": "0198a1f2-0000-7000-8000-000000000001", "aud": CLIENT, "nonce": nonce,
            "iat": now, "exp": now + 3600, "auth_time": now, "name": "Alice Liddell", "preferred_username": "alice",
            "email": "alice@example.org", "email_verified": true, "groups": ["admins", "users", "netbox-editors"],
        });
        Ok(Self {
            algorithm: algorithm.name(),
            issuer: ISSUER,
            client: CLIENT,
            state: nonce.clone(),
            nonce,
            seconds: time.as_secs_f64(),
            keys: JwkSet::new([key.public_jwk().clone()])?,
            token: key.sign(Some("JWT"), &claims)?,
        })
    }
}

/// Signature, issuer, audience and times, as the peers check them.
fn verifications(case: &Case) -> Result<f64> {
    let algorithm: Algorithm = case.algorithm.parse()?;
    let algorithms = [algorithm];
    let policy = VerificationPolicy::new(Typ::PLAIN, &algorithms);
    let keys: JwkSet = serde_json::from_value(json!(case.keys))?;
    let now = SystemClock.now();
    rate(case.seconds, || {
        let token = verify(&case.token, &keys, &policy)?;
        TimeRules::new(now, 30).check(token.claims())?;
        ensure!(token.claims().get("iss").and_then(Value::as_str) == Some(ISSUER));
        ensure!(token.claims().get("aud").and_then(Value::as_str) == Some(CLIENT));
        Ok(())
    })
}

/// From the authorization request to verified claims.
async fn taken_in(case: &Case) -> Result<f64> {
    let login = Login::builder(ISSUER, CLIENT)
        .base_url("https://app.example")
        .secret("secret")
        .random(Arc::new(Fixed))
        .http(Arc::new(Provider::of(case)))
        .build()?;
    login.check().await?;
    let answer = Parameters::parse(format!("code=c&state={}", case.state).as_bytes())?;
    let (begun, cpu) = (Instant::now(), own_cpu_seconds()?);
    let mut count = 0_u32;
    while begun.elapsed().as_secs_f64() < case.seconds {
        let begun = login.begin_with(BeginOptions::new("/")).await?;
        let verified = login.finish(&answer, Some(&begun.binding)).await?;
        ensure!(!verified.sub.is_empty());
        count += 1;
    }
    Ok(f64::from(count) / (own_cpu_seconds()? - cpu))
}

fn rate(seconds: f64, mut one: impl FnMut() -> Result<()>) -> Result<f64> {
    let (begun, cpu) = (Instant::now(), own_cpu_seconds()?);
    let mut count = 0_u32;
    while begun.elapsed().as_secs_f64() < seconds {
        one()?;
        count += 1;
    }
    Ok(f64::from(count) / (own_cpu_seconds()? - cpu))
}

fn rates(command: &mut Command) -> Result<Rates> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Builds the peer, which is a workspace of its own: what it stands on has no place in ours.
fn openidconnect() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peer/openidconnect");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        )
        .join("peer");
    // As this program itself was built.
    let (profile, folder_of_profile): (&[&str], _) = if cfg!(debug_assertions) {
        (&[], "debug")
    } else {
        (&["--release"], "release")
    };
    let built = Command::new("cargo")
        .args(["build", "--quiet"])
        .args(profile)
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &target)
        .status()?;
    ensure!(built.success(), "the peer in {} does not build", folder.display());
    Ok(target.join(folder_of_profile).join("verify-with-openidconnect"))
}

/// So that one token fits every login.
struct Fixed;

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

fn fixed_text() -> String {
    BASE64URL_NOPAD.encode(&[7; 32])
}

/// Answers from memory.
struct Provider {
    metadata: Vec<u8>,
    keys: Vec<u8>,
    tokens: Vec<u8>,
}

impl Provider {
    fn of(case: &Case) -> Self {
        let metadata = json!({
            "issuer": ISSUER, "authorization_endpoint": "https://sso.example/authorize",
            "token_endpoint": "https://sso.example/token", "jwks_uri": "https://sso.example/jwks",
            "id_token_signing_alg_values_supported": [case.algorithm],
        });
        let tokens = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": case.token});
        Self {
            metadata: metadata.to_string().into_bytes(),
            keys: json!(case.keys).to_string().into_bytes(),
            tokens: tokens.to_string().into_bytes(),
        }
    }
}

impl Http for Provider {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        let body = match request.url.strip_prefix(ISSUER).unwrap_or_default() {
            "/token" => self.tokens.clone(),
            "/jwks" => self.keys.clone(),
            _ => self.metadata.clone(),
        };
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let answer = HttpAnswer {
            status: 200,
            headers,
            body,
        };
        Box::pin(async move { Ok(answer) })
    }
}
