//! CMDBsyncer's settings, as its document has them, written down here. The table is in docs/claims.md.

use doorward_claims::Code;
use serde_json::{Value, json};

use crate::login::{Account, claims, refusal, refusals, rules, set};

/// The document's example, one to one.
const SETTINGS: &str = r#"
    name = "name"
    email = { claim = "email", on_missing = "deny" }

    [groups]
    claim = "groups"
    case = "ignore"
    required = ["cmdbsyncer-users"]
    owns = { roles = true, flags = true, attributes = ["api_roles"] }

    [[groups.map]]
    group = "cmdbsyncer-admins"
    flags = ["global_admin"]

    [[groups.map]]
    group = "cmdbsyncer-ops"
    roles = ["host", "log"]

    [[groups.map]]
    group = "cmdbsyncer-api"
    attributes = { api_roles = ["all"] }
"#;

fn person(groups: &[&str]) -> Value {
    json!({"sub": "1", "email": "jane@example.com", "name": "Jane Doe", "groups": groups})
}

#[test]
fn email_and_name_come_from_their_claims() {
    let mut account = Account::default();
    account
        .log_in(&rules(SETTINGS), person(&["cmdbsyncer-users"]))
        .outcome
        .unwrap();
    assert_eq!(account.email.as_deref(), Some("jane@example.com"));
    assert_eq!(account.name.as_deref(), Some("Jane Doe"));
}

#[test]
fn no_email_claim_is_a_reason_of_its_own() {
    let mut nobody = person(&["cmdbsyncer-users"]);
    nobody["email"] = json!("");
    assert_eq!(
        refusal(&rules(SETTINGS), nobody),
        "email: expected text in `email`, got nothing: denied email (no_email_claim)"
    );
}

#[test]
fn required_group_missing_is_a_reason_of_its_own() {
    assert_eq!(
        refusal(&rules(SETTINGS), person(&["cmdbsyncer-ops"])),
        "groups.required: expected one of cmdbsyncer-users, got cmdbsyncer-ops: denied (required_group_missing)"
    );
    // OIDC_REQUIRED_GROUP = '' is no gate.
    let open = rules(&SETTINGS.replace("required = [\"cmdbsyncer-users\"]", ""));
    assert!(refusals(&Account::default().evaluate(&open, person(&[]))).is_empty());
}

#[test]
fn roles_api_roles_and_global_admin_are_the_union_of_all_groups() {
    let mut account = Account::default();
    let all = [
        "cmdbsyncer-users",
        "cmdbsyncer-admins",
        "cmdbsyncer-ops",
        "cmdbsyncer-api",
    ];
    account.log_in(&rules(SETTINGS), person(&all)).outcome.unwrap();
    assert_eq!(account.roles, set(["host", "log"]));
    assert_eq!(account.flags, set(["global_admin"]));
    assert_eq!(account.attributes, claims(json!({"api_roles": ["all"]})));
}

#[test]
fn whoever_leaves_the_admins_loses_the_flag_at_the_next_login() {
    let settings = rules(SETTINGS);
    let mut account = Account::default();
    account
        .log_in(
            &settings,
            person(&["cmdbsyncer-users", "cmdbsyncer-admins", "cmdbsyncer-api"]),
        )
        .outcome
        .unwrap();
    let evaluation = account.log_in(&settings, person(&["cmdbsyncer-users", "cmdbsyncer-ops"]));
    assert_eq!(account.flags, set([]));
    assert_eq!(account.attributes, claims(json!({"api_roles": []})));
    let vanished: Vec<String> = evaluation
        .reasons
        .iter()
        .filter(|reason| reason.code == Code::Vanished)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        vanished,
        [
            "groups.map[0]: expected a group that gives flag global_admin, got none: removes flag global_admin (vanished)",
            "groups.map[2]: expected a group that gives all in attribute api_roles, got none: removes all in attribute api_roles (vanished)",
        ]
    );
}

#[test]
fn what_was_given_by_hand_is_reverted_because_the_mapping_owns_it() {
    let mut account = Account {
        roles: set(["vmware"]),
        groups: set(["night-shift"]),
        has_logged_in: true,
        ..Account::default()
    };
    account
        .log_in(&rules(SETTINGS), person(&["cmdbsyncer-users"]))
        .outcome
        .unwrap();
    assert_eq!(account.roles, set([]));
    assert_eq!(account.groups, set(["night-shift"]), "it does not own groups");
}

#[test]
fn an_empty_mapping_opts_out() {
    let opted_out = rules("[groups]\nclaim = 'groups'\nrequired = ['cmdbsyncer-users']\ncase = 'ignore'");
    let mut account = Account {
        roles: set(["host"]),
        flags: set(["global_admin"]),
        has_logged_in: true,
        ..Account::default()
    };
    let before = account.roles.clone();
    let evaluation = account.log_in(&opted_out, person(&["cmdbsyncer-users", "cmdbsyncer-admins"]));
    assert_eq!((account.roles, account.flags), (before, set(["global_admin"])));
    assert!(evaluation.reasons.iter().any(|reason| reason.code == Code::HandsOff));
    let mut new = Account::default();
    new.log_in(&opted_out, person(&["cmdbsyncer-users"])).outcome.unwrap();
    assert_eq!(new.roles, set([]));
}

#[test]
fn keys_match_without_regard_to_case_whatever_the_troubleshooting_says() {
    // "Keys must exactly match the values (case-insensitive match is applied)": the second half is what it does.
    let mut account = Account::default();
    account
        .log_in(&rules(SETTINGS), person(&["CMDBsyncer-Users", "CMDBSYNCER-OPS"]))
        .outcome
        .unwrap();
    assert_eq!(account.roles, set(["host", "log"]));
}

#[test]
fn entras_object_ids_are_names_like_any_other() {
    let id = "7f4d0d2a-93c7-4f4e-8b3c-0d3b1f1f0a11";
    let by_id = rules(&format!(
        "groups.map = [{{ group = '{id}', flags = ['global_admin'] }}]"
    ));
    let mut account = Account::default();
    account
        .log_in(&by_id, json!({"sub": "1", "groups": [id]}))
        .outcome
        .unwrap();
    assert_eq!(account.flags, set(["global_admin"]));
}

#[test]
fn groups_that_entra_keeps_elsewhere_never_count_as_none() {
    // The document: "not yet built in". Whoever fetches them puts them into the claims; without that it is no empty list.
    let mut large = person(&[]);
    large.as_object_mut().unwrap().remove("groups");
    large["_claim_names"] = json!({"groups": "src1"});
    large["_claim_sources"] = json!({"src1": {"endpoint": "https://graph.windows.net/t/users/u/getMemberObjects"}});
    let mut account = Account {
        flags: set(["global_admin"]),
        has_logged_in: true,
        ..Account::default()
    };
    let evaluation = account.log_in(&rules(SETTINGS), large.clone());
    assert_eq!(refusals(&evaluation)[0], Code::GroupsElsewhere);
    assert_eq!(account.flags, set(["global_admin"]));
    let keeping = rules("groups = { on_elsewhere = 'keep', map = [{ group = 'a', flags = ['global_admin'] }] }");
    account.log_in(&keeping, large).outcome.unwrap();
    assert_eq!(account.flags, set(["global_admin"]));
    account
        .log_in(&keeping, json!({"sub": "1", "hasgroups": true}))
        .outcome
        .unwrap();
    assert_eq!(account.flags, set(["global_admin"]));
}

#[test]
fn googles_missing_groups_give_nothing() {
    let open = rules(&SETTINGS.replace("required = [\"cmdbsyncer-users\"]", ""));
    let mut account = Account::default();
    account
        .log_in(&open, json!({"sub": "1", "email": "jane@example.com", "name": "Jane"}))
        .outcome
        .unwrap();
    assert_eq!((account.roles, account.flags), (set([]), set([])));
}
