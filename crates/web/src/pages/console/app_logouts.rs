//! Whether an application knows of the logouts that concern it.

use doorward_api as api;

use super::{
    Frame, Room,
    app::here,
    frame::button,
    sheet::{Anchor, Block, Cell, Panel, Sheet, Table, Tone},
    trouble,
    words::{segment, word},
};

/// An application and its logouts.
#[derive(Debug, Clone, Copy)]
pub struct AppLogouts<'a> {
    /// The application.
    pub app: &'a api::App,
    /// How its logouts stand.
    pub logouts: &'a api::Logouts,
    /// The viewer may have it told again.
    pub may_change: bool,
    /// Why that did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders how the logouts of an application stand.
pub fn app_logouts(view: &AppLogouts<'_>, frame: &Frame<'_>) -> String {
    let (t, app) = (frame.text(), view.app);
    let sheet = Sheet {
        title: t.with("console-logouts-title", "name", &app.name),
        lead: Some(t.say("console-logouts-lead")),
        up: Some(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![standing(view, frame), single(view, frame)],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

fn standing(view: &AppLogouts<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app, logouts) = (frame.text(), view.app, view.logouts);
    let address = match &app.logout.backchannel_uri {
        Some(uri) => Cell::Code(uri.clone()),
        None => Cell::Text(t.say("console-logouts-nowhere")),
    };
    let facts = vec![
        (t.say("console-logouts-uri"), address),
        (
            t.say("console-logouts-waiting"),
            Cell::Text(logouts.waiting.to_string()),
        ),
        (t.say("console-logouts-told"), Cell::Text(logouts.told.to_string())),
        (
            t.say("console-logouts-given-up"),
            Cell::Text(logouts.given_up.to_string()),
        ),
    ];
    let mut panel = Panel::broad(None).with(Block::Facts(facts));
    if view.may_change && logouts.waiting + logouts.given_up > 0 {
        panel = panel
            .with(Block::Form(button(
                frame,
                here(frame, &app.client_id, "/logouts/retry"),
                t.say("console-logouts-retry"),
                "",
            )))
            .with(Block::Command(format!(
                "doorward app logouts {} --retry",
                word(&app.client_id)
            )));
    }
    panel.with(Block::Way(Anchor::new(
        here(frame, &app.client_id, "/settings"),
        t.say("console-logouts-settings"),
    )))
}

fn single(view: &AppLogouts<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let table = Table {
        label: t.say("console-logouts"),
        heads: vec![
            t.say("console-logouts-subject"),
            t.say("console-state"),
            t.say("console-logouts-cause"),
            t.say("console-mail-tries"),
            t.say("console-when"),
            t.say("console-mail-problem"),
            t.say("console-reference"),
        ],
        rows: view.logouts.items.iter().map(|logout| row(logout, frame)).collect(),
        empty: t.say("console-logouts-none"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-logouts")))
        .with(Block::Table(table))
        .with(Block::Command(format!(
            "doorward app logouts {}",
            word(&view.app.client_id)
        )))
}

fn row(logout: &api::Logout, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let state = match logout.state {
        api::LogoutState::Waiting => Cell::Badge(Tone::Plain, t.say("console-logouts-is-waiting")),
        api::LogoutState::Told => Cell::Badge(Tone::Good, t.say("console-logouts-is-told")),
        api::LogoutState::GivenUp => Cell::Badge(Tone::Bad, t.say("console-logouts-is-given-up")),
    };
    let cause = match logout.cause {
        api::LogoutCause::Ended => t.say("console-logouts-ended"),
        api::LogoutCause::Expired => t.say("console-logouts-expired"),
        api::LogoutCause::Revoked => t.say("console-logouts-revoked"),
        api::LogoutCause::NoAccess => t.say("console-logouts-no-access"),
        api::LogoutCause::Stolen => t.say("console-logouts-stolen"),
        api::LogoutCause::NoApp => t.say("console-logouts-no-app"),
    };
    let trace = logout.trace.as_deref().map_or(Cell::Nothing, |reference| {
        let href = frame.within(Room::Traces, &format!("/{}", segment(reference)));
        Cell::Link(Anchor::new(href, reference))
    });
    vec![
        Cell::Code(logout.subject.clone()),
        state,
        Cell::Text(cause),
        Cell::Text(logout.tries.to_string()),
        frame.when(logout.due),
        logout.problem.clone().map_or(Cell::Nothing, Cell::Text),
        trace,
    ]
}
