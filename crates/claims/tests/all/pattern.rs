use std::time::{Duration, Instant};

use doorward_claims::Pattern;
use proptest::prelude::*;
use serde_json::json;

fn glob(text: &str) -> Pattern {
    Pattern::Glob(text.to_owned())
}

#[test]
fn a_star_is_any_run_of_characters() {
    for (pattern, text, fits) in [
        ("netbox-*", "netbox-admins", true),
        ("netbox-*", "netbox-", true),
        ("netbox-*", "my-netbox-admins", false),
        ("*-admins", "netbox-admins", true),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "a-c-b-c", true),
        ("a*b*c", "acb", false),
        ("*a*", "bab", true),
        ("aa*aa", "aaa", false),
        ("aa*aa", "aaaa", true),
        ("**", "x", true),
        ("ä*", "äé", true),
    ] {
        assert_eq!(glob(pattern).matches(text), fits, "{pattern} {text}");
    }
}

#[test]
fn an_exact_pattern_has_no_stars() {
    let pattern = Pattern::Exact("a*".to_owned());
    assert!(pattern.matches("a*") && !pattern.matches("ab"));
}

#[test]
fn values_match_by_their_text_and_lists_by_a_member() {
    assert!(glob("ad*").matches_value(&json!(["users", "admins"])));
    assert!(Pattern::Exact("true".to_owned()).matches_value(&json!(true)));
    assert!(Pattern::Exact("7".to_owned()).matches_value(&json!(7)));
    for value in [json!(null), json!({"a": "admins"}), json!([["admins"]]), json!([])] {
        assert!(!glob("*").matches_value(&value), "{value}");
    }
}

#[test]
fn a_pattern_of_many_stars_costs_no_more_than_its_length() {
    let pattern = glob(&format!("{}b", "a*".repeat(2_000)));
    let text = "a".repeat(20_000);
    let begun = Instant::now();
    assert!(!pattern.matches(&text));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

proptest! {
    #[test]
    fn the_fast_matcher_agrees_with_the_obvious_one(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
        fn obvious(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern.split_first(), text.split_first()) {
                (None, rest) => rest.is_none(),
                (Some((b'*', tail)), rest) => obvious(tail, text) || rest.is_some_and(|(_, rest)| obvious(pattern, rest)),
                (Some((one, tail)), Some((other, rest))) => one == other && obvious(tail, rest),
                (Some(_), None) => false,
            }
        }
        prop_assert_eq!(glob(&pattern).matches(&text), obvious(pattern.as_bytes(), text.as_bytes()));
    }
}
