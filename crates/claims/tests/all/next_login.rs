//! What the logins after the first do.

use doorward_claims::{Change, Code, Effect, Local};
use serde_json::json;

use crate::login::{Account, claims, refusals, rules, set};

fn mapped(on_login: &str) -> doorward_claims::LoginRules {
    rules(&format!(
        "[groups]\nmap = [{{ group = 'admins', groups = ['g'], roles = ['r'], flags = ['f'], attributes = {{ a = ['x'] }}, on_login = '{on_login}' }}]"
    ))
}

fn after(on_login: &str, logins: [&[&str]; 2]) -> Account {
    let mut account = Account::default();
    for groups in logins {
        account
            .log_in(&mapped(on_login), json!({"sub": "1", "groups": groups}))
            .outcome
            .unwrap();
    }
    account
}

fn holds(account: &Account) -> bool {
    let all = [
        account.groups.contains("g"),
        account.roles.contains("r"),
        account.flags.contains("f"),
        account.attributes.get("a") == Some(&json!(["x"])),
    ];
    assert!(all.iter().all(|one| *one == all[0]), "{account:?}");
    all[0]
}

#[test]
fn replace_follows_the_provider_both_ways() {
    assert!(holds(&after("replace", [&[], &["admins"]])));
    assert!(!holds(&after("replace", [&["admins"], &[]])));
}

#[test]
fn add_only_ever_gives() {
    assert!(holds(&after("add", [&[], &["admins"]])));
    assert!(holds(&after("add", [&["admins"], &[]])));
}

#[test]
fn first_login_only_is_decided_once() {
    assert!(!holds(&after("first-login-only", [&[], &["admins"]])));
    assert!(holds(&after("first-login-only", [&["admins"], &[]])));
}

#[test]
fn only_what_a_row_gives_is_ever_taken_away() {
    let rules = mapped("replace");
    let mut account = Account {
        groups: set(["g", "by-hand"]),
        roles: set(["r", "by-hand"]),
        flags: set(["f", "by-hand"]),
        attributes: claims(json!({"a": ["by-hand", "x", 7], "b": ["x"]})),
        has_logged_in: true,
        ..Account::default()
    };
    account
        .log_in(&rules, json!({"sub": "1", "groups": []}))
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["by-hand"]));
    assert_eq!(account.roles, set(["by-hand"]));
    assert_eq!(account.flags, set(["by-hand"]));
    assert_eq!(account.attributes, claims(json!({"a": ["by-hand", 7], "b": ["x"]})));
}

#[test]
fn what_one_row_no_longer_gives_stays_when_another_gives_it() {
    let rules = rules(
        "[groups]\nmap = [{ group = 'a', roles = ['r'] }, { group = 'b', roles = ['r'] }, { group = 'c', roles = ['s'] }]",
    );
    let mut account = Account::default();
    account
        .log_in(&rules, json!({"sub": "1", "groups": ["a", "c"]}))
        .outcome
        .unwrap();
    assert_eq!(account.roles, set(["r", "s"]));
    account
        .log_in(&rules, json!({"sub": "1", "groups": ["b"]}))
        .outcome
        .unwrap();
    assert_eq!(account.roles, set(["r"]));
}

#[test]
fn a_missing_groups_claim_clears_keeps_or_denies() {
    let with = |on_missing: &str| {
        rules(&format!(
            "[groups]\non_missing = '{on_missing}'\nmap = [{{ group = 'admins', roles = ['r'] }}]"
        ))
    };
    let account = Account {
        roles: set(["r"]),
        has_logged_in: true,
        ..Account::default()
    };
    for (on_missing, roles, refused) in [
        ("clear", set([]), vec![]),
        ("keep", set(["r"]), vec![]),
        ("deny", set(["r"]), vec![Code::GroupsMissing]),
    ] {
        for claims in [json!({"sub": "1"}), json!({"sub": "1", "groups": null})] {
            let mut account = account.clone();
            let evaluation = account.log_in(&with(on_missing), claims);
            assert_eq!(
                (&account.roles, refusals(&evaluation)),
                (&roles, refused.clone()),
                "{on_missing}"
            );
        }
    }
}

#[test]
fn a_required_group_cannot_be_proved_by_a_claim_that_is_not_there() {
    let rules = rules("[groups]\non_missing = 'keep'\nrequired = ['staff']");
    let account = Account {
        has_logged_in: true,
        ..Account::default()
    };
    let evaluation = account.evaluate(&rules, json!({"sub": "1"}));
    assert_eq!(refusals(&evaluation), [Code::RequiredGroupMissing]);
}

#[test]
fn a_first_login_without_the_claim_has_nothing_to_keep() {
    let rules = rules(
        "[groups]\non_missing = 'keep'\nmap = [{ group = 'admins', roles = ['r'] }, { everybody = true, roles = ['all'] }]",
    );
    let mut account = Account::default();
    account.log_in(&rules, json!({"sub": "1"})).outcome.unwrap();
    assert_eq!(account.roles, set(["all"]));
}

#[test]
fn attributes_follow_their_rule() {
    let rules = rules(
        r#"
        attributes = [
            { claim = "department", attribute = "department" },
            { claim = "locale", attribute = "locale", on_login = "first-login-only" },
            { claim = "phone", attribute = "phone", on_login = "add" },
            { claim = "teams", attribute = "teams", as = "comma", on_login = "add" },
            { claim = "floor", attribute = "floor", as = "number", on_missing = "keep" },
        ]
        "#,
    );
    let mut account = Account {
        attributes: claims(json!({"phone": "1", "by-hand": true})),
        ..Account::default()
    };
    account
        .log_in(
            &rules,
            json!({"sub": "1", "department": "net", "locale": "de", "phone": "2", "teams": "a,b", "floor": 3}),
        )
        .outcome
        .unwrap();
    let expected =
        json!({"department": "net", "locale": "de", "phone": "1", "teams": ["a", "b"], "floor": 3, "by-hand": true});
    assert_eq!(account.attributes, claims(expected));
    account
        .log_in(&rules, json!({"sub": "1", "locale": "fr", "teams": ["b", "c"]}))
        .outcome
        .unwrap();
    let expected = json!({"locale": "de", "phone": "1", "teams": ["a", "b", "c"], "floor": 3, "by-hand": true});
    assert_eq!(account.attributes, claims(expected));
}

#[test]
fn email_and_name_are_replaced_kept_cleared_or_asked_for() {
    let one = |rules_text: &str, token: serde_json::Value| {
        let here = Account {
            has_logged_in: true,
            ..Account::default()
        };
        here.evaluate(&rules(rules_text), token)
            .outcome
            .map(|changes| changes.name)
    };
    assert_eq!(
        one("name = 'name'", json!({"sub": "1", "name": "Jane"})),
        Ok(Change::Set("Jane".into()))
    );
    assert_eq!(one("name = 'name'", json!({"sub": "1"})), Ok(Change::Keep));
    let clear = "name = { claim = 'name', on_missing = 'clear' }";
    assert_eq!(one(clear, json!({"sub": "1", "name": null})), Ok(Change::Clear));
    let deny = "name = { claim = 'name', on_missing = 'deny' }";
    assert_eq!(one(deny, json!({"sub": "1"})).unwrap_err().code(), Code::ClaimMissing);
    let first = "name = { claim = 'name', on_login = 'first-login-only' }";
    assert_eq!(one(first, json!({"sub": "1", "name": "Jane"})), Ok(Change::Keep));
    assert_eq!(
        one("name = 'name'", json!({"sub": "1", "name": ["Jane"]}))
            .unwrap_err()
            .code(),
        Code::ClaimWrongType
    );
    let long = json!({"sub": "1", "name": "x".repeat(513)});
    assert_eq!(one("name = 'name'", long).unwrap_err().code(), Code::ClaimTooLarge);
}

#[test]
fn the_default_keeps_its_hands_off_everything() {
    let everything =
        json!({"sub": "1", "email": "a@example.com", "name": "J", "groups": ["g"], "preferred_username": "j"});
    let evaluation = doorward_claims::LoginRules::default().evaluate(&claims(everything), &Local::nobody());
    let expected = doorward_claims::Changes {
        user: "1".to_owned(),
        ..doorward_claims::Changes::default()
    };
    assert_eq!(evaluation.outcome, Ok(expected));
    assert_eq!(evaluation.reasons.len(), 1);
    assert_eq!(evaluation.reasons[0].effect, Effect::Set);
}

#[test]
fn a_refused_login_still_tells_everything_that_is_wrong() {
    let rules = rules(
        "email = { claim = 'email', on_missing = 'deny' }\nadmission = { audiences = ['a'], subject = 's' }\ngroups.required = ['g']",
    );
    let evaluation = Account::default().evaluate(&rules, json!({"sub": "1"}));
    assert_eq!(
        refusals(&evaluation),
        [
            Code::AudienceMismatch,
            Code::SubjectMismatch,
            Code::EmailMissing,
            Code::RequiredGroupMissing
        ]
    );
}
