use doorward_claims::{ClaimError, Destination, Format, Rule, Source, is_protocol_claim};
use serde_json::{Value, json};

fn read(value: Value) -> Result<Rule, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn each_source_is_read_and_written_back() {
    for wire in [
        json!({"claim": "department", "attribute": "/custom/department", "into": ["id_token"], "format": "as-is"}),
        json!({"claim": "/realm_access/roles", "groups": "netbox-*", "into": ["access_token"], "format": "array"}),
        json!({"claim": "role", "by_group": [{"group": "admins", "values": ["admin", 1]}], "into": ["id_token", "userinfo"], "format": "string"}),
        json!({"claim": "tenant", "constant": {"id": 1}, "into": ["userinfo"], "format": "csv"}),
    ] {
        let rule = read(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&rule).unwrap(), wire);
    }
}

#[test]
fn a_rule_goes_into_id_token_and_userinfo_unless_it_says_otherwise() {
    let rule = read(json!({"claim": "a", "constant": 1})).unwrap();
    assert!(rule.destinations().contains(Destination::IdToken) && rule.destinations().contains(Destination::Userinfo));
    assert!(!rule.destinations().contains(Destination::AccessToken));
    assert_eq!(
        (rule.format(), rule.source()),
        (Format::AsIs, &Source::Constant(json!(1)))
    );
}

#[test]
fn what_is_no_rule_is_refused_with_what_was_expected() {
    for (wire, expected) in [
        (
            json!({"claim": "a"}),
            "exactly one of `attribute`, `groups`, `by_group`, `constant`, got 0",
        ),
        (json!({"claim": "a", "constant": 1, "groups": "*"}), "got 2"),
        (
            json!({"claim": "a", "constant": 1, "into": []}),
            "at least one of id_token",
        ),
        (
            json!({"claim": "a", "constant": 1, "into": ["cookie"]}),
            "unknown variant `cookie`",
        ),
        (
            json!({"claim": "a", "constant": 1, "colour": 1}),
            "unknown field `colour`",
        ),
        (json!({"claim": "", "constant": 1}), "expected a claim name"),
        (
            json!({"claim": "/sub/x", "constant": 1}),
            "got `sub`, which the protocol sets itself",
        ),
        (json!({"claim": ["aud"], "constant": 1}), "got `aud`"),
        (json!({"constant": 1}), "missing field `claim`"),
    ] {
        let error = read(wire.clone()).unwrap_err();
        assert!(error.contains(expected), "{wire}: {error}");
    }
}

#[test]
fn no_rule_can_be_made_for_a_protocol_claim() {
    for claim in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "sid",
        "scope",
        "client_id",
        "cnf",
    ] {
        assert!(is_protocol_claim(claim));
        let error = Rule::new(claim.parse().unwrap(), Source::Constant(json!("x"))).unwrap_err();
        assert_eq!(error, ClaimError::ProtocolClaim(claim.to_owned()));
        assert_eq!(error.code(), "claim_is_protocol");
    }
    assert!(!is_protocol_claim("groups") && !is_protocol_claim("name"));
}
