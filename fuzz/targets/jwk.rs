//! Keys and key sets of strangers.

use doorward_jose::{Algorithm, EncryptionKey, Jwk, JwkSet};

pub(crate) fn run(data: &[u8]) {
    if let Ok(key) = Jwk::parse(data) {
        check(&key);
    }
    if let Ok(key) = EncryptionKey::parse(data) {
        let published = serde_json::to_vec(&key).unwrap();
        assert_eq!(EncryptionKey::parse(&published).unwrap(), key);
    }
    if let Ok(set) = JwkSet::parse(data) {
        for key in set.keys() {
            check(key);
        }
        let published = serde_json::to_vec(&set).unwrap();
        let again = JwkSet::parse(&published).unwrap();
        assert_eq!(again.keys(), set.keys());
        assert!(again.skipped().is_empty());
    }
}

fn check(key: &Jwk) {
    assert_eq!(key.thumbprint().len(), 43);
    for &algorithm in Algorithm::ALL {
        assert!(key.verify(algorithm, b"message", &[0; 64]).is_err());
        assert!(key.verify(algorithm, b"message", &[0; 256]).is_err());
    }
    let published = serde_json::to_value(key).unwrap();
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert!(published.get(private).is_none());
    }
}
