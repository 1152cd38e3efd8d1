//! The question before something that cannot be undone.

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Form, Panel, Sheet, Style},
};

/// What is asked.
pub(super) struct Removal<'a> {
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) submit: String,
    /// Whose page this belongs to.
    pub(super) name: &'a str,
    pub(super) action: String,
    pub(super) command: String,
}

/// Renders the question.
pub(super) fn removal(frame: &Frame<'_>, room: Room, asked: &Removal<'_>) -> String {
    let back = frame.within(room, &format!("/{}", super::words::segment(asked.name)));
    let form = Form {
        style: Style::Grave,
        ..button(frame, asked.action.clone(), asked.submit.clone(), "")
    };
    let sheet = Sheet {
        title: asked.title.clone(),
        lead: Some(asked.lead.clone()),
        up: Some(Anchor::new(back, asked.name)),
        panels: vec![
            Panel::default()
                .with(Block::Form(form))
                .with(Block::Command(asked.command.clone())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(room), sheet)
}
