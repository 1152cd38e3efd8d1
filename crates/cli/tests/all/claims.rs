//! `doorward claims test`.

use std::path::Path;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::terminal::{Told, run};

const RULES: &str = "groups.required = ['staff']\ngroups.map = [{ group = 'ops', roles = ['log'] }, { group = 'web', groups = ['www'] }]";

fn file(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn test(rules: &str, claims: &str, more: &[&str]) -> Told {
    let directory = tempfile::tempdir().unwrap();
    let rules = file(directory.path(), "rules", rules);
    let claims = file(directory.path(), "claims", claims);
    let here = file(
        directory.path(),
        "here",
        r#"{"roles": ["log"], "groups": ["www", "own"]}"#,
    );
    let again = more.contains(&"--again");
    match (again, more.contains(&"--json")) {
        (true, _) => run([
            "claims", "test", "--rules", &rules, "--claims", &claims, "--here", &here, "--again",
        ]),
        (_, true) => run(["--json", "claims", "test", "--rules", &rules, "--claims", &claims]),
        _ => run(["claims", "test", "--rules", &rules, "--claims", &claims]),
    }
}

#[test]
fn a_pasted_claim_set_is_judged_rule_by_rule() {
    let told = test(RULES, r#"{"sub": "1", "groups": ["staff", "ops"]}"#, &[]);
    assert_eq!((told.code.as_str(), told.err.as_str()), ("0", ""), "{told:?}");
    assert!(
        told.out
            .contains("✓ groups.map[0]: expected group ops, got ops: adds role log (group_matched)"),
        "{told:?}"
    );
    assert!(
        told.out
            .contains("· groups.map[1]: expected group web, got no such group: nothing (group_unmatched)")
    );
    assert!(told.out.ends_with("Let in as 1.\nroles  +log\n"), "{told:?}");
}

#[test]
fn a_refusal_ends_with_1_and_names_the_rule() {
    let told = test(RULES, r#"{"sub": "1", "groups": ["ops"]}"#, &[]);
    assert_eq!(told.code, "1");
    assert!(
        told.out
            .contains("✗ groups.required: expected one of staff, got ops: denied"),
        "{told:?}"
    );
    assert!(
        told.err.contains("refused: groups.required: expected one of staff"),
        "{told:?}"
    );
}

#[test]
fn a_later_login_is_told_from_what_is_here() {
    let told = test(RULES, r#"{"sub": "1", "groups": ["staff", "ops"]}"#, &["--again"]);
    assert!(told.out.ends_with("Let in as 1.\ngroups  -www\n"), "{told:?}");
    let same = test("", r#"{"sub": "1"}"#, &["--again"]);
    assert!(same.out.ends_with("Nothing changes here.\n"), "{same:?}");
}

#[test]
fn with_json_it_is_one_document_and_rules_may_be_json_too() {
    let rules = r#" {"groups": {"map": [{"group": "ops", "roles": ["log"]}]}}"#;
    let told = test(rules, r#"{"sub": "1", "groups": ["ops"]}"#, &["--json"]);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["admitted"], json!(true));
    assert_eq!(document["changes"]["roles"]["add"], json!(["log"]));
    let refused = test(RULES, r#"{"sub": "1"}"#, &["--json"]);
    let document: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!(
        (refused.code.as_str(), &document["denied"]["code"]),
        ("1", &json!("required_group_missing"))
    );
}

#[test]
fn a_whole_token_may_be_pasted() {
    let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let token = format!(
        "{}.{}.c2ln",
        part(r#"{"alg":"RS256"}"#),
        part(r#"{"sub":"1","groups":["staff"]}"#)
    );
    let told = test(RULES, &format!("{token}\n"), &[]);
    assert_eq!(told.code, "0", "{told:?}");
}

#[test]
fn times_are_judged_when_a_moment_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let rules = file(directory.path(), "rules", "");
    let claims = file(directory.path(), "claims", r#"{"sub": "1", "exp": 1700000000}"#);
    let at = |time: &str| run(["claims", "test", "--rules", &rules, "--claims", &claims, "--at", time]);
    assert_eq!(at("2023-11-14T22:13:00Z").code, "0");
    let late = at("now");
    assert_eq!(late.code, "1");
    assert!(late.err.contains("(expired)"), "{late:?}");
    assert!(at("yesterday").err.contains("2026-11-22T08:00:00Z, or now"));
}

#[test]
fn what_cannot_be_read_is_named_with_its_file() {
    for (rules, claims, says) in [
        ("colour = 1", "{}", "unknown field `colour`"),
        ("groups.map = [{ group = 'a' }]", "{}", "a row that gives nothing"),
        ("", "[1]", "expected claims as JSON, `{…}`, or a token of three parts"),
        ("", "{\"a\": }", "claims cannot be read as claims"),
        ("", "a.%.c", "a token of three parts"),
    ] {
        let told = test(rules, claims, &[]);
        assert_eq!(told.code, "2", "{told:?}");
        assert!(told.err.contains(says), "{told:?}");
    }
    let told = run(["claims", "test", "--rules", "/nowhere/rules", "--claims", "-"]);
    assert!(told.err.contains("cannot read /nowhere/rules"), "{told:?}");
}
