//! What is known about the provider: metadata and keys, fetched once for everybody who waits and renewed in the background.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use doorward_jose::{Algorithm, JoseError, JwkSet, parse_object};
use doorward_oidc::{OPENID_CONFIGURATION, ProviderMetadata};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::config::{Config, web_url};
use crate::error::{Step, shown};
use crate::network::{HttpAnswer, HttpRequest};
use crate::settings::{Endpoints, TENANT};
use crate::{Login, LoginError};

/// Seconds after which metadata and keys are fetched anew, while those at hand go on serving.
const RENEW_AFTER: i64 = 45 * 60;
/// Seconds after which nothing serves that could not be renewed: a provider that revoked a key is believed at last.
const USABLE_FOR: i64 = 24 * 3600;
/// Seconds that must lie between two fetches that unknown key names ask for: anybody can invent such a name. Also between
/// two renewals in the background, when they fail.
const BETWEEN_REFETCHES: i64 = 30;
/// Seconds for which a failed fetch stands, so that those who waited for it do not all try again.
const FAILED_FOR: i64 = 2;
const MAX_BYTES: usize = 256 * 1024;

/// Metadata and keys of one fetch.
pub(crate) struct Known {
    pub(crate) metadata: ProviderMetadata,
    pub(crate) id_token_algorithms: Vec<Algorithm>,
    pub(crate) userinfo_algorithms: Vec<Algorithm>,
    pub(crate) keys: JwkSet,
    /// The issuer that the key set names for a key, by `kid`: one set of Microsoft's serves all tenants.
    key_issuers: HashMap<String, String>,
    /// Whether the provider gives ID tokens; one that speaks OAuth 2 only has no key set.
    pub(crate) has_id_tokens: bool,
    fetched: i64,
}

impl Known {
    /// The issuer that may use this key, for a token with this `tid`.
    pub(crate) fn key_issuer(&self, kid: &str, tid: &str) -> Option<String> {
        self.key_issuers.get(kid).map(|issuer| issuer.replace(TENANT, tid))
    }
}

#[derive(Default)]
pub(crate) struct Provider {
    known: ArcSwapOption<Known>,
    /// Held while fetching.
    fetching: Mutex<Last>,
    is_renewing: AtomicBool,
}

/// The fetch before.
#[derive(Default)]
struct Last {
    at: Option<i64>,
    failure: Option<LoginError>,
}

impl Provider {
    /// What is known, fetched if nothing is. What is old is renewed in the background and serves until then.
    pub(crate) async fn known(&self, login: &Login) -> Result<Arc<Known>, LoginError> {
        let clock = login.config().clock.as_ref();
        let is_usable = |known: &Arc<Known>| is_within(USABLE_FOR, known.fetched, clock);
        let Some(known) = self.known.load_full().filter(is_usable) else {
            return self.fetch(login, FAILED_FOR, is_usable).await;
        };
        if !is_within(RENEW_AFTER, known.fetched, clock) && !self.is_renewing.swap(true, Ordering::AcqRel) {
            let login = login.clone();
            tokio::spawn(async move { login.provider().renew(&login).await });
        }
        Ok(known)
    }

    async fn renew(&self, login: &Login) {
        let clock = login.config().clock.as_ref();
        let is_fresh = |known: &Arc<Known>| is_within(RENEW_AFTER, known.fetched, clock);
        if let Err(error) = self.fetch(login, BETWEEN_REFETCHES, is_fresh).await {
            tracing::warn!(code = error.code(), %error, "the provider's metadata could not be renewed");
        }
        self.is_renewing.store(false, Ordering::Release);
    }

    /// Fetches again because a token names a key that `seen` does not have; gives `None` when it is too early for that.
    pub(crate) async fn newer(&self, login: &Login, seen: &Arc<Known>) -> Result<Option<Arc<Known>>, LoginError> {
        let is_newer = |known: &Arc<Known>| !Arc::ptr_eq(known, seen);
        let current = self.known.load_full();
        if let Some(known) = current.filter(is_newer) {
            return Ok(Some(known));
        }
        if is_within(BETWEEN_REFETCHES, seen.fetched, login.config().clock.as_ref()) {
            return Ok(None);
        }
        self.fetch(login, BETWEEN_REFETCHES, is_newer).await.map(Some)
    }

    /// One fetch at a time: who waited takes what the one before brought, when it is `enough`, or its failure.
    async fn fetch(
        &self,
        login: &Login,
        failed_for: i64,
        enough: impl Fn(&Arc<Known>) -> bool,
    ) -> Result<Arc<Known>, LoginError> {
        let config = login.config();
        let mut last = self.fetching.lock().await;
        if let Some(known) = self.known.load_full().filter(|known| enough(known)) {
            return Ok(known);
        }
        let is_recent = last
            .at
            .is_some_and(|at| is_within(failed_for, at, config.clock.as_ref()));
        if let Some(error) = last.failure.as_ref().filter(|_| is_recent) {
            return Err(error.clone());
        }
        let fetched = fetch(config).await.map(Arc::new);
        last.at = Some(config.clock.now());
        last.failure = fetched.as_ref().err().cloned();
        let known = fetched?;
        self.known.store(Some(Arc::clone(&known)));
        Ok(known)
    }
}

fn is_within(seconds: i64, since: i64, clock: &dyn Clock) -> bool {
    (0..seconds).contains(&clock.now().saturating_sub(since))
}

async fn fetch(config: &Config) -> Result<Known, LoginError> {
    let metadata = match &config.protocol.endpoints {
        Some(endpoints) => configured(config, endpoints),
        None => discover(config).await?,
    };
    let mut known = Known {
        id_token_algorithms: algorithms(config, &metadata.id_token_signing_alg_values_supported),
        userinfo_algorithms: Vec::new(),
        keys: JwkSet::default(),
        key_issuers: HashMap::new(),
        has_id_tokens: !metadata.jwks_uri.is_empty(),
        fetched: config.clock.now(),
        metadata,
    };
    known.userinfo_algorithms = match known.metadata.userinfo_signing_alg_values_supported.as_slice() {
        [] => known.id_token_algorithms.clone(),
        advertised => algorithms(config, advertised),
    };
    if known.has_id_tokens {
        let url = &known.metadata.jwks_uri;
        let answer = get(config, Step::Keys, url).await?;
        known.keys = key_set(url, &answer.body)?;
        known.key_issuers = key_issuers(&answer.body);
    }
    Ok(known)
}

async fn discover(config: &Config) -> Result<ProviderMetadata, LoginError> {
    let url = discovery_url(&config.issuer);
    let metadata: ProviderMetadata = json(
        Step::Metadata,
        &url,
        "provider metadata",
        &get(config, Step::Metadata, &url).await?,
    )?;
    let tenants = config.protocol.tenants.as_ref();
    let expected = tenants.map_or(&config.issuer, |tenants| &tenants.template);
    if metadata.issuer != *expected {
        return Err(LoginError::Issuer {
            expected: expected.clone(),
            received: shown(&metadata.issuer),
        });
    }
    has_safe_endpoints(&metadata)?;
    Ok(metadata)
}

/// Where the metadata of an issuer are (Discovery §4.1).
pub(crate) fn discovery_url(issuer: &str) -> String {
    format!("{}{OPENID_CONFIGURATION}", issuer.trim_end_matches('/'))
}

pub(crate) fn has_safe_endpoints(metadata: &ProviderMetadata) -> Result<(), LoginError> {
    for (endpoint, address) in endpoints_of(metadata) {
        web_url(endpoint, address).map_err(|_| LoginError::Endpoint {
            endpoint,
            received: shown(address),
        })?;
    }
    Ok(())
}

/// The endpoints that are used here, with their names in the metadata.
pub(crate) fn endpoints_of(metadata: &ProviderMetadata) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("authorization_endpoint", Some(&metadata.authorization_endpoint)),
        ("token_endpoint", Some(&metadata.token_endpoint)),
        ("jwks_uri", Some(&metadata.jwks_uri)),
        ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
        ("end_session_endpoint", metadata.end_session_endpoint.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, address)| address.map(|address| (name, address.as_str())))
}

fn configured(config: &Config, endpoints: &Endpoints) -> ProviderMetadata {
    ProviderMetadata {
        issuer: config.issuer.clone(),
        authorization_endpoint: endpoints.authorization.clone(),
        token_endpoint: endpoints.token.clone(),
        userinfo_endpoint: endpoints.userinfo.clone(),
        jwks_uri: endpoints.jwks.clone().unwrap_or_default(),
        end_session_endpoint: endpoints.end_session.clone(),
        ..ProviderMetadata::default()
    }
}

/// Those of ours that the provider advertises, unless the settings say which. RS256 is what everybody must have
/// (OpenID Connect Core §15.1).
fn algorithms(config: &Config, advertised: &[String]) -> Vec<Algorithm> {
    match &config.protocol.algorithms {
        Some(set) => set.clone(),
        None if advertised.is_empty() => vec![Algorithm::RS256],
        None => ours(advertised),
    }
}

/// Those of the advertised algorithms that are ours. RFC 9864 gives `EdDSA` the name of its curve.
pub(crate) fn ours(advertised: &[String]) -> Vec<Algorithm> {
    let is_advertised = |ours: &Algorithm| advertised.iter().any(|name| name == ours.name());
    Algorithm::ALL.iter().copied().filter(is_advertised).collect()
}

pub(crate) fn key_set(url: &str, body: &[u8]) -> Result<JwkSet, LoginError> {
    JwkSet::parse(body).map_err(|error| match error {
        JoseError::ConflictingKeys { .. } => LoginError::Token {
            token: "key set",
            error,
        },
        _ => LoginError::Answer {
            step: Step::Keys,
            url: url.to_owned(),
            expected: "a key set",
            received: error.to_string(),
        },
    })
}

fn key_issuers(body: &[u8]) -> HashMap<String, String> {
    let set = parse_object(body, "key set").unwrap_or_default();
    let keys = set.get("keys").and_then(Value::as_array);
    let named = keys.into_iter().flatten().filter_map(|key| {
        let text = |name| key.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("kid")?, text("issuer")?))
    });
    named.collect()
}

async fn get(config: &Config, step: Step, url: &str) -> Result<HttpAnswer, LoginError> {
    let request = HttpRequest {
        url: url.to_owned(),
        max_bytes: MAX_BYTES,
        ..HttpRequest::default()
    };
    let answer = config.http.send(request).await?;
    if answer.status != 200 {
        return Err(LoginError::Answer {
            step,
            url: url.to_owned(),
            expected: "status 200",
            received: format!("status {}", answer.status),
        });
    }
    Ok(answer)
}

/// The answer's body as JSON.
pub(crate) fn json<T: DeserializeOwned>(
    step: Step,
    url: &str,
    expected: &'static str,
    answer: &HttpAnswer,
) -> Result<T, LoginError> {
    serde_json::from_slice(&answer.body).map_err(|error| LoginError::Answer {
        step,
        url: url.to_owned(),
        expected,
        received: format!(
            "`{}` that is none: line {}, column {}",
            shown(&answer.content_type()),
            error.line(),
            error.column()
        ),
    })
}
