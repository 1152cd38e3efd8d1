//! `doorward preset check`, and what presets tell people to type.

use doorward_apps::{Presets, RenderedPreset};

use crate::terminal::run;

const WEKAN: &str = r#"
title = "WeKan"
summary = "WeKan, with its OAuth2 login."
evidence = "Its documentation read."
proof = "documentation"
sources = ["https://github.com/wekan/wekan/wiki/OAuth2"]
redirect_uris = ["{app_url}/_oauth/oidc"]
scopes = "openid profile email"
consent = "skip"
private_ca = "Set NODE_EXTRA_CA_CERTS."
[pkce]
policy = "if-sent"
reason = "It sends none."
[logout]
rp_initiated = false
text = "Its own session ends."
[[snippet]]
title = "Environment"
way = "env"
language = "env"
text = """
OAUTH2_SERVER_URL={issuer}
OAUTH2_CLIENT_ID={client_id}
OAUTH2_SECRET={secret}
"""
"#;

#[test]
fn a_preset_file_is_checked_without_a_server_and_printed_as_people_would_paste_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wekan.toml");
    std::fs::write(&file, WEKAN).unwrap();
    let told = run([
        "preset",
        "check",
        "--print",
        "--url",
        "https://wekan.example.com",
        file.to_str().unwrap(),
    ]);
    assert_eq!(told.code, "0", "{told:?}");
    assert!(
        told.out.contains("OAUTH2_CLIENT_ID=wekan\n") && told.out.ends_with("wekan.toml: good\n"),
        "{told:?}"
    );
    let told = run(["preset", "check", folder.path().to_str().unwrap(), "--json"]);
    let body: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(body[0]["preset"], "wekan", "{told:?}");
    assert_eq!(body[0]["problems"], serde_json::json!([]), "{told:?}");
}

#[test]
fn what_is_wrong_with_a_preset_file_is_said_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("a.toml"), WEKAN.replace("evidence", "evidense")).unwrap();
    std::fs::write(path("b.toml"), WEKAN.replace("{secret}", "")).unwrap();
    std::fs::write(path("c.toml"), format!("aliases = [\"vault\"]\n{WEKAN}")).unwrap();
    let told = run(["preset", "check", folder.path().to_str().unwrap()]);
    assert_eq!(told.code, "1", "{told:?}");
    assert!(
        told.out
            .contains("a.toml: unknown key `evidense`: did you mean `evidence`?"),
        "{told:?}"
    );
    assert!(told.out.contains("b.toml: no snippet has {secret}"), "{told:?}");
    assert!(
        told.out
            .contains("c.toml: `vault` is a name of the preset `vault` already"),
        "{told:?}"
    );
    let told = run(["preset", "check", &path("none.toml")]);
    assert_eq!(told.code, "1", "{told:?}");
    assert!(told.out.contains("cannot be read"), "{told:?}");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(run(["preset", "check", empty.path().to_str().unwrap()]).code, "2");
}

#[test]
fn every_preset_that_is_built_in_passes_the_check() {
    let told = run(["preset", "check", concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets")]);
    assert_eq!(told.code, "0", "{told:?}");
    assert_eq!(told.out.lines().count(), Presets::built_in().iter().count());
}

/// A command that does not exist is worse than none: everything that begins with `doorward` in a preset is held against the
/// tree of commands, with every `--flag` in the same sentence.
#[test]
fn every_command_that_a_preset_names_is_one() {
    let mut seen = 0;
    let mut unknown = Vec::new();
    let mut check = |command: &[String], place: &str| {
        seen += 1;
        if !is_known(command) {
            unknown.push(format!("{place}: doorward {}", command.join(" ")));
        }
    };
    for preset in Presets::built_in().iter() {
        let sample = preset.sample("https://app.example.com").unwrap();
        for text in texts(&sample).chain(preset.errors.iter().map(|error| error.remedy.clone())) {
            for command in commands(&text) {
                check(&command, &preset.id);
            }
        }
    }
    let shared = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets/doctor/errors.toml"));
    for command in commands(&shared.unwrap()) {
        check(&command, "errors.toml");
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(seen > 40, "{seen}");
}

fn texts(sample: &RenderedPreset) -> impl Iterator<Item = String> {
    let notes = sample.notes.iter().map(|note| note.text.clone());
    let parts = sample.snippets.iter().map(|part| part.text.clone());
    [sample.private_ca.clone(), sample.logout.clone()]
        .into_iter()
        .chain(notes)
        .chain(parts)
}

/// The words behind each `doorward`, up to where the sentence goes on with something else.
fn commands(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ").replace(['{', '}'], "");
    let mut found = Vec::new();
    for part in text.split("doorward ").skip(1) {
        let line = part.lines().next().unwrap_or_default();
        let end = [". ", "`", "; ", ", ", ": ", ")", "\""]
            .iter()
            .filter_map(|stop| line.find(stop))
            .min();
        let words: Vec<String> = line
            .get(..end.unwrap_or(line.len()))
            .unwrap_or_default()
            .split_whitespace()
            .map(|word| word.trim_end_matches('.').to_owned())
            .collect();
        // `provider doorward \` in a snippet is a name, not a command.
        if words
            .first()
            .is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase()) && word.len() > 2)
        {
            found.push(words);
        }
    }
    found
}

fn is_known(words: &[String]) -> bool {
    let flags: Vec<&String> = words.iter().filter(|word| word.starts_with("--")).collect();
    (1..=words.len()).rev().any(|length| {
        let prefix = words.iter().take(length);
        flags.iter().all(|flag| prefix.clone().any(|word| word == *flag)) && is_command(prefix)
    })
}

fn is_command<'w>(words: impl Iterator<Item = &'w String>) -> bool {
    let words = std::iter::once("doorward").chain(words.map(String::as_str));
    doorward_cli::command([]).try_get_matches_from(words).is_ok()
}
