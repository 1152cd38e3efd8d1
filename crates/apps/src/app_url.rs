//! The base URL of an application, from which a preset makes redirect URIs.

use std::fmt;

use doorward_oidc::{Refusal, shown};

use crate::refusals;

/// `scheme://host[:port][/path]` without a trailing slash, in the normal form of the URL standard: lower-case host,
/// no default port. Its characters are harmless inside of every snippet's quoting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUrl(String);

impl AppUrl {
    /// Normalises what an administrator typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = |why: &str| {
            Refusal::response(
                &refusals::APP_URL_INVALID,
                format!("expected https://host[:port][/path], received `{}`: {why}", shown(text)),
            )
            .with_remedy("type the address that people open in their browser, for example https://netbox.example.com")
        };
        if text.len() > 1_000 {
            return Err(refuse("longer than 1000 characters"));
        }
        let text = text.trim();
        if !text.contains("://") {
            return Err(refuse("the scheme is missing; write https:// in front")
                .with_remedy(format!("https://{}", shown(text))));
        }
        let url = url::Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("the scheme must be https (or http)"));
        }
        let Some(host) = url.host_str() else {
            return Err(refuse("the host is missing"));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("a user name or password has no place in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse(
                "a query or fragment has no place in it; leave out what follows ? or #",
            ));
        }
        let path = url.path().trim_end_matches('/');
        if !path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte))
        {
            return Err(refuse("the path may hold letters, digits and / - . _ ~"));
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{}://{host}{port}{path}", url.scheme())))
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
