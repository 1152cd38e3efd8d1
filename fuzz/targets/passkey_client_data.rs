//! What a browser says of a passkey ceremony, and the JSON around it.

use doorward_passkeys::{AssertionResponse, ClientData, RegistrationResponse};

pub(crate) fn run(data: &[u8]) {
    let _ = RegistrationResponse::parse(data);
    let _ = AssertionResponse::parse(data);
    let Ok(client_data) = ClientData::parse(data) else {
        return;
    };
    // A second opinion: what serde_json takes from the same bytes.
    let value: serde_json::Value = serde_json::from_slice(data).unwrap();
    assert_eq!(value["origin"], client_data.origin());
    let challenge = doorward_jose::base64url::encode(client_data.challenge());
    assert_eq!(value["challenge"], challenge);
}
