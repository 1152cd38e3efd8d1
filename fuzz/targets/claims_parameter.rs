//! The `claims` parameter (OpenID Connect Core §5.5).

use doorward_oidc::ClaimsRequest;
use serde_json::Value;

/// Numbers that are no integers of 64 bits left out: reading and writing one may move its last digit, and a claim value is
/// compared, never computed with.
fn without_fractions(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none() && number.as_u64().is_none() => Value::Null,
        Value::Array(values) => values.into_iter().map(without_fractions).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_fractions(value)))
            .collect(),
        other => other,
    }
}

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(request) = ClaimsRequest::parse(text) {
        let written = serde_json::to_string(&request).unwrap();
        let again = ClaimsRequest::parse(&written).unwrap();
        let plain = |request: &ClaimsRequest| without_fractions(serde_json::to_value(request).unwrap());
        assert_eq!(plain(&again), plain(&request), "{written}");
    }
}
