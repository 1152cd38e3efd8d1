//! What an application is shown on demand: its configuration, its secret, what somebody would get.

use doorward_api as api;

use super::{
    Frame, Room,
    app::{here, outcome, tone},
    sheet::{Anchor, Block, Panel, Sheet, Step},
    words::word,
};

/// The configuration to paste, one panel for each part.
pub(super) fn snippet(frame: &Frame<'_>, snippet: &api::Snippet) -> Vec<Panel> {
    let t = frame.text();
    let mut panels: Vec<Panel> = snippet
        .parts
        .iter()
        .map(|part| {
            let title = if part.alternative {
                t.with("console-snippet-or", "title", &part.title)
            } else {
                part.title.clone()
            };
            Panel::broad(None).with(Block::Code {
                title,
                place: part.place.clone(),
                text: part.text.clone(),
            })
        })
        .collect();
    let mut more = Panel::broad(Some(t.say("console-snippet-notes")));
    for text in [&snippet.logout, &snippet.private_ca] {
        if !text.is_empty() {
            more = more.with(Block::Text(text.clone()));
        }
    }
    if !snippet.notes.is_empty() {
        let notes = snippet
            .notes
            .iter()
            .map(|note| match &note.versions {
                Some(versions) => format!("{versions}: {}", note.text),
                None => note.text.clone(),
            })
            .collect();
        more = more.with(Block::List(notes));
    }
    if !more.blocks.is_empty() {
        panels.push(more);
    }
    panels
}

/// Renders the configuration to paste.
pub fn app_snippet(app: &str, shown: &api::Snippet, has_secret: bool, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = snippet(frame, shown);
    let more = if has_secret { "" } else { " --no-secret" };
    panels.push(Panel::broad(None).with(Block::Command(format!(
        "doorward app show {} --snippet{more}",
        word(app)
    ))));
    let sheet = Sheet {
        title: t.with("console-snippet-title", "name", app),
        lead: Some(t.say("console-app-added-lead")),
        up: Some(Anchor::new(here(frame, app, ""), app)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// Renders a secret.
pub fn app_secret(shown: &api::SecretShown, frame: &Frame<'_>) -> String {
    let (t, id) = (frame.text(), &shown.client_id);
    let mut facts = vec![(t.say("console-secret-since"), frame.ago(shown.created))];
    if let Some(until) = shown.previous_until {
        facts.push((t.say("console-secret-previous"), frame.ahead(until)));
    }
    let sheet = Sheet {
        title: t.with("console-secret-title", "name", id),
        up: Some(Anchor::new(here(frame, id, ""), id.as_str())),
        panels: vec![
            Panel::broad(None)
                .with(Block::Code {
                    title: t.say("console-secret"),
                    place: None,
                    text: shown.secret.clone(),
                })
                .with(Block::Facts(facts))
                .with(Block::Command(format!("doorward app secret show {}", word(id)))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// Renders what somebody would get, and why they are let in or not.
pub fn app_preview(app: &str, user: &str, preview: &api::Preview, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let steps = preview
        .steps
        .iter()
        .map(|step| Step {
            tone: tone(step.outcome),
            said: outcome(t, step.outcome),
            title: step.check.clone(),
            at: None,
            detail: step.detail.clone(),
            remedy: step.remedy.clone(),
        })
        .collect();
    let mut panels = vec![Panel::broad(Some(t.say("console-preview-checks"))).with(Block::Steps(steps))];
    let tokens = [
        (t.say("console-id-token"), &preview.id_token),
        (t.say("console-access-token"), &preview.access_token),
        (t.say("console-userinfo"), &preview.userinfo),
    ];
    for (title, token) in tokens {
        if let Some(token) = token {
            panels.push(Panel::broad(None).with(Block::Code {
                title,
                place: None,
                text: serde_json::to_string_pretty(token).unwrap_or_default(),
            }));
        }
    }
    panels.push(Panel::broad(None).with(Block::Command(format!(
        "doorward app preview {} --user {}",
        word(app),
        word(user)
    ))));
    let title = if preview.allowed {
        t.with_two("console-preview-allowed", ("user", user), ("app", app))
    } else {
        t.with_two("console-preview-refused", ("user", user), ("app", app))
    };
    let sheet = Sheet {
        title,
        up: Some(Anchor::new(here(frame, app, ""), app)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}
