//! Rules that make no sense are refused where they are written.

use doorward_claims::{Code, Effect, LoginRules};
use serde_json::json;

use crate::login::{Account, complaint, rules};

#[test]
fn what_could_never_apply_or_contradicts_itself_is_refused() {
    for (text, expected) in [
        (
            "admission.claims = [{ claim = 'a', any = [] }]",
            "at least one value in `any`",
        ),
        (
            "admission.claims = [{ claim = 'a', any = [[1]] }]",
            "texts, numbers and booleans",
        ),
        (
            "admission.audiences = ['']",
            "admission.audiences: expected 1 to 512 bytes, got 0 bytes",
        ),
        ("admission.subject = ''", "1 to 512 bytes"),
        (
            "username = { claim = 'u', on_missing = 'clear' }",
            "nobody is without a name",
        ),
        ("name = { claim = 'n', on_login = 'add' }", "there is one value only"),
        (
            "email = { claim = 'n', on_login = 'first-login-only', on_missing = 'clear' }",
            "later logins change nothing",
        ),
        (
            "attributes = [{ claim = 'a', attribute = 'x' }, { claim = 'b', attribute = 'x' }]",
            "attributes[1]: expected an attribute that no other rule sets, got `x`",
        ),
        (
            "attributes = [{ claim = 'a', attribute = 'x', on_login = 'add', on_missing = 'clear' }]",
            "because `on_login` takes nothing away",
        ),
        (
            "attributes = [{ claim = 'a', attribute = 'x' }]\ngroups.map = [{ group = 'g', attributes = { x = ['1'] } }]",
            "an attribute that no other rule sets",
        ),
        (
            "groups.map = [{ roles = ['r'] }]",
            "either `group` or `everybody = true`",
        ),
        (
            "groups.map = [{ group = 'g', everybody = true, roles = ['r'] }]",
            "either `group` or `everybody = true`",
        ),
        ("groups.map = [{ group = 'g' }]", "a row that gives nothing"),
        ("groups.map = [{ group = '', roles = ['r'] }]", "1 to 512 bytes"),
        ("groups.map = [{ group = 'g', roles = [''] }]", "1 to 512 bytes"),
        (
            "groups.map = [{ everybody = true, same_name = true }]",
            "`same_name` with a `group`",
        ),
        ("groups.owns.roles = true", "rows in `groups.map`"),
        (
            "groups = { path = 'last-segment', required = ['/a/b'] }",
            "`/a/b`, which no group has",
        ),
        (
            "groups = { path = 'last-segment', map = [{ group = 'a/b', roles = ['r'] }] }",
            "a name without a slash",
        ),
        (
            "groups = { pick = 'first', map = [{ everybody = true, roles = ['r'] }, { group = 'a', roles = ['s'] }] }",
            "groups.map[1]: expected no row behind one for everybody",
        ),
        (
            "groups.map = [{ group = 'a', roles = ['r'] }, { group = 'b', roles = ['r'], on_login = 'add' }]",
            "the same `on_login` for role r in all rows",
        ),
        (
            "groups.map = [{ group = 'a*', match = 'glob', same_name = true }, { group = 'b', groups = ['ab'], on_login = 'add' }]",
            "the same `on_login` for a group",
        ),
        (
            "groups = { owns = { flags = true }, map = [{ group = 'a', flags = ['f'], on_login = 'first-login-only' }] }",
            "`owns` replaces all of that kind",
        ),
        (
            "groups = { owns = { groups = true }, map = [{ group = 'a', same_name = true, on_login = 'add' }] }",
            "`owns` replaces all groups",
        ),
    ] {
        let complaint = complaint(text);
        assert!(complaint.contains(expected), "{text}\n{complaint}");
    }
}

#[test]
fn limits_are_kept() {
    let rows = |count: usize| {
        let rows: Vec<_> = (0..count)
            .map(|n| json!({"group": format!("g{n}"), "roles": ["r"]}))
            .collect();
        serde_json::from_value::<LoginRules>(json!({"groups": {"map": rows}})).unwrap()
    };
    assert!(rows(500).check().is_ok());
    let error = rows(501).check().unwrap_err();
    assert_eq!(error.to_string(), "groups.map: expected at most 500 entries, got 501");
    assert_eq!(error.code(), "login_rule_invalid");
}

#[test]
fn unknown_settings_are_named_with_those_that_are_known() {
    for (text, expected) in [
        ("colour = 1", "unknown field `colour`, expected one of `user`"),
        ("groups.role_mapping = {}", "unknown field `role_mapping`"),
        (
            "email = { claim = 'a', on_mising = 'deny' }",
            "unknown field `on_mising`",
        ),
        ("email = { }", "missing field `claim`"),
        ("email = 7", "a claim, or a table with `claim`"),
        ("groups.map = [{ group = 'a', role = 'r' }]", "unknown field `role`"),
        (
            "groups.format = 'csv'",
            "unknown variant `csv`, expected one of `list`, `single`, `comma`",
        ),
        ("admission.claims = [{ claim = 'a' }]", "missing field `any`"),
        ("user = '/a~2'", "expected `~0` or `~1`"),
    ] {
        let error = toml::from_str::<LoginRules>(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn json_and_toml_say_the_same() {
    let text = r#"
        user = "oid"
        max_age = 3600
        username = "preferred_username"
        email = { claim = "email", on_missing = "deny" }
        leeway = { exp = 60 }
        [admission]
        audiences = ["a"]
        claims = [{ claim = "/a/b", any = [1, "x", true] }]
        [[attributes]]
        claim = "department"
        attribute = "department"
        [groups]
        format = "comma"
        case = "ignore"
        [[groups.map]]
        group = "a"
        attributes = { api_roles = ["all"] }
    "#;
    let rules = rules(text);
    let json = serde_json::to_value(&rules).unwrap();
    assert_eq!(serde_json::from_value::<LoginRules>(json).unwrap(), rules);
    let again = toml::to_string_pretty(&rules).unwrap();
    assert_eq!(toml::from_str::<LoginRules>(&again).unwrap(), rules, "{again}");
    assert_eq!(serde_json::to_value(LoginRules::default()).unwrap(), json!({}));
}

#[test]
fn an_evaluation_is_one_json_document_with_stable_codes() {
    let rules = rules("[groups]\nrequired = ['staff']\nmap = [{ group = 'ops', roles = ['log'] }]");
    let admitted = Account::default().evaluate(&rules, json!({"sub": "1", "groups": ["staff", "ops"]}));
    let json = serde_json::to_value(&admitted).unwrap();
    assert_eq!(json["admitted"], json!(true));
    assert_eq!(json["changes"]["roles"], json!({"add": ["log"], "remove": []}));
    assert_eq!(json["changes"]["email"], json!("keep"));
    assert_eq!(
        json["reasons"][3],
        json!({
            "rule": "groups.map[0]",
            "code": "group_matched",
            "effect": "added",
            "on": ["role log"],
            "expected": "group ops",
            "received": "ops",
        })
    );
    let denied = Account::default().evaluate(&rules, json!({"sub": "1", "groups": ["ops"]}));
    let json = serde_json::to_value(&denied).unwrap();
    assert_eq!(json["admitted"], json!(false));
    assert_eq!(json["denied"]["code"], json!("required_group_missing"));
    assert_eq!(json.get("changes"), None);
}

#[test]
fn every_code_is_written_as_it_is_called() {
    let mut all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
        assert!(code.meaning().trim().ends_with('.'));
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), Code::ALL.len());
    assert_eq!(serde_json::to_value(Effect::Denied).unwrap(), json!("denied"));
}
