//! The private key of a client that authenticates with assertions (RFC 7523), as its file holds it.

use data_encoding::BASE64;
use doorward_jose::{Algorithm, SigningKey};
use doorward_login::LoginError;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Reads PKCS#8 in PEM (RFC 7468 §10). The algorithm follows from the key; its name is its thumbprint (RFC 7638).
pub(crate) fn read(pem: &str) -> Result<SigningKey, LoginError> {
    let wrong = |detail: &str| LoginError::Setting {
        setting: "secret",
        detail: format!("expected a private key as PKCS#8 in PEM (BEGIN PRIVATE KEY): {detail}"),
    };
    let (_, rest) = pem.split_once(BEGIN).ok_or_else(|| wrong("it does not begin so"))?;
    let (body, _) = rest.split_once(END).ok_or_else(|| wrong("it does not end"))?;
    let body: String = body.split_ascii_whitespace().collect();
    let der = BASE64
        .decode(body.as_bytes())
        .map_err(|_| wrong("what is between is not Base64"))?;
    for algorithm in [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA] {
        if let Ok(key) = SigningKey::from_pkcs8(algorithm, "", &der) {
            let name = key.public_jwk().thumbprint();
            return SigningKey::from_pkcs8(algorithm, name, &der).map_err(|error| wrong(&error.to_string()));
        }
    }
    Err(wrong(
        "it is no RSA key of 2048 bits or more, no P-256 and no Ed25519 key",
    ))
}

#[cfg(test)]
mod tests {
    use super::{BASE64, BEGIN, END, read};
    use doorward_jose::{Algorithm, SigningKey};

    #[test]
    fn a_key_in_pem_is_read_with_its_algorithm_and_named_by_its_thumbprint() {
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
            let made = SigningKey::generate(algorithm).unwrap();
            let body = BASE64.encode(made.pkcs8.expose());
            let key = read(&format!("{BEGIN}\n{body}\n{END}\n")).unwrap();
            assert_eq!(key.algorithm(), algorithm);
            assert_eq!(key.kid(), key.public_jwk().thumbprint());
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_was_expected() {
        for wrong in [
            "",
            "secret",
            "-----BEGIN PRIVATE KEY-----\nAAAA",
            "-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            let error = read(wrong).err().unwrap().to_string();
            assert!(error.contains("PKCS#8 in PEM"), "{error}");
        }
    }
}
