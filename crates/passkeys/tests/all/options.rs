//! What the browser is asked, and where passkeys can exist at all.

use doorward_passkeys::{
    Ceremony, CreationOptions, Known, NoRelyingParty, RelyingParty, RequestOptions, Transport, User, UserVerification,
};
use serde_json::json;

#[test]
fn the_options_are_what_the_specification_calls_them() {
    let party = RelyingParty::at(&"https://sso.example.com:8443/".parse().unwrap(), "Example").unwrap();
    assert_eq!(
        (party.id(), party.origin()),
        ("sso.example.com", "https://sso.example.com:8443")
    );
    let known = [
        Known {
            credential_id: vec![1, 2, 3],
            transports: vec![Transport::Usb, Transport::SmartCard],
        },
        Known {
            credential_id: vec![4],
            transports: vec![],
        },
    ];
    let list = json!([
        { "type": "public-key", "id": "AQID", "transports": ["usb", "smart-card"] },
        { "type": "public-key", "id": "BA" },
    ]);
    let creation = CreationOptions {
        ceremony: Ceremony {
            relying_party: &party,
            challenge: &[255; 16],
            user_verification: UserVerification::Required,
        },
        user: User {
            handle: b"\x01\x02",
            name: "alice",
            display_name: "Alice \"A\" Ä",
        },
        exclude: &known,
        asks_attestation: false,
    };
    assert_eq!(
        creation.to_json(),
        json!({
            "rp": { "id": "sso.example.com", "name": "Example" },
            "user": { "id": "AQI", "name": "alice", "displayName": "Alice \"A\" Ä" },
            "challenge": "_____________________w",
            "pubKeyCredParams": [
                { "type": "public-key", "alg": -7 },
                { "type": "public-key", "alg": -8 },
                { "type": "public-key", "alg": -257 },
            ],
            "timeout": 300_000,
            "excludeCredentials": list,
            "authenticatorSelection": {
                "residentKey": "preferred", "requireResidentKey": false, "userVerification": "required",
            },
            "attestation": "none",
            "extensions": { "credProps": true },
        })
    );
    let request = RequestOptions {
        relying_party: &party,
        challenge: &[255; 16],
        user_verification: UserVerification::Discouraged,
        allow: &known,
    };
    assert_eq!(
        request.to_json(),
        json!({
            "challenge": "_____________________w", "timeout": 300_000, "rpId": "sso.example.com",
            "allowCredentials": list, "userVerification": "discouraged",
        })
    );
}

#[test]
fn passkeys_need_a_name_and_https_or_localhost() {
    let at = |url: &str| RelyingParty::at(&url.parse().unwrap(), "Example");
    assert!(at("http://localhost:8080/").is_ok());
    assert!(at("http://sso.localhost/").is_ok());
    assert!(matches!(
        at("http://sso.example.com/"),
        Err(NoRelyingParty::Insecure { .. })
    ));
    assert!(matches!(at("https://192.0.2.1/"), Err(NoRelyingParty::Address { .. })));
    assert!(matches!(
        at("http://127.0.0.1:8080/"),
        Err(NoRelyingParty::Address { .. })
    ));
    assert!(matches!(
        at("https://[2001:db8::1]/"),
        Err(NoRelyingParty::Address { .. })
    ));
}
