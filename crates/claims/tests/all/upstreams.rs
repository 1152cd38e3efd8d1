//! The habits of providers.

use serde_json::json;

use crate::login::{Account, admits, claims, rules, set};

fn flags(rules_text: &str, token: serde_json::Value) -> std::collections::BTreeSet<String> {
    let mut account = Account::default();
    account.log_in(&rules(rules_text), token).outcome.unwrap();
    account.flags
}

#[test]
fn keycloaks_nested_roles_are_found_by_pointer_and_by_list() {
    for claim in [
        "'/resource_access/vault-dev/roles'",
        "['resource_access', 'vault-dev', 'roles']",
    ] {
        let rules = format!("[groups]\nclaim = {claim}\nmap = [{{ group = 'ops', flags = ['f'] }}]");
        let token = json!({"sub": "1", "resource_access": {"vault-dev": {"roles": ["ops"]}}});
        assert_eq!(flags(&rules, token), set(["f"]));
    }
}

#[test]
fn auth0s_claims_are_addresses_and_no_paths() {
    let rules = "[groups]\nclaim = 'https://example.com/claims.v1/roles'\nmap = [{ group = 'ops', flags = ['f'] }]";
    let token = json!({"sub": "1", "https://example.com/claims.v1/roles": ["ops"]});
    assert_eq!(flags(rules, token), set(["f"]));
    let nested = "[groups]\nclaim = ['https://example.com/app', 'roles']\nmap = [{ group = 'ops', flags = ['f'] }]";
    let token = json!({"sub": "1", "https://example.com/app": {"roles": ["ops"]}});
    assert_eq!(flags(nested, token.clone()), set(["f"]));
    let pointer = "[groups]\nclaim = '/https:~1~1example.com~1app/roles'\nmap = [{ group = 'ops', flags = ['f'] }]";
    assert_eq!(flags(pointer, token), set(["f"]));
}

#[test]
fn groups_may_be_a_text_with_commas_with_spaces_or_json_when_that_is_said() {
    let with = |format: &str| {
        format!(
            "[groups]\nformat = '{format}'\nmap = [{{ group = 'net ops', flags = ['f'] }}, {{ group = 'dev', flags = ['g'] }}]"
        )
    };
    for (format, groups, expected) in [
        ("list", json!(["net ops", "dev"]), set(["f", "g"])),
        ("list", json!("net ops"), set(["f"])),
        ("list", json!("dev,net ops"), set([])),
        ("single", json!("net ops"), set(["f"])),
        ("comma", json!(" net ops ,dev,,"), set(["f", "g"])),
        ("comma", json!(["net ops", "dev"]), set(["f", "g"])),
        ("comma", json!(""), set([])),
        ("space", json!("  dev  other "), set(["g"])),
        ("space", json!("net ops"), set([])),
        ("space", json!(["net ops"]), set(["f"])),
        ("json", json!(r#"["net ops","dev"]"#), set(["f", "g"])),
        ("list", json!(r#"["dev"]"#), set([])),
    ] {
        assert_eq!(
            flags(&with(format), json!({"sub": "1", "groups": groups})),
            expected,
            "{format} {groups}"
        );
    }
    for (format, groups) in [
        ("single", json!(["dev"])),
        ("json", json!(["dev"])),
        ("json", json!("dev")),
        ("json", json!("[\"dev\"")),
        ("json", json!("{\"dev\": 1}")),
        ("json", json!("\"dev\"")),
        ("json", json!("7")),
        ("list", json!({"dev": 1})),
        ("list", json!(["dev", null])),
        ("list", json!([["dev"]])),
        ("list", json!(true)),
        ("comma", json!(7)),
    ] {
        let token = json!({"sub": "1", "groups": groups});
        assert!(!admits(&rules(&with(format)), token), "{format} {groups}");
    }
}

#[test]
fn numbers_are_names_only_when_that_is_said() {
    let by_number = "[groups]\nnumbers = true\nmap = [{ group = '4711', flags = ['f'] }]";
    let token = json!({"sub": "1", "groups": [4711, "ops"]});
    assert_eq!(flags(by_number, token.clone()), set(["f"]));
    assert!(!admits(&rules(&by_number.replace("numbers = true\n", "")), token));
}

#[test]
fn kanidms_user_name_loses_its_domain() {
    let spn = rules("username = { claim = 'preferred_username', form = 'before-at', letters = 'lower' }");
    let mut account = Account::default();
    account
        .log_in(&spn, json!({"sub": "1", "preferred_username": "Jane@idm.example.com"}))
        .outcome
        .unwrap();
    assert_eq!(account.username.as_deref(), Some("jane"));
    assert!(!admits(
        &spn,
        json!({"sub": "1", "preferred_username": "@idm.example.com"})
    ));
}

#[test]
fn githubs_number_is_a_user() {
    let evaluation = Account::default().evaluate(&rules("user = 'id'"), json!({"id": 583_231}));
    assert_eq!(evaluation.outcome.unwrap().user, "583231");
    assert!(!admits(&rules("user = 'id'"), json!({"id": 1.5})));
    assert!(!admits(&rules("user = 'id'"), json!({"id": true})));
}

#[test]
fn entras_person_is_the_object_id_within_a_tenant() {
    let entra = rules("user = 'oid'\nadmission.claims = [{ claim = 'tid', any = ['t1', 't2'] }]");
    assert!(admits(&entra, json!({"sub": "x", "oid": "o", "tid": "t2"})));
    assert!(!admits(&entra, json!({"sub": "x", "oid": "o", "tid": "t3"})));
    assert!(!admits(&entra, json!({"sub": "x", "oid": "o"})));
}

#[test]
fn googles_hosted_domain_is_checked_in_the_token() {
    let google = rules("admission.claims = [{ claim = 'hd', any = 'example.com' }]");
    assert!(admits(&google, json!({"sub": "1", "hd": "example.com"})));
    assert!(!admits(&google, json!({"sub": "1", "email": "x@example.com"})));
}

#[test]
fn apples_booleans_are_texts_when_that_is_said() {
    let verified = |rules_text: &str, value: serde_json::Value| {
        let token = json!({"sub": "1", "email": "a@example.com", "email_verified": value});
        let changes = Account::default().evaluate(&rules(rules_text), token).outcome.unwrap();
        changes.email.value().unwrap().verified
    };
    let apple = "email = { claim = 'email', text_booleans = true }";
    assert!(verified(apple, json!("true")) && verified(apple, json!(true)));
    assert!(!verified(apple, json!("false")) && !verified(apple, json!("TRUE")) && !verified(apple, json!(1)));
    let others = "email = 'email'";
    assert!(verified(others, json!(true)));
    for odd in [json!("true"), json!(1), json!(null), json!([true]), json!(false)] {
        assert!(!verified(others, odd.clone()), "{odd}");
    }
}

#[test]
fn numbers_as_texts_become_numbers_where_numbers_are_wanted() {
    let shaped = |shape: &str, value: serde_json::Value| {
        let text = format!("attributes = [{{ claim = 'c', attribute = 'a', as = '{shape}' }}]");
        let mut account = Account::default();
        let outcome = account.log_in(&rules(&text), json!({"sub": "1", "c": value})).outcome;
        outcome.map(|_| account.attributes.get("a").cloned()).ok()
    };
    assert_eq!(shaped("number", json!("42")), Some(Some(json!(42))));
    assert_eq!(shaped("number", json!("1e3")), Some(Some(json!(1000.0))));
    assert_eq!(shaped("number", json!("forty")), None);
    assert_eq!(shaped("text", json!(42)), Some(Some(json!("42"))));
    assert_eq!(shaped("string", json!(42)), None);
    assert_eq!(shaped("boolean", json!("false")), Some(Some(json!(false))));
    assert_eq!(shaped("boolean", json!("no")), None);
    assert_eq!(shaped("list", json!("x")), Some(Some(json!(["x"]))));
    assert_eq!(shaped("comma", json!("x, y")), Some(Some(json!(["x", "y"]))));
    assert_eq!(shaped("space", json!("x  y")), Some(Some(json!(["x", "y"]))));
    assert_eq!(shaped("space", json!([1])), None);
    assert_eq!(shaped("json", json!(r#"{"x": [1]}"#)), Some(Some(json!({"x": [1]}))));
    assert_eq!(shaped("json", json!({"x": 1})), None);
    assert_eq!(shaped("as-is", json!({"x": 1})), Some(Some(json!({"x": 1}))));
    assert_eq!(shaped("as-is", json!(null)), Some(None), "null is no claim");
    assert_eq!(shaped("as-is", json!("x".repeat(16 * 1024))), None);
}

#[test]
fn last_segment_takes_the_path_off() {
    let rules = "[groups]\npath = 'last-segment'\nmap = [{ group = 'ops', flags = ['f'] }]";
    for (group, fits) in [
        ("/company/ops", true),
        ("ops", true),
        ("/ops/", true),
        ("/company/ops/night", false),
        ("/", false),
        ("", false),
    ] {
        let expected = if fits { set(["f"]) } else { set([]) };
        assert_eq!(
            flags(rules, json!({"sub": "1", "groups": [group]})),
            expected,
            "{group}"
        );
    }
}

#[test]
fn an_address_that_is_a_claim_name_survives_writing_and_reading() {
    let rules = rules("[groups]\nclaim = ['https://example.com/app', 'roles']");
    let text = toml::to_string(&rules).unwrap();
    assert_eq!(
        toml::from_str::<doorward_claims::LoginRules>(&text).unwrap(),
        rules,
        "{text}"
    );
    assert_eq!(claims(serde_json::to_value(&rules).unwrap()).len(), 1);
}
