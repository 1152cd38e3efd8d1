//! Authenticator data and the keys in it.

use doorward_passkeys::{AuthenticatorData, CoseKey};

pub(crate) fn run(data: &[u8]) {
    if let Ok(key) = CoseKey::parse(data) {
        assert_eq!(key.encoded(), data);
    }
    let Ok(parsed) = AuthenticatorData::parse(data) else {
        return;
    };
    assert!(data.len() >= 37);
    assert_eq!(parsed.sign_count.to_be_bytes(), data[33..37]);
    assert_eq!(parsed.flags.user_present(), data[32] & 1 == 1);
    if let Some(credential) = parsed.credential {
        let id = &credential.credential_id;
        assert_eq!(id.as_slice(), &data[55..55 + id.len()]);
        // The key that was cut out is a key by itself, and stands where it was read.
        let key = credential.public_key.encoded();
        assert_eq!(CoseKey::parse(key).as_ref(), Ok(&credential.public_key));
        assert!(data[55 + id.len()..].starts_with(key));
    }
}
