//! What differs between the claims of two logins, and what has to.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// Claims that are new with each login: times, identifiers of the token and the session, hashes of other parts.
const OF_EACH_LOGIN: &[&str] = &[
    "iat",
    "exp",
    "nbf",
    "auth_time",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "session_state",
    "doorward_grant",
];

/// Claims whose difference is known beforehand, with what becomes of it.
const EXPECTED: &[(&str, &str)] = &[
    (
        "iss",
        "the same once the application has the earlier issuer: doorward alias add, then doorward app edit <app> --issuer",
    ),
    ("typ", "Keycloak's word for the kind of its token"),
    ("azp", "the client id, which Keycloak repeats"),
    ("acr", "how somebody logged in, in each provider's own words"),
    ("amr", "how somebody logged in, in each provider's own words"),
    ("client_id", "the client id, which RFC 9068 puts into access tokens"),
];

/// One claim that is not the same.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Difference {
    /// Where: `id_token`, `access_token` or `userinfo`.
    pub(super) part: &'static str,
    /// Which claim, nested ones by path; `*` for the whole.
    pub(super) claim: String,
    /// At the earlier provider.
    pub(super) before: Option<Value>,
    /// At the new one.
    pub(super) after: Option<Value>,
    /// It has to differ, and applications do not mind.
    pub(super) expected: bool,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<&'static str>,
}

/// Adds what differs in one part.
pub(super) fn compare(
    part: &'static str,
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    found: &mut Vec<Difference>,
) {
    match (before, after) {
        (None, None) => {}
        (Some(before), Some(after)) => members(part, "", before, after, found),
        _ => found.push(Difference {
            part,
            claim: "*".to_owned(),
            before: before.cloned().map(Value::Object),
            after: after.cloned().map(Value::Object),
            expected: false,
            hint: Some("one of the two gives none that can be read"),
        }),
    }
}

fn members(
    part: &'static str,
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        if path.is_empty() && OF_EACH_LOGIN.contains(&name.as_str()) {
            continue;
        }
        let claim = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match (before.get(name), after.get(name)) {
            (Some(Value::Object(before)), Some(Value::Object(after))) => members(part, &claim, before, after, found),
            (before, after) if is_same(before, after) => {}
            (before, after) => {
                let known = EXPECTED.iter().find(|(known, _)| *known == claim);
                found.push(Difference {
                    part,
                    before: before.cloned(),
                    after: after.cloned(),
                    expected: known.is_some(),
                    hint: known.map(|(_, hint)| *hint).or_else(|| hint(&claim)),
                    claim,
                });
            }
        }
    }
}

fn hint(claim: &str) -> Option<&'static str> {
    match claim {
        "sub" => Some("an application would take this person for a new one"),
        "aud" => Some("doorward app edit <app> --add-audience, for a server that looks for itself in it"),
        _ => None,
    }
}

/// Lists are sets here: groups, roles, audiences.
fn is_same(before: Option<&Value>, after: Option<&Value>) -> bool {
    let set = |value: &Value| -> BTreeSet<String> {
        match value {
            Value::Array(all) => all.iter().map(Value::to_string).collect(),
            one => BTreeSet::from([one.to_string()]),
        }
    };
    match (before, after) {
        (Some(before), Some(after)) => {
            let is_list = before.is_array() && after.is_array();
            before == after || (is_list && set(before) == set(after))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compared(before: Value, after: Value) -> Vec<(String, bool)> {
        let (Value::Object(before), Value::Object(after)) = (before, after) else {
            panic!("two objects");
        };
        let mut found = Vec::new();
        compare("id_token", Some(&before), Some(&after), &mut found);
        found.into_iter().map(|one| (one.claim, one.expected)).collect()
    }

    #[test]
    fn what_is_new_with_each_login_does_not_differ_and_neither_does_an_order() {
        let before =
            json!({"sub": "1", "iat": 1, "jti": "a", "groups": ["a", "b"], "realm_access": {"roles": ["x", "y"]}});
        let after =
            json!({"sub": "1", "iat": 2, "jti": "b", "groups": ["b", "a"], "realm_access": {"roles": ["y", "x"]}});
        assert_eq!(compared(before, after), []);
    }

    #[test]
    fn a_claim_that_is_missing_or_another_is_found_by_its_path() {
        let before = json!({"sub": "1", "iss": "https://old", "name": "A", "realm_access": {"roles": ["x"]}, "exp": 1});
        let after = json!({"sub": "2", "iss": "https://new", "realm_access": {"roles": []}, "email": "a@b"});
        let found = compared(before, after);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["email", "iss", "name", "realm_access.roles", "sub"]);
        let expected: Vec<&str> = found
            .iter()
            .filter(|(_, expected)| *expected)
            .map(|(name, _)| &**name)
            .collect();
        assert_eq!(expected, ["iss"]);
    }

    #[test]
    fn a_part_that_one_side_has_not_is_one_difference() {
        let mut found = Vec::new();
        compare("access_token", None, Some(&Map::new()), &mut found);
        assert_eq!((found.len(), found.first().map(|one| one.expected)), (1, Some(false)));
        compare("userinfo", None, None, &mut found);
        assert_eq!(found.len(), 1);
    }
}
