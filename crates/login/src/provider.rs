//! What is known about the provider: metadata and keys, fetched once for everybody who waits.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use doorward_jose::{Algorithm, JwkSet};
use doorward_oidc::{OPENID_CONFIGURATION, ProviderMetadata};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::LoginError;
use crate::clock::Clock;
use crate::config::{Config, web_url};
use crate::error::{Step, shown};
use crate::network::{HttpAnswer, HttpRequest};

/// Seconds after which metadata and keys are fetched anew.
const FRESH_FOR: i64 = 3600;
/// Seconds that must lie between two fetches that unknown key names ask for: anybody can invent such a name.
const BETWEEN_REFETCHES: i64 = 30;
/// Seconds for which a failed fetch stands, so that those who waited for it do not all try again.
const FAILED_FOR: i64 = 2;
const MAX_BYTES: usize = 256 * 1024;

/// Metadata and keys of one fetch.
pub(crate) struct Known {
    pub(crate) metadata: ProviderMetadata,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) keys: JwkSet,
    fetched: i64,
}

#[derive(Default)]
pub(crate) struct Provider {
    known: ArcSwapOption<Known>,
    /// Held while fetching; remembers the last failure.
    fetching: Mutex<Option<(i64, LoginError)>>,
}

impl Provider {
    /// What is known, fetched if nothing is or if it is old. When the provider is down, what is old still serves.
    pub(crate) async fn known(&self, config: &Config) -> Result<Arc<Known>, LoginError> {
        let before = self.known.load_full();
        let is_fresh = |known: &Arc<Known>| is_within(FRESH_FOR, known.fetched, config.clock.as_ref());
        if let Some(known) = before.as_ref().filter(|known| is_fresh(known)) {
            return Ok(Arc::clone(known));
        }
        match (self.fetch(config, is_fresh).await, before) {
            (Ok(known), _) => Ok(known),
            (Err(error @ (LoginError::Unreachable { .. } | LoginError::Answer { .. })), Some(old)) => {
                tracing::warn!(code = error.code(), %error, "the provider's metadata could not be renewed");
                Ok(old)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Fetches again because a token names a key that `seen` does not have; gives `None` when it is too early for that.
    pub(crate) async fn newer(&self, config: &Config, seen: &Arc<Known>) -> Result<Option<Arc<Known>>, LoginError> {
        let is_newer = |known: &Arc<Known>| !Arc::ptr_eq(known, seen);
        let current = self.known.load_full();
        if let Some(known) = current.filter(is_newer) {
            return Ok(Some(known));
        }
        if is_within(BETWEEN_REFETCHES, seen.fetched, config.clock.as_ref()) {
            return Ok(None);
        }
        self.fetch(config, is_newer).await.map(Some)
    }

    /// One fetch at a time: who waited takes what the one before brought, when it is `enough`.
    async fn fetch(&self, config: &Config, enough: impl Fn(&Arc<Known>) -> bool) -> Result<Arc<Known>, LoginError> {
        let mut failure = self.fetching.lock().await;
        if let Some(known) = self.known.load_full().filter(|known| enough(known)) {
            return Ok(known);
        }
        let recent = failure
            .as_ref()
            .filter(|(at, _)| is_within(FAILED_FOR, *at, config.clock.as_ref()));
        if let Some((_, error)) = recent {
            return Err(error.clone());
        }
        match fetch(config).await {
            Ok(known) => {
                let known = Arc::new(known);
                *failure = None;
                self.known.store(Some(Arc::clone(&known)));
                Ok(known)
            }
            Err(error) => {
                *failure = Some((config.clock.now(), error.clone()));
                Err(error)
            }
        }
    }
}

fn is_within(seconds: i64, since: i64, clock: &dyn Clock) -> bool {
    (0..seconds).contains(&clock.now().saturating_sub(since))
}

async fn fetch(config: &Config) -> Result<Known, LoginError> {
    let url = format!("{}{OPENID_CONFIGURATION}", config.issuer.trim_end_matches('/'));
    let metadata: ProviderMetadata = json(
        Step::Metadata,
        &url,
        "provider metadata",
        &get(config, Step::Metadata, &url).await?,
    )?;
    if metadata.issuer != config.issuer {
        return Err(LoginError::Issuer {
            expected: config.issuer.clone(),
            received: shown(&metadata.issuer),
        });
    }
    for (endpoint, address) in [
        ("authorization_endpoint", Some(&metadata.authorization_endpoint)),
        ("token_endpoint", Some(&metadata.token_endpoint)),
        ("jwks_uri", Some(&metadata.jwks_uri)),
        ("userinfo_endpoint", metadata.userinfo_endpoint.as_ref()),
        ("end_session_endpoint", metadata.end_session_endpoint.as_ref()),
    ] {
        if let Some(address) = address {
            web_url(endpoint, address).map_err(|_| LoginError::Endpoint {
                endpoint,
                received: shown(address),
            })?;
        }
    }
    let keys = get(config, Step::Keys, &metadata.jwks_uri).await?;
    let keys = JwkSet::parse(&keys.body).map_err(|error| LoginError::Answer {
        step: Step::Keys,
        url: metadata.jwks_uri.clone(),
        expected: "a key set",
        received: error.to_string(),
    })?;
    let advertised = &metadata.id_token_signing_alg_values_supported;
    let ours = Algorithm::ALL.iter().copied();
    let algorithms: Vec<_> = if advertised.is_empty() {
        // RS256 is what everybody must have (OpenID Connect Core §15.1).
        vec![Algorithm::RS256]
    } else {
        ours.filter(|ours| advertised.iter().any(|name| name == ours.name()))
            .collect()
    };
    Ok(Known {
        metadata,
        algorithms,
        keys,
        fetched: config.clock.now(),
    })
}

async fn get(config: &Config, step: Step, url: &str) -> Result<HttpAnswer, LoginError> {
    let request = HttpRequest {
        url: url.to_owned(),
        authorization: None,
        form: None,
        max_bytes: MAX_BYTES,
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
            shown(&answer.content_type),
            error.line(),
            error.column()
        ),
    })
}
