//! Every field of a role of Vault's (and OpenBao's) JWT/OIDC method, written down here. The table is in docs/claims.md.

use doorward_claims::Code;
use serde_json::json;

use crate::login::{Account, admits, claims, refusal, refusals, rules, set};

/// The example of Vault's documents for bound claims and mappings.
fn employee() -> serde_json::Value {
    json!({
        "sub": "r3qXcK2bix9eFECzsU3Sbmh0K16fatW6@clients",
        "aud": ["https://vault.plugin.auth.jwt.test"],
        "division": "North America",
        "groups": {"primary": "Engineering", "secondary": "Software"},
        "age": 85,
        "active": true,
        "sk": "42",
    })
}

#[test]
fn bound_audiences_is_any_match_and_names_the_audience_that_came() {
    let bound = rules(r#"admission.audiences = ["vault-dev", "vault-test"]"#);
    assert!(admits(&bound, json!({"sub": "1", "aud": "vault-dev"})));
    assert!(admits(&bound, json!({"sub": "1", "aud": ["account", "vault-test"]})));
    // Seed 2 read Vault's "aud claim does not match any bound audience" as missing roles.
    assert_eq!(
        refusal(&bound, json!({"sub": "1", "aud": "account"})),
        r#"admission.audiences: expected `aud` with one of vault-dev, vault-test, got "account": denied (audience_mismatch)"#
    );
    assert!(!admits(&bound, json!({"sub": "1"})));
    assert!(!admits(&bound, json!({"sub": "1", "aud": [{"vault-dev": 1}, null]})));
    assert!(!admits(&bound, json!({"sub": "1", "aud": "VAULT-DEV"})));
}

#[test]
fn bound_subject_is_the_subject_itself_even_when_another_claim_is_the_user() {
    let bound = rules("user = 'email'\nadmission.subject = 'r3qX'");
    assert!(admits(&bound, json!({"sub": "r3qX", "email": "a@example.com"})));
    assert_eq!(
        refusal(&bound, json!({"sub": "other", "email": "r3qX"})),
        r#"admission.subject: expected `sub` r3qX, got "other": denied (subject_mismatch)"#
    );
}

#[test]
fn bound_claims_are_and_over_keys_and_or_over_values() {
    let bound = rules(
        r#"
        [[admission.claims]]
        claim = "division"
        any = ["Europe", "North America"]
        [[admission.claims]]
        claim = "/groups/primary"
        any = "Engineering"
        "#,
    );
    assert!(admits(&bound, employee()));
    let mut sales = employee();
    sales["groups"]["primary"] = json!("Sales");
    assert_eq!(
        refusal(&bound, sales),
        r#"admission.claims[1]: expected `/groups/primary` with one of "Engineering", got "Sales": denied (bound_claim_mismatch)"#
    );
    let evaluation = Account::default().evaluate(&bound, json!({"sub": "1"}));
    assert_eq!(
        refusals(&evaluation),
        [Code::BoundClaimMissing, Code::BoundClaimMissing]
    );
    assert_eq!(
        evaluation.reasons[0].to_string(),
        r#"admission.claims[0]: expected `division` with one of "Europe", "North America", got nothing: denied (bound_claim_missing)"#
    );
}

#[test]
fn bound_claims_take_texts_numbers_booleans_and_lists() {
    let one = |claim: &str, any: &str| rules(&format!("admission.claims = [{{ claim = '{claim}', any = {any} }}]"));
    assert!(admits(&one("age", "85"), employee()));
    assert!(admits(&one("age", "[1, 85]"), employee()));
    assert!(admits(&one("active", "true"), employee()));
    assert!(!admits(&one("active", "false"), employee()));
    assert!(!admits(&one("active", "'true'"), employee()), "a text is not a boolean");
    assert!(!admits(&one("sk", "42"), employee()), "a text is not a number");
    let listed = |any: &str, list: serde_json::Value| admits(&one("team", any), json!({"sub": "1", "team": list}));
    assert!(listed("'ops'", json!(["dev", "ops"])));
    assert!(!listed("'ops'", json!([])));
    assert!(!listed("'ops'", json!([["ops"]])));
    assert!(!listed("'ops'", json!({"ops": true})));
    assert!(listed("''", json!("")));
}

#[test]
fn numbers_are_equal_when_they_are_equal_and_not_when_their_whole_parts_are() {
    // Vault cuts fractions off on both sides; then 85.9 lets in whom 85 was meant for.
    let bound = rules("admission.claims = [{ claim = 'age', any = 85 }]");
    assert!(admits(&bound, json!({"sub": "1", "age": 85.0})));
    assert!(!admits(&bound, json!({"sub": "1", "age": 85.9})));
    let large = rules("admission.claims = [{ claim = 'id', any = 9007199254740993 }]");
    assert!(admits(&large, json!({"sub": "1", "id": 9_007_199_254_740_993_i64})));
    assert!(!admits(&large, json!({"sub": "1", "id": 9_007_199_254_740_992_i64})));
    assert!(!admits(&large, json!({"sub": "1", "id": 9_007_199_254_740_992.0})));
    let half = rules("admission.claims = [{ claim = 'id', any = 0.5 }]");
    assert!(admits(&half, json!({"sub": "1", "id": 0.5})));
    assert!(!admits(&half, json!({"sub": "1", "id": 0})));
}

#[test]
fn bound_claims_type_glob_is_for_texts_with_stars_anywhere() {
    let globs = rules("admission.claims = [{ claim = 'team', any = ['eu-*', '*-lead'], match = 'glob' }]");
    for (team, admitted) in [
        (json!("eu-ops"), true),
        (json!("us-ops-lead"), true),
        (json!("us-ops"), false),
        (json!("EU-ops"), false),
        (json!(["us-ops", "eu-dev"]), true),
        (json!(1), false),
        (json!(true), false),
    ] {
        assert_eq!(admits(&globs, json!({"sub": "1", "team": team})), admitted, "{team}");
    }
    // Vault drops a boolean under `glob` without a word.
    assert_eq!(
        crate::login::complaint("admission.claims = [{ claim = 'active', any = true, match = 'glob' }]"),
        "admission.claims[0]: expected texts, because `match` is `glob`, got true"
    );
}

#[test]
fn claim_mappings_skip_an_absent_claim_and_refuse_what_is_no_text() {
    let mapped = rules(
        r#"
        attributes = [
            { claim = "division", attribute = "organization" },
            { claim = "/groups/primary", attribute = "primary_group" },
            { claim = "cost_center", attribute = "cost_center" },
        ]
        "#,
    );
    let mut account = Account::default();
    // Seed 2 says that an absent claim ends the login; it does not.
    account.log_in(&mapped, employee()).outcome.unwrap();
    assert_eq!(
        account.attributes,
        claims(json!({"organization": "North America", "primary_group": "Engineering"}))
    );
    let mut list = employee();
    list["division"] = json!(["Europe"]);
    assert_eq!(
        refusal(&mapped, list),
        "attributes[0]: expected text in `division`, got [\"Europe\"]: denied attribute organization (claim_wrong_type)"
    );
    // Metadata is that of the last login.
    account
        .log_in(&mapped, json!({"sub": "1", "division": "Europe"}))
        .outcome
        .unwrap();
    assert_eq!(account.attributes, claims(json!({"organization": "Europe"})));
    // Who wants it as seed 2 read it, says so.
    let strict = rules("attributes = [{ claim = 'division', attribute = 'organization', on_missing = 'deny' }]");
    assert!(!admits(&strict, json!({"sub": "1"})));
}

#[test]
fn user_claim_is_a_name_unless_it_is_a_pointer() {
    let user = |rules_text: &str, claims: serde_json::Value| {
        let evaluation = Account::default().evaluate(&rules(rules_text), claims);
        evaluation.outcome.map(|changes| changes.user)
    };
    assert_eq!(
        user("user = 'sub'", employee()).unwrap(),
        "r3qXcK2bix9eFECzsU3Sbmh0K16fatW6@clients"
    );
    // user_claim_json_pointer = true
    assert_eq!(user("user = '/groups/primary'", employee()).unwrap(), "Engineering");
    // user_claim_json_pointer = false, with a claim whose name begins with a slash
    assert_eq!(user("user = ['/name']", json!({"/name": "jane"})).unwrap(), "jane");
    assert_eq!(user("user = 'a.b'", json!({"a.b": "jane"})).unwrap(), "jane");
    assert_eq!(
        user("user = 'email'", employee()).unwrap_err().code(),
        Code::UserMissing
    );
    assert_eq!(user("user = 'groups'", employee()).unwrap_err().code(), Code::UserWrong);
}

/// `groups_claim`, with one external group and alias for each row; `missing` fails as Vault does.
const GROUPS: &str = r#"
    [groups]
    claim = "/resource_access/vault-dev/roles"
    on_missing = "deny"
    [[groups.map]]
    group = "secret_manager"
    roles = ["manager"]
    [[groups.map]]
    group = "reader"
    roles = ["reader"]
"#;

#[test]
fn groups_claim_takes_a_pointer_and_one_role_gives_the_policies_of_all_groups() {
    // Seed 2's open question: no role has to be picked, the rows add up.
    let mapped = rules(GROUPS);
    let mut account = Account::default();
    let token = json!({"sub": "1", "resource_access": {"vault-dev": {"roles": ["secret_manager", "reader", "other"]}}});
    account.log_in(&mapped, token).outcome.unwrap();
    assert_eq!(account.roles, set(["manager", "reader"]));
    // A text is a list of one.
    let token = json!({"sub": "1", "resource_access": {"vault-dev": {"roles": "reader"}}});
    account.log_in(&mapped, token).outcome.unwrap();
    assert_eq!(account.roles, set(["reader"]));
}

#[test]
fn groups_claim_that_is_not_there_fails_only_when_that_is_asked_for() {
    let strict = rules(GROUPS);
    assert_eq!(
        refusal(&strict, json!({"sub": "1"})),
        "groups: expected a list of names or one name in `/resource_access/vault-dev/roles`, got nothing: denied (groups_claim_missing)"
    );
    let lenient = rules(&GROUPS.replace("on_missing = \"deny\"", ""));
    assert!(admits(&lenient, json!({"sub": "1"})), "vault-plugin#269");
    // "groups" claim could not be converted to string list
    let odd = json!({"sub": "1", "resource_access": {"vault-dev": {"roles": [1, 2]}}});
    assert!(refusal(&strict, odd.clone()).ends_with("got [1,2]: denied (groups_claim_wrong_type)"));
    assert!(!admits(&lenient, odd));
}

#[test]
fn external_groups_are_those_with_an_alias_of_the_same_name() {
    let aliased = rules("[groups]\nmap = [{ group = '*', match = 'glob', same_name = true }]");
    let mut account = Account::default();
    account
        .log_in(&aliased, json!({"sub": "1", "groups": ["manager", "reader"]}))
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["manager", "reader"]));
    account
        .log_in(&aliased, json!({"sub": "1", "groups": ["reader"]}))
        .outcome
        .unwrap();
    assert_eq!(account.groups, set(["reader"]));
}

#[test]
fn token_policies_are_for_everybody() {
    let policies = rules("groups.map = [{ everybody = true, roles = ['default'] }]");
    let mut account = Account::default();
    account.log_in(&policies, json!({"sub": "1"})).outcome.unwrap();
    assert_eq!(account.roles, set(["default"]));
}

#[test]
fn leeways_are_in_seconds_and_hold_for_every_login() {
    // expiration_leeway = 0 and not_before_leeway = 0 are 150, clock_skew_leeway = 0 is 60; -1 is none, here 0. Vault keeps
    // them for role_type=jwt; here the same rules judge the login in the browser.
    let vault = rules("leeway = { exp = 150, nbf = 150, iat = 60 }");
    let at = |now: i64| {
        let token = claims(json!({"sub": "1", "exp": 1000, "nbf": 500, "iat": 500}));
        let evaluation = vault.evaluate_at(&token, &doorward_claims::Local::nobody(), now);
        refusals(&evaluation)
    };
    assert_eq!(at(1149), []);
    assert_eq!(at(1150), [Code::Expired]);
    assert_eq!(at(440), []);
    assert_eq!(at(439), [Code::IssuedInFuture]);
    assert_eq!(at(349), [Code::NotYetValid, Code::IssuedInFuture]);
    let none = rules("leeway = { exp = 0, nbf = 0, iat = 0 }");
    let evaluation = none.evaluate_at(
        &claims(json!({"sub": "1", "exp": 1000})),
        &doorward_claims::Local::nobody(),
        1000,
    );
    assert_eq!(refusals(&evaluation), [Code::Expired]);
}

#[test]
fn max_age_requires_auth_time() {
    let fresh = rules("max_age = 60\nleeway.exp = 0");
    let at = |token: serde_json::Value| {
        let nobody = doorward_claims::Local::nobody();
        refusals(&fresh.evaluate_at(&claims(token), &nobody, 1000))
    };
    assert_eq!(at(json!({"sub": "1", "exp": 2000, "auth_time": 940})), []);
    assert_eq!(
        at(json!({"sub": "1", "exp": 2000, "auth_time": 939})),
        [Code::AuthTooOld]
    );
    assert_eq!(at(json!({"sub": "1", "exp": 2000})), [Code::AuthTimeMissing]);
    assert_eq!(
        at(json!({"sub": "1", "exp": 2000, "auth_time": "940"})),
        [Code::AuthTimeMissing]
    );
}

#[test]
fn verbose_oidc_logging_is_always_on_as_reasons() {
    let evaluation =
        Account::default().evaluate(&rules("admission.audiences = ['a']"), json!({"sub": "1", "aud": "a"}));
    let printed: Vec<String> = evaluation.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        printed,
        [
            "admission.audiences: expected `aud` with one of a, got \"a\": passed (audience_bound)",
            "user: expected text or a whole number of at most 512 bytes in `sub`, got \"1\": sets user 1 (user_read)",
        ]
    );
}
