//! Figures, why logins fail, and what wants attention.

use doorward_api as api;

use super::{
    Frame, Room,
    sheet::{Anchor, Bar, Block, Cell, Number, Panel, Sheet, Step, Tone},
};
use crate::pages::text::Text;

/// Renders the overview.
pub fn overview(view: &api::Overview, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = Vec::new();
    if !view.attention.is_empty() {
        panels.push(Panel::broad(Some(t.say("console-attention"))).with(Block::Steps(attention(view, frame))));
    }
    let mut figures = Panel::broad(Some(t.say("console-figures"))).with(Block::Numbers(numbers(view, frame)));
    if frame.rooms.contains(&Room::Settings) {
        let doctor = frame.within(Room::Overview, "/doctor");
        figures = figures.with(Block::Way(Anchor::new(doctor, t.say("console-doctor-installation"))));
    }
    panels.push(figures.with(Block::Command("doorward overview".to_owned())));
    if let Some(logins) = &view.logins {
        panels.push(reasons(logins, frame));
    }
    let sheet = Sheet {
        title: t.say("console-overview"),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Overview), sheet)
}

fn numbers(view: &api::Overview, frame: &Frame<'_>) -> Vec<Number> {
    let t = frame.text();
    let number = |count: Option<u64>, label: String, room: Room| {
        count.map(|count| Number {
            value: count.to_string(),
            label,
            href: frame.rooms.contains(&room).then(|| frame.at(room.path())),
        })
    };
    let logins = view.logins.as_ref();
    [
        number(view.people, t.say("console-people"), Room::People),
        number(view.groups, t.say("console-groups"), Room::Groups),
        number(view.apps, t.say("console-apps"), Room::Apps),
        number(view.sessions, t.say("console-sessions"), Room::Sessions),
        number(
            logins.map(|logins| logins.good),
            t.say("console-logins-good"),
            Room::Traces,
        ),
        number(
            logins.map(|logins| logins.refused),
            t.say("console-logins-refused"),
            Room::Traces,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn reasons(logins: &api::Logins, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let panel = Panel::broad(Some(t.say("console-reasons")));
    if logins.reasons.is_empty() {
        return panel.with(Block::Text(t.say("console-reasons-none")));
    }
    let most = logins.reasons.iter().map(|reason| reason.count).max().unwrap_or(1);
    let bars = logins
        .reasons
        .iter()
        .map(|reason| Bar {
            label: Cell::Code(reason.code.clone()),
            said: reason.count.to_string(),
            count: reason.count,
            most,
        })
        .collect();
    let href = format!("{}?refused=true", frame.at(Room::Traces.path()));
    panel.with(Block::Bars(bars)).with(Block::Facts(vec![(
        t.say("console-reasons-each"),
        Cell::Link(Anchor::new(href, t.say("console-traces"))),
    )]))
}

fn attention(view: &api::Overview, frame: &Frame<'_>) -> Vec<Step> {
    let t = frame.text();
    view.attention
        .iter()
        .map(|item| Step {
            tone: if item.urgent { Tone::Bad } else { Tone::Plain },
            said: if item.urgent {
                t.say("console-urgent")
            } else {
                t.say("console-note")
            },
            title: item
                .subject
                .clone()
                .unwrap_or_else(|| frame.chrome.brand.name().to_owned()),
            at: None,
            detail: Some(sentence(t, item)),
            remedy: item.remedy.clone(),
        })
        .collect()
}

/// In the reader's language where it is a known one.
fn sentence(t: Text, item: &api::Attention) -> String {
    match item.code.as_str() {
        "app_for_nobody" => t.say("console-attention-app-for-nobody"),
        "app_weakened" => t.say("console-attention-app-weakened"),
        "one_administrator" => t.say("console-attention-one-administrator"),
        "registrations_wait" => t.say("console-attention-registrations-wait"),
        "upstream_disabled" => t.say("console-attention-upstream-disabled"),
        _ => item.sentence.clone(),
    }
}
