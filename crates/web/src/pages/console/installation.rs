//! What is wrong with the installation itself.

use doorward_api as api;

use super::{
    Frame, Room,
    app_doctor::{concluded, findings, fixes},
    sheet::{Anchor, Block, Form, Panel, Sheet, Style},
    trouble,
};

/// Renders what the doctor says of the installation, or asks whether it is to look. `error` is why it did not.
pub fn installation(diagnosis: Option<&api::Diagnosis>, error: Option<&api::ErrorBody>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let here = frame.within(Room::Overview, "/doctor");
    let mut panels = Vec::new();
    if let Some(diagnosis) = diagnosis {
        panels.push(concluded(diagnosis, t.say("console-doctor-installation-good")));
        panels.push(findings(diagnosis, t));
        let action = frame.within(Room::Overview, "/doctor/fix");
        panels.extend(fixes(diagnosis, &action, "doorward doctor --fix".to_owned(), frame));
    }
    let look = Form {
        action: here,
        csrf: frame.csrf(),
        fields: Vec::new(),
        submit: t.say("console-doctor-look"),
        about: String::new(),
        style: Style::Usual,
    };
    panels.push(
        Panel::broad(None)
            .with(Block::Form(look))
            .with(Block::Command("doorward doctor".to_owned())),
    );
    let sheet = Sheet {
        title: t.say("console-doctor-installation"),
        lead: Some(t.say("console-doctor-installation-lead")),
        up: Some(Anchor::new(frame.at(Room::Overview.path()), t.say("console-overview"))),
        trouble: error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Overview), sheet)
}
