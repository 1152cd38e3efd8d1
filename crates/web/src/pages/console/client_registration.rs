//! Applications that register themselves.

use doorward_api as api;

use super::{
    Frame, Room,
    app_settings::spelled,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    trouble,
    words::word,
};

/// Whether applications may register themselves, and the tokens that let them.
#[derive(Debug, Clone, Copy)]
pub struct ClientRegistration<'a> {
    /// Whether and how.
    pub policy: &'a api::ClientRegistration,
    /// The initial access tokens, never their values.
    pub tokens: &'a [api::InitialAccessToken],
    /// The viewer may change both.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

const PATH: &str = "/admin/client-registration";

/// Renders both.
pub fn client_registration(view: &ClientRegistration<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![tokens(view, frame)];
    if view.may_change {
        panels.push(new_token(frame));
    }
    panels.push(policy(view, frame));
    let sheet = Sheet {
        title: t.say("console-client-registration"),
        lead: Some(t.say("console-client-registration-lead")),
        up: Some(Anchor::new(frame.at(Room::Apps.path()), t.say("console-apps"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

fn policy(view: &ClientRegistration<'_>, frame: &Frame<'_>) -> Panel {
    let (t, policy) = (frame.text(), view.policy);
    let mode = match policy.mode {
        api::RegistrationMode::Off => "--mode off",
        api::RegistrationMode::Token => "--mode token",
        api::RegistrationMode::WeakenOpen => "--weaken-open",
    };
    let command = format!(
        "doorward app registration set {mode} --groups {} --unused-days {}",
        word(&policy.groups.join(",")),
        policy.unused_days
    );
    let panel = Panel::new(t.say("console-client-registration-policy"));
    if !view.may_change {
        return panel
            .with(Block::Facts(vec![
                (
                    t.say("console-client-registration-mode"),
                    Cell::Code(spelled(&policy.mode)),
                ),
                (
                    t.say("console-client-registration-where"),
                    Cell::Code(policy.endpoint.clone()),
                ),
                (
                    t.say("console-client-registration-groups"),
                    Cell::Codes(policy.groups.clone()),
                ),
            ]))
            .with(Block::Command("doorward app registration show".to_owned()));
    }
    let modes = [
        (api::RegistrationMode::Off, t.say("console-client-registration-off")),
        (api::RegistrationMode::Token, t.say("console-client-registration-token")),
        (
            api::RegistrationMode::WeakenOpen,
            t.say("console-client-registration-open"),
        ),
    ];
    let options = modes.into_iter().map(|(mode, said)| (spelled(&mode), said)).collect();
    let form = Form {
        action: frame.at(PATH),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice(
                "policy",
                "mode",
                t.say("console-client-registration-mode"),
                spelled(&policy.mode),
                options,
            ),
            Field::line(
                "policy",
                "groups",
                t.say("console-client-registration-groups"),
                policy.groups.join(" "),
            )
            .rule(t.say("console-client-registration-groups-rule")),
            Field::line(
                "policy",
                "unused_days",
                t.say("console-client-registration-days"),
                policy.unused_days.to_string(),
            )
            .of_type("number"),
            Field::line(
                "policy",
                "most_unused",
                t.say("console-client-registration-most"),
                policy.most_unused.to_string(),
            )
            .of_type("number"),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    panel
        .with(Block::Facts(vec![(
            t.say("console-client-registration-where"),
            Cell::Code(policy.endpoint.clone()),
        )]))
        .with(Block::Form(form))
        .with(Block::Command(command))
}

fn tokens(view: &ClientRegistration<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-description"),
        t.say("console-added"),
        t.say("console-token-ends"),
        t.say("console-client-registration-left"),
        t.say("console-client-registration-used"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view.tokens.iter().map(|token| {
        let left = token.uses_left.map(|left| Cell::Text(left.to_string()));
        let mut row = vec![
            Cell::Text(token.label.clone()),
            frame.ago(token.created),
            frame.ahead(token.expires),
            left.unwrap_or(Cell::Nothing),
            Cell::Text(token.used.to_string()),
        ];
        if view.may_change {
            row.push(Cell::Button(Form {
                fields: vec![Field::hidden("token", token.id.to_string())],
                ..button(
                    frame,
                    frame.at("/admin/client-registration/remove-token"),
                    t.say("console-token-revoke"),
                    &token.label,
                )
            }));
        }
        row
    });
    let table = Table {
        label: t.say("console-client-registration-tokens"),
        heads,
        rows: rows.collect(),
        empty: t.say("console-client-registration-tokens-none"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-client-registration-tokens")))
        .with(Block::Table(table))
        .with(Block::Command("doorward app registration token list".to_owned()))
}

fn new_token(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: frame.at("/admin/client-registration/token"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("token", "label", t.say("console-description"), "").required(),
            Field::line("token", "days", t.say("console-token-days"), "30").of_type("number"),
            Field::line("token", "uses", t.say("console-client-registration-uses"), "")
                .of_type("number")
                .rule(t.say("console-client-registration-uses-rule")),
        ],
        submit: t.say("console-token-add"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-token-add"))
        .with(Block::Form(form))
        .with(Block::Command(
            "doorward app registration token add --label ci --lifetime 30d".to_owned(),
        ))
}

/// Renders a token, which is shown only now.
pub fn initial_access_token(shown: &api::InitialAccessTokenShown, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let sheet = Sheet {
        title: t.say("console-client-registration-shown"),
        lead: Some(t.say("console-token-lead")),
        up: Some(Anchor::new(frame.at(PATH), t.say("console-client-registration"))),
        panels: vec![
            Panel::broad(None)
                .with(Block::Code {
                    title: t.say("console-token"),
                    place: None,
                    text: shown.token.clone(),
                })
                .with(Block::Facts(vec![
                    (t.say("console-description"), Cell::Text(shown.about.label.clone())),
                    (t.say("console-token-ends"), frame.ahead(shown.about.expires)),
                ])),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}
