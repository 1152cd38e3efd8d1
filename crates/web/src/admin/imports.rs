//! Moving in: a document of another provider is sent, tried, and written.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Multipart, multipart::MultipartError},
    response::IntoResponse,
    routing::get,
};
use doorward_api as api;
use http::StatusCode;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::given,
    upload::Upload,
};
use crate::{
    answer,
    pages::{
        self,
        console::{self, Import},
    },
};

const PAGE: &str = "/admin/import";
/// A document and what the form adds.
const MOST: usize = api::DOCUMENT_BYTES + 1024 * 1024;

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
async fn send(Upload(desk, fields): Upload) -> Shown {
    let new = read(&desk, fields).await?;
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

/// What was chosen and sent. A choice that our page does not offer is not understood.
async fn read(desk: &Desk, mut fields: Multipart) -> Result<api::NewImport, Turned> {
    let away = |error: MultipartError| Turned::Away(error.into_response());
    let mut new = api::NewImport {
        format: api::ImportFormat::Keycloak,
        document: String::new(),
        issuer: None,
        dry_run: true,
        skip_conflicts: false,
    };
    while let Some(field) = fields.next_field().await.map_err(away)? {
        let name = field.name().unwrap_or_default().to_owned();
        let text = field.text().await.map_err(away)?;
        match name.as_str() {
            "format" => {
                let word = serde_json::Value::String(text);
                new.format = serde_json::from_value(word).map_err(|_| {
                    let chrome = desk.visit.chrome(&desk.door, Some(desk.who.viewer()));
                    let html = pages::fault(&pages::Fault::BadRequest, &chrome);
                    Turned::Away(answer::page(StatusCode::BAD_REQUEST, html, &[]))
                })?;
            }
            "how" => (new.dry_run, new.skip_conflicts) = (text != "write" && text != "skip", text == "skip"),
            "issuer" => new.issuer = given(&text),
            "document" => new.document = text,
            _ => {}
        }
    }
    Ok(new)
}
