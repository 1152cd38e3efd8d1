use doorward_oidc::{STANDARD_SCOPES, Scope, ScopeSet, catalogue, claims_of_scope, scope_of_claim};
use proptest::prelude::*;

fn set(list: &str) -> ScopeSet {
    ScopeSet::parse(list).unwrap()
}

#[test]
fn the_order_of_asking_is_kept_and_repetition_is_not() {
    assert_eq!(
        set("profile openid  profile email ").to_string(),
        "profile openid email"
    );
    assert!(set("").is_empty());
}

#[test]
fn unknown_scopes_are_kept_and_separable() {
    let (known, unknown) =
        set("openid made-up https://api/read groups").partition(|scope| STANDARD_SCOPES.contains(&scope));
    assert_eq!(known.to_string(), "openid groups");
    assert_eq!(unknown.to_string(), "made-up https://api/read");
}

#[test]
fn what_is_no_scope_is_refused() {
    let many: Vec<String> = (0..101).map(|index| index.to_string()).collect();
    for list in ["a\"b", "a\\b", "a\tb", "é", &"x".repeat(129), &many.join(" ")] {
        let refusal = ScopeSet::parse(list).unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.kind.oauth),
            (&catalogue::SCOPE_MALFORMED, "invalid_scope")
        );
    }
}

#[test]
fn sets_compare_as_sets() {
    assert!(set("a b").is_subset(&set("b a c")) && !set("a d").is_subset(&set("a b")));
    assert_eq!(set("c a b").intersection(&set("b c")).to_string(), "c b");
    assert_eq!(set("a b").union(&set("c a")).to_string(), "a b c");
}

#[test]
fn every_standard_claim_has_one_scope() {
    for scope in STANDARD_SCOPES {
        for claim in claims_of_scope(scope) {
            assert_eq!(scope_of_claim(claim), Some(*scope));
        }
    }
    assert!(claims_of_scope(Scope::OPENID).is_empty() && claims_of_scope("made-up").is_empty());
    assert_eq!(scope_of_claim("preferred_username"), Some("profile"));
    assert_eq!(scope_of_claim("made_up"), None);
}

proptest! {
    #[test]
    fn a_set_survives_being_written_and_read(list in "[a-z:/ ]{0,80}") {
        let set = set(&list);
        prop_assert_eq!(&ScopeSet::parse(&set.to_string()).unwrap(), &set);
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(serde_json::from_str::<ScopeSet>(&json).unwrap(), set);
    }
}
