//! The time claims, to the second.

use doorward_jose::{JoseError, TimeRules};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn check(rules: TimeRules, claims: &Value) -> Result<(), JoseError> {
    rules.check(claims.as_object().unwrap())
}

#[test]
fn exp_is_the_first_second_that_is_too_late() {
    let rules = TimeRules::new(NOW, 30);
    check(rules, &json!({ "exp": NOW - 29 })).unwrap();
    let error = check(rules, &json!({ "exp": NOW - 30 })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expired: exp is 1799999970, the clock here says 1800000000 (30 s later; 30 s are tolerated)"
    );
    let strict = TimeRules::new(NOW, 0);
    check(strict, &json!({ "exp": NOW + 1 })).unwrap();
    assert_eq!(
        check(strict, &json!({ "exp": NOW })).unwrap_err().code(),
        "jose_expired"
    );
}

#[test]
fn nbf_and_iat_may_be_ahead_by_the_leeway() {
    let rules = TimeRules::new(NOW, 30);
    check(rules, &json!({ "exp": NOW + 60, "nbf": NOW + 30, "iat": NOW + 30 })).unwrap();
    let error = check(rules, &json!({ "exp": NOW + 60, "nbf": NOW + 31 })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not yet valid: nbf is 1800000031, the clock here says 1800000000 (31 s earlier; 30 s are tolerated)"
    );
    let error = check(rules, &json!({ "exp": NOW + 60, "iat": NOW + 31 })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "issued in the future: iat is 1800000031, the clock here says 1800000000 (31 s earlier; 30 s are tolerated)"
    );
}

#[test]
fn required_claims_must_be_there() {
    let rules = TimeRules::new(NOW, 0);
    assert_eq!(
        check(rules, &json!({})).unwrap_err(),
        JoseError::ClaimMissing { claim: "exp" }
    );
    check(
        TimeRules {
            require_exp: false,
            ..rules
        },
        &json!({}),
    )
    .unwrap();
    let iat = TimeRules {
        require_iat: true,
        ..rules
    };
    assert_eq!(
        check(iat, &json!({ "exp": NOW + 1 })).unwrap_err(),
        JoseError::ClaimMissing { claim: "iat" }
    );
    let age = TimeRules {
        max_age: Some(5),
        ..rules
    };
    assert_eq!(
        check(age, &json!({ "exp": NOW + 1 })).unwrap_err(),
        JoseError::ClaimMissing { claim: "iat" }
    );
}

#[test]
fn age_and_lifetime_are_bounded() {
    let rules = TimeRules {
        max_age: Some(60),
        max_lifetime: Some(300),
        ..TimeRules::new(NOW, 5)
    };
    check(rules, &json!({ "exp": NOW + 305, "iat": NOW - 65 })).unwrap();
    let error = check(rules, &json!({ "exp": NOW + 306, "iat": NOW })).unwrap_err();
    assert_eq!(error.code(), "jose_lives_too_long");
    let error = check(rules, &json!({ "exp": NOW + 1, "iat": NOW - 66 })).unwrap_err();
    assert_eq!(
        error,
        JoseError::TooOld {
            iat: NOW - 66,
            now: NOW,
            max_age: 60
        }
    );
}

#[test]
fn dates_are_numbers() {
    let rules = TimeRules::new(NOW, 0);
    for (value, received) in [
        (json!("1800000001"), "a string"),
        (json!(null), "null"),
        (json!(true), "a boolean"),
        (json!([NOW + 1]), "an array"),
        (json!({}), "an object"),
        (json!(-1), "a number outside of the range of dates"),
        (json!(1e300), "a number outside of the range of dates"),
        (json!(u64::MAX), "a number outside of the range of dates"),
        // Milliseconds where seconds belong.
        (json!(NOW * 1000), "a number outside of the range of dates"),
    ] {
        for claim in ["exp", "nbf", "iat"] {
            let mut claims = json!({ "exp": NOW + 1 });
            claims[claim] = value.clone();
            let error = check(rules, &claims).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the claim \"{claim}\" must be a number of seconds since 1970, received {received}")
            );
        }
    }
    check(rules, &json!({ "exp": 1_800_000_001.5, "iat": 1_799_999_999.9 })).unwrap();
    assert!(
        check(rules, &json!({ "exp": 1_800_000_000.9 })).is_err(),
        "fractions are cut"
    );
}

#[test]
fn absurd_clocks_do_not_overflow() {
    for now in [i64::MIN, 0, i64::MAX] {
        for leeway in [0, i64::MAX] {
            let rules = TimeRules {
                max_age: Some(i64::MAX),
                max_lifetime: Some(i64::MAX),
                ..TimeRules::new(now, leeway)
            };
            let _ = check(rules, &json!({ "exp": NOW, "iat": NOW, "nbf": NOW }));
        }
    }
}
