//! A login that begins elsewhere: a link of the application itself, or of the provider's page of applications (OpenID Connect
//! Core §4).

use doorward_oidc::Parameters;

use crate::begin::local_path;
use crate::error::shown;
use crate::{BeginOptions, Begun, Login, LoginError};

impl Login {
    /// Begins the login that a link asks for: `return_to` is a path of this application, `target_link_uri` the same as a whole
    /// address, `login_hint` who is expected, and `iss` the provider that sends somebody here. Whatever leads elsewhere
    /// becomes `/`.
    ///
    /// # Errors
    /// [`LoginError::ResponseIssuer`] when `iss` is another provider's; else as [`Login::begin_with`].
    pub async fn begin_from(&self, link: &Parameters) -> Result<Begun, LoginError> {
        let config = self.config();
        if let Some(iss) = link.find("iss")
            && !config.protocol.is_issuer(&config.issuer, iss)
        {
            return Err(LoginError::ResponseIssuer {
                expected: config.issuer.clone(),
                received: format!("`{}`", shown(iss)),
            });
        }
        let within = |uri: &str| uri.strip_prefix(config.base_url.as_str()).map(str::to_owned);
        let target = link.find("return_to").map(str::to_owned);
        let target = target.or_else(|| link.find("target_link_uri").and_then(within));
        let mut options = BeginOptions::new(local_path(target.as_deref().unwrap_or("/")));
        // A hint that is too long helps nobody.
        options.login_hint = link.bounded("login_hint", 512).ok().flatten().map(str::to_owned);
        self.begin_with(options).await
    }
}
