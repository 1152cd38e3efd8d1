//! What is wrong with the logins into an application.

use doorward_api as api;

use super::{
    Frame, Room,
    app::here,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Step, Style, Table, Tone},
    trouble,
    words::word,
};
use crate::pages::text::Text;

/// An application and what the doctor says of it.
#[derive(Debug, Clone, Copy)]
pub struct AppDoctor<'a> {
    /// The application.
    pub app: &'a api::App,
    /// What was found; nothing before somebody asked.
    pub diagnosis: Option<&'a api::Diagnosis>,
    /// Whose token is looked at, as it was typed.
    pub user: &'a str,
    /// The viewer may have it looked at, and may mend.
    pub may_change: bool,
    /// Why that did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders what is wrong with the logins into an application.
pub fn app_doctor(view: &AppDoctor<'_>, frame: &Frame<'_>) -> String {
    let (t, app) = (frame.text(), view.app);
    let mut panels = Vec::new();
    if let Some(diagnosis) = view.diagnosis {
        panels.push(concluded(diagnosis, t.say("console-doctor-good")));
        panels.push(findings(diagnosis, t));
        let command = format!("doorward doctor app {} --fix", word(&app.client_id));
        let action = here(frame, &app.client_id, "/doctor/fix");
        panels.extend(fixes(diagnosis, &action, command, frame).filter(|_| view.may_change));
        panels.extend(diagnosis.sent.as_ref().map(|sent| request(sent, t)));
        panels.push(walk(diagnosis, t));
    }
    panels.push(ask(view, frame));
    let sheet = Sheet {
        title: t.with("console-doctor-title", "name", &app.name),
        lead: Some(t.say("console-doctor-lead")),
        up: Some(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

fn ask(view: &AppDoctor<'_>, frame: &Frame<'_>) -> Panel {
    let (t, id) = (frame.text(), &view.app.client_id);
    let mut panel = Panel::new(t.say("console-doctor-ask"));
    if view.may_change {
        let form = Form {
            action: here(frame, id, "/doctor"),
            csrf: frame.csrf(),
            fields: vec![
                Field::line("doctor", "user", t.say("username"), view.user).rule(t.say("console-doctor-user-rule")),
            ],
            submit: t.say("console-doctor-look"),
            about: String::new(),
            style: Style::Usual,
        };
        panel = panel.with(Block::Form(form));
    }
    panel.with(Block::Command(format!("doorward doctor app {}", word(id))))
}

pub(super) fn concluded(diagnosis: &api::Diagnosis, good: String) -> Panel {
    let panel = Panel::broad(None);
    match &diagnosis.conclusion {
        Some(conclusion) => panel.with(Block::Note(conclusion.clone())),
        None => panel.with(Block::Good(good)),
    }
}

pub(super) fn findings(diagnosis: &api::Diagnosis, t: Text) -> Panel {
    let steps = diagnosis.findings.iter().map(|finding| {
        let is_plain = finding.expected == finding.received;
        let detail = if is_plain {
            finding.received.clone()
        } else {
            t.with_two(
                "console-doctor-expected",
                ("expected", &finding.expected),
                ("received", &finding.received),
            )
        };
        let remedies: Vec<String> = finding
            .remedies
            .iter()
            .map(|remedy| {
                let side = match remedy.side {
                    api::DoctorSide::Here => t.say("console-doctor-here"),
                    api::DoctorSide::Application => t.say("console-doctor-there"),
                };
                format!("{side}: {}", remedy.text)
            })
            .collect();
        let (tone, said) = match finding.weight {
            api::DoctorWeight::Problem => (Tone::Bad, t.say("console-doctor-problem")),
            api::DoctorWeight::Advice => (Tone::Plain, t.say("console-doctor-advice")),
            api::DoctorWeight::Good => (Tone::Good, t.say("console-doctor-fine")),
        };
        Step {
            tone,
            said,
            title: finding.code.clone(),
            at: None,
            detail: Some(detail),
            remedy: (!remedies.is_empty()).then(|| remedies.join(" · ")),
        }
    });
    Panel::broad(Some(t.say("console-doctor-findings"))).with(Block::Steps(steps.collect()))
}

/// What may be mended here, each by a button of its own that leads to `action`.
pub(super) fn fixes(diagnosis: &api::Diagnosis, action: &str, command: String, frame: &Frame<'_>) -> Option<Panel> {
    let t = frame.text();
    let mut panel = Panel::broad(Some(t.say("console-doctor-fixes")));
    let fixes: Vec<&api::DoctorFix> = diagnosis.findings.iter().filter_map(|one| one.fix.as_deref()).collect();
    if fixes.is_empty() {
        return None;
    }
    for fix in fixes {
        let change = serde_json::to_string(&fix.change).unwrap_or_default();
        let form = Form {
            action: action.to_owned(),
            csrf: frame.csrf(),
            fields: vec![Field::hidden("change", change)],
            submit: t.say("console-doctor-fix"),
            about: fix.about.clone(),
            style: Style::Quiet,
        };
        panel = panel.with(Block::Text(fix.about.clone())).with(Block::Form(form));
    }
    Some(panel.with(Block::Command(command)))
}

fn request(sent: &api::DoctorSent, t: Text) -> Panel {
    let code = |value: &Option<String>| value.clone().map_or(Cell::Nothing, Cell::Code);
    let facts = vec![
        ("authorization endpoint".to_owned(), Cell::Code(sent.endpoint.clone())),
        ("client_id".to_owned(), code(&sent.client_id)),
        ("redirect_uri".to_owned(), code(&sent.redirect_uri)),
        ("response_type".to_owned(), code(&sent.response_type)),
        ("scope".to_owned(), code(&sent.scope)),
        ("code_challenge_method".to_owned(), code(&sent.pkce)),
    ];
    Panel::broad(Some(t.say("console-doctor-sent"))).with(Block::Facts(facts))
}

fn walk(diagnosis: &api::Diagnosis, t: Text) -> Panel {
    let rows = diagnosis.visits.iter().map(|visit| {
        vec![
            Cell::Text(if visit.posted { "POST" } else { "GET" }.to_owned()),
            Cell::Code(visit.url.clone()),
            visit
                .status
                .map_or(Cell::Nothing, |status| Cell::Text(status.to_string())),
        ]
    });
    let table = Table {
        label: t.say("console-doctor-walk"),
        heads: vec![
            t.say("console-doctor-method"),
            t.say("console-address"),
            t.say("console-outcome"),
        ],
        rows: rows.collect(),
        empty: t.say("console-doctor-nowhere"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-doctor-walk"))).with(Block::Table(table))
}
