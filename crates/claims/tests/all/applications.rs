//! What the Django packages, NetBox Enterprise, AudioBookRequest and Rancher do with claims, written down here, with their
//! faults as choices instead of surprises.

use doorward_claims::Code;
use serde_json::json;

use crate::login::{Account, admits, claims, refusal, refusals, rules, set};

#[test]
fn keycloak_oidc_gives_one_group_for_each_realm_role_and_clears_the_rest() {
    let package = rules(
        r#"
        [groups]
        claim = "/realm_access/roles"
        owns = { groups = true }
        map = [{ group = "*", match = "glob", same_name = true }]
        "#,
    );
    let mut account = Account {
        groups: set(["by-hand"]),
        ..Account::default()
    };
    account
        .log_in(
            &package,
            json!({"sub": "1", "realm_access": {"roles": ["creators", "customers"]}}),
        )
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["creators", "customers"]));
}

#[test]
fn boss_oidc_sets_staff_and_superuser_from_two_roles() {
    let package = rules(
        r#"
        [groups]
        claim = "/realm_access/roles"
        [[groups.map]]
        group = "admin"
        flags = ["is_staff", "is_superuser"]
        [[groups.map]]
        group = "superuser"
        flags = ["is_staff", "is_superuser"]
        "#,
    );
    let mut account = Account::default();
    for roles in [json!(["superuser"]), json!(["admin", "superuser"]), json!(["admin"])] {
        account
            .log_in(&package, json!({"sub": "1", "realm_access": {"roles": roles}}))
            .outcome
            .unwrap();
        assert_eq!(account.flags, set(["is_staff", "is_superuser"]));
    }
    account.log_in(&package, json!({"sub": "1"})).outcome.unwrap();
    assert_eq!(account.flags, set([]));
}

#[test]
fn allauth_may_take_another_claim_than_sub_as_the_user() {
    let evaluation =
        Account::default().evaluate(&rules("user = 'email'"), json!({"sub": "1", "email": "a@example.com"}));
    assert_eq!(evaluation.outcome.unwrap().user, "a@example.com");
}

#[test]
fn the_wish_of_seed_2_is_staff_and_groups_without_code() {
    let django = rules(
        r#"
        [groups]
        map = [
            { group = "customers", groups = ["customers"], flags = ["is_staff"] },
            { group = "creators", groups = ["creators"], flags = ["is_staff"] },
        ]
        "#,
    );
    let mut account = Account::default();
    account
        .log_in(&django, json!({"sub": "1", "groups": ["creators"]}))
        .outcome
        .unwrap();
    assert_eq!((account.groups, account.flags), (set(["creators"]), set(["is_staff"])));
}

#[test]
fn netbox_enterprise_maps_object_ids_to_groups_and_flags_and_replaces_all_groups() {
    let azure = rules(
        r#"
        [groups]
        owns = { groups = true, flags = true }
        [[groups.map]]
        group = "0a1b"
        groups = ["Network Engineers"]
        [[groups.map]]
        group = "2c3d"
        flags = ["is_staff", "is_superuser"]
        "#,
    );
    let mut account = Account {
        groups: set(["by-hand"]),
        flags: set(["is_staff"]),
        ..Account::default()
    };
    account
        .log_in(&azure, json!({"sub": "1", "groups": ["0a1b"]}))
        .outcome
        .unwrap();
    assert_eq!((account.groups, account.flags), (set(["Network Engineers"]), set([])));
}

/// The first of admin, trusted, untrusted, without regard to case, from a list or a text with spaces; who has none of them is
/// untrusted.
const AUDIOBOOKS: &str = r#"
    username = { claim = "preferred_username", on_missing = "deny", on_login = "replace" }
    [groups]
    claim = "group"
    format = "space"
    case = "ignore"
    pick = "first"
    [[groups.map]]
    group = "admin"
    roles = ["admin"]
    [[groups.map]]
    group = "trusted"
    roles = ["trusted"]
    [[groups.map]]
    everybody = true
    roles = ["untrusted"]
"#;

#[test]
fn audiobookrequest_takes_the_first_of_three_roles() {
    let app = rules(AUDIOBOOKS);
    for (group, role) in [
        (json!("Trusted ADMIN"), "admin"),
        (json!(["untrusted", "trusted"]), "trusted"),
        (json!("untrusted"), "untrusted"),
        (json!("readers"), "untrusted"),
        (json!([]), "untrusted"),
    ] {
        let mut account = Account::default();
        let token = json!({"sub": "1", "preferred_username": "jane", "group": group});
        account.log_in(&app, token).outcome.unwrap();
        assert_eq!(account.roles, set([role]), "{group}");
    }
}

#[test]
fn audiobookrequests_role_falls_with_the_group_as_its_wiki_says_and_stays_where_that_is_asked_for() {
    let mut account = Account::default();
    let admin = json!({"sub": "1", "preferred_username": "jane", "group": "admin"});
    let gone = json!({"sub": "1", "preferred_username": "jane"});
    account.log_in(&rules(AUDIOBOOKS), admin.clone()).outcome.unwrap();
    // What its code does: whose groups vanish keeps the old role.
    let keeping = rules(&AUDIOBOOKS.replace("case =", "on_missing = 'keep'\ncase ="));
    account.log_in(&keeping, gone.clone()).outcome.unwrap();
    assert_eq!(account.roles, set(["admin"]));
    account.log_in(&rules(AUDIOBOOKS), gone).outcome.unwrap();
    assert_eq!(account.roles, set(["untrusted"]));
}

#[test]
fn audiobookrequest_refuses_a_user_name_that_is_no_text() {
    for name in [json!(null), json!(7), json!(["jane"]), json!("")] {
        let token = json!({"sub": "1", "preferred_username": name, "group": "admin"});
        assert!(!admits(&rules(AUDIOBOOKS), token), "{name}");
    }
}

#[test]
fn the_claims_that_a_provider_must_offer_are_known_beforehand() {
    // AudioBookRequest compares them with `claims_supported` when its settings are saved.
    let app = rules(AUDIOBOOKS);
    let read: Vec<&str> = app.claims_read().into_iter().collect();
    assert_eq!(read, ["group", "preferred_username", "sub"]);
    let all = rules(
        r#"
        user = "oid"
        max_age = 60
        name = "name"
        email = "mail"
        admission.claims = [{ claim = "/realm/id", any = 1 }]
        attributes = [{ claim = ["https://example.com/team", "id"], attribute = "team" }]
        groups.claim = "roles"
        "#,
    );
    let read: Vec<&str> = all.claims_read().into_iter().collect();
    assert_eq!(
        read,
        [
            "auth_time",
            "email_verified",
            "https://example.com/team",
            "mail",
            "name",
            "oid",
            "realm",
            "roles"
        ]
    );
}

#[test]
fn rancher_reads_groups_by_full_path_from_a_list_or_a_text() {
    let full =
        rules("[groups]\nclaim = 'full_group_path'\nmap = [{ group = '/company/ops', roles = ['cluster-owner'] }]");
    for path in [json!("/company/ops"), json!(["/company/ops"])] {
        let mut account = Account::default();
        account
            .log_in(&full, json!({"sub": "1", "full_group_path": path}))
            .outcome
            .unwrap();
        assert_eq!(account.roles, set(["cluster-owner"]));
    }
    let mut account = Account::default();
    account
        .log_in(&full, json!({"sub": "1", "full_group_path": ["/customers/ops"]}))
        .outcome
        .unwrap();
    assert_eq!(account.roles, set([]));
}

#[test]
fn nobody_becomes_somebody_else_by_choosing_a_user_name() {
    // AudioBookRequest makes whoever is called like the root administrator the root administrator.
    let default = rules("username = 'preferred_username'");
    let mut account = Account {
        username: Some("jane".to_owned()),
        has_logged_in: true,
        ..Account::default()
    };
    let evaluation = account.log_in(&default, json!({"sub": "1", "preferred_username": "root"}));
    assert_eq!(account.username.as_deref(), Some("jane"));
    assert_eq!(evaluation.reasons[1].code, Code::NotFirstLogin);
}

#[test]
fn a_list_for_metadata_is_a_list_and_not_a_text() {
    // vault#6494: groups in claim_mappings became "[object Object]" or ended the login.
    let typed = rules("attributes = [{ claim = 'groups', attribute = 'teams', as = 'list' }]");
    let mut account = Account::default();
    account
        .log_in(&typed, json!({"sub": "1", "groups": ["a", "b"]}))
        .outcome
        .unwrap();
    assert_eq!(account.attributes, claims(json!({"teams": ["a", "b"]})));
    assert_eq!(
        refusal(&typed, json!({"sub": "1", "groups": {"a": 1}})),
        "attributes[0]: expected a list or a single value in `groups`, got {\"a\":1}: denied attribute teams (claim_wrong_type)"
    );
    assert_eq!(refusals(&account.evaluate(&typed, json!({"sub": "1"}))), []);
}
