use doorward_claims::{ClaimSet, Destination, Facts, Rule, Source, apply};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn rules(value: Value) -> Vec<Rule> {
    serde_json::from_value(value).unwrap()
}

fn run(rules: &[Rule], groups: &[&str]) -> (Value, Vec<String>) {
    let attributes =
        json!({"department": "net", "floor": 3, "tags": ["a", "b"], "nested": {"x": "y"}, "odd": [{"a": 1}]});
    let groups: Vec<String> = groups.iter().map(|&name| name.to_owned()).collect();
    let facts = Facts {
        attributes: attributes.as_object().unwrap(),
        groups: &groups,
        direct_groups: groups.get(..1).unwrap_or_default(),
    };
    let mut claims = ClaimSet::default();
    let skipped = apply(rules, &facts, Destination::IdToken, &mut claims);
    let skipped = skipped.iter().map(ToString::to_string).collect();
    (Value::Object(claims.into_map()), skipped)
}

#[test]
fn attributes_groups_and_constants_find_their_places() {
    let rules = rules(json!([
        {"claim": "dept", "attribute": "department"},
        {"claim": "/deep/x", "attribute": "/nested/x"},
        {"claim": "groups", "groups": "net-*"},
        {"claim": "/realm_access/roles", "by_group": [
            {"group": "net-admins", "values": ["superuser", "staff"]},
            {"group": "net-users", "values": ["staff", "user"]},
            {"group": "others", "values": ["never"]},
        ]},
        {"claim": "tenant", "constant": {"id": 7}},
        {"claim": "elsewhere", "constant": 1, "into": ["access_token"]},
    ]));
    let (claims, skipped) = run(&rules, &["all", "net-admins", "net-users"]);
    assert_eq!(
        claims,
        json!({
            "dept": "net",
            "deep": {"x": "y"},
            "groups": ["net-admins", "net-users"],
            "realm_access": {"roles": ["superuser", "staff", "user"]},
            "tenant": {"id": 7},
        })
    );
    assert!(skipped.is_empty());
}

#[test]
fn group_sources_yield_an_empty_list_for_nobody() {
    let rules = rules(
        json!([{"claim": "groups", "groups": "*"}, {"claim": "roles", "by_group": [{"group": "x", "values": [1]}]}]),
    );
    assert_eq!(run(&rules, &[]).0, json!({"groups": [], "roles": []}));
}

#[test]
fn a_rule_about_direct_groups_says_nothing_of_those_around_them() {
    let rules = rules(json!([
        {"claim": "paths", "direct": true, "by_group": [
            {"group": "inner", "values": ["/outer/inner"]}, {"group": "outer", "values": ["/outer"]},
        ]},
        {"claim": "names", "groups": "*", "direct": true},
        {"claim": "all", "groups": "*"},
        {"claim": "none", "by_group": [{"group": "x", "values": [1]}], "format": "non-empty"},
        {"claim": "some", "by_group": [{"group": "outer", "values": [1]}], "format": "non-empty"},
    ]));
    let (claims, skipped) = run(&rules, &["inner", "outer"]);
    assert_eq!(
        claims,
        json!({"paths": ["/outer/inner"], "names": ["inner"], "all": ["inner", "outer"], "some": [1]})
    );
    assert_eq!(skipped, ["`none` is left out: there is no value"]);
    let wrong = serde_json::from_value::<Rule>(json!({"claim": "a", "attribute": "b", "direct": true}));
    assert!(wrong.unwrap_err().to_string().contains("direct"));
}

#[test]
fn each_format_has_its_shape() {
    let shaped = |attribute: &str, format: &str| {
        let rules = rules(json!([{"claim": "c", "attribute": attribute, "format": format}]));
        let (claims, skipped) = run(&rules, &[]);
        claims.get("c").cloned().ok_or_else(|| skipped.concat())
    };
    assert_eq!(shaped("floor", "as-is"), Ok(json!(3)));
    assert_eq!(shaped("floor", "string"), Ok(json!("3")));
    assert_eq!(shaped("floor", "array"), Ok(json!([3])));
    assert_eq!(shaped("tags", "string"), Ok(json!("a")));
    assert_eq!(shaped("tags", "csv"), Ok(json!("a,b")));
    assert_eq!(shaped("tags", "array"), Ok(json!(["a", "b"])));
    let error = "`c` is left out: an object or a nested list cannot become a string".to_owned();
    assert_eq!(shaped("odd", "csv"), Err(error.clone()));
    assert_eq!(shaped("nested", "string"), Err(error));
}

#[test]
fn what_is_left_out_says_why() {
    let rules = rules(json!([
        {"claim": "a", "attribute": "/custom/missing"},
        {"claim": "b", "groups": "none-*", "format": "string"},
        {"claim": "c", "constant": "text"},
        {"claim": "/c/d", "constant": 1},
    ]));
    let (claims, skipped) = run(&rules, &["x"]);
    assert_eq!(claims, json!({"c": "text"}));
    assert_eq!(
        skipped,
        [
            "`a` is left out: the person has no attribute `/custom/missing`",
            "`b` is left out: there is no value",
            "`/c/d` is left out: expected an object at `c` on the way to `/c/d`, got another value",
        ]
    );
}

#[test]
fn lists_for_one_claim_add_up_and_other_values_replace() {
    let rules = rules(json!([
        {"claim": "roles", "constant": ["user"]},
        {"claim": "roles", "groups": "*"},
        {"claim": "name", "constant": "one"},
        {"claim": "name", "constant": "two"},
    ]));
    assert_eq!(
        run(&rules, &["user", "admin"]).0,
        json!({"roles": ["user", "admin"], "name": "two"})
    );
}

#[test]
fn a_claim_set_takes_no_protocol_claim() {
    let mut claims = ClaimSet::default();
    claims.set("sub", "somebody else").unwrap_err();
    claims.set("name", "Alice").unwrap();
    claims.set("email", "a@example.org").unwrap();
    claims.retain(|name| name == "name");
    assert_eq!(serde_json::to_value(&claims).unwrap(), json!({"name": "Alice"}));
}

proptest! {
    #[test]
    fn whatever_rules_there_are_protocol_claims_stay_out(names in proptest::collection::vec("sub|aud|iss|name|groups|/a/b|/a", 0..8), groups in proptest::collection::vec("[a-c]{1,2}", 0..4)) {
        let made: Vec<Rule> = names
            .iter()
            .filter_map(|name| Rule::new(name.parse().unwrap(), Source::Groups("*".to_owned())).ok())
            .collect();
        let facts = Facts { attributes: &Map::new(), groups: &groups, direct_groups: &groups };
        let mut claims = ClaimSet::default();
        apply(&made, &facts, Destination::Userinfo, &mut claims);
        for claim in ["sub", "aud", "iss"] {
            prop_assert!(!claims.as_map().contains_key(claim));
        }
    }
}
