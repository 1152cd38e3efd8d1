//! Letters: whether they are sent, those that have not arrived, and a test.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    people::next,
    sheet::{Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::word,
};

/// What is known of letters.
#[derive(Debug, Clone, Copy)]
pub struct Mail<'a> {
    /// The mail server, and how many letters wait.
    pub status: &'a api::MailStatus,
    /// Letters that have not arrived; none for whoever may not see people.
    pub queue: Option<&'a api::List<api::Letter>>,
    /// The viewer may send letters again and remove them.
    pub may_change: bool,
    /// The viewer may send a test.
    pub may_test: bool,
    /// Where a test goes, as typed.
    pub to: &'a str,
    /// The address whose test the mail server has just taken.
    pub tested: Option<&'a str>,
    /// Why the last try did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// What makes mail work, as the configuration file has it.
const SETTING: &str = "[mail]\nhost = \"smtp.example.com\"\nfrom = \"Single sign-on <sso@example.com>\"\nuser = \"sso\"\n\
                       password_file = \"/etc/doorward/smtp-password\"";

/// Renders what is known of letters.
pub fn mail(view: &Mail<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![about(view, frame)];
    if view.may_test && view.status.on {
        panels.push(test(view, frame));
    }
    if let Some(queue) = view.queue {
        panels.push(letters(queue, view, frame));
    }
    let sheet = Sheet {
        title: t.say("console-mail"),
        lead: Some(t.say("console-mail-lead")),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Mail), sheet)
}

fn about(view: &Mail<'_>, frame: &Frame<'_>) -> Panel {
    let (t, status) = (frame.text(), view.status);
    let state = if status.on {
        Cell::Badge(Tone::Good, t.say("console-mail-on"))
    } else {
        Cell::Badge(Tone::Plain, t.say("console-mail-off"))
    };
    let facts = vec![
        (t.say("console-state"), state),
        (
            t.say("console-mail-server"),
            status.server.clone().map_or(Cell::Nothing, Cell::Code),
        ),
        (t.say("console-mail-waiting"), Cell::Text(status.waiting.to_string())),
        (t.say("console-mail-given-up"), Cell::Text(status.given_up.to_string())),
    ];
    let mut panel = Panel::broad(None);
    if let Some(address) = view.tested {
        panel = panel.with(Block::Good(t.with("console-mail-tested", "address", address)));
    }
    panel = panel.with(Block::Facts(facts));
    if !status.on {
        panel = panel
            .with(Block::Text(t.say("console-mail-off-lead")))
            .with(Block::Code {
                title: t.say("console-mail-setting"),
                place: None,
                text: SETTING.to_owned(),
            });
    }
    panel.with(Block::Command("doorward mail show".to_owned()))
}

fn test(view: &Mail<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let languages = vec![
        ("en".to_owned(), "English".to_owned()),
        ("de".to_owned(), "Deutsch".to_owned()),
    ];
    let chosen = frame.chrome.lang.tag();
    let form = Form {
        action: frame.within(Room::Mail, "/test"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("test", "to", t.say("console-email"), view.to)
                .of_type("email")
                .required(),
            Field::choice("test", "language", t.say("console-language"), chosen, languages),
        ],
        submit: t.say("console-mail-test-go"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-mail-test"))
        .with(Block::Text(t.say("console-mail-test-lead")))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward mail test {} --language {chosen}",
            if view.to.is_empty() {
                "anna@example.com".to_owned()
            } else {
                word(view.to)
            },
        )))
}

fn letters(queue: &api::List<api::Letter>, view: &Mail<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-mail-to"),
        t.say("console-mail-what"),
        t.say("console-state"),
        t.say("console-mail-tries"),
        t.say("console-mail-next"),
        t.say("console-mail-problem"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = queue.items.iter().map(|letter| row(letter, view, frame)).collect();
    let table = Table {
        label: t.say("console-mail-queue"),
        heads,
        rows,
        empty: t.say("console-mail-none"),
        next: next(frame, Room::Mail, "", "", queue.next.as_deref()),
        live: false,
    };
    let mut panel = Panel::broad(Some(t.say("console-mail-queue"))).with(Block::Table(table));
    if let Some(letter) = queue.items.first().filter(|_| view.may_change) {
        panel = panel.with(Block::Command(format!("doorward mail retry {}", letter.id)));
    }
    panel.with(Block::Command("doorward mail queue".to_owned()))
}

fn row(letter: &api::Letter, view: &Mail<'_>, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let (state, due) = match letter.state {
        api::LetterState::Waiting => (
            Cell::Badge(Tone::Plain, t.say("console-mail-is-waiting")),
            if letter.due > frame.now {
                frame.ahead(letter.due)
            } else {
                frame.ago(letter.due)
            },
        ),
        api::LetterState::GivenUp => (Cell::Badge(Tone::Bad, t.say("console-mail-is-given-up")), Cell::Nothing),
    };
    let mut row = vec![
        Cell::Text(letter.recipient.clone()),
        Cell::Code(letter.kind.clone()),
        state,
        Cell::Text(letter.tries.to_string()),
        due,
        letter.problem.clone().map_or(Cell::Nothing, Cell::Text),
    ];
    if view.may_change {
        let press = |rest: &str, submit: String| Form {
            fields: vec![Field::hidden("letter", letter.id.to_string())],
            ..button(frame, frame.within(Room::Mail, rest), submit, &letter.recipient)
        };
        row.push(Cell::Buttons(vec![
            press("/retry", t.say("console-mail-retry")),
            press("/remove", t.say("console-mail-remove")),
        ]));
    }
    row
}
