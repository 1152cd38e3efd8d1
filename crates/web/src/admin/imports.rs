//! Moving in: a document of another provider is sent, tried, and written.

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request},
    response::{IntoResponse, Response},
    routing::get,
};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
};
use crate::{
    account::sessions::foreign_form,
    answer,
    pages::{
        self,
        console::{self, Import},
    },
    session,
};

const PAGE: &str = "/admin/import";
/// A document of 64 MiB and what the form adds.
const MOST: usize = 65 * 1024 * 1024;

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PAGE, get(begin).post(send))
        .route_layer(DefaultBodyLimit::max(MOST))
}

/// GET `/admin/import`: the proof is asked for before a file is chosen, which a login on the way would lose.
async fn begin(desk: Desk) -> Shown {
    desk.fresh(PAGE).await?;
    Ok(desk.show(|frame| console::import(&Import::default(), frame)))
}

/// POST `/admin/import`.
async fn send(Uploaded(desk, new): Uploaded) -> Shown {
    desk.fresh(PAGE).await?;
    let dry_run = new.dry_run;
    match desk.post::<api::ImportReport>("/imports", &[], &new).await {
        Ok(report) => {
            let view = Import {
                report: Some(&report),
                dry_run,
                error: None,
            };
            Ok(desk.show(|frame| console::import(&view, frame)))
        }
        Err(Turned::Denied { status, error, .. }) => {
            let view = Import {
                error: Some(&error),
                ..Import::default()
            };
            Ok(desk.show_with(status, |frame| console::import(&view, frame)))
        }
        Err(turned) => Err(turned),
    }
}

/// A form with a file, from our own page, of the session that sends it. The file is read for nobody else.
struct Uploaded(Desk, api::NewImport);

impl FromRequest<Console> for Uploaded {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, console).await?;
        let unreadable = || {
            let chrome = desk.visit.chrome(&desk.door, Some(desk.who.viewer()));
            let html = pages::fault(&pages::Fault::BadRequest, &chrome);
            answer::page(StatusCode::BAD_REQUEST, html, &[])
        };
        let foreign = || foreign_form(&desk.door, &desk.visit, &desk.who);
        let Ok(mut fields) = Multipart::from_request(Request::from_parts(parts, body), console).await else {
            return Err(foreign());
        };
        let mut new = api::NewImport {
            format: api::ImportFormat::Keycloak,
            document: String::new(),
            issuer: None,
            dry_run: true,
            skip_conflicts: false,
        };
        let mut is_ours = false;
        loop {
            let field = fields.next_field().await.map_err(IntoResponse::into_response)?;
            let Some(field) = field else { break };
            let name = field.name().unwrap_or_default().to_owned();
            // The token is the first field of our page: nothing is read of a form that does not begin with it.
            if !is_ours && name != "csrf" {
                return Err(foreign());
            }
            let text = field.text().await.map_err(IntoResponse::into_response)?;
            match name.as_str() {
                "csrf" => {
                    is_ours = session::form_is_ours(&desk.door, &desk.visit, &desk.who.session, &text);
                    if !is_ours {
                        return Err(foreign());
                    }
                    desk.require(Right::Full)?;
                }
                "format" => {
                    let word = serde_json::Value::String(text);
                    new.format = serde_json::from_value(word).map_err(|_| unreadable())?;
                }
                "how" => (new.dry_run, new.skip_conflicts) = (text != "write" && text != "skip", text == "skip"),
                "issuer" => new.issuer = Some(text.trim().to_owned()).filter(|issuer| !issuer.is_empty()),
                "document" => new.document = text,
                _ => {}
            }
        }
        if !is_ours {
            return Err(foreign());
        }
        Ok(Self(desk, new))
    }
}
