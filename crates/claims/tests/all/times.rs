//! Times of a token against a clock.

use doorward_claims::{Code, Leeway, Local, LoginRules};
use serde_json::{Value, json};

use crate::login::{claims, complaint, refusals};

fn judged(token: Value, now: i64) -> Vec<Code> {
    refusals(&LoginRules::default().evaluate_at(&claims(token), &Local::nobody(), now))
}

#[test]
fn half_a_minute_is_forgiven_and_no_more() {
    assert_eq!(
        Leeway::default(),
        Leeway {
            exp: 30,
            nbf: 30,
            iat: 30
        }
    );
    let token = json!({"sub": "1", "exp": 1000, "nbf": 900, "iat": 900});
    assert_eq!(judged(token.clone(), 1029), []);
    assert_eq!(judged(token.clone(), 1030), [Code::Expired]);
    assert_eq!(judged(token.clone(), 870), []);
    assert_eq!(judged(token, 869), [Code::NotYetValid, Code::IssuedInFuture]);
}

#[test]
fn a_time_may_have_a_fraction_and_must_be_a_number() {
    assert_eq!(judged(json!({"sub": "1", "exp": 1000.9, "iat": 999.5}), 990), []);
    assert_eq!(judged(json!({"sub": "1", "exp": "1000"}), 990), [Code::ExpiryMissing]);
    assert_eq!(judged(json!({"sub": "1"}), 990), [Code::ExpiryMissing]);
    assert_eq!(
        judged(json!({"sub": "1", "exp": 1000, "nbf": "1"}), 990),
        [Code::ClaimWrongType]
    );
    assert_eq!(
        judged(json!({"sub": "1", "exp": 1e300, "nbf": -1e300, "iat": 0}), 990),
        []
    );
    assert_eq!(judged(json!({"sub": "1", "exp": u64::MAX}), i64::MAX), []);
    assert_eq!(judged(json!({"sub": "1", "exp": i64::MIN}), i64::MIN), [Code::Expired]);
}

#[test]
fn times_are_not_judged_where_the_verifier_has_done_it() {
    let evaluation = LoginRules::default().evaluate(&claims(json!({"sub": "1", "exp": 1})), &Local::nobody());
    assert_eq!(refusals(&evaluation), []);
}

#[test]
fn a_leeway_of_hours_is_a_clock_to_mend() {
    assert_eq!(
        complaint("leeway.nbf = 3600"),
        "leeway.nbf: expected at most 600 seconds, got 3600 seconds"
    );
}
