//! What is wrong with the installation itself.

use doorward_api as api;

use super::{
    Frame, Room,
    app_doctor::{concluded, findings},
    sheet::{Anchor, Block, Panel, Sheet},
};

/// Renders what the doctor says of the installation.
pub fn installation(diagnosis: &api::Diagnosis, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let sheet = Sheet {
        title: t.say("console-doctor-installation"),
        lead: Some(t.say("console-doctor-installation-lead")),
        up: Some(Anchor::new(frame.at(Room::Overview.path()), t.say("console-overview"))),
        panels: vec![
            concluded(diagnosis, t.say("console-doctor-installation-good")),
            findings(diagnosis, t),
            Panel::broad(None).with(Block::Command("doorward doctor".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Overview), sheet)
}
