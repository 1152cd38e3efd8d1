//! Session management: the frame that pages of applications ask whether the session goes on, and what they ask by (OpenID Connect Session
//! Management 1.0). For applications that opted in; the others get no `session_state`, and no page of theirs has the frame.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use data_encoding::BASE64URL_NOPAD;
use doorward_apps::App;
use doorward_provider::session_state;
use http::{HeaderMap, HeaderValue, header};
use uuid::Uuid;

use crate::{Door, answer, assets, cookies::Kind, failure::Answer, login::flow::origin_of};

const PURPOSE: &str = "what a browser knows its session by";

/// What an application with this redirect URI asks by, and the cookie that answers; none for one whose pages do not ask.
pub(crate) fn begin(door: &Door, app: &App, redirect_uri: &str, session: Uuid) -> Option<(String, HeaderValue)> {
    if !app.logout.session_management {
        return None;
    }
    let origin = origin_of(redirect_uri);
    if !app.frame_origins().any(|own| own == origin) {
        return None;
    }
    // Not the session's name, which applications know: one could compute what another is told.
    let known_by = BASE64URL_NOPAD.encode(&door.master.mac(PURPOSE, session.as_bytes()));
    let mut salt = [0; 16];
    door.random.fill(&mut salt);
    let cookie = door
        .cookies
        .set(Kind::State, &known_by, Some(door.sessions.absolute.as_secs()));
    Some((session_state(&app.client_id, &origin, &known_by, &salt), cookie))
}

/// GET: the frame. Pages of applications that opted in may have it, by what the browser says of where it is loaded: to name all of them
/// would tell everybody which applications there are.
pub(crate) async fn frame(State(door): State<Arc<Door>>, headers: HeaderMap) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let by = headers
        .get(header::REFERER)
        .and_then(|referer| referer.to_str().ok())
        .map(origin_of)
        .filter(|origin| {
            let mut asking = snapshot.list().into_iter().filter(|app| app.logout.session_management);
            asking.any(|app| !app.disabled && app.frame_origins().any(|own| own == *origin))
        });
    Ok(page(&door, by.as_deref()))
}

fn page(door: &Door, by: Option<&str>) -> Response {
    let script = format!("{}/assets/{}", door.server.public_url(), assets::file("session.js"));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Session</title>\
         <script src=\"{script}\" defer></script></html>"
    );
    let mut response = answer::framed_page(html, by);
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("referer"));
    response
}
