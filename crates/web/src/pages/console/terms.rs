//! Terms and conditions, and who has accepted them.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    people::next,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::{segment, word},
};

/// A version, and who has accepted it.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The version.
    pub terms: &'a api::Terms,
    /// Who has accepted it, the latest first; none when that could not be listed.
    pub accepted: Option<&'a api::List<api::TermsAcceptance>>,
    /// Only this person.
    pub user: &'a str,
    /// The viewer may withdraw it.
    pub may_change: bool,
    /// Why the last try did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// The form for a new version: text and address in each language of the pages.
#[derive(Debug, Clone, Copy)]
pub struct PublishTerms<'a> {
    /// In English.
    pub english: (&'a str, &'a str),
    /// In German.
    pub german: (&'a str, &'a str),
    /// Why the last try did not work.
    pub error: Option<&'a api::ErrorBody>,
}

fn here(frame: &Frame<'_>, version: u32, rest: &str) -> String {
    frame.within(Room::Terms, &format!("/{version}{rest}"))
}

fn state(terms: &api::TermsSummary, frame: &Frame<'_>) -> Cell {
    let t = frame.text();
    if terms.in_force {
        Cell::Badge(Tone::Good, t.say("console-terms-in-force"))
    } else if terms.withdrawn.is_some() {
        Cell::Badge(Tone::Plain, t.say("console-terms-withdrawn"))
    } else {
        Cell::Badge(Tone::Plain, t.say("console-terms-replaced"))
    }
}

/// Renders every version.
pub fn all_terms(all: &[api::TermsSummary], may_change: bool, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let rows = all
        .iter()
        .map(|terms| {
            let name = t.with("console-terms-one", "version", &terms.version.to_string());
            vec![
                Cell::Link(Anchor::new(here(frame, terms.version, ""), name)),
                state(terms, frame),
                frame.ago(terms.published),
                Cell::Text(terms.published_by.clone()),
                Cell::Codes(terms.languages.clone()),
                Cell::Text(terms.accepted.to_string()),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-terms"),
        heads: vec![
            t.say("console-terms-version"),
            t.say("console-state"),
            t.say("console-terms-published"),
            t.say("console-by"),
            t.say("console-terms-languages"),
            t.say("console-terms-accepted"),
        ],
        rows,
        empty: t.say("console-terms-none"),
        next: None,
        live: false,
    };
    let publish = Anchor::new(frame.within(Room::Terms, "/publish"), t.say("console-terms-publish"));
    let sheet = Sheet {
        title: t.say("console-terms"),
        lead: Some(t.say("console-terms-lead")),
        ways: if may_change { vec![publish] } else { Vec::new() },
        panels: vec![
            Panel::broad(None)
                .with(Block::Table(table))
                .with(Block::Command("doorward terms list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Terms), sheet)
}

/// Renders the form for the next version.
pub fn publish_terms(view: &PublishTerms<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let text = |name, language: &str, value| {
        let label = t.with("console-terms-text", "language", language);
        Field::lines("publish", name, label, value)
    };
    let address = |name, language: &str, value| {
        let label = t.with("console-terms-url", "language", language);
        Field::line("publish", name, label, value).of_type("url")
    };
    let form = Form {
        action: frame.within(Room::Terms, "/publish"),
        csrf: frame.csrf(),
        fields: vec![
            text("text_en", "English", view.english.0).rule(t.say("console-terms-text-rule")),
            address("url_en", "English", view.english.1).rule(t.say("console-terms-url-rule")),
            text("text_de", "Deutsch", view.german.0),
            address("url_de", "Deutsch", view.german.1),
        ],
        submit: t.say("console-terms-publish"),
        about: String::new(),
        style: Style::Usual,
    };
    let sheet = Sheet {
        title: t.say("console-terms-publish"),
        lead: Some(t.say("console-terms-publish-lead")),
        up: Some(Anchor::new(frame.at(Room::Terms.path()), t.say("console-terms"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![Panel::broad(None).with(Block::Form(form)).with(Block::Command(
            "doorward terms publish --text en=FILE --text de=FILE".to_owned(),
        ))],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Terms), sheet)
}

/// Renders a version.
pub fn terms(view: &Terms<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let about = &view.terms.about;
    let version = about.version;
    let mut facts = vec![
        (t.say("console-state"), state(about, frame)),
        (t.say("console-terms-published"), frame.ago(about.published)),
        (t.say("console-by"), Cell::Text(about.published_by.clone())),
        (t.say("console-terms-accepted"), Cell::Text(about.accepted.to_string())),
    ];
    if let Some(at) = about.withdrawn {
        facts.push((t.say("console-terms-withdrawn-at"), frame.ago(at)));
    }
    let mut panels = vec![
        Panel::broad(None)
            .with(Block::Facts(facts))
            .with(Block::Command(format!("doorward terms show {version}"))),
    ];
    panels.extend(view.terms.texts.iter().map(said));
    panels.extend(view.accepted.map(|found| accepted(view, found, frame)));
    if view.may_change && about.in_force {
        let form = Form {
            style: Style::Grave,
            ..button(
                frame,
                here(frame, version, "/withdraw"),
                t.say("console-terms-withdraw"),
                "",
            )
        };
        panels.push(
            Panel::new(t.say("console-terms-withdraw"))
                .with(Block::Text(t.say("console-terms-withdraw-lead")))
                .with(Block::Form(form))
                .with(Block::Command(format!("doorward terms withdraw {version}"))),
        );
    }
    let sheet = Sheet {
        title: t.with("console-terms-one", "version", &version.to_string()),
        up: Some(Anchor::new(frame.at(Room::Terms.path()), t.say("console-terms"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Terms), sheet)
}

fn said(text: &api::TermsText) -> Panel {
    let title = match text.language.as_str() {
        "en" => "English".to_owned(),
        "de" => "Deutsch".to_owned(),
        other => other.to_owned(),
    };
    Panel::broad(None).with(Block::Code {
        title,
        place: None,
        text: text.url.clone().or_else(|| text.text.clone()).unwrap_or_default(),
    })
}

fn accepted(view: &Terms<'_>, found: &api::List<api::TermsAcceptance>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let version = view.terms.about.version;
    let rows = found
        .items
        .iter()
        .map(|one| {
            let href = frame.within(Room::People, &format!("/{}", segment(&one.user)));
            vec![
                Cell::Link(Anchor::new(href, &*one.user)),
                frame.ago(one.accepted),
                Cell::Text(one.language.clone()),
                Cell::Text(one.address.clone()),
            ]
        })
        .collect();
    let query = if view.user.is_empty() {
        String::new()
    } else {
        format!("user={}&", segment(view.user))
    };
    let rest = format!("/{version}");
    let table = Table {
        label: t.say("console-terms-who"),
        heads: vec![
            t.say("username"),
            t.say("console-terms-accepted"),
            t.say("console-terms-language"),
            t.say("sessions-address"),
        ],
        rows,
        empty: t.say("console-terms-nobody"),
        next: next(frame, Room::Terms, &rest, &query, found.next.as_deref()),
        live: false,
    };
    let filter = Form {
        action: here(frame, version, ""),
        csrf: None,
        fields: vec![Field::line("filter", "user", t.say("username"), view.user)],
        submit: t.say("console-filter"),
        about: String::new(),
        style: Style::Quiet,
    };
    let command = if view.user.is_empty() {
        format!("doorward terms accepted {version}")
    } else {
        format!("doorward terms accepted {version} --user {}", word(view.user))
    };
    Panel::broad(Some(t.say("console-terms-who")))
        .with(Block::Form(filter))
        .with(Block::Table(table))
        .with(Block::Command(command))
}
