//! What a person proves who they are with: the second factors, each passkey, and taking them away from whoever lost them.

use doorward_api as api;

use super::{
    Frame, Person, Room,
    frame::button,
    person::here,
    policies,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::{segment, word},
};
use crate::pages::text::Text;

/// What there is beside the password, and what is asked.
pub(super) fn beside_the_password(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name, has) = (frame.text(), &view.user.name, view.factors);
    let facts = vec![
        (
            t.say("console-factor-app"),
            has.totp.map_or(Cell::Nothing, |at| frame.ago(at)),
        ),
        (t.say("nav-passkeys"), Cell::Text(has.passkeys.to_string())),
        (
            t.say("console-factor-recovery"),
            Cell::Text(has.recovery_codes.to_string()),
        ),
        (
            t.say("console-factor-browsers"),
            Cell::Text(has.remembered_browsers.to_string()),
        ),
    ];
    let has_any = has.totp.is_some() || has.passkeys > 0 || has.recovery_codes > 0;
    let mut panel = Panel::broad(Some(t.say("console-factors")))
        .with(Block::Facts(facts))
        .with(Block::Command(format!("doorward user factors {}", word(name))));
    if !view.may_change {
        return panel;
    }
    if has.remembered_browsers > 0 {
        panel = panel
            .with(Block::Text(t.say("console-factor-browsers-lead")))
            .with(Block::Form(button(
                frame,
                here(frame, name, "/forget-browsers"),
                t.say("console-factor-browsers-forget"),
                "",
            )))
            .with(Block::Command(format!("doorward user forget-browsers {}", word(name))));
    }
    if has_any {
        panel = panel
            .with(Block::Text(t.say("console-factor-reset-lead")))
            .with(Block::Grave(Anchor::new(
                here(frame, name, "/reset-factors"),
                t.say("console-factor-reset"),
            )));
    }
    panel
}

/// What is asked of the person's logins, whatever they have.
pub(super) fn asked(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    Panel {
        broad: !view.may_change,
        ..Panel::new(t.say("console-policy"))
    }
    .with(Block::Facts(policies::demanded(view.demand, frame)))
    .with(Block::Command(format!(
        "doorward policy check {}",
        word(&view.user.name)
    )))
}

/// Renders the question whether a person's factors are to be taken away.
pub fn reset_factors(user: &api::User, frame: &Frame<'_>) -> String {
    let (t, name) = (frame.text(), &user.name);
    super::removal(
        frame,
        Room::People,
        &super::Removal {
            title: t.with("console-factor-reset-title", "name", name),
            lead: t.say("console-factor-reset-lead"),
            submit: t.say("console-factor-reset"),
            name,
            action: here(frame, name, "/reset-factors"),
            command: format!("doorward user reset-factors {}", word(name)),
        },
    )
}

pub(super) fn passkeys(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.user.name);
    let is_changeable = view.may_change && !view.passkeys.is_empty();
    let mut heads = vec![
        t.say("passkeys-name"),
        t.say("passkeys-kept"),
        t.say("passkeys-created"),
        t.say("sessions-last-seen"),
        t.say("console-state"),
    ];
    if is_changeable {
        heads.push(String::new());
    }
    let rows = view
        .passkeys
        .iter()
        .map(|passkey| {
            let kept = kept(t, passkey);
            let mut row = vec![
                Cell::Link(Anchor::new(of_passkey(frame, name, passkey, ""), &*passkey.name)),
                Cell::Text(kept),
                frame.ago(passkey.created),
                passkey.last_used.map_or(Cell::Nothing, |at| frame.ago(at)),
                state(t, passkey),
            ];
            if is_changeable {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("passkey", passkey.id.to_string())],
                    ..button(
                        frame,
                        here(frame, name, "/remove-passkey"),
                        t.say("logins-remove"),
                        &passkey.name,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("nav-passkeys"),
        heads,
        rows,
        empty: t.say("console-passkeys-none"),
        next: None,
        live: false,
    };
    let panel = Panel::broad(Some(t.say("nav-passkeys"))).with(Block::Table(table));
    if !is_changeable {
        return panel.with(Block::Command(format!("doorward user passkeys {}", word(name))));
    }
    panel
        .with(Block::Form(button(
            frame,
            here(frame, name, "/remove-passkeys"),
            t.say("console-passkeys-remove"),
            "",
        )))
        .with(Block::Command(format!(
            "doorward user remove-passkey {} --all",
            word(name)
        )))
}

fn of_passkey(frame: &Frame<'_>, name: &str, passkey: &api::Passkey, rest: &str) -> String {
    here(
        frame,
        name,
        &format!("/passkeys/{}{rest}", segment(&passkey.id.to_string())),
    )
}

fn kept(t: Text, passkey: &api::Passkey) -> String {
    if passkey.synced {
        t.say("passkeys-synced")
    } else {
        t.say("passkeys-one-device")
    }
}

fn state(t: Text, passkey: &api::Passkey) -> Cell {
    match passkey.copied {
        Some(_) => Cell::Badge(Tone::Bad, t.say("console-passkey-copied")),
        None => Cell::Badge(Tone::Good, t.say("console-passkey-good")),
    }
}

/// Renders one passkey of a person.
pub fn passkey(
    user: &str,
    passkey: &api::Passkey,
    may_change: bool,
    error: Option<&api::ErrorBody>,
    frame: &Frame<'_>,
) -> String {
    let t = frame.text();
    let said = |yes: bool| Cell::Text(if yes { t.say("console-yes") } else { t.say("console-no") });
    let facts = vec![
        (t.say("console-state"), state(t, passkey)),
        (t.say("passkeys-kept"), Cell::Text(kept(t, passkey))),
        (t.say("passkeys-created"), frame.ago(passkey.created)),
        (
            t.say("sessions-last-seen"),
            passkey.last_used.map_or(Cell::Nothing, |at| frame.ago(at)),
        ),
        (t.say("console-passkey-alone"), said(passkey.verifies_user)),
        (t.say("console-passkey-backed-up"), said(passkey.backed_up)),
        (
            t.say("console-passkey-discoverable"),
            passkey.discoverable.map_or(Cell::Nothing, said),
        ),
        (t.say("console-algorithm"), Cell::Code(passkey.algorithm.clone())),
        (
            t.say("console-passkey-model"),
            passkey
                .model
                .map_or(Cell::Nothing, |model| Cell::Code(model.to_string())),
        ),
        (
            t.say("console-passkey-reached"),
            if passkey.transports.is_empty() {
                Cell::Nothing
            } else {
                Cell::Codes(passkey.transports.clone())
            },
        ),
    ];
    let mut panels = vec![
        Panel::broad(None)
            .with(Block::Facts(facts))
            .with(Block::Command(format!("doorward user passkeys {}", word(user)))),
    ];
    if may_change {
        panels.push(rename(user, passkey, frame));
        panels.push(
            Panel::new(t.say("console-delete"))
                .with(Block::Text(t.say("console-passkey-remove-lead")))
                .with(Block::Form(Form {
                    fields: vec![Field::hidden("passkey", passkey.id.to_string())],
                    style: Style::Grave,
                    ..button(
                        frame,
                        here(frame, user, "/remove-passkey"),
                        t.say("console-passkey-remove"),
                        "",
                    )
                }))
                .with(Block::Command(format!(
                    "doorward user remove-passkey {} {}",
                    word(user),
                    passkey.id
                ))),
        );
    }
    let sheet = Sheet {
        title: passkey.name.clone(),
        up: Some(Anchor::new(here(frame, user, ""), user)),
        trouble: error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}

fn rename(user: &str, passkey: &api::Passkey, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: of_passkey(frame, user, passkey, "/rename"),
        csrf: frame.csrf(),
        fields: vec![Field::line("rename", "name", t.say("passkeys-name"), &*passkey.name).required()],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-passkey-rename"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward user rename-passkey {} {} {}",
            word(user),
            passkey.id,
            word(&passkey.name)
        )))
}
