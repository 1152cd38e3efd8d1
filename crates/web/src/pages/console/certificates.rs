//! The server's certificate, and the private authority.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Step, Style, Tone},
    trouble,
    words::word,
};

/// The certificate and the authority.
#[derive(Debug, Clone, Copy)]
pub struct Certificates<'a> {
    /// The server's certificate.
    pub tls: &'a api::Tls,
    /// The private authority, when one was made.
    pub authority: Option<&'a api::Authority>,
    /// The viewer may renew, make and issue.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders both.
pub fn certificates(view: &Certificates<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![own(view, frame)];
    match view.authority {
        Some(authority) => {
            panels.push(about(authority, frame));
            if view.may_change {
                panels.push(issue(frame));
            }
            panels.push(install(authority, frame));
        }
        None if view.may_change => panels.push(make(frame)),
        None => panels.push(Panel::new(t.say("console-authority")).with(Block::Text(t.say("console-authority-none")))),
    }
    let sheet = Sheet {
        title: t.say("console-certificates"),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Certificates), sheet)
}

fn own(view: &Certificates<'_>, frame: &Frame<'_>) -> Panel {
    let (t, tls) = (frame.text(), view.tls);
    let mut facts = vec![
        (t.say("console-tls-source"), Cell::Code(tls.source.clone())),
        (t.say("console-tls-host"), Cell::Code(tls.host.clone())),
    ];
    if let Some(directory) = &tls.directory {
        facts.push((t.say("console-tls-directory"), Cell::Code(directory.clone())));
    }
    if let Some(certificate) = &tls.certificate {
        facts.extend([
            (t.say("console-tls-names"), Cell::Codes(certificate.names.clone())),
            (t.say("console-tls-issuer"), Cell::Text(certificate.issuer.clone())),
            (t.say("console-tls-ends"), frame.ahead(certificate.not_after)),
            (t.say("console-tls-renews"), frame.ahead(certificate.renews_at)),
            (
                t.say("console-fingerprint"),
                Cell::Code(certificate.fingerprint.clone()),
            ),
        ]);
    }
    let mut panel = Panel::broad(Some(t.say("console-tls"))).with(Block::Facts(facts));
    if let Some(problem) = &tls.problem {
        panel = panel.with(Block::Steps(vec![Step {
            tone: Tone::Bad,
            said: problem.code.clone(),
            title: t.say("console-tls-problem"),
            at: None,
            detail: Some(problem.detail.clone()),
            remedy: problem.remedy.clone(),
        }]));
    }
    if view.may_change {
        panel = panel.with(Block::Form(button(
            frame,
            frame.within(Room::Certificates, "/renew"),
            t.say("console-tls-renew"),
            "",
        )));
    }
    panel.with(Block::Command("doorward tls show".to_owned()))
}

fn make(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: frame.within(Room::Certificates, "/authority"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("make", "name", t.say("console-authority-name"), ""),
            Field::line("make", "permit", t.say("console-authority-permit"), "")
                .rule(t.say("console-authority-permit-rule")),
        ],
        submit: t.say("console-authority-make"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-authority"))
        .with(Block::Text(t.say("console-authority-lead")))
        .with(Block::Form(form))
        .with(Block::Command("doorward ca init".to_owned()))
}

fn about(authority: &api::Authority, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    Panel::broad(Some(t.say("console-authority")))
        .with(Block::Facts(vec![
            (t.say("console-authority-name"), Cell::Text(authority.name.clone())),
            (
                t.say("console-authority-permit"),
                Cell::Codes(authority.permitted.clone()),
            ),
            (t.say("console-added"), frame.ago(authority.created)),
            (t.say("console-tls-ends"), frame.ahead(authority.not_after)),
            (t.say("console-fingerprint"), Cell::Code(authority.fingerprint.clone())),
        ]))
        .with(Block::Code {
            title: t.say("console-authority-certificate"),
            place: None,
            text: authority.certificate.clone(),
        })
        .with(Block::Command("doorward ca show --pem".to_owned()))
}

fn issue(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: frame.within(Room::Certificates, "/issue"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("issue", "names", t.say("console-tls-names"), "")
                .required()
                .rule(t.say("console-names-rule")),
            Field::line("issue", "days", t.say("console-issue-days"), "397").of_type("number"),
        ],
        submit: t.say("console-issue"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-issue"))
        .with(Block::Form(form))
        .with(Block::Command("doorward ca issue netbox.example.com".to_owned()))
}

fn install(authority: &api::Authority, frame: &Frame<'_>) -> Panel {
    let mut panel = Panel::broad(Some(frame.text().say("console-authority-install")));
    for kind in &authority.install {
        panel = panel.with(Block::Code {
            title: kind.title.clone(),
            place: None,
            text: kind.text.clone(),
        });
    }
    panel
}

/// Renders a certificate that was issued; its key is shown only now.
pub fn issued_certificate(issued: &api::CertificateIssued, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let name = issued.names.first().map_or("", String::as_str);
    let mut panel = Panel::broad(None).with(Block::Code {
        title: t.say("console-authority-certificate"),
        place: None,
        text: issued.certificate.clone(),
    });
    if let Some(key) = &issued.key {
        panel = panel.with(Block::Note(t.say("console-issued-lead"))).with(Block::Code {
            title: t.say("console-key"),
            place: None,
            text: key.clone(),
        });
    }
    let sheet = Sheet {
        title: t.with("console-issued", "name", name),
        up: Some(Anchor::new(
            frame.at(Room::Certificates.path()),
            t.say("console-certificates"),
        )),
        panels: vec![
            panel
                .with(Block::Facts(vec![
                    (t.say("console-tls-ends"), frame.ahead(issued.not_after)),
                    (t.say("console-fingerprint"), Cell::Code(issued.fingerprint.clone())),
                ]))
                .with(Block::Command(format!("doorward ca issue {}", word(name)))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Certificates), sheet)
}
