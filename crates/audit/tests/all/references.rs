//! The names of traces, as people write them.

use doorward_audit::{Reference, ReferenceError, Tracer};
use doorward_jose::SystemRandom;
use doorward_store::testing;
use proptest::prelude::*;

use crate::at;

fn parse(text: &str) -> Result<Reference, ReferenceError> {
    text.parse()
}

#[test]
fn a_reference_is_read_however_it_was_written_down() {
    let reference = parse("7K3Q-9F01").unwrap();
    assert_eq!(reference.to_string(), "7K3Q-9F01");
    for written in [
        "7k3q-9f01",
        "7K3Q9F01",
        "7K3Q 9FO1",
        "7k3q-9fol",
        " 7K3Q-9F0I ",
        "7-K-3-Q-9-F-0-1",
    ] {
        assert_eq!(parse(written).unwrap(), reference, "{written}");
    }
}

#[test]
fn what_is_no_reference_says_why() {
    for (text, why) in [
        ("", "a reference has 8 characters, like 7K3Q-9FZM; received 0"),
        ("7K3Q-9FZ", "a reference has 8 characters, like 7K3Q-9FZM; received 7"),
        ("7K3Q-9FZM7", "a reference has 8 characters, like 7K3Q-9FZM; received 9"),
        (
            "7K3U-9FZM",
            "a reference has digits and letters without U, like 7K3Q-9FZM; received 'U'",
        ),
        (
            "7K3Q_9FZM",
            "a reference has digits and letters without U, like 7K3Q-9FZM; received '_'",
        ),
        (
            "7K3Q-9FZµ",
            "a reference has digits and letters without U, like 7K3Q-9FZM; received 'µ'",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), why);
    }
}

#[test]
fn references_travel_as_text() {
    let reference = parse("7K3Q-9FZM").unwrap();
    let json = serde_json::to_string(&reference).unwrap();
    assert_eq!(json, r#""7K3Q-9FZM""#);
    assert_eq!(serde_json::from_str::<Reference>(&json).unwrap(), reference);
    assert!(serde_json::from_str::<Reference>(r#""nonsuch!""#).is_err());
}

#[tokio::test]
async fn logins_of_one_second_have_different_references_that_do_not_look_alike() {
    let tracer = Tracer::new(testing::sqlite().await.clone(), &SystemRandom);
    let mut all: Vec<_> = (0..60_000).map(|_| tracer.begin(at(0))).collect();
    let (first, second) = (all[0].to_string(), all[1].to_string());
    let differing = first
        .chars()
        .zip(second.chars())
        .filter(|(one, other)| one != other)
        .count();
    assert!(differing >= 2, "{first} and {second}");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 60_000);
}

proptest! {
    #[test]
    fn any_eight_characters_come_back(text in "[0-9A-HJKMNP-TV-Z]{8}") {
        let shown = parse(&text).unwrap().to_string();
        prop_assert_eq!(shown.replace('-', ""), text);
        prop_assert_eq!(parse(&shown.to_lowercase()).unwrap(), parse(&shown).unwrap());
    }

    #[test]
    fn nothing_that_is_typed_makes_it_panic(text in ".{0,40}") {
        let _ = parse(&text);
    }
}
