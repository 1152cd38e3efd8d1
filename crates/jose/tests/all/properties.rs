//! What holds for any token.

use doorward_jose::{Algorithm, JwkSet, base64url, parse_object, parse_value, peek_unverified, verify};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::fixtures::{PLAIN, all_keys, key};

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), json(), 0..6).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_claims_come_back_as_they_were_signed(claims in object(), which in 0..4_usize) {
        let algorithm = Algorithm::ALL[which];
        let token = key(algorithm).sign(None, &claims).unwrap();
        let policy = PLAIN.with_max_bytes(1 << 20);
        let verified = verify(&token, &all_keys(), &policy).unwrap();
        prop_assert_eq!(verified.claims(), &claims);
    }

    #[test]
    fn any_flipped_bit_is_refused(which in 0..4_usize, part in 0..3_usize, position in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let token = key(Algorithm::ALL[which]).sign(Some("JWT"), &serde_json::json!({ "sub": "ada", "n": 1 })).unwrap();
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let mut bytes = base64url::decode(&parts[part]).unwrap();
        let at = position.index(bytes.len());
        bytes[at] ^= 1 << bit;
        parts[part] = base64url::encode(&bytes);
        prop_assert!(verify(&parts.join("."), &all_keys(), &PLAIN).is_err());
    }

    #[test]
    fn any_changed_character_is_refused(which in 0..4_usize, position in any::<prop::sample::Index>(), replacement in "[A-Za-z0-9._=-]") {
        let token = key(Algorithm::ALL[which]).sign(Some("JWT"), &serde_json::json!({ "sub": "ada" })).unwrap();
        let at = position.index(token.len());
        let changed = format!("{}{replacement}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token);
        prop_assert!(verify(&changed, &all_keys(), &PLAIN).is_err());
    }

    #[test]
    fn nothing_from_outside_makes_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let _ = parse_value(&bytes, "payload");
        let _ = parse_object(text.as_bytes(), "payload");
        let _ = JwkSet::parse(&bytes);
        let _ = doorward_jose::Jwk::parse(text.as_bytes());
        let _ = peek_unverified(&text, 1000);
        prop_assert!(verify(&text, &all_keys(), &PLAIN).is_err());
    }

    #[test]
    fn base64url_round_trips_and_is_the_only_encoding(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[A-Za-z0-9_-]{0,64}") {
        prop_assert_eq!(base64url::decode(base64url::encode(&bytes)).unwrap(), bytes);
        if let Ok(decoded) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(decoded), text);
        }
    }
}
