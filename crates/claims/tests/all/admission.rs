//! Conditions beyond those of Vault.

use serde_json::json;

use crate::login::{admits, rules};

#[test]
fn values_are_compared_by_their_texts_when_that_is_said() {
    let text = rules("admission.claims = [{ claim = 'n', any = [7, 'true'], match = 'text' }]");
    for (value, admitted) in [
        (json!("7"), true),
        (json!(7), true),
        (json!(true), true),
        (json!("true"), true),
        (json!(7.0), false),
        (json!(["x", "7"]), true),
        (json!(null), false),
        (json!({"n": 7}), false),
    ] {
        assert_eq!(admits(&text, json!({"sub": "1", "n": value})), admitted, "{value}");
    }
}

#[test]
fn a_list_beyond_what_is_looked_at_has_no_member_that_fits() {
    let bound = rules("admission.claims = [{ claim = 'n', any = 'x' }]");
    let mut list = vec![json!("x"); 4096];
    assert!(admits(&bound, json!({"sub": "1", "n": list})));
    list.push(json!("x"));
    assert!(!admits(&bound, json!({"sub": "1", "n": list})));
}

#[test]
fn a_member_of_a_list_is_found_by_its_index() {
    let bound = rules("admission.claims = [{ claim = '/amr/0', any = 'hwk' }]");
    assert!(admits(&bound, json!({"sub": "1", "amr": ["hwk", "pin"]})));
    assert!(!admits(&bound, json!({"sub": "1", "amr": ["pin", "hwk"]})));
}
