//! Which keys verify what an application signs.

use doorward_apps::App;
use doorward_jose::JwkSet;

/// An application with the public keys that count for it now: those that it registered, or those that it publishes (RFC 7591 §2
/// `jwks`, `jwks_uri`).
#[derive(Clone, Copy)]
pub struct Keyed<'a> {
    /// The application.
    pub app: &'a App,
    /// Its keys, if it has any.
    pub keys: Option<&'a JwkSet>,
}

impl<'a> Keyed<'a> {
    /// With what was fetched from its address, if it has one.
    pub fn with(app: &'a App, published: Option<&'a JwkSet>) -> Self {
        let keys = published.or(app.jwks.as_ref());
        Self { app, keys }
    }
}

impl<'a> From<&'a App> for Keyed<'a> {
    fn from(app: &'a App) -> Self {
        Self::with(app, None)
    }
}
