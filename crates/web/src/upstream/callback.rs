//! Back from an upstream, with an answer.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use doorward_audit::{Reference, TraceOutcome};
use doorward_directory::{Proof, within};
use doorward_login::{LoginError, Verified};
use doorward_oidc::{Parameters, encode};
use doorward_store::{Tx, sessions::Session};
use doorward_upstreams::{Accepted, Arrival, Upstream, Upstreams, UpstreamsError};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Purpose, begin, confirm, preview, turned_away};
use crate::{
    Door,
    answer::see_other,
    failure::Answer,
    login::{
        OpenAttempt, entering,
        second::{self, Asked, Half, Verdict, judge},
    },
    session::{self, Beginning, Entrance, LoggedIn, Threshold},
    trail::Trail,
    visit::Visit,
};

/// Where upstreams send people back to.
pub(crate) const PATH: &str = "/upstream/{name}/callback";

/// POST: an answer as a form (`response_mode=form_post`). The browser sends our cookies with the GET that follows, not with
/// a form of another site.
pub(crate) async fn form(Path(name): Path<String>, body: Bytes) -> Response {
    let query = Parameters::parse(&body)
        .map(|parameters| encode(parameters.iter()))
        .unwrap_or_default();
    let segment = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    see_other(&format!("/upstream/{segment}/callback?{query}"))
}

/// GET: the answer in the query.
pub(crate) async fn query(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let snapshot = door.upstreams.snapshot().await?;
    let Some(upstream) = snapshot.find(&name).filter(|upstream| upstream.enabled).cloned() else {
        return Ok(see_other("/login"));
    };
    let trail = Trail::begin(&door, &visit, "upstream");
    let parameters = match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(refusal) => {
            let error = LoginError::Response(refusal);
            return turned_away::by_library(&door, &visit, &upstream, &error, None, trail).await;
        }
    };
    let login = match door.upstreams.login(&upstream) {
        Ok(login) => login,
        Err(error) => return turned_away::by_service(&door, &visit, &upstream, error, None, trail).await,
    };
    // Without our cookie there is no login of this browser to look for.
    let bindings = visit.bindings(&door);
    let answer = if bindings.is_empty() {
        Err(LoginError::Browser)
    } else {
        login.finish_in(&parameters, &bindings).await
    };
    match answer {
        Ok(verified) => arrived(&door, &visit, &upstream, &verified, trail).await,
        // Too late: the person has authenticated there just now, so that beginning anew costs them nothing.
        Err(LoginError::Expired(options)) => begin::to_upstream(&door, &visit, &upstream.name, *options, trail).await,
        Err(error) => turned_away::by_library(&door, &visit, &upstream, &error, None, trail).await,
    }
}

/// The answer holds: on with what the login was for.
async fn arrived(door: &Door, visit: &Visit, upstream: &Arc<Upstream>, verified: &Verified, trail: Trail) -> Answer {
    let purpose = Purpose::decode(&verified.return_to);
    let arrival = match door.upstreams.arrive(upstream, verified).await {
        Ok(arrival) => arrival,
        Err(error) => return turned_away::by_service(door, visit, upstream, error, purpose, trail).await,
    };
    match purpose {
        Some(Purpose::Connect(session)) => confirm::ask(door, visit, upstream, arrival, session, trail).await,
        Some(Purpose::Preview(session)) => preview::finish(door, visit, upstream, arrival, session, trail).await,
        Some(Purpose::Login(attempt)) => log_in(door, visit, upstream, arrival, &attempt).await,
        None => Ok(see_other("/login")),
    }
}

async fn log_in(door: &Door, visit: &Visit, upstream: &Arc<Upstream>, arrival: Arrival, attempt: &str) -> Answer {
    let attempt = match OpenAttempt::find(door, visit, attempt).await? {
        Some(attempt) => attempt,
        // The application's request has ended; the person still gets in here.
        None => OpenAttempt::for_page(door, visit, crate::pages::path::START).0,
    };
    // One login is one trace: it goes on with that of its attempt.
    let mut trail = attempt.trail("upstream");
    trail
        .steps
        .ok("upstream.answer", format!("the answer of {} holds", upstream.name));
    let context = turned_away::context(visit, &trail);
    let before = session::of_browser(door, visit).await?;
    let open = Opening {
        upstreams: door.upstreams.clone(),
        threshold: Threshold::new(door, visit, before.as_ref()),
        asked: second::asked(door, visit, &attempt.errand, true).await?,
        attempt: attempt.value(),
        reserved: doorward_store::new_id(visit.now, &*door.random),
        arrival: arrival.clone(),
        reference: trail.reference,
    };
    let open = move |tx: &mut Tx<'_>, accepted: &Accepted| open.write(tx, accepted);
    let (accepted, opened) = match door.upstreams.accept(&arrival, None, &context, visit.now, open).await {
        Ok(entered) => entered,
        Err(error) => {
            let purpose = Some(Purpose::Login(attempt.value()));
            return turned_away::by_service(door, visit, upstream, error, purpose, trail).await;
        }
    };
    tell(&accepted, &mut trail);
    let facts = door.directory.facts(accepted.user.id).await?;
    let (beginning, session, facts) = match (opened, facts) {
        (Opened::Begun(beginning, session), Some(facts)) => (beginning, *session, facts),
        (Opened::Half(half), _) => {
            trail.steps.info("login.second", "a second factor is asked for");
            return Ok(second::go(door, visit, &attempt, &half, trail));
        }
        _ => {
            trail
                .steps
                .info("upstream.session", "the session to renew ended meanwhile");
            trail.close(door, visit, TraceOutcome::InProgress);
            return Ok(see_other("/login"));
        }
    };
    let logged_in = LoggedIn { session, facts };
    entering::go_on(door, visit, attempt, &beginning, logged_in, trail).await
}

/// What was written for an arrival.
enum Opened {
    /// The session.
    Begun(Box<Beginning>, Box<Session>),
    /// Nothing yet but by which names the upstream knows the session that is to be: a second factor is asked for.
    Half(Box<Half>),
    /// The session to renew ended meanwhile.
    Ended,
}

/// What is written together with the identity: the session, its event, and by which names the upstream knows it. What ends
/// the one in between then ends, or comes before, the other.
struct Opening {
    upstreams: Upstreams,
    threshold: Threshold,
    asked: Asked,
    attempt: String,
    reserved: Uuid,
    arrival: Arrival,
    reference: Reference,
}

impl Opening {
    fn write(&self, tx: &mut Tx<'_>, accepted: &Accepted) -> Result<Opened, UpstreamsError> {
        let arrival = &self.arrival;
        let entrance = Entrance {
            user_id: accepted.user.id,
            amr: accepted.amr.clone(),
            authenticated: arrival.auth_time.and_then(|at| Timestamp::from_second(at).ok()),
            ends: accepted.not_after,
            proof: Proof::by_upstream(accepted.user.id),
            is_backup: false,
        };
        let Some(facts) = within::facts(tx, accepted.user.id)? else {
            return Ok(Opened::Ended);
        };
        let verdict = judge(tx, &facts, &self.asked, &entrance.amr)?;
        if verdict != Verdict::In {
            self.upstreams
                .note_session(tx, self.reserved, arrival, self.threshold.absolute)?;
            let half = Half::through(&self.attempt, &entrance, verdict, self.reserved, tx.now());
            return Ok(Opened::Half(Box::new(half)));
        }
        let beginning = self.threshold.cross(&entrance);
        let Some(session) = entering::write(tx, &beginning, accepted.user.name.as_str(), self.reference)? else {
            return Ok(Opened::Ended);
        };
        self.upstreams
            .note_session(tx, session.id, arrival, self.threshold.absolute)?;
        Ok(Opened::Begun(Box::new(beginning), Box::new(session)))
    }
}

/// What every rule said, as steps of the trace.
fn tell(accepted: &Accepted, trail: &mut Trail) {
    trail.user(&accepted.user.name);
    for reason in &accepted.evaluation.reasons {
        trail.steps.info("upstream.rule", reason.to_string());
    }
    for note in &accepted.notes {
        trail.steps.info("upstream.rule", note.clone());
    }
    trail.steps.ok(
        "upstream.account",
        format!("{} ({})", accepted.user.name, accepted.how.as_str()),
    );
}
