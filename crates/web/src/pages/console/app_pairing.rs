//! Redirect URIs that an application sent and that are not registered.

use doorward_api as api;
use doorward_apps::is_at_home;

use super::{
    Frame, Room,
    app::here,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Table},
    trouble,
    words::{segment, word},
};

/// An application and the logins that were refused for it.
#[derive(Debug, Clone, Copy)]
pub struct AppPairing<'a> {
    /// The application.
    pub app: &'a api::App,
    /// Its latest refused logins, for whatever reason.
    pub refused: &'a [api::TraceSummary],
    /// The viewer may register what was sent.
    pub may_change: bool,
    /// Why that did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders what the application sent.
pub fn app_pairing(view: &AppPairing<'_>, frame: &Frame<'_>) -> String {
    let (t, app) = (frame.text(), view.app);
    let mut heads = vec![
        t.say("console-pair-uri"),
        t.say("console-when"),
        t.say("console-reference"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let table = Table {
        label: t.say("console-pair-refused"),
        heads,
        rows: rows(view, frame),
        empty: t.say("console-pair-none"),
        next: None,
        live: true,
    };
    let panel = Panel::broad(Some(t.say("console-pair-refused")))
        .with(Block::Text(t.with("console-pair-home", "url", &app.url)))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward app pair {}", word(&app.client_id))));
    let sheet = Sheet {
        title: t.with("console-pair-title", "name", &app.name),
        lead: Some(t.say("console-pair-lead")),
        up: Some(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![panel],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// One row for each redirect URI, the latest login that sent it first.
fn rows(view: &AppPairing<'_>, frame: &Frame<'_>) -> Vec<Vec<Cell>> {
    let (t, app) = (frame.text(), view.app);
    let mut shown: Vec<&str> = app.redirect_uris.iter().map(String::as_str).collect();
    let mut rows = Vec::new();
    for login in view.refused {
        let Some((at, uri)) = login.refused_redirect_uri() else {
            continue;
        };
        if shown.contains(&uri) {
            continue;
        }
        shown.push(uri);
        let trace = frame.within(Room::Traces, &format!("/{}", segment(&login.reference)));
        let mut row = vec![
            Cell::Code(uri.to_owned()),
            frame.when(at),
            Cell::Link(Anchor::new(trace, &*login.reference)),
        ];
        if view.may_change {
            row.push(if is_at_home(uri, &app.url) {
                Cell::Button(Form {
                    fields: vec![Field::hidden("uri", uri)],
                    ..button(
                        frame,
                        here(frame, &app.client_id, "/pair"),
                        t.say("console-pair-register"),
                        uri,
                    )
                })
            } else {
                Cell::Text(t.say("console-pair-elsewhere"))
            });
        }
        rows.push(row);
    }
    rows
}
