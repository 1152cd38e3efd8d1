//! The person's second factors: an app for one-time codes, and recovery codes.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_directory::{
    Level, User,
    factors::{self, Enrolled, Outcome, TotpDraft},
};
use doorward_store::StoreError;
use http::StatusCode;
use serde::Deserialize;

use super::{log_in_first, sessions::foreign_form, step_up};
use crate::{
    Door, answer,
    answer::see_other,
    cookies::Kind,
    failure::{Answer, Failure},
    login::second::{ask::problem, seals},
    pages::{self, AddApp, CodeProblem, Factors, FactorsNotice, NewRecoveryCodes, SetUp, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notice {
    done: Option<String>,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct FactorsForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    draft: String,
    #[serde(default)]
    code: String,
}

/// GET `/account/factors`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(notice): Query<Notice>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::FACTORS));
    };
    let has = door.directory.enrolled(who.session.user_id).await?;
    let demand = door.directory.demand(&who.facts, None, visit.now).await?;
    let csrf = session::form_token(&door, &who.session);
    let view = Factors {
        app_since: has.totp,
        recovery_left: has
            .is_any()
            .then(|| usize::try_from(has.recovery_codes).unwrap_or_default()),
        is_demanded: has.reaches() < demand.soon,
        now: visit.now,
        csrf: &csrf,
        notice: (notice.done.as_deref() == Some("removed")).then_some(FactorsNotice::Removed),
    };
    let html = pages::factors(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

/// Whoever has a factor proves it before they change what there is: a borrowed browser, and one that is remembered, must not
/// be enough.
pub(super) fn needs(has: &Enrolled) -> Level {
    if has.is_any() { Level::Second } else { Level::Any }
}

/// Who may change their factors now, or where they have to go first.
async fn permitted(door: &Door, visit: &Visit, back: &str) -> Result<Result<(LoggedIn, Enrolled), Response>, Failure> {
    let Some(who) = session::current(door, visit).await? else {
        return Ok(Err(log_in_first(door, visit, back)));
    };
    let has = door.directory.enrolled(who.session.user_id).await?;
    Ok(match step_up(door, visit, &who, needs(&has), back) {
        Some(response) => Err(response),
        None => Ok((who, has)),
    })
}

/// GET `/account/factors/app`.
pub(crate) async fn app(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    Ok(match permitted(&door, &visit, path::FACTORS_APP).await? {
        Ok((who, has)) => form(&door, &visit, &who, &has, (&TotpDraft::draw(&seals(&door)), None)),
        Err(response) => response,
    })
}

/// POST `/account/factors/app`: the first code of the app.
pub(crate) async fn add_app(State(door): State<Arc<Door>>, visit: Visit, Form(sent): Form<FactorsForm>) -> Answer {
    let (who, has) = match permitted(&door, &visit, path::FACTORS_APP).await? {
        Ok(permitted) => permitted,
        Err(response) => return Ok(response),
    };
    if !session::form_is_ours(&door, &visit, &who.session, &sent.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let seals = seals(&door);
    let user = who.session.user_id;
    let draft = TotpDraft::open(&seals, user, &sent.draft, visit.now);
    let (Some(draft), Some(again)) = (draft, TotpDraft::open(&seals, user, &sent.draft, visit.now)) else {
        return Ok(see_other(path::FACTORS_APP));
    };
    let code: String = sent.code.split_whitespace().collect();
    if code.is_empty() {
        return Ok(form(&door, &visit, &who, &has, (&again, Some(CodeProblem::Empty))));
    }
    let cookie = visit.cookie(&door, Kind::Browser).map(str::to_owned);
    let person: User = who.facts.user.clone();
    let tried = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            if let Some(retry_after) = factors::charge(tx, cookie.as_deref(), user)? {
                return Ok(Err(Outcome::Spent { retry_after }));
            }
            Ok(factors::enrol_totp(tx, &seals, &person, &draft, &code)?.ok_or(Outcome::Wrong))
        })
        .await?;
    match tried {
        Ok(codes) if codes.is_empty() => Ok(see_other(path::FACTORS)),
        Ok(codes) => Ok(shown_codes(&door, &visit, &who, &codes, true)),
        Err(outcome) => Ok(form(&door, &visit, &who, &has, (&again, problem(&outcome)))),
    }
}

/// POST `/account/factors/app/remove`.
pub(crate) async fn remove_app(State(door): State<Arc<Door>>, visit: Visit, Form(sent): Form<FactorsForm>) -> Answer {
    let (who, _) = match permitted(&door, &visit, path::FACTORS).await? {
        Ok(permitted) => permitted,
        Err(response) => return Ok(response),
    };
    if !session::form_is_ours(&door, &visit, &who.session, &sent.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let (seals, person) = (seals(&door), who.facts.user.clone());
    door.store
        .write::<_, StoreError>(visit.now, move |tx| factors::remove_totp(tx, &seals, &person))
        .await?;
    Ok(see_other(&format!("{}?done=removed", path::FACTORS)))
}

/// POST `/account/factors/recovery`: a new set.
pub(crate) async fn recovery(State(door): State<Arc<Door>>, visit: Visit, Form(sent): Form<FactorsForm>) -> Answer {
    let (who, has) = match permitted(&door, &visit, path::FACTORS).await? {
        Ok(permitted) => permitted,
        Err(response) => return Ok(response),
    };
    if !session::form_is_ours(&door, &visit, &who.session, &sent.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    if !has.is_any() {
        return Ok(see_other(path::FACTORS));
    }
    let (seals, person) = (seals(&door), who.facts.user.clone());
    let codes = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| factors::new_recovery_codes(tx, &seals, &person))
        .await?;
    Ok(shown_codes(&door, &visit, &who, &codes, false))
}

fn shown_codes(door: &Door, visit: &Visit, who: &LoggedIn, codes: &[String], first: bool) -> Response {
    let view = NewRecoveryCodes {
        codes,
        first,
        passkey: false,
    };
    let html = pages::new_recovery_codes(&view, &visit.chrome(door, Some(who.viewer())));
    answer::page(StatusCode::OK, html, &[])
}

fn form(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    has: &Enrolled,
    (draft, problem): (&TotpDraft, Option<CodeProblem>),
) -> Response {
    let uri = draft.uri(door.brand.name(), who.facts.user.name.as_str());
    let typed = draft.typed();
    let sealed = draft.seal(&seals(door), who.session.user_id, visit.now);
    let csrf = session::form_token(door, &who.session);
    let view = AddApp {
        set_up: SetUp {
            uri: &uri,
            typed: &typed,
            draft: &sealed,
            problem,
        },
        replaces: has.totp.is_some(),
        csrf: &csrf,
    };
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let html = pages::add_app(&view, &visit.chrome(door, Some(who.viewer())));
    answer::page(status, html, &[])
}
