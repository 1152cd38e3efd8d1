//! One application: who may use it, its configuration and secret, what somebody would get, its settings.

use doorward_api as api;

use super::{
    Frame, Room,
    apps::proposals,
    frame::button,
    policies,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    state_files, trouble,
    words::{segment, word},
};

/// An application.
#[derive(Debug, Clone, Copy)]
pub struct App<'a> {
    /// The application.
    pub app: &'a api::App,
    /// Groups that there are, to choose from.
    pub groups: &'a [String],
    /// The viewer may change it.
    pub may_change: bool,
    /// The viewer may see what somebody would get.
    pub may_preview: bool,
    /// The viewer may see what is asked of logins into it.
    pub may_see_policy: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

pub(super) fn here(frame: &Frame<'_>, client_id: &str, rest: &str) -> String {
    frame.within(Room::Apps, &format!("/{}{rest}", segment(client_id)))
}

/// Renders an application.
pub fn app(view: &App<'_>, frame: &Frame<'_>) -> String {
    let (t, app) = (frame.text(), view.app);
    let mut panels = vec![access(view, frame)];
    if view.may_change {
        panels.push(let_in(view, frame));
    }
    panels.push(configuration(view, frame));
    if view.may_change && app.authentication == api::Authentication::ClientSecret {
        panels.push(secret(app, frame));
    }
    if view.may_preview {
        panels.push(ask_preview(app, frame));
    }
    if view.may_see_policy {
        panels.push(policies::way(policies::Place::App(&app.client_id), frame));
    }
    panels.push(facts(app, frame));
    if view.may_change {
        panels.push(edit(app, frame));
        panels.push(switch(app, frame));
        panels.push(
            Panel::new(t.say("console-delete"))
                .with(Block::Text(t.say("console-delete-app-lead")))
                .with(Block::Grave(Anchor::new(
                    here(frame, &app.client_id, "/remove"),
                    t.say("console-delete-app"),
                ))),
        );
    }
    let sheet = Sheet {
        title: app.name.clone(),
        lead: Some(app.url.clone()),
        up: Some(Anchor::new(frame.at(Room::Apps.path()), t.say("console-apps"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

fn access(view: &App<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let mut heads = vec![t.say("console-group"), t.say("console-scopes")];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = app
        .scope_map
        .iter()
        .map(|entry| {
            let name = if entry.group == "everyone" {
                Cell::Text(t.say("console-everyone"))
            } else {
                let href = frame.within(Room::Groups, &format!("/{}", segment(&entry.group)));
                Cell::Link(Anchor::new(href, &*entry.group))
            };
            let mut row = vec![name, Cell::Codes(entry.scopes.clone())];
            if view.may_change {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("group", &*entry.group)],
                    ..button(
                        frame,
                        here(frame, &app.client_id, "/deny"),
                        t.say("console-app-deny"),
                        &entry.group,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("console-app-groups"),
        heads,
        rows,
        empty: t.say("console-app-nobody"),
        next: None,
        live: false,
    };
    let mut panel = Panel::broad(Some(t.say("console-app-groups")))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward app show {}", word(&app.client_id))));
    let file = format!("applications/{}.toml", app.client_id);
    panel.blocks.extend(state_files::way(&file, frame));
    panel
}

fn let_in(view: &App<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let form = Form {
        action: here(frame, &app.client_id, "/allow"),
        csrf: frame.csrf(),
        fields: vec![
            Field::proposed("allow", "group", t.say("console-group"), proposals(view.groups)).required(),
            Field::line("allow", "scopes", t.say("console-scopes"), "").rule(t.say("console-scopes-rule")),
        ],
        submit: t.say("console-app-allow"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-app-allow"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward app allow {} GROUP",
            word(&app.client_id)
        )))
}

fn configuration(view: &App<'_>, frame: &Frame<'_>) -> Panel {
    let (t, id) = (frame.text(), &view.app.client_id);
    let panel =
        Panel::new(t.say("console-app-configuration")).with(Block::Text(t.say("console-app-configuration-lead")));
    let form = Form {
        action: here(frame, id, "/snippet"),
        csrf: None,
        fields: vec![
            Field::line("snippet", "ca_file", t.say("console-ca-file"), "").rule(t.say("console-ca-file-rule")),
        ],
        submit: t.say("console-app-snippet"),
        about: String::new(),
        style: Style::Quiet,
    };
    let panel = panel.with(Block::Form(form));
    let panel = if view.may_change {
        panel.with(Block::Form(button(
            frame,
            here(frame, id, "/snippet"),
            t.say("console-app-snippet-secret"),
            "",
        )))
    } else {
        panel
    };
    let panel = panel.with(Block::Command(format!("doorward app show {} --snippet", word(id))));
    if view.may_change {
        panel.with(Block::Way(Anchor::new(here(frame, id, "/pair"), t.say("console-pair"))))
    } else {
        panel
    }
}

fn secret(app: &api::App, frame: &Frame<'_>) -> Panel {
    let (t, id) = (frame.text(), &app.client_id);
    let rotate = Form {
        action: here(frame, id, "/rotate"),
        csrf: frame.csrf(),
        fields: vec![Field::line("rotate", "overlap_hours", t.say("console-secret-overlap"), "24").of_type("number")],
        submit: t.say("console-secret-rotate"),
        about: String::new(),
        style: Style::Grave,
    };
    Panel::new(t.say("console-secret"))
        .with(Block::Text(t.say("console-secret-lead")))
        .with(Block::Form(button(
            frame,
            here(frame, id, "/secret"),
            t.say("console-secret-show"),
            "",
        )))
        .with(Block::Command(format!("doorward app secret show {}", word(id))))
        .with(Block::Form(rotate))
        .with(Block::Command(format!(
            "doorward app secret rotate {} --overlap 24h",
            word(id)
        )))
}

fn ask_preview(app: &api::App, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, &app.client_id, "/preview"),
        csrf: None,
        fields: vec![
            Field::line("preview", "user", t.say("username"), "").required(),
            Field::line("preview", "scopes", t.say("console-scopes"), "").rule(t.say("console-preview-scopes-rule")),
        ],
        submit: t.say("console-preview-go"),
        about: String::new(),
        style: Style::Quiet,
    };
    Panel::new(t.say("console-preview"))
        .with(Block::Text(t.say("console-preview-lead")))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward app preview {} --user anna",
            word(&app.client_id)
        )))
}

fn facts(app: &api::App, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let seconds = |seconds: i64| Cell::Text(t.span(u64::try_from(seconds).unwrap_or(0)));
    let yes = |yes: bool| Cell::Text(if yes { t.say("console-yes") } else { t.say("console-no") });
    let codes = |list: &[String]| {
        if list.is_empty() {
            Cell::Nothing
        } else {
            Cell::Codes(list.to_vec())
        }
    };
    let consent = match app.consent {
        api::Consent::Ask => t.say("console-consent-ask"),
        api::Consent::Skip => t.say("console-consent-skip"),
    };
    let facts = vec![
        (t.say("console-client-id"), Cell::Code(app.client_id.clone())),
        (t.say("console-issuer"), Cell::Code(app.issuer.clone())),
        (t.say("console-preset"), Cell::Code(app.preset.clone())),
        (t.say("console-redirect-uris"), codes(&app.redirect_uris)),
        (t.say("console-redirect-suggestions"), codes(&app.redirect_suggestions)),
        (t.say("console-logout-uris"), codes(&app.post_logout_redirect_uris)),
        (
            t.say("console-logouts-uri"),
            match &app.logout.backchannel_uri {
                Some(uri) => Cell::Code(uri.clone()),
                None => Cell::Text(t.say("console-logouts-nowhere")),
            },
        ),
        (t.say("console-scopes"), codes(&app.scopes)),
        (t.say("console-audiences"), codes(&app.audiences)),
        (t.say("console-authentication"), said(&app.authentication)),
        (t.say("console-kind"), said(&app.kind)),
        (t.say("console-pkce"), said(&app.pkce)),
        (t.say("console-consent"), Cell::Text(consent)),
        (t.say("console-usernames"), said(&app.usernames)),
        (t.say("console-id-token-alg"), said(&app.id_token_alg)),
        (t.say("console-access-token-lives"), seconds(app.lifetimes.access_token)),
        (
            t.say("console-refresh-token-lives"),
            seconds(app.lifetimes.refresh_token),
        ),
        (t.say("console-client-credentials"), yes(app.client_credentials)),
        (t.say("console-cors"), codes(&app.cors_origins)),
        (
            t.say("console-claims"),
            codes(&app.claims.iter().map(|rule| rule.claim.clone()).collect::<Vec<_>>()),
        ),
        (t.say("console-added"), frame.ago(app.created)),
        (t.say("console-changed"), frame.ago(app.updated)),
    ];
    let mut panel = Panel::broad(Some(t.say("console-app-settings"))).with(Block::Facts(facts));
    for weak in &app.weakened {
        panel = panel
            .with(Block::Note(format!("{}: {}", weak.name, weak.meaning)))
            .with(Block::Command(weak.undo.clone()));
    }
    panel
        .with(Block::Way(Anchor::new(
            here(frame, &app.client_id, "/doctor"),
            t.say("console-doctor"),
        )))
        .with(Block::Way(Anchor::new(
            here(frame, &app.client_id, "/logouts"),
            t.say("console-logouts"),
        )))
        .with(Block::Way(Anchor::new(
            here(frame, &app.client_id, "/settings"),
            t.say("console-more"),
        )))
}

/// A setting in the word that commands and the API have for it.
pub(super) fn said(value: &impl serde::Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Cell::Code(text),
        Ok(value) => Cell::Code(value.to_string()),
        Err(_) => Cell::Nothing,
    }
}

fn edit(app: &api::App, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let consent = match app.consent {
        api::Consent::Ask => "ask",
        api::Consent::Skip => "skip",
    };
    let options = vec![
        ("ask".to_owned(), t.say("console-consent-ask")),
        ("skip".to_owned(), t.say("console-consent-skip")),
    ];
    let id = "edit";
    let form = Form {
        action: here(frame, &app.client_id, "/edit"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line(id, "name", t.say("console-app-name"), &*app.name).required(),
            Field::line(id, "url", t.say("console-address"), &*app.url)
                .of_type("url")
                .required(),
            Field::line(
                id,
                "start_url",
                t.say("console-start-url"),
                app.start_url.clone().unwrap_or_default(),
            )
            .of_type("url")
            .rule(t.say("console-start-url-rule")),
            Field::lines(
                id,
                "redirect_uris",
                t.say("console-redirect-uris"),
                app.redirect_uris.join("\n"),
            )
            .rule(t.say("console-lines-rule")),
            Field::lines(
                id,
                "post_logout_redirect_uris",
                t.say("console-logout-uris"),
                app.post_logout_redirect_uris.join("\n"),
            )
            .rule(t.say("console-lines-rule")),
            Field::choice(id, "consent", t.say("console-consent"), consent, options),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    let mut form = form;
    if !app.redirect_suggestions.is_empty() {
        let label = t.say("console-redirect-suggestions");
        let known = app.redirect_suggestions.join("\n");
        form.fields.push(
            Field::lines(id, "redirect_suggestions", label, known).rule(t.say("console-redirect-suggestions-rule")),
        );
    }
    Panel::new(t.say("console-edit"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward app edit {} --title {}",
            word(&app.client_id),
            word(&app.name)
        )))
}

fn switch(app: &api::App, frame: &Frame<'_>) -> Panel {
    let (t, id) = (frame.text(), &app.client_id);
    let panel = Panel::new(t.say("console-state")).with(Block::Text(t.say("console-app-disable-lead")));
    if app.disabled {
        panel
            .with(Block::Form(button(
                frame,
                here(frame, id, "/enable"),
                t.say("console-enable"),
                "",
            )))
            .with(Block::Command(format!("doorward app enable {}", word(id))))
    } else {
        let form = button(frame, here(frame, id, "/disable"), t.say("console-disable"), "");
        panel
            .with(Block::Form(Form {
                style: Style::Grave,
                ..form
            }))
            .with(Block::Command(format!("doorward app disable {}", word(id))))
    }
}

pub(super) fn tone(outcome: api::StepOutcome) -> Tone {
    match outcome {
        api::StepOutcome::Ok => Tone::Good,
        api::StepOutcome::Refused => Tone::Bad,
        api::StepOutcome::Info => Tone::Plain,
    }
}

pub(super) fn outcome(t: crate::pages::text::Text, outcome: api::StepOutcome) -> String {
    match outcome {
        api::StepOutcome::Ok => t.say("console-step-ok"),
        api::StepOutcome::Refused => t.say("console-step-refused"),
        api::StepOutcome::Info => t.say("console-step-info"),
    }
}

/// Renders the question whether an application is to be removed.
pub fn remove_app(app: &api::App, frame: &Frame<'_>) -> String {
    let (t, id) = (frame.text(), &app.client_id);
    super::removal(
        frame,
        Room::Apps,
        &super::Removal {
            title: t.with("console-delete-title", "name", &app.name),
            lead: t.say("console-delete-app-lead"),
            submit: t.say("console-delete-app"),
            name: id,
            action: here(frame, id, "/remove"),
            command: format!("doorward app remove {}", word(id)),
        },
    )
}
