//! Every refusal of every crate, as documentation: `docs/refusals.md` is generated from here (`cargo xtask docs`).

use std::fmt::Write as _;

use doorward_oidc::{RefusalKind, Turn};

/// All kinds, with the part of the server that refuses.
fn all() -> Vec<(&'static str, &'static RefusalKind)> {
    let parts = [
        ("reading a request", doorward_oidc::REFUSALS),
        ("the provider", doorward_provider::REFUSALS),
        ("applications", doorward_apps::REFUSALS),
        ("people and groups", doorward_directory::REFUSALS),
        ("upstreams", doorward_upstreams::REFUSALS),
        ("the state as files", doorward_state::REFUSALS),
        ("certificates", doorward_certificates::REFUSALS),
        ("mail", doorward_mail::REFUSALS),
    ];
    let mut all: Vec<_> = parts
        .into_iter()
        .flat_map(|(part, kinds)| kinds.iter().map(move |kind| (part, *kind)))
        .collect();
    all.sort_by_key(|(_, kind)| kind.code);
    all
}

fn markdown() -> String {
    let mut text = String::from(
        "# Refusals\n\nGenerated from the code by `cargo xtask docs`. Each refused request has one of these codes, in the trace, \
         in the event and in the counters; the page shows the sentence, the trace adds what was expected, what came and the \
         remedy.\n\n| code | on the wire | what people read | why | whose turn | refused by |\n|---|---|---|---|---|---|\n",
    );
    for (part, kind) in all() {
        let turn = match kind.turn {
            Turn::Person => "the person",
            Turn::Administrator => "the administrator",
            Turn::Application => "the application's configuration",
            Turn::Upstream => "whoever runs the upstream",
        };
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} | {turn} | {part} |",
            kind.code,
            kind.oauth,
            cell(kind.public),
            cell(kind.meaning)
        );
    }
    text
}

#[test]
fn every_code_is_used_once() {
    let all = all();
    for pair in all.windows(2) {
        let [(_, one), (_, other)] = pair else { continue };
        assert!(
            one.code != other.code || std::ptr::eq(*one, *other),
            "the code {} has two meanings",
            one.code
        );
    }
}

#[test]
fn the_catalogue_in_the_documentation_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/refusals.md");
    if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
        std::fs::write(path, markdown()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == markdown(), "docs/refusals.md is old; run: cargo xtask docs");
}
