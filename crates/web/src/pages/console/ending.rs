//! The end of an account: deleting it, bringing it back, and what is set about that.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style},
    words::{segment, word},
};
use crate::pages::text::Text;

fn here(frame: &Frame<'_>, name: &str, rest: &str) -> String {
    frame.within(Room::People, &format!("/{}{rest}", segment(name)))
}

/// What can be done about the end of an account: to delete it, or to bring it back.
pub(super) fn panel(user: &api::User, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &user.name);
    let href = here(frame, name, "/delete");
    let panel = Panel::broad(Some(t.say("console-delete")));
    let Some(at) = user.deletion else {
        return panel
            .with(Block::Text(t.say("console-delete-person-lead")))
            .with(Block::Grave(Anchor::new(href, t.say("console-delete-person"))));
    };
    panel
        .with(Block::Note(t.say("console-restore-lead")))
        .with(Block::Facts(vec![(t.say("console-gone"), frame.ahead(at))]))
        .with(Block::Form(button(
            frame,
            here(frame, name, "/restore"),
            t.say("console-restore"),
            "",
        )))
        .with(Block::Command(format!("doorward user restore {}", word(name))))
        .with(Block::Grave(Anchor::new(href, t.say("console-delete-now"))))
}

/// Renders the question whether a person is to be deleted, and when. Who is being deleted already can only be so sooner.
pub fn remove_person(user: &api::User, frame: &Frame<'_>) -> String {
    let (t, name) = (frame.text(), &user.name);
    let now = ("true".to_owned(), t.say("console-delete-now"));
    let later = ("false".to_owned(), t.say("console-delete-after-grace"));
    let when = if user.deletion.is_some() {
        Field::hidden("at_once", "true")
    } else {
        Field::choice(
            "delete",
            "at_once",
            t.say("console-delete-when"),
            "false",
            vec![later, now],
        )
    };
    let (lead, submit, command) = if user.deletion.is_some() {
        (
            t.say("console-delete-now-lead"),
            t.say("console-delete-now"),
            format!("doorward user delete {} --at-once", word(name)),
        )
    } else {
        (
            t.say("console-delete-person-lead"),
            t.say("console-delete-person"),
            format!("doorward user delete {}", word(name)),
        )
    };
    let form = Form {
        fields: vec![when],
        style: Style::Grave,
        ..button(frame, here(frame, name, "/delete"), submit, "")
    };
    let sheet = Sheet {
        title: t.with("console-delete-title", "name", name),
        lead: Some(lead),
        up: Some(Anchor::new(here(frame, name, ""), name)),
        panels: vec![Panel::default().with(Block::Form(form)).with(Block::Command(command))],
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}

/// What is set about deleting.
pub(super) fn settings(settings: &api::Settings, may_change: bool, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let panel = Panel::new(t.say("console-deleting"));
    let days = settings.deletion_grace_days.to_string();
    let own = if settings.own_deletion { "on" } else { "off" };
    let command = Block::Command(format!(
        "doorward setting edit --deletion-grace {days} --own-deletion {own}"
    ));
    let block = if may_change {
        Block::Form(Form {
            action: frame.at(Room::Settings.path()),
            csrf: frame.csrf(),
            fields: vec![
                Field::line("deleting", "deletion_grace_days", t.say("console-grace-days"), days)
                    .of_type("number")
                    .required(),
                Field::choice(
                    "deleting",
                    "own_deletion",
                    t.say("console-own-deletion"),
                    own,
                    vec![
                        ("off".to_owned(), yes_or_no(t, false)),
                        ("on".to_owned(), yes_or_no(t, true)),
                    ],
                ),
            ],
            submit: t.say("console-save"),
            about: String::new(),
            style: Style::Usual,
        })
    } else {
        Block::Facts(vec![
            (t.say("console-grace-days"), Cell::Text(days)),
            (
                t.say("console-own-deletion"),
                Cell::Text(yes_or_no(t, settings.own_deletion)),
            ),
        ])
    };
    panel.with(block).with(command)
}

fn yes_or_no(t: Text, yes: bool) -> String {
    if yes { t.say("console-yes") } else { t.say("console-no") }
}
