//! The person's passkeys: what is registered, and registering, naming and removing.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_audit::TraceOutcome;
use doorward_directory::{Actor, DirectoryError, MOST_PASSKEYS, PasskeyAdded, PasskeyCeremony, Via};
use doorward_oidc::Refusal;
use doorward_passkeys::RelyingParty;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{log_in_first, proved_first, sessions::foreign_form};
use crate::{
    Door,
    answer::{self, see_other, with_header},
    failure::{Answer, Failure},
    login::second::seals,
    pages::{self, NewRecoveryCodes, PasskeyItem, Passkeys, PasskeysNotice, path},
    passkey::{self, challenge::Purpose},
    session::{self, LoggedIn},
    trail::Trail,
    visit::Visit,
};

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notice {
    done: Option<String>,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct PasskeyForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    passkey: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    answer: String,
}

/// GET `/account/passkeys`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(notice): Query<Notice>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::PASSKEYS));
    };
    let notice = match notice.done.as_deref() {
        Some("added") => Some(PasskeysNotice::Added),
        Some("renamed") => Some(PasskeysNotice::Renamed),
        Some("removed") => Some(PasskeysNotice::Removed),
        _ => None,
    };
    page(&door, &visit, &who, notice).await
}

async fn page(door: &Door, visit: &Visit, who: &LoggedIn, notice: Option<PasskeysNotice>) -> Answer {
    let found = door.directory.passkeys(who.session.user_id).await?;
    let ids: Vec<String> = found.iter().map(|passkey| passkey.id.to_string()).collect();
    let items: Vec<PasskeyItem<'_>> = found
        .iter()
        .zip(&ids)
        .map(|(passkey, id)| PasskeyItem {
            id,
            name: &passkey.name,
            created: passkey.created,
            last_used: passkey.last_used,
            synced: passkey.synced,
            copied: passkey.copied.is_some(),
        })
        .collect();
    let csrf = session::form_token(door, &who.session);
    let view = Passkeys {
        passkeys: &items,
        user_agent: visit.user_agent(),
        full: items.len() >= MOST_PASSKEYS,
        unavailable: door.relying_party.is_none(),
        now: visit.now,
        csrf: &csrf,
        notice,
    };
    let status = match notice {
        None | Some(PasskeysNotice::Added | PasskeysNotice::Renamed | PasskeysNotice::Removed) => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let html = pages::passkeys(&view, &visit.chrome(door, Some(who.viewer())));
    Ok(answer::passkey_page(status, html, &[]))
}

/// POST `/account/passkeys/options`: what the browser is to ask of an authenticator, or where to go first (`next`).
pub(crate) async fn options(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(first(log_in_first(&door, &visit, path::PASSKEYS)));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(answer::json(StatusCode::FORBIDDEN, &json!({ "next": path::PASSKEYS })));
    }
    if let Some(away) = proved_first(&door, &visit, &who, path::PASSKEYS).await? {
        return Ok(first(away));
    }
    let Some(party) = &door.relying_party else {
        return Ok(answer::json(StatusCode::CONFLICT, &json!({ "next": path::PASSKEYS })));
    };
    let options = passkey::ask_new(&door, &visit, party, &purpose(&who), &who.facts.user).await?;
    Ok(answer::json(StatusCode::OK, &options))
}

/// The same way for a script: it follows `next`, and the browser has the cookie.
fn first(mut redirect: Response) -> Response {
    let next = redirect
        .headers()
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok());
    let answer = answer::json(StatusCode::FORBIDDEN, &json!({ "next": next.unwrap_or("/login") }));
    match redirect.headers_mut().remove(header::SET_COOKIE) {
        Some(cookie) => with_header(answer, header::SET_COOKIE, cookie),
        None => answer,
    }
}

fn purpose(who: &LoggedIn) -> Purpose<'static> {
    Purpose::Register {
        session: who.session.id,
    }
}

/// POST `/account/passkeys/add`.
pub(crate) async fn add(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let who = match ours(&door, &visit, &form).await? {
        Ok(who) => who,
        Err(response) => return Ok(response),
    };
    if form.answer.is_empty() {
        return page(&door, &visit, &who, Some(PasskeysNotice::NoScript)).await;
    }
    if let Some(away) = proved_first(&door, &visit, &who, path::PASSKEYS).await? {
        return Ok(away);
    }
    let Some(party) = &door.relying_party else {
        return page(&door, &visit, &who, None).await;
    };
    let mut trail = Trail::begin(&door, &visit, "passkey");
    trail.user(&who.facts.user.name);
    match register(&door, &visit, &who, party, &form).await {
        Ok(added) => {
            trail.steps.ok("passkey.register", "a passkey was registered");
            trail.close(&door, &visit, TraceOutcome::Ok);
            Ok(if added.recovery_codes.is_empty() {
                done("added")
            } else {
                shown_codes(&door, &visit, &who, &added.recovery_codes)
            })
        }
        Err(DirectoryError::Refused(refusal)) => {
            trail.refused("passkey.register", &refusal);
            trail.close(&door, &visit, TraceOutcome::Refused);
            page(&door, &visit, &who, Some(notice_of(&refusal))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn register(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    party: &RelyingParty,
    form: &PasskeyForm,
) -> Result<PasskeyAdded, DirectoryError> {
    let (answer, ends) = passkey::read_new(door, visit, &purpose(who), &form.answer)?;
    let ceremony = PasskeyCeremony {
        asked: passkey::making(party, answer.challenge()),
        ends,
    };
    door.directory
        .add_passkey(&oneself(who), &seals(door), &answer, ceremony, &form.name, visit.now)
        .await
}

/// The recovery codes that come with the first factor, once.
fn shown_codes(door: &Door, visit: &Visit, who: &LoggedIn, codes: &[String]) -> Response {
    let view = NewRecoveryCodes {
        codes,
        first: true,
        passkey: true,
    };
    let html = pages::new_recovery_codes(&view, &visit.chrome(door, Some(who.viewer())));
    answer::page(StatusCode::OK, html, &[])
}

/// POST `/account/passkeys/rename`.
pub(crate) async fn rename(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let who = match ours(&door, &visit, &form).await? {
        Ok(who) => who,
        Err(response) => return Ok(response),
    };
    let Ok(passkey) = form.passkey.parse::<Uuid>() else {
        return Ok(see_other(path::PASSKEYS));
    };
    let (actor, user) = (oneself(&who), who.session.user_id);
    let renamed = door
        .directory
        .rename_passkey(&actor, user, passkey, &form.name, visit.now)
        .await;
    changed(&door, &visit, &who, renamed.map(drop), "renamed").await
}

/// POST `/account/passkeys/remove`.
pub(crate) async fn remove(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let who = match ours(&door, &visit, &form).await? {
        Ok(who) => who,
        Err(response) => return Ok(response),
    };
    // Whoever borrows the browser must not leave its owner without their passkeys.
    if let Some(away) = proved_first(&door, &visit, &who, path::PASSKEYS).await? {
        return Ok(away);
    }
    let Ok(passkey) = form.passkey.parse::<Uuid>() else {
        return Ok(see_other(path::PASSKEYS));
    };
    let (actor, user) = (oneself(&who), who.session.user_id);
    let removed = door.directory.remove_passkey(&actor, user, passkey, visit.now).await;
    changed(&door, &visit, &who, removed.map(drop), "removed").await
}

/// The person of a form that came from our page; else the answer.
async fn ours(door: &Door, visit: &Visit, form: &PasskeyForm) -> Result<Result<LoggedIn, Response>, Failure> {
    let Some(who) = session::current(door, visit).await? else {
        return Ok(Err(see_other("/login")));
    };
    if !session::form_is_ours(door, visit, &who.session, &form.csrf) {
        return Ok(Err(foreign_form(door, visit, &who)));
    }
    Ok(Ok(who))
}

async fn changed(door: &Door, visit: &Visit, who: &LoggedIn, result: Result<(), DirectoryError>, word: &str) -> Answer {
    match result {
        Ok(()) => Ok(done(word)),
        // Removed in another tab.
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == "no_such_passkey" => {
            Ok(see_other(path::PASSKEYS))
        }
        Err(DirectoryError::Refused(refusal)) => page(door, visit, who, Some(notice_of(&refusal))).await,
        Err(error) => Err(error.into()),
    }
}

fn done(word: &str) -> Response {
    see_other(&format!("{}?done={word}", path::PASSKEYS))
}

fn oneself(who: &LoggedIn) -> Actor {
    Actor::user(&who.facts, Via::Session(who.session.id))
}

fn notice_of(refusal: &Refusal) -> PasskeysNotice {
    match refusal.kind.code {
        "passkey_exists" => PasskeysNotice::Known,
        "too_many_passkeys" => PasskeysNotice::TooMany,
        "passkey_untrusted" => PasskeysNotice::Untrusted,
        "invalid_passkey_name" => PasskeysNotice::BadName,
        _ => PasskeysNotice::NotRegistered,
    }
}
