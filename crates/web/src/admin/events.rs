//! Who did what, and all of it as a file.

use axum::{
    body::Body,
    extract::Query,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use doorward_api::{self as api, List};
use http::{HeaderValue, header};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{
    desk::{Desk, Shown, Turned},
    form::given,
    people::PER_PAGE,
};
use crate::{
    api::Lines,
    pages::console::{self, Events},
};

/// Entries that are asked for at a time for the file.
const PER_PART: u32 = 500;

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    action: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    trace: String,
    #[serde(default)]
    refused: String,
    cursor: Option<String>,
}

impl Asked {
    fn query(&self, limit: u32) -> api::EventQuery {
        api::EventQuery {
            action: given(&self.action),
            actor: given(&self.actor),
            subject: given(&self.subject),
            person: given(&self.person),
            trace: given(&self.trace),
            refused: (self.refused == "true").then_some(true),
            cursor: self.cursor.clone(),
            limit: Some(limit),
        }
    }
}

/// GET `/admin/events`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let found = desk
        .query::<List<api::Event>>("/events", &[], &asked.query(PER_PAGE))
        .await;
    let none = List {
        items: Vec::new(),
        next: None,
    };
    let (status, found, error) = match found {
        Ok(found) => (http::StatusCode::OK, found, None),
        // A reference that is none, or a person: what was typed stays.
        Err(Turned::Denied { status, error, .. })
            if status.is_client_error() && !(asked.trace.is_empty() && asked.person.is_empty()) =>
        {
            (status, none, Some(error))
        }
        Err(turned) => return Err(turned),
    };
    let view = Events {
        found: &found,
        action: asked.action.trim(),
        actor: asked.actor.trim(),
        subject: asked.subject.trim(),
        person: asked.person.trim(),
        trace: asked.trace.trim(),
        refused: asked.refused == "true",
        is_later: asked.cursor.is_some() || status != http::StatusCode::OK,
        error: error.as_deref(),
    };
    if status == http::StatusCode::OK {
        return Ok(desk.show_live(|frame| console::events(&view, frame)));
    }
    Ok(desk.show_with(status, |frame| console::events(&view, frame)))
}

/// GET `/admin/events/export`: all that the filter lets through, as JSON lines, the latest first. Read page by page while the
/// browser takes it, so that neither side holds all of it.
pub(super) async fn export(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let mut query = asked.query(PER_PART);
    query.cursor = None;
    // The first page before the answer begins: a refusal is still a page.
    let mut part: List<api::Event> = desk.query("/events", &[], &query).await?;
    let (lines, body) = mpsc::channel(2);
    tokio::spawn(async move {
        loop {
            if lines.send(text(&part.items)).await.is_err() {
                return;
            }
            let Some(next) = part.next.take() else { return };
            query.cursor = Some(next);
            let Ok(more) = desk.query("/events", &[], &query).await else {
                // The file ends early; the browser cannot be told otherwise any more.
                tracing::warn!("an export of events broke off");
                return;
            };
            part = more;
        }
    });
    Ok(file(Body::new(Lines::new(body))))
}

fn text(events: &[api::Event]) -> Bytes {
    let mut text = Vec::new();
    for event in events {
        // Plain data with text keys: it always has a JSON form.
        if serde_json::to_writer(&mut text, event).is_ok() {
            text.push(b'\n');
        }
    }
    text.into()
}

fn file(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"events.jsonl\""),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
