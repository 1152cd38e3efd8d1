//! Setting up a factor on the way in, because a policy demands one or will.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use doorward_directory::{
    Level,
    factors::{self, Outcome, Proven, TotpDraft},
    within,
};
use doorward_store::Tx;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{
    Half, Verdict,
    ask::{HalfQuery, again, problem, status},
    complete, enrol_passkey,
    finish::{Begun, Finished, try_and_begin},
    seals,
};
use crate::{
    Door, answer,
    answer::{see_other, with_header},
    cookies::Kind,
    failure::Answer,
    login::{
        Errand, OpenAttempt,
        flow::{app_ref, origin_of, proceed},
    },
    pages::{self, CodeProblem, EnrolFactor, EnrolPasskey, RecoveryCodes, SetUp},
    session,
    visit::Visit,
};

/// A code that was shown on this very page proves that there is an app.
const SET_UP: Proven = Proven {
    factor: "totp",
    amr: &["otp", "mfa"],
    is_memorable: true,
};

/// Nothing was proved: it is put off.
const LATER: Proven = Proven {
    factor: "put off",
    amr: &[],
    is_memorable: false,
};

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct EnrolForm {
    #[serde(default)]
    half: String,
    #[serde(default)]
    draft: String,
    #[serde(default)]
    code: String,
}

/// GET `/login/second/enrol`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<HalfQuery>) -> Answer {
    let Some(half) = Half::open(&door, &visit, &query.half) else {
        return Ok(again(None));
    };
    page(&door, &visit, (&query.half, &half), None, None).await
}

/// POST `/login/second/enrol`: the first code of the app.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EnrolForm>) -> Answer {
    let half = if visit.is_same_origin(&door) {
        Half::open(&door, &visit, &form.half)
    } else {
        None
    };
    let Some(half) = half.filter(may_set_up_an_app) else {
        return Ok(again(None));
    };
    let seals = seals(&door);
    let Some(draft) = TotpDraft::open(&seals, half.user, &form.draft, visit.now) else {
        return Ok(see_other(&format!("{}?half={}", super::ENROL, form.half)));
    };
    let (user, code) = (half.user, form.code.split_whitespace().collect::<String>());
    let cookie = visit.cookie(&door, Kind::Browser).map(str::to_owned);
    let kept = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (keep, enrolling) = (Arc::clone(&kept), draft.seal(&seals, half.user, visit.now));
    let tried = try_and_begin(&door, &visit, half.clone(), false, move |tx: &mut Tx<'_>| {
        if let Some(retry_after) = factors::charge(tx, cookie.as_deref(), user)? {
            return Ok(Outcome::Spent { retry_after });
        }
        let Some(person) = within::user(tx, user)? else {
            return Ok(Outcome::Wrong);
        };
        // One may have been set up in the meantime: whoever has it proves it first.
        if factors::enrolled(tx, user)?.is_any() {
            return Ok(Outcome::Wrong);
        }
        match factors::enrol_totp(tx, &seals, &person, &draft, &code)? {
            Some(codes) => {
                if let Ok(mut keep) = keep.lock() {
                    *keep = codes;
                }
                Ok(Outcome::Right(SET_UP))
            }
            None => Ok(Outcome::Wrong),
        }
    })
    .await?;
    match tried {
        Finished::Begun(begun) => {
            let codes = kept.lock().map(|codes| codes.clone()).unwrap_or_default();
            shown(&door, &visit, *begun, &codes).await
        }
        Finished::On(response) => Ok(response),
        Finished::Not(outcome) => {
            let Some(draft) = TotpDraft::open(&super::seals(&door), half.user, &enrolling, visit.now) else {
                return Ok(again(Some(&half)));
            };
            page(&door, &visit, (&form.half, &half), Some(draft), problem(&outcome)).await
        }
        Finished::Ended => Ok(again(Some(&half))),
    }
}

/// The recovery codes that came with a new factor, once, and the way on.
pub(super) async fn shown(door: &Door, visit: &Visit, mut begun: Begun, codes: &[String]) -> Answer {
    let on = match &mut begun.attempt.errand {
        Errand::Page(path) | Errand::StepUp(path, _) => path.clone(),
        Errand::App { progress, .. } => {
            progress.authenticated = Some(begun.beginning.id());
            begun.attempt.save(door, visit).await?;
            format!("{ON}?attempt={}", begun.attempt.value())
        }
    };
    let view = RecoveryCodes {
        codes,
        on: &on,
        username: begun.logged_in.facts.user.name.as_str(),
    };
    let html = pages::recovery_codes(&view, &visit.chrome(door, None));
    Ok(begun.dress(door, answer::page(StatusCode::OK, html, &[])))
}

/// Where an errand goes on after recovery codes were shown.
pub(crate) const ON: &str = "/login/on";

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct OnQuery {
    #[serde(default)]
    attempt: String,
}

/// GET `/login/on`: the person has seen what there was to see.
pub(crate) async fn on(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<OnQuery>) -> Answer {
    let Some(attempt) = OpenAttempt::find(&door, &visit, &query.attempt).await? else {
        return Ok(see_other("/"));
    };
    let logged_in = session::of_browser(&door, &visit).await?;
    let trail = attempt.trail("login");
    proceed(&door, &visit, attempt, logged_in, trail).await
}

/// POST `/login/second/later`: not now, where policy still lets them.
pub(crate) async fn later(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EnrolForm>) -> Answer {
    let half = if visit.is_same_origin(&door) {
        Half::open(&door, &visit, &form.half)
    } else {
        None
    };
    let Some(half) = half else { return Ok(again(None)) };
    // What policy says in the unit of work counts, not what this page was made from.
    match complete(&door, &visit, half.clone(), false, |_| Ok(Outcome::Right(LATER))).await? {
        Finished::On(response) => Ok(response),
        _ => Ok(again(Some(&half))),
    }
}

/// An app sets up a second factor, not a passkey; and only who has nothing to prove sets up something.
fn may_set_up_an_app(half: &Half) -> bool {
    matches!(
        half.verdict,
        Verdict::Enrol {
            needs: Level::Second,
            ..
        }
    )
}

/// The page with what can be set up. An app that somebody was about to set up stays the same (`draft`).
pub(super) async fn page(
    door: &Door,
    visit: &Visit,
    (value, half): (&str, &Half),
    draft: Option<TotpDraft>,
    problem: Option<CodeProblem>,
) -> Answer {
    let Verdict::Enrol { may_wait_until, needs } = half.verdict else {
        return Ok(again(Some(half)));
    };
    let Some(attempt) = OpenAttempt::find(door, visit, &half.attempt).await? else {
        return Ok(again(None));
    };
    let Some(user) = door.directory.user(half.user).await? else {
        return Ok(again(None));
    };
    let snapshot = door.snapshots.current().await?;
    let request = attempt.errand.request();
    let app = request.and_then(|request| snapshot.find(&request.client_id));
    let draft = draft.unwrap_or_else(|| TotpDraft::draw(&seals(door)));
    let uri = draft.uri(door.brand.name(), user.name.as_str());
    let typed = draft.typed();
    let sealed = draft.seal(&seals(door), half.user, visit.now);
    let set_up = SetUp {
        uri: &uri,
        typed: &typed,
        draft: &sealed,
        problem: problem.filter(|problem| !of_passkey(*problem)),
    };
    let view = EnrolFactor {
        app: app.map(|app| app_ref(app)),
        action: super::ENROL,
        later: may_wait_until.map(|until| (LATER_PATH, until)),
        half: value,
        username: user.name.as_str(),
        passkey: door.relying_party.is_some().then_some(EnrolPasskey {
            action: enrol_passkey::PATH,
            options: enrol_passkey::OPTIONS,
            user_agent: visit.user_agent(),
            problem: problem.filter(|problem| of_passkey(*problem)),
        }),
        app_codes: (needs < Level::Passkey).then_some(set_up),
        now: visit.now,
    };
    let target = request
        .map(|request| origin_of(&request.reply_to.redirect_uri))
        .unwrap_or_default();
    let (status, retry) = status(problem);
    let html = pages::enrol_factor(&view, &visit.chrome(door, None));
    let response = if view.passkey.is_some() {
        answer::passkey_page(status, html, &[&target])
    } else {
        answer::page(status, html, &[&target])
    };
    Ok(match retry {
        Some(seconds) => with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds)),
        None => response,
    })
}

fn of_passkey(problem: CodeProblem) -> bool {
    matches!(problem, CodeProblem::Passkey | CodeProblem::UntrustedPasskey)
}

/// Where putting off goes.
pub(crate) const LATER_PATH: &str = "/login/second/later";
