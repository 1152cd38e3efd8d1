//! Signing keys and the master key.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::{segment, word},
};

/// What can sign, as the API names it.
const ALGORITHMS: [&str; 4] = ["RS256", "ES256", "EdDSA", "PS256"];

/// The keys.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// What tokens are signed with.
    pub keys: &'a [api::Key],
    /// What everything secret is sealed under.
    pub master: &'a api::Master,
    /// The viewer may turn, import and retire.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders both.
pub fn keys(view: &Keys<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![signing(view, frame)];
    if view.may_change {
        panels.extend([turn(frame), import(frame)]);
    }
    panels.push(master(view, frame));
    let sheet = Sheet {
        title: t.say("console-keys"),
        lead: Some(t.say("console-keys-lead")),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Keys), sheet)
}

fn signing(view: &Keys<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-key"),
        t.say("console-algorithm"),
        t.say("console-state"),
        t.say("console-added"),
        t.say("console-key-signs-from"),
        t.say("console-key-published-until"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let row = |key: &api::Key| {
        let (tone, said) = match key.state {
            api::KeyState::Next => (Tone::Plain, t.say("console-key-next")),
            api::KeyState::Active => (Tone::Good, t.say("console-key-active")),
            api::KeyState::Retiring => (Tone::Plain, t.say("console-key-retiring")),
            api::KeyState::Retired => (Tone::Plain, t.say("console-key-retired")),
        };
        let mut row = vec![
            Cell::Code(key.kid.clone()),
            Cell::Code(key.alg.clone()),
            Cell::Badge(tone, said),
            frame.ago(key.created),
            frame.when(key.activates_at),
            key.retires_at.map_or(Cell::Nothing, |at| frame.when(at)),
        ];
        if view.may_change {
            row.push(match key.state {
                api::KeyState::Retired => Cell::Nothing,
                _ => Cell::Links(vec![Anchor::new(
                    frame.within(Room::Keys, &format!("/{}/retire", segment(&key.kid))),
                    t.say("console-key-retire"),
                )]),
            });
        }
        row
    };
    let table = Table {
        label: t.say("console-keys"),
        heads,
        rows: view.keys.iter().map(row).collect(),
        empty: t.say("console-keys-none"),
        next: None,
        live: false,
    };
    Panel::broad(None)
        .with(Block::Table(table))
        .with(Block::Command("doorward key list".to_owned()))
}

/// Now or in two days.
fn when(form: &str, frame: &Frame<'_>) -> Field {
    let t = frame.text();
    let options = [
        ("false".to_owned(), t.say("console-key-published-first")),
        ("true".to_owned(), t.say("console-key-at-once")),
    ];
    Field::choice(
        form,
        "at_once",
        t.say("console-key-signs-from"),
        "false",
        options.to_vec(),
    )
    .rule(t.say("console-key-at-once-rule"))
}

fn turn(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let every = (String::new(), t.say("console-key-every-algorithm"));
    let each = ALGORITHMS.map(|name| (name.to_owned(), name.to_owned()));
    let options = std::iter::once(every).chain(each).collect();
    let form = Form {
        action: frame.within(Room::Keys, "/turn"),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice("turn", "alg", t.say("console-algorithm"), "", options),
            when("turn", frame),
        ],
        submit: t.say("console-key-turn"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-key-turn"))
        .with(Block::Form(form))
        .with(Block::Command("doorward key rotate --algorithm ES256".to_owned()))
}

fn import(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let options = ALGORITHMS.map(|name| (name.to_owned(), name.to_owned())).to_vec();
    let form = Form {
        action: frame.within(Room::Keys, "/import"),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice("import", "alg", t.say("console-algorithm"), "RS256", options),
            Field::lines("import", "pem", t.say("console-key-pem"), "").rule(t.say("console-key-pem-rule")),
            Field::line("import", "kid", t.say("console-key-id"), "").rule(t.say("console-key-id-rule")),
            when("import", frame),
        ],
        submit: t.say("console-key-import"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-key-import"))
        .with(Block::Form(form))
        .with(Block::Command("doorward key import FILE --algorithm RS256".to_owned()))
}

fn master(view: &Keys<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let state = |key: &api::MasterKey| match (key.current, key.needed) {
        (true, _) => Cell::Badge(Tone::Good, t.say("console-master-current")),
        (false, true) => Cell::Badge(Tone::Plain, t.say("console-master-needed")),
        (false, false) => Cell::Badge(Tone::Plain, t.say("console-master-older")),
    };
    let mut facts = vec![(t.say("console-master-from"), Cell::Text(view.master.source.clone()))];
    let keys = view.master.keys.iter();
    facts.extend(keys.map(|key| (t.with("console-master-key", "id", &key.id.to_string()), state(key))));
    let mut panel = Panel::new(t.say("console-master"))
        .with(Block::Text(t.say("console-master-lead")))
        .with(Block::Facts(facts));
    if view.may_change {
        let action = |path| frame.within(Room::Keys, path);
        panel = panel.with(Block::Form(button(
            frame,
            action("/master/rotate"),
            t.say("console-master-rotate"),
            "",
        )));
        if view.master.keys.len() > 1 {
            panel = panel.with(Block::Form(Form {
                style: Style::Grave,
                ..button(frame, action("/master/forget"), t.say("console-master-forget"), "")
            }));
        }
    }
    panel.with(Block::Command("doorward master-key show".to_owned()))
}

/// Renders the question whether a key is to be retired at once.
pub fn retire_key(kid: &str, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let form = Form {
        style: Style::Grave,
        ..button(
            frame,
            frame.within(Room::Keys, &format!("/{}/retire", segment(kid))),
            t.say("console-key-retire"),
            "",
        )
    };
    let sheet = Sheet {
        title: t.with("console-key-retire-title", "key", kid),
        lead: Some(t.say("console-key-retire-lead")),
        up: Some(Anchor::new(frame.at(Room::Keys.path()), t.say("console-keys"))),
        panels: vec![
            Panel::default()
                .with(Block::Form(form))
                .with(Block::Command(format!("doorward key retire {}", word(kid)))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Keys), sheet)
}
