//! The whole look at an application, and what is remembered of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use doorward_apps::{App, Preset};
use doorward_jose::Random;
use doorward_login::{ClockOffset, LoginError};
use doorward_provider::{KeyRing, Server};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::{
    Cause, Finding, Place, Ways, Weight, backup, clock,
    headers::{self, Awaited},
    installation::{self, Certificate},
    logout, registration,
    request::{self, Known, Sent},
    walk::{self, End, Visit},
};

/// Looks at the same time; further ones wait for their turn, and not for long.
const AT_ONCE: usize = 4;
/// How long they wait: about as long as one look takes.
const PATIENCE: Duration = Duration::from_secs(15);
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
    /// As machines go that were told of no authority.
    strangers: OnceLock<Ways>,
    turns: Semaphore,
    clocks: Mutex<HashMap<Uuid, (Timestamp, ClockOffset)>>,
    awaited: Awaited,
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
            strangers: OnceLock::new(),
            turns: Semaphore::new(AT_ONCE),
            clocks: Mutex::default(),
            awaited: Awaited::default(),
        }))
    }

    /// Goes there and looks. It takes some ten seconds.
    ///
    /// # Errors
    /// [`NoLook::Busy`] when others look too, [`NoLook::Setting`] when the configured certificates are none.
    pub async fn look(&self, patient: &Patient<'_>) -> Result<Looked, NoLook> {
        let ways = self.ways()?;
        let _turn = self.turn().await?;
        let app = patient.app;
        let mut findings = registration::judge(app, patient.preset);
        let (walked, knocked) = tokio::join!(
            walk::to_login(ways, app, patient.preset, &patient.authorize),
            logout::knock(ways, app),
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
            end => findings.extend(registration::of_walk(end, app, patient.private_ca, patient.server)),
        }
        let mut measured = None;
        if let Some(url) = &walked.answering {
            measured = clock::measure(ways, app, url).await;
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
    /// As [`Doctor::look`].
    pub async fn installation(
        &self,
        public_url: &str,
        certificate: &Certificate,
        reference: Option<&str>,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Vec<Finding>, NoLook> {
        let (ways, strangers) = (self.ways()?, self.strangers()?);
        let _turn = self.turn().await?;
        let (mut found, time) = tokio::join!(
            installation::outside(ways, strangers, public_url),
            installation::time(ways, reference),
        );
        let leads_here = found
            .iter()
            .any(|one| one.cause == Cause::PublicUrl && one.weight == Weight::Good);
        found.push(time);
        found.extend(installation::certificate(certificate, now));
        let place = &self.0.place;
        let proxies = installation::proxies(place, certificate.source, public_url);
        let ends_tls = certificate.source != "none" || !public_url.starts_with("https:");
        if leads_here {
            match headers::ask(ways, &self.0.awaited, random, public_url).await {
                Ok(asked) => found.extend(headers::judge(&asked, &place.trusted, ends_tls)),
                Err(error) => found.push(Finding::advice(
                    Cause::Headers,
                    "the doctor's own page behind the public URL",
                    logout::unreachable(&error),
                )),
            }
        }
        // What arrived says it better, with the proxy's address.
        let is_said = |finding: &Finding| finding.cause == Cause::Headers && finding.weight == Weight::Problem;
        if proxies.weight != Weight::Problem || !found.iter().any(is_said) {
            found.push(proxies);
        }
        found.extend(place.data.as_deref().map(installation::disk));
        found.extend(backup::look(place.backups.clone(), place.data.clone(), now).await);
        Ok(found)
    }

    /// Whether the doctor itself asks for the page that says what arrives: a token counts once.
    pub fn awaits(&self, token: &str) -> bool {
        self.0.awaited.take(token)
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

    /// A turn, unless the others take too long: for what costs as much as a look.
    ///
    /// # Errors
    /// [`NoLook::Busy`].
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, NoLook> {
        let turn = tokio::time::timeout(PATIENCE, self.0.turns.acquire()).await;
        // Never closed.
        turn.ok().and_then(Result::ok).ok_or(NoLook::Busy)
    }

    fn ways(&self) -> Result<&Ways, NoLook> {
        made_once(&self.0.ways, self.0.ca_pem.as_deref())
    }

    fn strangers(&self) -> Result<&Ways, NoLook> {
        made_once(&self.0.strangers, None)
    }
}

/// Why nobody looked.
#[derive(Debug)]
pub enum NoLook {
    /// As many look as may at the same time, and none was done in time.
    Busy,
    /// The configured certificates are none.
    Setting(LoginError),
}

fn made_once<'a>(ways: &'a OnceLock<Ways>, ca_pem: Option<&[u8]>) -> Result<&'a Ways, NoLook> {
    if let Some(ways) = ways.get() {
        return Ok(ways);
    }
    let made = Ways::new(ca_pem).map_err(NoLook::Setting)?;
    Ok(ways.get_or_init(|| made))
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
