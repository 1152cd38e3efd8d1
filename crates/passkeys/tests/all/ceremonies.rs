//! Whole ceremonies with a software authenticator.

use doorward_passkeys::{
    AssertionResponse, Attestation, Ceremony, CreationOptions, NewPasskey, PasskeyError, Registered,
    RegistrationResponse, RelyingParty, RequestOptions, User, UserVerification, testing::SoftwareAuthenticator,
};

const ORIGIN: &str = "https://sso.example.com";

fn party() -> RelyingParty {
    RelyingParty::at(&ORIGIN.parse().unwrap(), "Doorward").unwrap()
}

fn register(device: &mut SoftwareAuthenticator, asked: UserVerification) -> Result<NewPasskey, PasskeyError> {
    let party = party();
    let ceremony = Ceremony {
        relying_party: &party,
        challenge: &[7; 32],
        user_verification: asked,
    };
    let options = CreationOptions {
        ceremony,
        user: User {
            handle: b"handle",
            name: "alice",
            display_name: "Alice",
        },
        exclude: &[],
        asks_attestation: false,
    };
    let answer = device.create(&options.to_json());
    RegistrationResponse::parse(answer.to_string().as_bytes())?.verify(&ceremony)
}

fn log_in(device: &SoftwareAuthenticator, passkey: &NewPasskey, stored: u32) -> Result<u32, PasskeyError> {
    let party = party();
    let options = RequestOptions {
        relying_party: &party,
        challenge: &[9; 32],
        user_verification: UserVerification::Required,
        allow: &[],
    };
    let answer = AssertionResponse::parse(device.get(&options.to_json()).to_string().as_bytes())?;
    assert_eq!(answer.user_handle(), Some(b"handle".as_slice()));
    let ceremony = Ceremony {
        relying_party: &party,
        challenge: &[9; 32],
        user_verification: UserVerification::Required,
    };
    let registered = Registered {
        credential_id: &passkey.credential_id,
        public_key: &passkey.public_key,
        sign_count: stored,
        backup_eligible: passkey.backup_eligible,
    };
    answer.verify(&ceremony, &registered).map(|used| used.sign_count)
}

#[test]
fn a_registered_passkey_logs_in_and_counts_up() {
    let mut device = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    device.sign_count = 3;
    let passkey = register(&mut device, UserVerification::Required).unwrap();
    assert_eq!(
        (passkey.sign_count, passkey.attestation.clone()),
        (3, Attestation::None)
    );
    assert_eq!(passkey.is_discoverable, Some(true));
    device.sign_count = 4;
    assert_eq!(log_in(&device, &passkey, 3), Ok(4));
}

#[test]
fn a_copied_passkey_betrays_itself_by_its_counter() {
    let mut device = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    let passkey = register(&mut device, UserVerification::Required).unwrap();
    device.sign_count = 5;
    for stored in [5, 6, u32::MAX] {
        let refused = log_in(&device, &passkey, stored);
        assert_eq!(refused, Err(PasskeyError::CounterWentBack { stored, received: 5 }));
    }
}

#[test]
fn a_passkey_does_not_become_a_synced_one() {
    let mut device = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    let passkey = register(&mut device, UserVerification::Required).unwrap();
    device.synced = true;
    let refused = log_in(&device, &passkey, 0).unwrap_err();
    assert_eq!(refused.code(), "passkey_backup_eligibility_changed");
}

#[test]
fn another_device_cannot_answer_in_its_name() {
    let mut device = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    let passkey = register(&mut device, UserVerification::Required).unwrap();
    let mut thief = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    thief.user_handle.clone_from(&device.user_handle);
    assert_eq!(log_in(&thief, &passkey, 0), Err(PasskeyError::WrongCredential));
    thief.credential_id.clone_from(&device.credential_id);
    assert_eq!(log_in(&thief, &passkey, 0), Err(PasskeyError::Signature));
}

#[test]
fn a_page_elsewhere_gets_nothing() {
    for (origin, rp_id, code) in [
        (
            "https://sso.example.com.evil.example",
            "sso.example.com",
            "passkey_wrong_origin",
        ),
        ("https://evil.example", "evil.example", "passkey_wrong_origin"),
        (ORIGIN, "example.com", "passkey_wrong_relying_party"),
    ] {
        let mut device = SoftwareAuthenticator::new(origin, rp_id);
        let refused = register(&mut device, UserVerification::Required).unwrap_err();
        assert_eq!(refused.code(), code, "{origin}");
    }
}

#[test]
fn whether_the_person_is_verified_is_what_was_asked() {
    let mut device = SoftwareAuthenticator::new(ORIGIN, "sso.example.com");
    device.user_verified = false;
    assert_eq!(
        register(&mut device, UserVerification::Required),
        Err(PasskeyError::NotVerified)
    );
    let passkey = register(&mut device, UserVerification::Preferred).unwrap();
    assert!(!passkey.user_verified);
    device.user_present = false;
    assert_eq!(
        register(&mut device, UserVerification::Preferred),
        Err(PasskeyError::NotPresent)
    );
}
