//! Attributes that are lists.

use doorward_claims::Code;
use serde_json::json;

use crate::login::{Account, claims, rules};

#[test]
fn a_list_that_holds_all_members_already_is_left_alone() {
    let rules = rules("attributes = [{ claim = 't', attribute = 't', as = 'list', on_login = 'add' }]");
    let account = Account {
        attributes: claims(json!({"t": ["a", "b"]})),
        has_logged_in: true,
        ..Account::default()
    };
    let evaluation = account.evaluate(&rules, json!({"sub": "1", "t": ["b", "b"]}));
    assert_eq!(evaluation.reasons[1].code, Code::AlreadyThere);
    assert!(evaluation.outcome.unwrap().set_attributes.is_empty());
    let evaluation = account.evaluate(&rules, json!({"sub": "1", "t": ["c", "a", "c"]}));
    assert_eq!(
        evaluation.outcome.unwrap().set_attributes,
        claims(json!({"t": ["a", "b", "c"]}))
    );
}
