//! Password hashes and one-time code secrets.
//!
//! Sources: Keycloak's Server Administration Guide (password hashing, OTP policies) and what an export holds: two texts of
//! JSON for each credential, `secretData` and `credentialData`.

use data_encoding::{BASE32_NOPAD, BASE64};
use doorward_directory::{
    factors::{TotpDigest, TotpForm},
    foreign::{Argon2Form, ForeignHash, ForeignTotp, Pbkdf2},
};
use doorward_jose::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::export::{Credential, Texts, text};

#[derive(Deserialize)]
struct SecretData {
    value: Secret<String>,
    #[serde(default)]
    salt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordData {
    #[serde(default)]
    hash_iterations: u32,
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    additional_parameters: Option<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OtpData {
    #[serde(default)]
    sub_type: String,
    #[serde(default)]
    digits: u8,
    #[serde(default)]
    period: u64,
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    secret_encoding: Option<String>,
}

/// The hash of a password, or why it cannot come.
pub(super) fn password(credential: &Credential) -> Result<ForeignHash, String> {
    let secret: SecretData = read(credential.secret_data.expose())?;
    let data: PasswordData = read(&credential.credential_data)?;
    let hash = base64(secret.value.expose())?;
    let salt = base64(&secret.salt)?;
    let digest = match data.algorithm.as_str() {
        "pbkdf2" => Pbkdf2::Sha1,
        "pbkdf2-sha256" => Pbkdf2::Sha256,
        "pbkdf2-sha512" => Pbkdf2::Sha512,
        "argon2" => return argon2(&data, &salt, &hash),
        other => return Err(format!("its hash is made with {}", crate::report::bounded(other))),
    };
    ForeignHash::pbkdf2(digest, data.hash_iterations, &salt, &hash)
}

fn argon2(data: &PasswordData, salt: &[u8], hash: &[u8]) -> Result<ForeignHash, String> {
    // Each is a list of one text.
    let parameter = |name: &str| -> Option<String> {
        match data.additional_parameters.as_ref()?.get(name)? {
            Value::Array(list) => list.first()?.as_str().map(str::to_owned),
            Value::String(text) => Some(text.clone()),
            other => other.as_u64().map(|number| number.to_string()),
        }
    };
    let number = |name: &str| parameter(name).and_then(|text| text.parse::<u32>().ok());
    let variant = match parameter("type").as_deref() {
        Some("d") => "argon2d",
        Some("i") => "argon2i",
        Some("id") | None => "argon2id",
        Some(_) => return Err("its hash is made with an unknown kind of Argon2".to_owned()),
    };
    let version = match parameter("version").as_deref() {
        Some("1.0") => 16,
        Some("1.3") | None => 19,
        Some(_) => return Err("its hash is made with an unknown version of Argon2".to_owned()),
    };
    let (Some(memory), Some(lanes)) = (number("memory"), number("parallelism")) else {
        return Err("the parameters of its Argon2 hash are incomplete".to_owned());
    };
    let form = Argon2Form {
        variant,
        version,
        memory,
        passes: data.hash_iterations,
        lanes,
    };
    ForeignHash::argon2(form, salt, hash)
}

/// The secret of an app for one-time codes, or why it cannot come.
pub(super) fn totp(credential: &Credential) -> Result<ForeignTotp, String> {
    let secret: SecretData = read(credential.secret_data.expose())?;
    let data: OtpData = read(&credential.credential_data)?;
    if data.sub_type != "totp" {
        return Err("its codes are counted, not timed (HOTP)".to_owned());
    }
    let digest = match data.algorithm.as_str() {
        "HmacSHA1" => TotpDigest::Sha1,
        "HmacSHA256" => TotpDigest::Sha256,
        "HmacSHA512" => TotpDigest::Sha512,
        _ => return Err("its codes are made with an unknown hash".to_owned()),
    };
    let form = TotpForm::new(digest, data.digits, data.period)
        .ok_or_else(|| format!("its codes have {} digits and stand for {} s", data.digits, data.period))?;
    let value = secret.value.expose();
    let bytes = match data.secret_encoding.as_deref() {
        Some("BASE32") => BASE32_NOPAD
            .decode(value.trim_end_matches('=').as_bytes())
            .map_err(|_| "its secret cannot be read".to_owned())?,
        // The characters themselves are the key.
        _ => value.as_bytes().to_vec(),
    };
    if !(16..=128).contains(&bytes.len()) {
        return Err("its secret has less than 128 bits or more than 1024 (RFC 4226 §4)".to_owned());
    }
    Ok(ForeignTotp {
        secret: Secret::new(bytes),
        form,
    })
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    // The error itself could quote the secret.
    serde_json::from_str(text).map_err(|_| "it cannot be read".to_owned())
}

fn base64(text: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(text.as_bytes())
        .map_err(|_| "it cannot be read".to_owned())
}

/// The signature algorithm that a client names.
pub(super) fn algorithm(texts: &Texts, name: &str) -> Option<String> {
    text(texts, name).filter(|name| name != "any" && name != "none")
}
