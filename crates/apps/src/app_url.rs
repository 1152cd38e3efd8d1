//! The base URL of an application, from which a preset makes redirect URIs.

use std::fmt;

use doorward_oidc::{Refusal, shown};

use crate::refusals;

/// `scheme://host[:port][/path]` without a trailing slash, in the normal form of the URL standard: lower-case host,
/// no default port. Its characters are harmless inside of every snippet's quoting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUrl(String);

/// Whether a redirect URI that a stranger may have sent is at the origin of the application's own address, and written so that
/// whoever reads it sees where it leads.
pub fn is_at_home(uri: &str, home: &str) -> bool {
    let is_plain = uri
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"'\"\\`".contains(&byte));
    let (Ok(uri), Ok(home)) = (url::Url::parse(uri), url::Url::parse(home)) else {
        return false;
    };
    is_plain
        && uri.origin().is_tuple()
        && uri.origin() == home.origin()
        && uri.username().is_empty()
        && uri.password().is_none()
}

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

#[cfg(test)]
mod tests {
    use super::is_at_home;

    #[test]
    fn only_what_plainly_leads_to_the_application_is_at_home() {
        let home = "https://wiki.example.com/base";
        assert!(is_at_home("https://wiki.example.com/login/0b8c/callback", home));
        assert!(is_at_home("https://WIKI.example.com:443/x", home));
        for elsewhere in [
            "https://evil.example/login",
            "http://wiki.example.com/login",
            "https://wiki.example.com:8443/login",
            "https://wiki.example.com@evil.example/login",
            "https://anna@wiki.example.com/login",
            "https://wiki.example.com/\u{202e}nigol",
            "https://wiki.example.com/$(x)'",
            "https://wiki.example.com/a b",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_at_home(elsewhere, home), "{elsewhere}");
        }
        assert!(!is_at_home("https://wiki.example.com/", ""));
    }
}
