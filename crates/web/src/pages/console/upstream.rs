//! One provider: what is registered there, who came through it, what may be changed.

use doorward_api as api;

use super::{
    Frame, Room,
    app::said,
    frame::button,
    people::next,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    state_files, trouble,
    upstreams::{enabled, here},
    words::{segment, word},
};
use crate::pages::text::Text;

/// A provider, and who came through it.
#[derive(Debug, Clone, Copy)]
pub struct Upstream<'a> {
    /// The provider.
    pub upstream: &'a api::Upstream,
    /// Who came through it; none for whoever may not see people.
    pub identities: Option<&'a api::List<api::Identity>>,
    /// The viewer may change it.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders a provider.
pub fn upstream(view: &Upstream<'_>, frame: &Frame<'_>) -> String {
    let (t, upstream) = (frame.text(), view.upstream);
    let name = &upstream.name;
    let mut panels = vec![
        facts(view, frame),
        Panel::new(t.say("console-probe"))
            .with(Block::Text(t.say("console-probe-lead")))
            .with(Block::Form(button(
                frame,
                here(frame, name, "/probe"),
                t.say("console-probe-go"),
                "",
            )))
            .with(Block::Command(format!("doorward upstream probe {}", word(name)))),
        Panel::new(t.say("console-upstream-register")).with(Block::Facts(vec![
            (t.say("console-redirect-uri"), Cell::Code(upstream.redirect_uri.clone())),
            (
                t.say("console-logout-uris"),
                Cell::Code(upstream.post_logout_redirect_uri.clone()),
            ),
            (
                t.say("console-backchannel"),
                Cell::Code(upstream.backchannel_logout_uri.clone()),
            ),
            (
                t.say("console-frontchannel"),
                Cell::Code(upstream.frontchannel_logout_uri.clone()),
            ),
            (
                t.say("console-upstream-preview"),
                super::link::link(&upstream.preview_uri).map_or(Cell::Nothing, |address| {
                    Cell::Link(Anchor::new(address, t.say("console-upstream-preview-go")))
                }),
            ),
        ])),
    ];
    if view.may_change {
        panels.push(edit(upstream, frame));
        panels.push(secret(upstream, frame));
        panels.push(link(upstream, frame));
    }
    if let Some(identities) = view.identities {
        panels.push(people(identities, view, frame));
        panels.push(dry_run(upstream, frame));
    }
    if view.may_change {
        panels.push(
            Panel::new(t.say("console-delete"))
                .with(Block::Text(t.say("console-delete-upstream-lead")))
                .with(Block::Grave(Anchor::new(
                    here(frame, name, "/remove"),
                    t.say("console-delete-upstream"),
                ))),
        );
    }
    let sheet = Sheet {
        title: upstream.title.clone(),
        lead: Some(upstream.issuer.clone()),
        up: Some(Anchor::new(
            frame.at(Room::Upstreams.path()),
            t.say("console-upstreams"),
        )),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

fn facts(view: &Upstream<'_>, frame: &Frame<'_>) -> Panel {
    let (t, upstream) = (frame.text(), view.upstream);
    let codes = |list: &[String]| {
        if list.is_empty() {
            Cell::Nothing
        } else {
            Cell::Codes(list.to_vec())
        }
    };
    let create = if upstream.create_users {
        t.say("console-yes")
    } else {
        t.say("console-no")
    };
    let facts = vec![
        (t.say("console-upstream-name"), Cell::Code(upstream.name.clone())),
        (t.say("console-state"), enabled(t, upstream.enabled)),
        (t.say("console-preset"), Cell::Code(upstream.preset.clone())),
        (
            t.say("console-upstream-client-id"),
            Cell::Code(upstream.client_id.clone()),
        ),
        (t.say("console-authentication"), said(&upstream.authentication)),
        (t.say("console-scopes"), codes(&upstream.scopes)),
        (t.say("console-upstream-create"), Cell::Text(create)),
        (t.say("console-upstream-link"), Cell::Text(linking(t, upstream.link))),
        (t.say("console-upstream-domains"), codes(&upstream.domains)),
        (t.say("console-groups"), codes(&upstream.groups)),
        (t.say("console-added"), frame.ago(upstream.created)),
        (t.say("console-changed"), frame.ago(upstream.changed)),
    ];
    let mut panel = Panel::broad(None).with(Block::Facts(facts));
    for weak in &upstream.weakened {
        panel = panel
            .with(Block::Note(format!("{}: {}", weak.name, weak.meaning)))
            .with(Block::Command(weak.undo.clone()));
    }
    panel = panel
        .with(Block::Command(format!(
            "doorward upstream show {}",
            word(&upstream.name)
        )))
        .with(Block::Way(Anchor::new(
            here(frame, &upstream.name, "/settings"),
            t.say("console-more"),
        )));
    let file = format!("upstreams/{}.toml", upstream.name);
    panel.blocks.extend(state_files::way(&file, frame));
    panel
}

fn linking(t: Text, rule: api::LinkRule) -> String {
    match rule {
        api::LinkRule::Never => t.say("console-link-never"),
        api::LinkRule::VerifiedEmail => t.say("console-link-verified"),
        api::LinkRule::Confirmed => t.say("console-link-confirmed"),
    }
}

/// How somebody from there came to be somebody here; the API's word where this page has no other.
fn origin(t: Text, word: &str) -> Cell {
    match word {
        "created" => Cell::Text(t.say("console-origin-created")),
        "email" => Cell::Text(t.say("console-origin-email")),
        "confirmed" => Cell::Text(t.say("console-origin-confirmed")),
        "administrator" => Cell::Text(t.say("console-origin-administrator")),
        other => Cell::Code(other.to_owned()),
    }
}

/// What would become of somebody; the API's word where this page has no other.
fn would_be(t: Text, word: &str) -> Cell {
    match word {
        "known" => Cell::Text(t.say("console-dry-run-known")),
        "linked" => Cell::Text(t.say("console-dry-run-linked")),
        "created" => Cell::Text(t.say("console-dry-run-created")),
        "refused" => Cell::Text(t.say("console-dry-run-refused")),
        other => Cell::Code(other.to_owned()),
    }
}

fn edit(upstream: &api::Upstream, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let switch = |name: &'static str, label: String, on: bool| {
        Field::choice(
            "edit",
            name,
            label,
            if on { "true" } else { "false" },
            vec![
                ("true".to_owned(), t.say("console-yes")),
                ("false".to_owned(), t.say("console-no")),
            ],
        )
    };
    let rule = match upstream.link {
        api::LinkRule::Never => "never",
        api::LinkRule::VerifiedEmail => "verified_email",
        api::LinkRule::Confirmed => "confirmed",
    };
    let rules = [
        ("never", api::LinkRule::Never),
        ("verified_email", api::LinkRule::VerifiedEmail),
        ("confirmed", api::LinkRule::Confirmed),
    ]
    .map(|(word, rule)| (word.to_owned(), linking(t, rule)))
    .to_vec();
    let form = Form {
        action: here(frame, &upstream.name, "/edit"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("edit", "title", t.say("console-upstream"), &*upstream.title).required(),
            switch("enabled", t.say("console-upstream-enabled"), upstream.enabled),
            switch("button", t.say("console-upstream-button"), upstream.button),
            switch("create_users", t.say("console-upstream-create"), upstream.create_users),
            Field::choice("edit", "link", t.say("console-upstream-link"), rule, rules),
            Field::line(
                "edit",
                "domains",
                t.say("console-upstream-domains"),
                upstream.domains.join(" "),
            )
            .rule(t.say("console-names-rule")),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-edit"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward upstream edit {} --title {}",
            word(&upstream.name),
            word(&upstream.title)
        )))
}

fn secret(upstream: &api::Upstream, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, &upstream.name, "/secret"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("secret", "secret", t.say("console-upstream-secret"), "")
                .of_type("password")
                .required(),
        ],
        submit: t.say("console-save"),
        about: t.say("console-upstream-secret"),
        style: Style::Quiet,
    };
    Panel::new(t.say("console-upstream-secret"))
        .with(Block::Text(t.say("console-upstream-secret-lead")))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward upstream secret set {} --secret-file FILE",
            word(&upstream.name)
        )))
}

fn link(upstream: &api::Upstream, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, &upstream.name, "/link"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("link", "subject", t.say("console-subject-there"), "").required(),
            Field::line("link", "user", t.say("username"), "").required(),
        ],
        submit: t.say("console-identity-link"),
        about: String::new(),
        style: Style::Quiet,
    };
    Panel::new(t.say("console-identity-link"))
        .with(Block::Text(t.say("console-identity-link-lead")))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward upstream link {} --subject SUBJECT --user anna",
            word(&upstream.name)
        )))
}

fn people(identities: &api::List<api::Identity>, view: &Upstream<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.upstream.name);
    let mut heads = vec![
        t.say("username"),
        t.say("console-subject-there"),
        t.say("console-origin"),
        t.say("console-last-login"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = identities
        .items
        .iter()
        .map(|identity| {
            let href = frame.within(Room::People, &format!("/{}", segment(&identity.user)));
            let mut row = vec![
                Cell::Link(Anchor::new(href, &*identity.user)),
                Cell::Code(identity.subject.clone()),
                origin(t, &identity.origin),
                identity.last_login.map_or(Cell::Nothing, |at| frame.ago(at)),
            ];
            if view.may_change {
                row.push(Cell::Button(Form {
                    fields: vec![
                        Field::hidden("subject", &*identity.subject),
                        Field::hidden("issuer", &*identity.issuer),
                    ],
                    ..button(
                        frame,
                        here(frame, name, "/unlink"),
                        t.say("console-identity-unlink"),
                        &identity.user,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("console-identities"),
        heads,
        rows,
        empty: t.say("console-identities-none"),
        next: next(
            frame,
            Room::Upstreams,
            &format!("/{}", segment(name)),
            "",
            identities.next.as_deref(),
        ),
        live: false,
    };
    Panel::broad(Some(t.say("console-identities")))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward upstream identities {}", word(name))))
}

fn dry_run(upstream: &api::Upstream, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    Panel::new(t.say("console-dry-run"))
        .with(Block::Text(t.say("console-dry-run-lead")))
        .with(Block::Form(Form {
            csrf: None,
            ..button(
                frame,
                here(frame, &upstream.name, "/dry-run"),
                t.say("console-show"),
                "",
            )
        }))
        .with(Block::Command(format!(
            "doorward upstream link {} --dry-run",
            word(&upstream.name)
        )))
}

/// Renders who would become whom.
pub fn upstream_dry_run(name: &str, people: &[api::WouldBe], frame: &Frame<'_>) -> String {
    let t = frame.text();
    let some = |text: &Option<String>| text.clone().map_or(Cell::Nothing, Cell::Text);
    let rows = people
        .iter()
        .map(|one| {
            vec![
                some(&one.subject),
                some(&one.email),
                would_be(t, &one.outcome),
                some(&one.user),
                some(&one.why),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-dry-run"),
        heads: vec![
            t.say("console-subject-there"),
            t.say("console-email"),
            t.say("console-outcome"),
            t.say("username"),
            t.say("console-why"),
        ],
        rows,
        empty: t.say("console-dry-run-none"),
        next: None,
        live: false,
    };
    let sheet = Sheet {
        title: t.say("console-dry-run"),
        lead: Some(t.say("console-dry-run-lead")),
        up: Some(Anchor::new(here(frame, name, ""), name)),
        panels: vec![
            Panel::broad(None)
                .with(Block::Table(table))
                .with(Block::Command(format!(
                    "doorward upstream link {} --dry-run",
                    word(name)
                ))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

/// Renders the question whether a provider is to be removed.
pub fn remove_upstream(upstream: &api::Upstream, frame: &Frame<'_>) -> String {
    let (t, name) = (frame.text(), &upstream.name);
    super::removal(
        frame,
        Room::Upstreams,
        &super::Removal {
            title: t.with("console-delete-title", "name", &upstream.title),
            lead: t.say("console-delete-upstream-lead"),
            submit: t.say("console-delete-upstream"),
            name,
            action: here(frame, name, "/remove"),
            command: format!("doorward upstream remove {} --with-identities", word(name)),
        },
    )
}
