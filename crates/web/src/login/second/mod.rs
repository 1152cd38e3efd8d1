//! The second step of a login. The first factor is proved and nothing has begun: what is known so far travels with the browser
//! ([`Half`], sealed), until all that is asked for is proved, and only then the session begins.
//!
//! Whoever proves a first factor calls [`pass`]; whoever proves a second one calls [`complete`] with a closure that proves it
//! in the unit of work that begins the session. Passkeys are a second factor like any other: their form stands beside that
//! of the codes in `templates/second.html`, and its handler calls [`complete`]. Who lacks what is asked sets it up on the way:
//! an app in [`enrol`], a passkey in [`enrol_passkey`].

pub(crate) mod ask;
pub(crate) mod enrol;
pub(crate) mod enrol_passkey;
mod finish;
mod half;
mod judge;
pub(crate) mod passkey;

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::TraceOutcome;
use doorward_directory::{Facts, factors};
use doorward_provider::authorize::wished;
use doorward_store::StoreError;

pub(crate) use finish::complete;
pub(crate) use half::Half;
pub(crate) use judge::{Asked, Verdict, judge};

use super::{Errand, OpenAttempt, entering};
use crate::{
    Door,
    answer::see_other,
    cookies::Kind,
    failure::Failure,
    session::{Entrance, LoggedIn, Threshold},
    trail::Trail,
    visit::Visit,
};

/// Where the second factor is asked for.
pub(crate) const PATH: &str = "/login/second";
/// Where one is set up on the way in.
pub(crate) const ENROL: &str = "/login/second/enrol";

/// What seals and draws, for the directory.
pub(crate) fn seals(door: &Door) -> factors::Seals {
    factors::Seals {
        master: Arc::clone(&door.master),
        random: Arc::clone(&door.random),
        outbox: door.directory.outbox().clone(),
    }
}

/// What this errand asks of the login besides what policy asks of everybody.
pub(crate) async fn asked(door: &Door, visit: &Visit, errand: &Errand, by_upstream: bool) -> Result<Asked, Failure> {
    let mut asked = Asked {
        app: None,
        wish: doorward_provider::authorize::Wish::default(),
        by_upstream,
        cookie: visit.cookie(door, Kind::Browser).map(str::to_owned),
        now: visit.now,
    };
    match errand {
        Errand::App { request, .. } => {
            let snapshot = door.snapshots.current().await?;
            asked.app = snapshot.find(&request.client_id).map(|app| app.id);
            asked.wish = wished(request);
        }
        Errand::StepUp(_, level) => asked.wish.essential = *level,
        Errand::Page(_) => {}
    }
    Ok(asked)
}

/// What a login lacks that has proved this much; none when all is proved.
pub(crate) async fn lacking(
    door: &Door,
    visit: &Visit,
    attempt: &OpenAttempt,
    entrance: &Entrance,
    facts: &Arc<Facts>,
) -> Result<Option<Half>, Failure> {
    let asked = asked(door, visit, &attempt.errand, false).await?;
    let (amr, known) = (entrance.amr.clone(), Arc::clone(facts));
    let verdict = door
        .store
        .read::<_, StoreError>(move |tx| judge(tx, &known, &asked, &amr))
        .await?;
    Ok((verdict != Verdict::In).then(|| Half::new(attempt, entrance, verdict, visit.now)))
}

/// A password, or what stands for one, was right: the session begins, or the second step does. `None` when what it rests on
/// ended meanwhile.
pub(crate) async fn pass(
    door: &Door,
    visit: &Visit,
    attempt: OpenAttempt,
    before: Option<&LoggedIn>,
    (entrance, facts): (&Entrance, &Arc<Facts>),
    mut trail: Trail,
) -> Result<Option<Response>, Failure> {
    if let Some(half) = lacking(door, visit, &attempt, entrance, facts).await? {
        trail.steps.info("login.second", half.verdict.as_str());
        Ok(Some(go(door, visit, &attempt, &half, trail)))
    } else {
        let threshold = Threshold::new(door, visit, before);
        entering::enter(door, visit, attempt, &threshold, (entrance, facts), trail).await
    }
}

/// Sends the browser to the second step.
pub(crate) fn go(door: &Door, visit: &Visit, attempt: &OpenAttempt, half: &Half, trail: Trail) -> Response {
    let path = match half.verdict {
        Verdict::Enrol { .. } => ENROL,
        _ => PATH,
    };
    trail.close(door, visit, TraceOutcome::InProgress);
    see_other(&format!("{path}?half={}", half.seal(door, attempt.binding())))
}
