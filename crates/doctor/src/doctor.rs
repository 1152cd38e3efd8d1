//! The whole look at an application, and what is remembered of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use doorward_apps::{App, Preset};
use doorward_login::{ClockOffset, LoginError};
use doorward_provider::{KeyRing, Server};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    Finding, Place, Ways, clock,
    installation::{self, Certificate},
    logout, registration,
    request::{self, Known, Sent},
    walk::{self, End, Visit},
};

/// Looks at the same time; further ones wait for their turn.
const AT_ONCE: usize = 4;
/// For how long a measured clock says something about a login.
const CLOCK_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// Most applications whose clocks are remembered.
const MOST_CLOCKS: usize = 10_000;

/// Looks at applications. Cheap to clone.
#[derive(Clone)]
pub struct Doctor(Arc<Inner>);

struct Inner {
    ca_pem: Option<Vec<u8>>,
    place: Place,
    /// Made at the first look: most servers have none for weeks, and certificates take memory.
    ways: OnceLock<Ways>,
    turns: Semaphore,
    clocks: Mutex<HashMap<Uuid, (Timestamp, ClockOffset)>>,
}

/// Who is looked at, and what is known of them.
pub struct Patient<'a> {
    /// The application.
    pub app: &'a App,
    /// Its preset.
    pub preset: Option<&'a Preset>,
    /// Who we are.
    pub server: &'a Server,
    /// Our keys.
    pub keys: &'a KeyRing,
    /// Addresses of our authorization endpoint, as this application may know them.
    pub authorize: Vec<String>,
    /// The name of another application that has this client id.
    pub other: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    /// What to do about this server's private authority, when its certificate is from one.
    pub private_ca: Option<&'a str>,
    /// Its addresses may be in a private network although their names do not look like that.
    pub allow_private: bool,
    /// The time.
    pub now: Timestamp,
}

/// What was seen.
#[derive(Debug)]
pub struct Looked {
    /// Each request that was made to the application on the way to its login.
    pub visits: Vec<Visit>,
    /// What it asks of us.
    pub sent: Option<Sent>,
    /// Its clock.
    pub clock: Option<ClockOffset>,
    /// Everything that was looked at, not in order.
    pub findings: Vec<Finding>,
}

impl Doctor {
    /// Trusts the certificates in `ca_pem` besides the machine's; `place` is where this server runs.
    pub fn new(ca_pem: Option<Vec<u8>>, place: Place) -> Self {
        Self(Arc::new(Inner {
            ca_pem,
            place,
            ways: OnceLock::new(),
            turns: Semaphore::new(AT_ONCE),
            clocks: Mutex::default(),
        }))
    }

    /// Goes there and looks. It takes some ten seconds.
    ///
    /// # Errors
    /// The configured certificates are none.
    pub async fn look(&self, patient: &Patient<'_>) -> Result<Looked, LoginError> {
        let ways = self.ways()?;
        // Never closed.
        let _turn = self.0.turns.acquire().await;
        let (app, allow_private) = (patient.app, patient.allow_private);
        let mut findings = registration::judge(app, patient.preset);
        let (walked, knocked) = tokio::join!(
            walk::to_login(ways, app, patient.preset, allow_private, &patient.authorize),
            logout::knock(ways, app, allow_private),
        );
        findings.extend(knocked);
        let mut sent = None;
        match &walked.end {
            End::Asked(url) => {
                let known = Known {
                    app,
                    preset: patient.preset,
                    server: patient.server,
                    keys: patient.keys,
                    authorize: &patient.authorize,
                    other: patient.other,
                };
                let (request, compared) = request::compare(url, &known);
                sent = Some(request);
                findings.extend(compared);
            }
            end => findings.extend(registration::of_walk(
                end,
                app,
                patient.private_ca,
                patient.server.public_url(),
            )),
        }
        let mut measured = None;
        if let Some(url) = &walked.answering {
            measured = clock::measure(ways, app, url, allow_private).await;
            findings.push(clock::judge(measured, app, patient.preset));
        }
        if let Some(clock) = measured {
            self.remember(app.id, patient.now, clock);
        }
        Ok(Looked {
            visits: walked.visits,
            sent,
            clock: measured,
            findings: once(findings),
        })
    }

    /// Looks at the installation, from outside in and from inside. `reference` says what time it is.
    ///
    /// # Errors
    /// The configured certificates are none.
    pub async fn installation(
        &self,
        public_url: &str,
        certificate: &Certificate,
        reference: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Finding>, LoginError> {
        let ways = self.ways()?;
        // Never closed.
        let _turn = self.0.turns.acquire().await;
        // As machines see us that were told of no authority.
        let strangers = Ways::new(None)?;
        let (mut found, time) = tokio::join!(
            installation::outside(ways, &strangers, public_url),
            installation::time(ways, reference),
        );
        found.push(time);
        found.extend(installation::certificate(certificate, now));
        found.push(installation::proxies(&self.0.place, certificate.source, public_url));
        found.extend(self.0.place.data.as_deref().map(installation::disk));
        Ok(found)
    }

    /// The application's clock as it was last measured, if that was lately.
    pub fn clock_of(&self, app: Uuid, now: Timestamp) -> Option<ClockOffset> {
        let clocks = self.0.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, clock) = clocks.get(&app)?;
        (now.duration_since(*at) < CLOCK_LASTS).then_some(*clock)
    }

    fn remember(&self, app: Uuid, now: Timestamp, clock: ClockOffset) {
        let mut clocks = self.0.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        if clocks.len() >= MOST_CLOCKS {
            clocks.retain(|_, (at, _)| now.duration_since(*at) < CLOCK_LASTS);
        }
        if clocks.len() < MOST_CLOCKS || clocks.contains_key(&app) {
            clocks.insert(app, (now, clock));
        }
    }

    fn ways(&self) -> Result<&Ways, LoginError> {
        if let Some(ways) = self.0.ways.get() {
            return Ok(ways);
        }
        let ways = Ways::new(self.0.ca_pem.as_deref())?;
        Ok(self.0.ways.get_or_init(|| ways))
    }
}

/// What is wrong is said once, by whoever saw it first.
fn once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        if !kept
            .iter()
            .any(|known| known.code == finding.code && known.weight == finding.weight)
        {
            kept.push(finding);
        }
    }
    kept
}
