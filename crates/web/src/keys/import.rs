//! Signing keys that were made elsewhere: those of a provider that is being replaced, or of a ceremony.

use doorward_directory::Actor;
use doorward_jose::{Algorithm, Secret, SigningKey};
use doorward_oidc::Refusal;
use doorward_provider::rotation::by_hand::{self, KEY_EXISTS, KEY_UNUSABLE};
use jiff::Timestamp;
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

use super::{Keys, KeysError};

/// Longest name of a key, in bytes.
const MAX_KID: usize = 128;
/// Longest document: RSA with 8192 bits has some 6 KiB.
const MAX_PEM: usize = 16 * 1024;

/// A key to import.
pub(crate) struct Import {
    /// What it signs with.
    pub(crate) algorithm: Algorithm,
    /// PKCS#8, as PEM.
    pub(crate) pem: Secret<String>,
    /// Its name; its thumbprint when absent.
    pub(crate) kid: Option<String>,
    /// It signs now, in place of what signs; otherwise it is published first.
    pub(crate) at_once: bool,
}

impl Keys {
    /// Takes a key over and returns its name. Right: full.
    pub(crate) async fn import(&self, actor: &Actor, import: Import, now: Timestamp) -> Result<String, KeysError> {
        let Import {
            algorithm,
            pem,
            kid,
            at_once,
        } = import;
        if let Some(kid) = kid.as_deref() {
            check_kid(kid)?;
        }
        let pkcs8 = pkcs8(pem.expose())?;
        let made = SigningKey::adopt(algorithm, kid.as_deref(), pkcs8).map_err(|error| {
            unusable(
                error.to_string(),
                "Make one: `openssl genpkey -algorithm ED25519`, or let the server make its own.",
            )
        })?;
        let material = self.material(&made, true)?;
        let kid = made.key.kid().to_owned();
        let named = kid.clone();
        self.change(actor.clone(), vec![material], now, move |lives, policy| {
            if lives.iter().any(|life| life.kid == named) {
                return Err(
                    Refusal::response(&KEY_EXISTS, format!("the key {named} is here already, or was"))
                        .with_remedy("`doorward key list` shows all of them, retired ones too."),
                );
            }
            Ok(by_hand::join(lives, algorithm, policy, at_once, now.as_second()))
        })
        .await?;
        Ok(kid)
    }
}

fn check_kid(kid: &str) -> Result<(), Refusal> {
    let is_one = !kid.is_empty() && kid.len() <= MAX_KID && kid.bytes().all(|byte| byte.is_ascii_graphic());
    if is_one {
        return Ok(());
    }
    Err(unusable(
        format!(
            "expected 1 to {MAX_KID} visible ASCII characters as the key's id, received {:?}",
            kid.get(..40).unwrap_or(kid)
        ),
        "Leave the id out: the key is then named by its thumbprint.",
    ))
}

/// The document in the PEM text.
fn pkcs8(pem: &str) -> Result<Secret<Vec<u8>>, Refusal> {
    const HOW: &str = "`openssl pkcs8 -topk8 -nocrypt -in key.pem` writes a key in this form.";
    if pem.len() > MAX_PEM {
        return Err(unusable(
            format!("the key has {} bytes, at most {MAX_PEM} are read", pem.len()),
            HOW,
        ));
    }
    let label = pem
        .lines()
        .find_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    match label {
        Some("PRIVATE KEY") => {}
        Some(other) => {
            return Err(unusable(
                format!(
                    "expected PKCS#8 (`BEGIN PRIVATE KEY`), received `BEGIN {}`",
                    other.get(..40).unwrap_or(other)
                ),
                HOW,
            ));
        }
        None => return Err(unusable("expected a key as PEM, received none".to_owned(), HOW)),
    }
    PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
        .map(|key| Secret::new(key.secret_pkcs8_der().to_vec()))
        .map_err(|error| unusable(format!("the PEM text cannot be read: {error}"), HOW))
}

fn unusable(detail: String, remedy: &'static str) -> Refusal {
    Refusal::response(&KEY_UNUSABLE, detail).with_remedy(remedy)
}
