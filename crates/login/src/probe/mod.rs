//! A look at a provider before anybody logs in through it: can it be reached, is it the issuer that it was taken for, and
//! does it offer what a login needs. Nothing is sent but questions for what is public.

mod checks;
mod clock_offset;
mod report;
mod variants;

pub use clock_offset::{ClockOffset, measure_clock};
pub use report::{Finding, Offered, Report, Weight};

use std::sync::Arc;
use std::time::Duration;

use doorward_oidc::ScopeSet;

use crate::addresses::Reach;
use crate::clock::{Clock, SystemClock};
use crate::config::{is_private_name, web_url};
use crate::error::{Step, shown};
use crate::network::{Http, HttpAnswer, HttpRequest, Limits, Network};
use crate::provider::discovery_url;
use crate::settings::TENANT;
use crate::{Login, LoginError};

pub(crate) use checks::metadata;

use checks::Seen;

const MAX_BYTES: usize = 256 * 1024;
/// Everything together takes no longer.
const WHOLE: Duration = Duration::from_secs(40);

/// What is known already when a provider is looked at.
#[derive(Clone)]
pub struct ProbeOptions {
    /// The client id; some providers have one issuer for each.
    pub client_id: Option<String>,
    /// The scopes that logins will ask for.
    pub scopes: Option<ScopeSet>,
    /// Certificates of a private CA in PEM.
    pub ca_pem: Option<Vec<u8>>,
    /// As [`crate::Builder::allow_private`].
    pub allow_private: Option<bool>,
    /// The template that the metadata are expected to name instead of the issuer, as [`crate::Builder::tenants`].
    pub template: Option<String>,
    /// How long one answer may take; five seconds unless set.
    pub timeout: Duration,
    /// How far the clocks may be apart; 30 seconds unless set.
    pub leeway: Duration,
    /// Another way to the network.
    pub http: Option<Arc<dyn Http>>,
    /// Another clock, for tests.
    pub clock: Arc<dyn Clock>,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self {
            client_id: None,
            scopes: None,
            ca_pem: None,
            allow_private: None,
            template: None,
            timeout: Duration::from_secs(5),
            leeway: Duration::from_secs(30),
            http: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Login {
    /// Looks at the provider `issuer` and says what would hinder a login, with the right value where one can be found. It
    /// takes a few seconds, most of them to measure the clock, and never longer than forty.
    pub async fn probe(issuer: &str, options: ProbeOptions) -> Report {
        let mut report = Report::of(issuer);
        let looked = tokio::time::timeout(WHOLE, look(&mut report, issuer, &options)).await;
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(error)) => report.failed(&error),
            Err(_) => report.failed(&LoginError::TooSlow {
                url: shown(issuer),
                milliseconds: u64::try_from(WHOLE.as_millis()).unwrap_or(u64::MAX),
            }),
        }
        report
    }
}

async fn look(report: &mut Report, issuer: &str, options: &ProbeOptions) -> Result<(), LoginError> {
    let url = match web_url("issuer", issuer) {
        Ok(url) => url,
        Err(error) => {
            report.failed(&error);
            return another_issuer(report, issuer, options).await;
        }
    };
    let http = network(options, &url)?;
    let at = discovery_url(issuer);
    let answer = match ask(http.as_ref(), Step::Metadata, &at).await {
        Ok(answer) => answer,
        Err(error) => {
            let may_be_elsewhere = matches!(error, LoginError::Answer { .. } | LoginError::Redirected { .. });
            report.failed(&error);
            return if may_be_elsewhere {
                another_issuer(report, issuer, options).await
            } else {
                Ok(())
            };
        }
    };
    let seen = match checks::metadata(&at, &answer) {
        Ok(seen) => seen,
        Err(error) => {
            report.failed(&error);
            return another_issuer(report, issuer, options).await;
        }
    };
    report.good("discovery_reached", at.clone());
    is_that_issuer(report, issuer, &seen, options);
    checks::all(report, &seen, options);
    checks::keys(report, &seen, http.as_ref()).await;
    clock_offset::check(report, &at, http.as_ref(), options).await;
    Ok(())
}

/// The issuer is compared as bytes (Discovery §4.3): a slash more or less is another one.
fn is_that_issuer(report: &mut Report, issuer: &str, seen: &Seen, options: &ProbeOptions) {
    let named = &seen.metadata.issuer;
    let expected = options.template.as_deref().unwrap_or(issuer);
    if named == expected {
        report.good("issuer_equal", named.clone());
        return;
    }
    report.failed(&LoginError::Issuer {
        expected: expected.to_owned(),
        received: shown(named),
    });
    if named.contains(TENANT) {
        report.remedy(format!(
            "the provider has one issuer per tenant: set the template `{named}` and the tenants whose people may log in, or \
             use the issuer of your tenant"
        ));
    } else if web_url("issuer", named).is_ok() {
        report.suggest(named);
    }
}

/// Tries what is commonly meant by an address that has no metadata.
async fn another_issuer(report: &mut Report, issuer: &str, options: &ProbeOptions) -> Result<(), LoginError> {
    for candidate in variants::of(issuer, options.client_id.as_deref()) {
        let Ok(url) = web_url("issuer", &candidate) else {
            continue;
        };
        let http = network(options, &url)?;
        let at = discovery_url(&candidate);
        let Ok(answer) = ask(http.as_ref(), Step::Metadata, &at).await else {
            continue;
        };
        let Ok(seen) = checks::metadata(&at, &answer) else {
            continue;
        };
        // Only an issuer whose own metadata these are: a server may answer the same everywhere.
        if discovery_url(&seen.metadata.issuer) == at || seen.metadata.issuer == candidate {
            report.suggest(&seen.metadata.issuer);
            return Ok(());
        }
    }
    Ok(())
}

pub(crate) fn network(options: &ProbeOptions, url: &url::Url) -> Result<Arc<dyn Http>, LoginError> {
    if let Some(http) = &options.http {
        return Ok(Arc::clone(http));
    }
    let limits = Limits {
        connect: options.timeout,
        answer: options.timeout,
        whole: options.timeout,
        reach: Reach::of_provider(options.allow_private.unwrap_or_else(|| is_private_name(url))),
    };
    Ok(Arc::new(Network::new(options.ca_pem.as_deref(), &limits)?))
}

pub(crate) async fn ask(http: &dyn Http, step: Step, url: &str) -> Result<HttpAnswer, LoginError> {
    let answer = http
        .send(HttpRequest {
            url: url.to_owned(),
            max_bytes: MAX_BYTES,
            ..HttpRequest::default()
        })
        .await?;
    if answer.status == 200 {
        return Ok(answer);
    }
    Err(LoginError::Answer {
        step,
        url: url.to_owned(),
        expected: "status 200",
        received: format!("status {}", answer.status),
    })
}
