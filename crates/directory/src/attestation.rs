//! Whose authenticators may be registered, where administrators have chosen roots. A setting of the server.

use std::sync::Arc;

use doorward_passkeys::{PasskeyError, TrustAnchors};
use doorward_store::{StoreError, Tx, settings};

use crate::{Directory, directory::Result};

/// The setting's name.
const SETTING: &str = "attestation_roots";

/// The chosen roots as they were given, in PEM; `None` when any authenticator will do.
pub fn roots(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    settings::get(tx, SETTING)
}

/// Chooses them, or lets any authenticator do. The caller has read them ([`TrustAnchors::parse`]), checked the right, and records the
/// event.
pub fn set_roots(tx: &mut Tx<'_>, pem: Option<&str>) -> Result<(), StoreError> {
    match pem {
        Some(pem) => settings::set(tx, SETTING, pem),
        None => settings::remove(tx, SETTING).map(|_| ()),
    }
}

impl Directory {
    /// The chosen roots, from a cache that every change clears; `None` when any authenticator will do.
    pub async fn attestation_roots(&self) -> Result<Arc<Option<TrustAnchors>>> {
        let read = async {
            let pem = self.read(roots).await?;
            let damaged = |error: PasskeyError| StoreError::Damaged(format!("the setting {SETTING}: {error}"));
            Ok(pem.map(|pem| TrustAnchors::parse(&pem)).transpose().map_err(damaged)?)
        };
        self.roots_cache().get(read).await
    }
}
