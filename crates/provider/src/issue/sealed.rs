//! What is encrypted for the application it is sent to (OpenID Connect Core §10.2, RFC 9701 §5).

use doorward_apps::{App, Encrypted};
use doorward_jose::JoseError;

use super::Mint;

/// A signed token, encrypted if the application wants that: signed first, so that what was encrypted says who said it
/// (RFC 7519 §11.2).
pub(crate) fn signed(mint: Mint<'_>, app: &App, what: Encrypted, token: String) -> Result<String, JoseError> {
    match app.sender.encrypts(what) {
        None => Ok(token),
        Some(key) => key.encrypt(
            key.usual(),
            app.sender.content_encryption,
            Some("JWT"),
            token.as_bytes(),
            mint.random,
        ),
    }
}

/// Claims that are not signed, encrypted if the application wants that: the channel says who said them (Core §5.3.2).
pub(crate) fn claims(
    mint: Mint<'_>,
    app: &App,
    what: Encrypted,
    claims: &impl serde::Serialize,
) -> Result<Option<String>, JoseError> {
    let Some(key) = app.sender.encrypts(what) else {
        return Ok(None);
    };
    let json = serde_json::to_vec(claims).map_err(|error| JoseError::Signing {
        detail: format!("the claims are not representable as JSON: {error}"),
    })?;
    key.encrypt(key.usual(), app.sender.content_encryption, None, &json, mint.random)
        .map(Some)
}
