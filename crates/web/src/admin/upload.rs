//! Forms with files.

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::Field},
    response::Response,
};

use super::{Console, desk::Desk, form::desk_of_full};
use crate::{account::sessions::foreign_form, session};

/// Bytes of a form's token at most; ours are a tenth of that.
const MOST_TOKEN: usize = 1024;

/// A form with files, from our own page, of the session that sends it. What follows its first field, which proves that, is still
/// to be read; nothing of it is read for somebody who may not do everything.
pub(super) struct Upload(pub(super) Desk, pub(super) Multipart);

impl FromRequest<Console> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (desk, request) = desk_of_full(request, console).await?;
        let foreign = || foreign_form(&desk.door, &desk.visit, &desk.who);
        let Ok(mut fields) = Multipart::from_request(request, console).await else {
            return Err(foreign());
        };
        let token = match fields.next_field().await {
            Ok(Some(field)) if field.name() == Some("csrf") => token(field).await.unwrap_or_default(),
            _ => String::new(),
        };
        if !session::form_is_ours(&desk.door, &desk.visit, &desk.who.session, &token) {
            return Err(foreign());
        }
        Ok(Self(desk, fields))
    }
}

/// What stands in the field, unless that cannot be a token.
async fn token(mut field: Field<'_>) -> Option<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.ok()? {
        if bytes.len() + chunk.len() > MOST_TOKEN {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).ok()
}
