//! Everything as files: what one says, and what another would change.

use std::collections::{BTreeMap, btree_map::Entry};

use axum::{
    Router,
    extract::{
        DefaultBodyLimit, Multipart, Query,
        multipart::{Field, MultipartError},
    },
    routing::{get, post},
};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Large, Signed, given, misread},
    upload::Upload,
};
use crate::pages::console::{self, Done, StateView};

const PAGE: &str = "/admin/settings/files";
/// Bytes of all files together that the page takes: they stand in it once more until they are carried out. The command line takes
/// more.
const MOST: usize = 1024 * 1024;
/// The same as a form sends them: each byte can become six there, quoted and encoded.
const MOST_SENT: usize = 6 * MOST + 128 * 1024;

/// Of a form that is not understood.
const UNREAD: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The routes of this room.
pub(super) fn routes() -> Router<Console> {
    let bulky = Router::new()
        .route("/admin/settings/files/plan-all", post(plan_all))
        .route("/admin/settings/files/apply", post(apply))
        .route_layer(DefaultBodyLimit::max(MOST_SENT));
    Router::new()
        .route(PAGE, get(show))
        .route("/admin/settings/files/plan", post(plan))
        .merge(bulky)
}

/// Which file, and what was typed.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    path: String,
    #[serde(default)]
    text: String,
}

type Files = BTreeMap<String, String>;

impl Asked {
    fn files(&self) -> Files {
        // One of the file of people stands in that file.
        let path = self.path.split(':').next().unwrap_or_default().trim().to_owned();
        [(path, plain(&self.text))].into()
    }

    /// One of several is not shown in the field for one.
    fn of(files: &Files) -> Self {
        match files.first_key_value() {
            Some((path, text)) if files.len() == 1 => Self {
                path: path.clone(),
                text: text.clone(),
            },
            _ => Self::default(),
        }
    }
}

/// As a form sends it again: browsers end lines in their own way there.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What somebody has seen the plan of.
#[derive(Debug, Deserialize)]
struct Planned {
    #[serde(default)]
    files: String,
    #[serde(default)]
    digest: String,
}

/// What came of the last try.
#[derive(Default)]
struct Tried<'a> {
    plan: Option<(&'a api::StatePlan, &'a Files)>,
    refused: Option<(StatusCode, &'a api::ErrorBody)>,
}

/// GET `/admin/settings/files`.
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let Some(path) = given(&asked.path) else {
        return respond(&desk, &Asked::default(), Tried::default()).await;
    };
    let query = api::StateFileQuery { path };
    match desk.query::<api::StateFile>("/state/file", &[], &query).await {
        Ok(file) => {
            let asked = Asked {
                path: file.path,
                text: file.text,
            };
            respond(&desk, &asked, Tried::default()).await
        }
        Err(Turned::Denied { status, error, .. }) => refuse(&desk, &asked, (status, &error)).await,
        Err(turned) => Err(turned),
    }
}

async fn respond(desk: &Desk, asked: &Asked, tried: Tried<'_>) -> Shown {
    let all: api::StateFiles = desk.post("/state/export", &[], &api::StateFiles::default()).await?;
    let files: Vec<&str> = all.files.keys().map(String::as_str).collect();
    let planned = tried.plan.map(|(_, files)| serde_json::json!(files).to_string());
    let view = StateView {
        files: &files,
        path: asked.path.trim(),
        text: &asked.text,
        plan: tried.plan.map(|(plan, _)| plan).zip(planned.as_deref()),
        may_change: desk.may(Right::Full),
        error: tried.refused.map(|(_, error)| error),
    };
    let status = tried.refused.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::state_files(&view, frame)))
}

async fn refuse(desk: &Desk, asked: &Asked, refused: (StatusCode, &api::ErrorBody)) -> Shown {
    let refused = Some(refused);
    respond(desk, asked, Tried { plan: None, refused }).await
}

/// POST `/admin/settings/files/plan`: changes nothing.
async fn plan(Signed(desk, asked): Signed<Asked>) -> Shown {
    planned(&desk, &asked.files(), &asked).await
}

/// POST `/admin/settings/files/plan-all`: the same of files that were chosen.
async fn plan_all(Upload(desk, fields): Upload) -> Shown {
    match chosen(fields).await {
        Ok(files) => planned(&desk, &files, &Asked::of(&files)).await,
        Err(error) => refuse(&desk, &Asked::default(), (UNREAD, &error)).await,
    }
}

async fn planned(desk: &Desk, files: &Files, asked: &Asked) -> Shown {
    match desk
        .post::<api::StatePlan>("/state/plan", &[], &request(files, None))
        .await
    {
        Ok(plan) => {
            let plan = Some((&plan, files));
            respond(desk, asked, Tried { plan, refused: None }).await
        }
        Err(Turned::Denied { status, error, .. }) => refuse(desk, asked, (status, &error)).await,
        Err(turned) => Err(turned),
    }
}

/// POST `/admin/settings/files/apply`: a file can give anybody any role, so a borrowed browser is not enough.
async fn apply(Large(desk, planned): Large<Planned>) -> Shown {
    desk.fresh(PAGE).await?;
    let Ok(files) = serde_json::from_str::<Files>(&planned.files) else {
        let error = misread("files", "those of a plan, as the page holds them", "others");
        return refuse(&desk, &Asked::default(), (UNREAD, &error)).await;
    };
    let request = request(&files, Some(planned.digest));
    match desk.post::<api::StatePlan>("/state/apply", &[], &request).await {
        Ok(_) => Ok(Desk::onward(PAGE, Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => refuse(&desk, &Asked::of(&files), (status, &error)).await,
        Err(turned) => Err(turned),
    }
}

fn request(files: &Files, digest: Option<String>) -> api::StateRequest {
    api::StateRequest {
        files: files.clone(),
        digest,
        ..api::StateRequest::default()
    }
}

/// The files that were chosen. Browsers send names without folders: each folder has a field of its own.
async fn chosen(mut fields: Multipart) -> Result<Files, Box<api::ErrorBody>> {
    let mut files = Files::new();
    let mut left = MOST;
    while let Some(field) = fields.next_field().await.map_err(|error| cut(&error))? {
        let folder = field.name().unwrap_or_default().to_owned();
        let Some(name) = field.file_name().map(str::to_owned) else {
            return Err(misread(&folder, "files", "something that was typed"));
        };
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if name.is_empty() {
            // Where none was chosen, browsers send one without a name.
            continue;
        }
        let path = match folder.as_str() {
            "single" => name.to_owned(),
            folder if api::STATE_FOLDERS.contains(&folder) => format!("{folder}/{name}"),
            _ => return Err(misread("files", "fields that the page has", &folder)),
        };
        let text = text(field, &path, &mut left).await?;
        match files.entry(path) {
            Entry::Vacant(place) => drop(place.insert(plain(&text))),
            Entry::Occupied(there) => return Err(misread(there.key(), "each file once", "it twice")),
        }
    }
    if files.is_empty() {
        return Err(misread("files", "at least one file", "none"));
    }
    Ok(files)
}

async fn text(mut field: Field<'_>, path: &str, left: &mut usize) -> Result<String, Box<api::ErrorBody>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| cut(&error))? {
        *left = left.checked_sub(chunk.len()).ok_or_else(too_large)?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        misread(path, "text in UTF-8", &format!("something else at byte {at}"))
    })
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error of several hundred bytes, as `misread` makes them"
)]
fn too_large() -> Box<api::ErrorBody> {
    let expected = format!("at most {MOST} bytes of all files together");
    let mut error = misread("files", &expected, "more");
    error.remedy = Some("doorward plan DIR".to_owned());
    error
}

/// The form ended before its end, or is larger than any.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error of several hundred bytes, as `misread` makes them"
)]
fn cut(error: &MultipartError) -> Box<api::ErrorBody> {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    misread("files", "a whole form", "a part of one")
}
