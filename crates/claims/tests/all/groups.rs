//! Rows of the group mapping.

use doorward_claims::{Code, Effect, LoginRules};
use serde_json::json;

use crate::login::{Account, refusals, rules, set};

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is written as json!(…) where it is used"
)]
fn given(rules: &LoginRules, groups: serde_json::Value) -> Account {
    let mut account = Account::default();
    let token = json!({"sub": "1", "groups": groups});
    account.log_in(rules, token).outcome.unwrap();
    account
}

#[test]
fn case_is_exact_unless_it_is_ignored() {
    let exact = rules("groups.map = [{ group = 'Ops', roles = ['r'] }]");
    assert_eq!(given(&exact, json!(["ops"])).roles, set([]));
    let ignoring = rules(
        "[groups]\ncase = 'ignore'\nrequired = ['STAFF']\nmap = [{ group = 'Ä*', match = 'glob', roles = ['r'] }]",
    );
    assert_eq!(given(&ignoring, json!(["staff", "äpfel"])).roles, set(["r"]));
}

#[test]
fn same_name_gives_the_groups_that_fit_and_takes_back_only_such() {
    let rules = rules("groups.map = [{ group = 'netbox-*', match = 'glob', same_name = true }]");
    let mut account = Account {
        groups: set(["netbox-old", "wiki"]),
        has_logged_in: true,
        ..Account::default()
    };
    account
        .log_in(&rules, json!({"sub": "1", "groups": ["netbox-admins", "vault"]}))
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["netbox-admins", "wiki"]));
}

#[test]
fn same_name_without_regard_to_case_finds_the_group_that_is_here() {
    let rules = rules("[groups]\ncase = 'ignore'\nmap = [{ group = 'ops', same_name = true }]");
    let mut account = Account {
        groups: set(["Ops"]),
        has_logged_in: true,
        ..Account::default()
    };
    account
        .log_in(&rules, json!({"sub": "1", "groups": ["OPS", "oPs"]}))
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["Ops"]));
}

#[test]
fn the_first_row_that_applies_is_the_only_one_when_that_is_said() {
    let rules =
        rules("[groups]\npick = 'first'\nmap = [{ group = 'a', roles = ['A'] }, { group = 'b', roles = ['B'] }]");
    let evaluation = Account::default().evaluate(&rules, json!({"sub": "1", "groups": ["b", "a"]}));
    let rows: Vec<(Code, Effect)> = evaluation.reasons[2..].iter().map(|r| (r.code, r.effect)).collect();
    assert_eq!(
        rows,
        [(Code::GroupMatched, Effect::Added), (Code::EarlierRow, Effect::Nothing)]
    );
    assert_eq!(evaluation.outcome.unwrap().roles.add, set(["A"]));
}

#[test]
fn what_the_mapping_owns_is_replaced_as_a_whole() {
    let rules = rules("[groups]\nowns = { groups = true }\nmap = [{ group = 'a', groups = ['g'], roles = ['r'] }]");
    let mut account = Account {
        groups: set(["x"]),
        roles: set(["y"]),
        ..Account::default()
    };
    let evaluation = account.log_in(&rules, json!({"sub": "1", "groups": ["a"]}));
    assert_eq!((account.groups, account.roles), (set(["g"]), set(["r", "y"])));
    let last = evaluation.reasons.last().unwrap().to_string();
    assert_eq!(
        last,
        "groups.owns: expected a group that gives group x, got none: removes group x (vanished)"
    );
}

#[test]
fn one_list_takes_texts_from_several_rows_and_keeps_what_is_not_theirs() {
    let rules = rules(
        "groups.map = [{ group = 'a', attributes = { api = ['x', 'y'] } }, { group = 'b', attributes = { api = ['y', 'z'] } }]",
    );
    for (before, groups, expected) in [
        (json!({}), json!(["a", "b"]), json!({"api": ["x", "y", "z"]})),
        (json!({}), json!([]), json!({})),
        (
            json!({"api": ["own", "x"]}),
            json!(["b"]),
            json!({"api": ["own", "y", "z"]}),
        ),
        (json!({"api": "own"}), json!(["b"]), json!({"api": ["own", "y", "z"]})),
        (json!({"api": "x"}), json!([]), json!({"api": []})),
        (json!({"api": 7}), json!(["b"]), json!({"api": ["y", "z"]})),
        (json!({"api": 7}), json!([]), json!({"api": 7})),
    ] {
        let mut account = Account {
            attributes: crate::login::claims(before.clone()),
            ..Account::default()
        };
        account
            .log_in(&rules, json!({"sub": "1", "groups": groups}))
            .outcome
            .unwrap();
        assert_eq!(account.attributes, crate::login::claims(expected), "{before} {groups}");
    }
}

#[test]
fn more_groups_than_are_read_refuse_the_login_and_change_nothing() {
    let rules = rules("groups.map = [{ group = 'a', roles = ['r'] }]");
    let account = Account {
        roles: set(["r"]),
        has_logged_in: true,
        ..Account::default()
    };
    let many: Vec<String> = (0..=LoginRules::MAX_GROUPS).map(|n| format!("g{n}")).collect();
    for groups in [json!(many), json!(["x".repeat(513)]), json!(vec!["x".repeat(512); 600])] {
        let evaluation = account.evaluate(&rules, json!({"sub": "1", "groups": groups}));
        assert_eq!(refusals(&evaluation), [Code::GroupsTooLarge]);
        assert!(evaluation.reasons.iter().all(|reason| reason.received.len() < 200));
    }
    let comma = self::rules("[groups]\nformat = 'comma'\nmap = [{ group = 'a', roles = ['r'] }]");
    let evaluation = account.evaluate(&comma, json!({"sub": "1", "groups": ",".repeat(10_000)}));
    assert_eq!(refusals(&evaluation), [Code::GroupsTooLarge]);
}

#[test]
fn each_row_says_whether_it_applied() {
    let rules = rules(
        r#"
        [groups]
        [[groups.map]]
        group = "cmdb-*"
        match = "glob"
        roles = ["log"]
        [[groups.map]]
        group = "ops"
        groups = ["ops"]
        [[groups.map]]
        everybody = true
        flags = ["staff"]
        "#,
    );
    let account = Account {
        flags: set(["staff"]),
        groups: set(["ops"]),
        ..Account::default()
    };
    let evaluation = account.evaluate(&rules, json!({"sub": "1", "groups": ["cmdb-a", "cmdb-b"]}));
    let printed: Vec<String> = evaluation.reasons[1..].iter().map(ToString::to_string).collect();
    assert_eq!(
        printed,
        [
            r#"groups: expected a list of names or one name in `groups`, got ["cmdb-a","cmdb-b"]: passed (groups_read)"#,
            "groups.map[0]: expected a group like cmdb-*, got cmdb-a, cmdb-b: adds role log (group_matched)",
            "groups.map[1]: expected group ops, got no such group: nothing (group_unmatched)",
            "groups.map[2]: expected everybody, got a person: keeps flag staff (group_matched)",
            "groups.map[1]: expected a group that gives group ops, got none: removes group ops (vanished)",
        ]
    );
}
