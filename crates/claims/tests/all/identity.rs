//! Who it is.

use doorward_claims::{Change, Code, Email};
use serde_json::json;

use crate::login::{Account, refusals, rules};

#[test]
fn a_user_is_refused_when_the_claim_is_not_there_empty_or_endless() {
    let default = rules("");
    for (sub, code) in [
        (json!(null), Code::UserMissing),
        (json!(""), Code::UserMissing),
        (json!(["1"]), Code::UserWrong),
        (json!("x".repeat(513)), Code::UserWrong),
    ] {
        assert_eq!(
            refusals(&Account::default().evaluate(&default, json!({"sub": sub}))),
            [code]
        );
    }
}

#[test]
fn an_address_comes_with_what_the_provider_says_of_it() {
    let rules = rules("email = { claim = '/contact/mail', verified = '/contact/verified' }");
    let token = json!({"sub": "1", "email_verified": false, "contact": {"mail": "a@example.com", "verified": true}});
    let evaluation = Account::default().evaluate(&rules, token);
    let expected = Email {
        address: "a@example.com".to_owned(),
        verified: true,
    };
    assert_eq!(
        evaluation.reasons[2].to_string(),
        "email.verified: expected `/contact/verified` true, got true: sets email is verified (claim_read)"
    );
    assert_eq!(evaluation.outcome.unwrap().email, Change::Set(expected));
}

#[test]
fn rules_are_short_or_long_and_say_the_same() {
    for (short, long) in [
        (
            "name = 'n'",
            "[name]\nclaim = 'n'\non_login = 'replace'\non_missing = 'keep'",
        ),
        ("name = ['a', 'b']", "name = { claim = '/a/b' }"),
        (
            "email = 'mail'",
            "email = { claim = 'mail', verified = 'email_verified', text_booleans = false }",
        ),
        (
            "username = 'u'",
            "username = { claim = 'u', form = 'whole', letters = 'as-is', on_login = 'first-login-only' }",
        ),
    ] {
        assert_eq!(rules(short), rules(long));
    }
}
