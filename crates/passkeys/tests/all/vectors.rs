//! `vectors/vectors.json`: ceremonies written by other hands and judged by `py_webauthn`; see `vectors/make.py`.

use doorward_jose::base64url;
use doorward_passkeys::{
    AssertionResponse, Ceremony, CoseKey, PasskeyError, Registered, RegistrationResponse, RelyingParty,
    UserVerification,
};
use serde_json::Value;

fn bytes(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

fn judged(case: &Value) -> Result<u32, PasskeyError> {
    let party = RelyingParty::at(&case["origin"].as_str().unwrap().parse().unwrap(), "Doorward").unwrap();
    assert_eq!(party.id(), case["rp_id"]);
    let challenge = bytes(&case["challenge"]);
    let ceremony = Ceremony {
        relying_party: &party,
        challenge: &challenge,
        user_verification: serde_json::from_value::<UserVerification>(case["user_verification"].clone()).unwrap(),
    };
    let answer = serde_json::to_vec(&case["response"]).unwrap();
    let key = bytes(&case["public_key"]);
    if case["kind"] == "registration" {
        let made = RegistrationResponse::parse(&answer)?.verify(&ceremony)?;
        assert_eq!(made.public_key.encoded(), key);
        return Ok(made.sign_count);
    }
    let answer = AssertionResponse::parse(&answer)?;
    let used = answer.verify(
        &ceremony,
        &Registered {
            credential_id: &bytes(&case["response"]["id"]),
            public_key: &CoseKey::parse(&key).unwrap(),
            sign_count: u32::try_from(case["stored_sign_count"].as_u64().unwrap()).unwrap(),
            backup_eligible: false,
        },
    )?;
    Ok(used.sign_count)
}

#[test]
fn what_another_implementation_accepts_and_refuses_is_accepted_and_refused_here() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap();
    assert!(cases.len() > 50);
    for case in &cases {
        let name = &case["name"];
        match (case["refused_as"].as_str(), judged(case)) {
            (None, Ok(count)) => assert_eq!(u64::from(count), case["sign_count"].as_u64().unwrap(), "{name}"),
            (Some(expected), Err(error)) => assert_eq!(error.code(), expected, "{name}: {error}"),
            (expected, judged) => panic!("{name}: expected {expected:?}, received {judged:?}"),
        }
        // Where we refuse what the other accepts, the file says why.
        let both = (case["py_webauthn"] == "accepts") == case["refused_as"].is_null();
        assert!(both || case["stricter"].is_string(), "{name}");
    }
}
