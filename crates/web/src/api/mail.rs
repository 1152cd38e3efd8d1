//! Letters: whether they are sent, those that have not arrived, and a test.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_audit::{Event, events};
use doorward_directory::{Right, within};
use doorward_mail::{Addressee, Lang, MailError, Queued, count, queue, remove, retry};
use doorward_store::Tx;
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, id_cursor, limit},
    state::ApiState,
};

/// Show whether mail is sent, and how many letters wait.
#[utoipa::path(get, path = "/api/v1/mail", tag = "mail",
    responses((status = 200, body = api::MailStatus, description = "The mail server and the queue.")))]
pub(super) async fn show_mail(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::MailStatus>> {
    caller.require(Right::ReadSettings)?;
    let (waiting, given_up) = state.store.read(count).await?;
    Ok(Json(api::MailStatus {
        on: state.outbox.is_on(),
        server: state.postman.as_ref().map(|postman| postman.server().to_owned()),
        waiting,
        given_up,
    }))
}

/// List letters that have not arrived, oldest first.
#[utoipa::path(get, path = "/api/v1/mail/queue", tag = "mail", params(api::PageQuery),
    responses((status = 200, body = api::List<api::Letter>, description = "A page of letters.")))]
pub(super) async fn list_letters(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::Letter>>> {
    caller.require(Right::ReadPeople)?;
    let limit = limit(query.limit)?;
    let after = id_cursor(query.cursor.as_deref())?;
    let mut items = state.store.read(move |tx| queue(tx, after, limit + 1)).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    Ok(Json(api::List {
        next: items.last().filter(|_| more).map(|last| last.id.to_string()),
        items: items.into_iter().map(shown).collect(),
    }))
}

/// Send a test letter now, past the queue.
#[utoipa::path(post, path = "/api/v1/mail/test", tag = "mail", request_body = api::MailTest,
    responses((status = 200, body = api::MailTested, description = "The mail server took the letter.")))]
pub(super) async fn test_mail(
    State(state): State<ApiState>,
    caller: Caller,
    Body(request): Body<api::MailTest>,
) -> ApiResult<Json<api::MailTested>> {
    caller.require(Right::Full)?;
    state.outbox.require()?;
    doorward_mail::need_address(&request.to)?;
    let Some(postman) = &state.postman else {
        return Err(ApiError::invalid("this process does not send mail"));
    };
    let actor = caller.0.clone();
    let event = Event::new("mail.test", caller.author()).with_data(json!({ "to": request.to }));
    // Recorded before, with the right as it is now: what is sent cannot be taken back.
    let recorded: Result<(), MailError> = state
        .store
        .write(state.now(), move |tx| {
            within::current(tx, &actor)?.require(Right::Full)?;
            events::record(tx, &event)?;
            Ok(())
        })
        .await;
    recorded?;
    postman
        .test(Addressee {
            address: request.to,
            name: None,
            lang: request.language.as_deref().map(Lang::from_tag).unwrap_or_default(),
        })
        .await?;
    Ok(Json(api::MailTested {
        server: postman.server().to_owned(),
    }))
}

/// Send a letter now, also one that was given up.
#[utoipa::path(post, path = "/api/v1/mail/queue/{letter}/retry", tag = "mail",
    params(("letter" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is tried at once.")))]
pub(super) async fn retry_letter(
    State(state): State<ApiState>,
    caller: Caller,
    Names(letter): Names<String>,
) -> ApiResult<StatusCode> {
    change(&state, &caller, &letter, "mail.retry", retry).await
}

/// Take a letter out of the queue.
#[utoipa::path(delete, path = "/api/v1/mail/queue/{letter}", tag = "mail",
    params(("letter" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is not sent.")))]
pub(super) async fn remove_letter(
    State(state): State<ApiState>,
    caller: Caller,
    Names(letter): Names<String>,
) -> ApiResult<StatusCode> {
    change(&state, &caller, &letter, "mail.remove", remove).await
}

async fn change(
    state: &ApiState,
    caller: &Caller,
    letter: &str,
    action: &'static str,
    work: fn(&mut Tx<'_>, Uuid) -> Result<Queued, MailError>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let id = Uuid::parse_str(letter)
        .map_err(|_| ApiError::not_found(format!("a letter is named by its id, received {letter:?}")))?;
    let (actor, author) = (caller.0.clone(), caller.author());
    let done: Result<(), MailError> = state
        .store
        .write(state.now(), move |tx| {
            within::current(tx, &actor)?.require(Right::ChangePeople)?;
            let letter = work(tx, id)?;
            let event = Event::new(action, author)
                .about("letter", Some(letter.id), letter.recipient)
                .with_data(json!({ "kind": letter.kind }));
            events::record(tx, &event)?;
            Ok::<_, MailError>(())
        })
        .await;
    done?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(letter: Queued) -> api::Letter {
    api::Letter {
        id: letter.id,
        kind: letter.kind,
        recipient: letter.recipient,
        state: match letter.state {
            doorward_mail::State::Waiting => api::LetterState::Waiting,
            doorward_mail::State::GivenUp => api::LetterState::GivenUp,
        },
        tries: letter.tries,
        due: letter.due,
        problem: letter.problem,
        created: letter.created,
    }
}

impl From<MailError> for ApiError {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Refused(refusal) => refusal.into(),
            MailError::Store(error) => error.into(),
        }
    }
}
