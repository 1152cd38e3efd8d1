//! One more factor is tried: proof, session, event and the memory of the browser in one unit of work.

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::{Event, Reference, TraceOutcome, events};
use doorward_directory::{
    Facts, KnownBrowser, Level,
    factors::{self, Outcome, Proven},
    within,
};
use doorward_jose::Secret;
use doorward_store::{StoreError, Ticket, Tx, sessions::Session};
use doorward_upstreams::{Upstreams, UpstreamsError};
use http::header;

use super::{Asked, Half, Verdict, asked, go, judge};
use crate::{
    Door,
    answer::with_header,
    cookies::Kind,
    failure::Failure,
    login::{OpenAttempt, entering, password::REMEMBER_BROWSER},
    session::{self, Beginning, LoggedIn, Threshold},
    telemetry,
    trail::Trail,
    visit::Visit,
};

/// What came of a try.
pub(crate) enum Finished {
    /// On with it: the session has begun, or one more step follows.
    On(Response),
    /// The session has begun, and there is something to show before the errand goes on.
    Begun(Box<Begun>),
    /// Not right; to be shown on the form.
    Not(Outcome),
    /// What the login rests on ended meanwhile.
    Ended,
}

/// A session that has begun.
pub(crate) struct Begun {
    pub(crate) attempt: OpenAttempt,
    pub(crate) beginning: Beginning,
    pub(crate) logged_in: LoggedIn,
    pub(crate) trail: Trail,
    browser: Option<KnownBrowser>,
}

impl Begun {
    /// Sets the cookies.
    pub(crate) fn dress(&self, door: &Door, response: Response) -> Response {
        let response = with_header(response, header::SET_COOKIE, self.beginning.cookie(door));
        with_browser(door, response, self.browser.as_ref())
    }
}

/// Tries a factor and, when it was the last that is lacking, begins the session and goes on with the errand. `prove` runs in the
/// unit of work that begins the session; what it writes is committed in any case.
pub(crate) async fn complete(
    door: &Door,
    visit: &Visit,
    half: Half,
    is_to_be_remembered: bool,
    prove: impl FnOnce(&mut Tx<'_>) -> Result<Outcome, StoreError> + Send + 'static,
) -> Result<Finished, Failure> {
    match try_and_begin(door, visit, half, is_to_be_remembered, prove).await? {
        Finished::Begun(begun) => {
            let Begun {
                attempt,
                beginning,
                logged_in,
                trail,
                browser,
            } = *begun;
            let response = entering::go_on(door, visit, attempt, &beginning, logged_in, trail).await?;
            Ok(Finished::On(with_browser(door, response, browser.as_ref())))
        }
        other => Ok(other),
    }
}

fn with_browser(door: &Door, response: Response, browser: Option<&KnownBrowser>) -> Response {
    match browser
        .and_then(|browser| browser.set_cookie.as_ref())
        .map(Secret::expose)
    {
        Some(value) => {
            let cookie = door.cookies.set(Kind::Browser, value, Some(REMEMBER_BROWSER));
            with_header(response, header::SET_COOKIE, cookie)
        }
        None => response,
    }
}

/// The same, stopping before the errand goes on.
pub(super) async fn try_and_begin(
    door: &Door,
    visit: &Visit,
    half: Half,
    is_to_be_remembered: bool,
    prove: impl FnOnce(&mut Tx<'_>) -> Result<Outcome, StoreError> + Send + 'static,
) -> Result<Finished, Failure> {
    let Some(attempt) = OpenAttempt::find(door, visit, &half.attempt).await? else {
        return Ok(Finished::Ended);
    };
    let mut trail = attempt.trail("login");
    let before = session::of_browser(door, visit).await?;
    let unit = Unit {
        asked: asked(door, visit, &attempt.errand, half.reserved.is_some()).await?,
        threshold: Threshold::new(door, visit, before.as_ref()),
        fresh: Ticket::new(visit.now, &*door.random),
        upstreams: door.upstreams.clone(),
        address: visit.client.address.to_string(),
        reference: trail.reference,
        is_to_be_remembered,
        half,
    };
    let written = door
        .store
        .write::<_, UpstreamsError>(visit.now, move |tx| unit.write(tx, prove))
        .await?;
    match written {
        Written::Not { outcome, facts } => {
            trail.user(&facts.user.name);
            if let Some(refusal) = outcome.refusal() {
                trail.refused("login.second", &refusal);
            }
            metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
            trail.close(door, visit, TraceOutcome::InProgress);
            Ok(Finished::Not(outcome))
        }
        Written::More { half, proven } => {
            trail.steps.ok("login.second", proven.factor);
            Ok(Finished::On(go(door, visit, &attempt, &half, trail)))
        }
        Written::In {
            session,
            facts,
            beginning,
            browser,
            proven,
        } => {
            trail.user(&facts.user.name);
            trail.steps.ok("login.second", proven.factor);
            let logged_in = LoggedIn {
                session: *session,
                facts,
            };
            Ok(Finished::Begun(Box::new(Begun {
                attempt,
                beginning: *beginning,
                logged_in,
                trail,
                browser,
            })))
        }
        Written::Ended => Ok(Finished::Ended),
    }
}

/// Everything that the unit of work needs on its thread.
struct Unit {
    asked: Asked,
    threshold: Threshold,
    fresh: Ticket,
    upstreams: Upstreams,
    address: String,
    reference: Reference,
    is_to_be_remembered: bool,
    half: Half,
}

enum Written {
    Not {
        outcome: Outcome,
        facts: Arc<Facts>,
    },
    More {
        half: Box<Half>,
        proven: Proven,
    },
    In {
        session: Box<Session>,
        facts: Arc<Facts>,
        beginning: Box<Beginning>,
        browser: Option<KnownBrowser>,
        proven: Proven,
    },
    Ended,
}

impl Unit {
    fn write(
        self,
        tx: &mut Tx<'_>,
        prove: impl FnOnce(&mut Tx<'_>) -> Result<Outcome, StoreError>,
    ) -> Result<Written, UpstreamsError> {
        let user = self.half.user;
        // Whoever takes the person's factors or their access away comes before, or waits for this unit.
        if !within::lock_enabled(tx, user)? {
            return Ok(Written::Ended);
        }
        // Before anything is tried: what `prove` writes stays, a new factor among it.
        if !self.half.holds(tx)? {
            return Ok(Written::Ended);
        }
        let Some(facts) = within::facts(tx, user)?.map(Arc::new) else {
            return Ok(Written::Ended);
        };
        let outcome = prove(tx)?;
        let Outcome::Right(proven) = outcome else {
            if outcome == Outcome::Wrong {
                self.record_wrong(tx, &facts)?;
            }
            return Ok(Written::Not { outcome, facts });
        };
        let mut half = self.half.with(proven.amr);
        half.verdict = judge(tx, &facts, &self.asked, &half.amr)?;
        let may_wait = matches!(
            half.verdict,
            Verdict::Enrol {
                may_wait_until: Some(_),
                ..
            }
        );
        if half.verdict != Verdict::In && !may_wait {
            return Ok(Written::More {
                half: Box::new(half),
                proven,
            });
        }
        let beginning = self.threshold.cross(&half.entrance());
        if let Some(reserved) = half.reserved
            && !self.upstreams.adopt_session(tx, reserved, beginning.id(), user)?
        {
            return Ok(Written::Ended);
        }
        let Some(session) = entering::write(tx, &beginning, facts.user.name.as_str(), self.reference)? else {
            return Ok(Written::Ended);
        };
        let level = Level::of_amr(&half.amr);
        let browser = if level > Level::Any {
            let cookie = self.asked.cookie.as_deref();
            let is_to_be_remembered = self.is_to_be_remembered && proven.is_memorable;
            Some(factors::note_browser(
                tx,
                cookie,
                &self.fresh,
                user,
                level,
                is_to_be_remembered,
            )?)
        } else {
            None
        };
        Ok(Written::In {
            session: Box::new(session),
            facts,
            beginning: Box::new(beginning),
            browser,
            proven,
        })
    }

    fn record_wrong(&self, tx: &mut Tx<'_>, facts: &Facts) -> Result<(), StoreError> {
        let name = facts.user.name.as_str();
        let event = Event::new("login", doorward_audit::Actor::new(facts.user.id, name, "login"))
            .refused(factors::WRONG_CODE)
            .from_address(self.address.clone())
            .in_trace(Some(self.reference));
        events::record(tx, &event)?;
        Ok(())
    }
}
