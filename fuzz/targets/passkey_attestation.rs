//! Attestation objects, and whole registrations around them: what is not signed for our challenge never passes.

use doorward_jose::base64url;
use doorward_passkeys::{
    Attestation, AttestationObject, Ceremony, RegistrationResponse, RelyingParty, UserVerification,
};

pub(crate) fn run(data: &[u8]) {
    let Ok(object) = AttestationObject::parse(data) else {
        return;
    };
    let Some(credential) = object.authenticator_data.credential else {
        return;
    };
    let challenge = [7; 32];
    let client_data = serde_json::json!({
        "type": "webauthn.create", "challenge": base64url::encode(challenge), "origin": "https://sso.example.com",
    });
    let answer = serde_json::json!({
        "id": base64url::encode(&credential.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": base64url::encode(client_data.to_string()),
            "attestationObject": base64url::encode(data),
        },
    });
    let party = RelyingParty::at(&"https://sso.example.com".parse().unwrap(), "Doorward").unwrap();
    let ceremony = Ceremony {
        relying_party: &party,
        challenge: &challenge,
        user_verification: UserVerification::Required,
    };
    let verified =
        RegistrationResponse::parse(answer.to_string().as_bytes()).and_then(|answer| answer.verify(&ceremony));
    if let Ok(passkey) = verified {
        // Nobody here signs for this challenge.
        assert_eq!(passkey.attestation, Attestation::None);
        assert!(passkey.user_verified);
    }
}
