//! Forms with files.

use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request},
    response::Response,
};
use doorward_directory::Right;

use super::{Console, desk::Desk};
use crate::{account::sessions::foreign_form, session};

/// A form with files, from our own page, of the session that sends it. What follows its first field, which proves that, is still
/// to be read; nothing of it is read for somebody who may not do everything.
pub(super) struct Upload(pub(super) Desk, pub(super) Multipart);

impl FromRequest<Console> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, console).await?;
        let foreign = || foreign_form(&desk.door, &desk.visit, &desk.who);
        let Ok(mut fields) = Multipart::from_request(Request::from_parts(parts, body), console).await else {
            return Err(foreign());
        };
        let token = match fields.next_field().await {
            Ok(Some(field)) if field.name() == Some("csrf") => field.text().await.unwrap_or_default(),
            _ => String::new(),
        };
        if !session::form_is_ours(&desk.door, &desk.visit, &desk.who.session, &token) {
            return Err(foreign());
        }
        desk.require(Right::Full)?;
        Ok(Self(desk, fields))
    }
}
