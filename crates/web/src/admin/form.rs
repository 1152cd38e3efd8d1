//! What a form of the console sends, checked before anything of it is used.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use doorward_api::{ErrorBody, codes};
use doorward_directory::Right;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Console, desk::Desk};
use crate::{account::sessions::foreign_form, answer, pages, session};

/// A form that came from our own page, of the session that sends it. Every handler that changes something takes one, so that
/// none can forget to ask.
pub(super) struct Signed<T>(pub(super) Desk, pub(super) T);

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<Console> for Signed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, console).await?;
        signed(desk, Request::from_parts(parts, body), console).await
    }
}

/// The same, much larger than others: it is read for nobody who may not do everything.
pub(super) struct Large<T>(pub(super) Desk, pub(super) T);

impl<T: DeserializeOwned> FromRequest<Console> for Large<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (desk, request) = desk_of_full(request, console).await?;
        let Signed(desk, form) = signed(desk, request, console).await?;
        Ok(Self(desk, form))
    }
}

/// Who sends something large, before any of it is read. Right: full.
pub(super) async fn desk_of_full(request: Request, console: &Console) -> Result<(Desk, Request), Response> {
    let (mut parts, body) = request.into_parts();
    let desk = Desk::from_request_parts(&mut parts, console).await?;
    desk.require(Right::Full)?;
    Ok((desk, Request::from_parts(parts, body)))
}

async fn signed<T: DeserializeOwned>(desk: Desk, request: Request, console: &Console) -> Result<Signed<T>, Response> {
    let body = Bytes::from_request(request, console)
        .await
        .map_err(IntoResponse::into_response)?;
    let unreadable = || {
        let chrome = desk.visit.chrome(&desk.door, Some(desk.who.viewer()));
        let html = pages::fault(&pages::Fault::BadRequest, &chrome);
        answer::page(http::StatusCode::BAD_REQUEST, html, &[])
    };
    let token: Token = serde_urlencoded::from_bytes(&body).map_err(|_| unreadable())?;
    if !session::form_is_ours(&desk.door, &desk.visit, &desk.who.session, &token.csrf) {
        return Err(foreign_form(&desk.door, &desk.visit, &desk.who));
    }
    let form = serde_urlencoded::from_bytes(&body).map_err(|_| unreadable())?;
    Ok(Signed(desk, form))
}

/// What was typed, when it was something.
pub(super) fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Names with spaces, commas or line ends between.
pub(super) fn names(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A number, when one was typed.
pub(super) fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<Option<T>, Box<ErrorBody>> {
    match given(text) {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(misread(name, "a number", &text)),
        },
    }
}

/// What was typed is not what the field is for.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "every reader of a field answers with it, boxed for its size"
)]
pub(super) fn misread(name: &str, expected: &str, received: &str) -> Box<ErrorBody> {
    Box::new(ErrorBody {
        code: codes::INVALID.to_owned(),
        message: "The request was not understood.".to_owned(),
        detail: Some(format!("{name}: expected {expected}, received {received:?}")),
        remedy: None,
        reference: None,
    })
}
