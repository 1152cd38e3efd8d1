//! The examples of docs/claims.md are read and tried as they stand there.

use doorward_claims::{Code, LoginRules};
use serde_json::Value;

use crate::login::{Account, rules};

const PAGE: &str = include_str!("../../../../docs/claims.md");

/// Fenced blocks: their language and text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut parts = PAGE.split("```");
    let mut blocks = Vec::new();
    // Text and blocks take turns, and a block begins with its language.
    while let (Some(_), Some(block)) = (parts.next(), parts.next()) {
        blocks.push(block.split_once('\n').unwrap());
    }
    blocks
}

#[test]
fn every_example_is_read_and_every_account_of_it_is_what_it_says() {
    let (mut read, mut accounts) = (0, 0);
    let mut last_rules = LoginRules::default();
    let mut last_claims = Value::Null;
    for (language, text) in blocks() {
        match language {
            "toml" => {
                last_rules = rules(text);
                read += 1;
            }
            "json" => last_claims = serde_json::from_str(text).unwrap(),
            "text" => {
                let evaluation = Account::default().evaluate(&last_rules, last_claims.clone());
                let printed: Vec<String> = evaluation.reasons.iter().map(ToString::to_string).collect();
                assert_eq!(printed, text.lines().collect::<Vec<_>>());
                accounts += 1;
            }
            "sh" => {}
            other => panic!("a block in {other:?}"),
        }
    }
    assert!(read >= 12 && accounts == 2, "{read} {accounts}");
}

#[test]
fn every_code_is_in_the_table() {
    let rows = Code::ALL.iter();
    let rows: Vec<String> = rows
        .map(|code| format!("| `{code}` | {} |\n", code.meaning().trim()))
        .collect();
    let table = rows.concat();
    let expected = format!("<!-- codes -->\n| code | meaning |\n|---|---|\n{table}<!-- /codes -->");
    if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
        let (before, rest) = PAGE.split_once("<!-- codes -->").unwrap();
        let (_, after) = rest.split_once("<!-- /codes -->").unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/claims.md");
        std::fs::write(path, format!("{before}{expected}{after}")).unwrap();
        return;
    }
    assert!(
        PAGE.contains(&expected),
        "DOORWARD_WRITE_DOCS=1 cargo test -p doorward-claims writes it"
    );
}

#[test]
fn every_field_is_explained() {
    for field in [
        "user",
        "max_age",
        "username",
        "email",
        "name",
        "leeway",
        "admission",
        "audiences",
        "subject",
        "any",
        "match",
        "attributes",
        "as",
        "on_login",
        "on_missing",
        "groups",
        "claim",
        "format",
        "case",
        "path",
        "numbers",
        "required",
        "pick",
        "on_elsewhere",
        "owns",
        "map",
        "group",
        "everybody",
        "same_name",
        "roles",
        "flags",
        "form",
        "letters",
        "verified",
        "text_booleans",
    ] {
        let written = [
            format!("`{field}`"),
            format!("{field} ="),
            format!(".{field}`"),
            format!("[[groups.{field}]]"),
            format!("[{field}]\n"),
        ];
        assert!(written.iter().any(|written| PAGE.contains(written)), "{field}");
    }
}
