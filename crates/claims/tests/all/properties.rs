//! What holds for every claim set and every set of rules.

use std::time::{Duration, Instant};

use doorward_claims::{Effect, LoginRules};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::login::Account;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a"),
        Just("b"),
        Just("A"),
        Just("/x/a"),
        Just("a b"),
        Just("a,b"),
        Just("ab"),
        Just(""),
        Just("groups")
    ]
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..3).prop_map(Value::from),
        (-20i16..20).prop_map(|n| json!(f64::from(n) / 4.0)),
        word().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(word().prop_map(Value::from), 0..5).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn claims() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        Just("sub"),
        Just("email"),
        Just("email_verified"),
        Just("name"),
        Just("groups"),
        Just("aud"),
        Just("c"),
        Just("_claim_names"),
        Just("hasgroups"),
        Just("exp")
    ];
    prop::collection::vec((names, value()), 0..7).prop_map(|members| {
        json!(
            members
                .into_iter()
                .map(|(n, v)| (n.to_owned(), v))
                .collect::<Map<_, _>>()
        )
    })
}

fn one(all: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(all)
}

fn row() -> impl Strategy<Value = Value> {
    (
        prop_oneof![Just("a"), Just("b"), Just("*"), Just("a*"), Just("A")],
        one(&["exact", "glob"]),
        any::<bool>(),
        prop::collection::btree_set(one(&["g1", "g2", "a"]), 0..3),
        prop::collection::btree_set(one(&["r1", "r2"]), 1..3),
        prop::collection::btree_set(one(&["x", "y"]), 0..3),
    )
        .prop_map(|(group, compare, same_name, groups, roles, texts)| {
            json!({
                "group": group, "match": compare, "same_name": same_name, "groups": groups, "roles": roles,
                "attributes": {"list": texts},
            })
        })
}

/// Sensible ones, so that hardly any has to be thrown away.
fn group_rules() -> impl Strategy<Value = Value> {
    (
        prop::collection::vec(row(), 0..4),
        (
            one(&["list", "single", "comma", "space", "json"]),
            one(&["exact", "ignore"]),
            one(&["full", "last-segment"]),
        ),
        one(&["keep", "clear", "deny"]),
        one(&["keep", "deny"]),
        one(&["all", "first"]),
        one(&["replace", "replace", "add", "first-login-only"]),
        any::<[bool; 5]>(),
        prop::option::of(one(&["a", "A", "b"])),
    )
        .prop_map(|(mut map, reading, on_missing, on_elsewhere, pick, on_login, flags, required)| {
            let [owns_groups, owns_roles, owns_list, numbers, everybody] = flags;
            if everybody {
                map.push(json!({"everybody": true, "roles": ["all"]}));
            }
            for row in &mut map {
                row["on_login"] = json!(on_login);
            }
            let mut rules = json!({
                "format": reading.0, "case": reading.1, "path": reading.2, "on_missing": on_missing, "numbers": numbers,
                "on_elsewhere": on_elsewhere, "pick": pick, "required": required.into_iter().collect::<Vec<_>>(),
            });
            if on_login == "replace" && !map.is_empty() {
                let list = if owns_list { vec!["list"] } else { Vec::new() };
                rules["owns"] = json!({"groups": owns_groups, "roles": owns_roles, "attributes": list});
            }
            rules["map"] = json!(map);
            rules
        })
}

fn login_rules() -> impl Strategy<Value = LoginRules> {
    let attribute = (
        one(&[
            "string", "text", "number", "boolean", "list", "comma", "space", "json", "as-is",
        ]),
        one(&["replace", "add", "first-login-only"]),
        prop::option::of(one(&["keep", "deny"])),
    )
        .prop_map(|(shape, on_login, on_missing)| {
            let mut rule = json!({"claim": "c", "attribute": "c", "as": shape, "on_login": on_login});
            if let Some(on_missing) = on_missing {
                rule["on_missing"] = json!(on_missing);
            }
            rule
        });
    let bound = prop_oneof![Just(json!("a")), Just(json!([1, true, "b"])), Just(json!(0.5))];
    (
        prop::option::of(group_rules()),
        prop::option::of(attribute),
        prop::option::weighted(0.2, bound),
        any::<[bool; 2]>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(groups, attribute, bound, [email, name], audience)| {
            let mut rules = json!({"attributes": attribute.into_iter().collect::<Vec<_>>(), "admission": {}});
            if let Some(groups) = groups {
                rules["groups"] = groups;
            }
            if let Some(bound) = bound {
                rules["admission"]["claims"] = json!([{"claim": "c", "any": bound}]);
            }
            if audience {
                rules["admission"]["audiences"] = json!(["a"]);
            }
            if email {
                rules["email"] = json!("email");
            }
            if name {
                rules["name"] = json!("name");
            }
            let rules: LoginRules = serde_json::from_value(rules).unwrap();
            rules.check().unwrap();
            rules
        })
}

fn account() -> impl Strategy<Value = Account> {
    (
        prop::collection::btree_set(one(&["g1", "g2", "a", "own"]), 0..4),
        prop::collection::btree_set(one(&["r1", "r2", "own"]), 0..3),
        prop::option::of(value()),
        any::<bool>(),
    )
        .prop_map(|(groups, roles, list, has_logged_in)| Account {
            groups: groups.into_iter().map(str::to_owned).collect(),
            roles: roles.into_iter().map(str::to_owned).collect(),
            attributes: list.map(|list| ("list".to_owned(), list)).into_iter().collect(),
            has_logged_in,
            ..Account::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_same_login_again_changes_nothing(rules in login_rules(), token in claims(), mut account in account()) {
        let first = account.log_in(&rules, token.clone());
        let before = account.clone();
        let second = account.log_in(&rules, token);
        prop_assert_eq!(first.outcome.is_ok(), second.outcome.is_ok());
        if first.outcome.is_ok() {
            prop_assert_eq!(account, before);
        }
    }

    #[test]
    fn a_refusal_is_the_first_reason_that_denies_and_changes_nothing(rules in login_rules(), token in claims(), mut account in account()) {
        let before = account.clone();
        let evaluation = account.log_in(&rules, token);
        let denying = evaluation.reasons.iter().find(|reason| reason.effect == Effect::Denied);
        prop_assert_eq!(evaluation.outcome.as_ref().err().map(|denied| &denied.reason), denying);
        if denying.is_some() {
            prop_assert_eq!(account, before);
        }
    }

    #[test]
    fn what_no_rule_speaks_of_is_never_touched(rules in login_rules(), token in claims(), mut account in account()) {
        let owns = rules.groups.as_ref().map(|groups| groups.owns.clone()).unwrap_or_default();
        let own = (account.groups.contains("own"), account.roles.contains("own"));
        account.attributes.insert("other".to_owned(), json!(1));
        account.log_in(&rules, token);
        // A pattern may well fit a group that was given by hand; then it is the mapping's.
        let patterns = rules.groups.iter().flat_map(|groups| &groups.map).any(|row| row.same_name);
        prop_assert!(owns.groups || patterns || account.groups.contains("own") == own.0);
        prop_assert!(owns.roles || account.roles.contains("own") == own.1);
        prop_assert_eq!(account.attributes.get("other"), Some(&json!(1)));
    }

    #[test]
    fn an_addition_is_not_here_and_a_removal_is(rules in login_rules(), token in claims(), account in account()) {
        if let Ok(changes) = account.evaluate(&rules, token).outcome {
            for (here, change) in [(&account.groups, &changes.groups), (&account.roles, &changes.roles)] {
                prop_assert!(change.add.is_disjoint(here));
                prop_assert!(change.remove.is_subset(here));
            }
            prop_assert!(changes.clear_attributes.iter().all(|name| !changes.set_attributes.contains_key(name)));
        }
    }

    #[test]
    fn membership_alone_never_takes_a_role_from_anybody_else(rules in login_rules(), token in claims()) {
        prop_assume!(rules.groups.as_ref().is_none_or(|groups| groups.pick == doorward_claims::Pick::All));
        // More groups at the provider never give fewer roles here.
        let Some(groups) = token.get("groups").and_then(Value::as_array).cloned() else { return Ok(()) };
        let mut more = token.clone();
        more["groups"].as_array_mut().unwrap().push(json!("a"));
        prop_assume!(groups.iter().all(Value::is_string));
        let (fewer, more) = (Account::default().evaluate(&rules, token), Account::default().evaluate(&rules, more));
        if let (Ok(fewer), Ok(more)) = (fewer.outcome, more.outcome) {
            prop_assert!(fewer.roles.add.is_subset(&more.roles.add));
            prop_assert!(fewer.groups.add.is_subset(&more.groups.add));
        }
    }

    #[test]
    fn rules_survive_json_and_toml(rules in login_rules()) {
        let json = serde_json::to_string(&rules).unwrap();
        prop_assert_eq!(&serde_json::from_str::<LoginRules>(&json).unwrap(), &rules);
        if let Ok(toml) = toml::to_string(&rules) {
            prop_assert_eq!(toml::from_str::<LoginRules>(&toml).unwrap(), rules);
        }
    }

    #[test]
    fn reasons_are_short_whatever_the_claims_are(rules in login_rules(), token in claims(), account in account()) {
        for reason in account.evaluate(&rules, token).reasons {
            prop_assert!(reason.received.len() <= 400 && !reason.received.is_empty(), "{}", reason.received);
            let json = serde_json::to_string(&reason).unwrap();
            prop_assert_eq!(serde_json::from_str::<doorward_claims::Reason>(&json).unwrap(), reason);
        }
    }
}

#[test]
fn the_largest_rules_on_the_largest_claims_are_done_in_a_blink() {
    let rows: Vec<Value> = (0..LoginRules::MAX_ROWS)
        .map(|n| json!({"group": format!("*a*b*c*{n}*"), "match": "glob", "same_name": true, "roles": [format!("r{n}")]}))
        .collect();
    let rules: LoginRules = serde_json::from_value(json!({"groups": {"map": rows, "case": "ignore"}})).unwrap();
    rules.check().unwrap();
    let groups: Vec<String> = (0..LoginRules::MAX_GROUPS)
        .map(|n| format!("{}{n:0>4}", "abc".repeat(19)))
        .collect();
    let account = Account {
        groups: groups.iter().cloned().collect(),
        has_logged_in: true,
        ..Account::default()
    };
    let begun = Instant::now();
    let evaluation = account.evaluate(&rules, json!({"sub": "1", "groups": groups}));
    assert!(evaluation.outcome.is_ok());
    // A release build takes a small part of it.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
