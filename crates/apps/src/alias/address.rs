//! The address of an issuer alias, read once: which provider's paths are below it follows from its own path.

use std::{borrow::Cow, fmt, sync::Arc};

use doorward_oidc::{Refusal, shown};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::refusals;

/// Characters at most.
const LONGEST: usize = 512;
/// What an address of Keycloak has before its realm.
const REALMS: &str = "/realms/";
/// What an address of Kanidm ends with.
const KANIDM: &str = "/oauth2/openid";

/// Whose paths are served below an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AliasForm {
    /// Keycloak: one issuer for all applications of a realm, `…/realms/<realm>`.
    Keycloak,
    /// Kanidm: an issuer for each application, `…/oauth2/openid/<client id>`.
    Kanidm,
}

/// An address at which this server answers as the provider that was there before. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AliasAddress {
    text: Arc<str>,
    form: AliasForm,
    /// Where the host and where the path begins.
    host: usize,
    path: usize,
}

impl AliasAddress {
    /// Reads one.
    ///
    /// # Errors
    /// [`refusals::ALIAS_INVALID`]: not `http(s)://host[:port]` with a path that tells the provider, or not written as URLs are
    /// (applications compare issuers byte by byte, and so do we).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(invalid(text, &format!("at most {LONGEST} characters")));
        }
        let url = Url::parse(text).map_err(|error| invalid(text, &format!("a URL ({error})")))?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !is_plain || !is_encrypted_or_here(&url) {
            return Err(invalid(text, "https://host[:port]/path and nothing else"));
        }
        if url.as_str() != text {
            return Err(invalid(text, &format!("the same as it is written in one way, {url}")));
        }
        let form = form(url.path()).ok_or_else(|| {
            let expected = format!(
                "the issuer of a Keycloak realm, …{REALMS}<realm> (with one part before it at the most), or …{KANIDM} of a \
                 Kanidm, without a slash at the end"
            );
            invalid(text, &expected)
        })?;
        let host = url.scheme().len() + "://".len();
        Ok(Self {
            form,
            host,
            path: text.len() - url.path().len(),
            text: text.into(),
        })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whose paths are below it.
    pub fn form(&self) -> AliasForm {
        self.form
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path).unwrap_or_default()
    }

    /// Host and port as a browser sends them in `Host`.
    pub fn authority(&self) -> &str {
        self.text.get(self.host..self.path).unwrap_or_default()
    }

    /// The path, without a slash at its end.
    pub fn path(&self) -> &str {
        self.text.get(self.path..).unwrap_or_default()
    }

    /// The issuer that an application has there.
    pub fn issuer(&self, client_id: &str) -> Cow<'_, str> {
        match self.form {
            AliasForm::Keycloak => Cow::Borrowed(&self.text),
            AliasForm::Kanidm => Cow::Owned(format!("{}/{client_id}", self.text)),
        }
    }

    /// Whether a request to `authority` (the header `Host`) comes to this alias's host. The port that everybody knows may be
    /// there or not.
    pub fn is_at(&self, authority: &str) -> bool {
        let port = if self.origin().starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        let authority = authority.strip_suffix(port).unwrap_or(authority);
        self.authority().eq_ignore_ascii_case(authority)
    }
}

/// Without TLS only on this machine, for trying things out.
fn is_encrypted_or_here(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

fn form(path: &str) -> Option<AliasForm> {
    if path == KANIDM {
        return Some(AliasForm::Kanidm);
    }
    let (before, realm) = path.split_once(REALMS)?;
    let is_name = |name: &str| !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    let is_prefix = before.is_empty() || before.strip_prefix('/').is_some_and(is_name);
    (is_prefix && is_name(realm)).then_some(AliasForm::Keycloak)
}

fn invalid(text: &str, expected: &str) -> Refusal {
    Refusal::response(
        &refusals::ALIAS_INVALID,
        format!("expected {expected}; received {}", shown(text)),
    )
    .with_remedy("copy `issuer` from the earlier provider's /.well-known/openid-configuration; doorward alias list shows those that are here")
}

impl TryFrom<String> for AliasAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|refusal| refusal.detail)
    }
}

impl From<AliasAddress> for String {
    fn from(address: AliasAddress) -> Self {
        (*address.text).to_owned()
    }
}

impl fmt::Display for AliasAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_the_provider_that_was_there() {
        for (text, form, path) in [
            (
                "https://sso.example.com/realms/main",
                AliasForm::Keycloak,
                "/realms/main",
            ),
            (
                "https://sso.example.com:8443/auth/realms/the%20house",
                AliasForm::Keycloak,
                "/auth/realms/the%20house",
            ),
            ("http://127.0.0.1:8080/realms/main", AliasForm::Keycloak, "/realms/main"),
            (
                "https://idm.example.com/oauth2/openid",
                AliasForm::Kanidm,
                "/oauth2/openid",
            ),
        ] {
            let address = AliasAddress::parse(text).unwrap();
            assert_eq!((address.form(), address.path()), (form, path));
            assert_eq!(format!("{}{}", address.origin(), address.path()), text);
        }
        let realm = AliasAddress::parse("https://sso.example.com/realms/main").unwrap();
        assert_eq!(realm.issuer("netbox"), "https://sso.example.com/realms/main");
        let kanidm = AliasAddress::parse("https://idm.example.com/oauth2/openid").unwrap();
        assert_eq!(kanidm.issuer("netbox"), "https://idm.example.com/oauth2/openid/netbox");
    }

    #[test]
    fn what_is_no_issuer_of_a_provider_that_is_known_says_what_is_expected() {
        for text in [
            "",
            "sso.example.com/realms/main",
            "http://sso.example.com/realms/main",
            "ftp://sso.example.com/realms/main",
            "https://sso.example.com",
            "https://sso.example.com/",
            "https://sso.example.com/realms/",
            "https://sso.example.com/realms/main/",
            "https://sso.example.com/realms/main/account",
            "https://sso.example.com/a/b/realms/main",
            "https://sso.example.com/realms/a/realms/b",
            "https://sso.example.com/realms/main?x=1",
            "https://sso.example.com/realms/main#x",
            "https://ada@sso.example.com/realms/main",
            "https://SSO.example.com/realms/main",
            "https://sso.example.com:443/realms/main",
            "https://sso.example.com/realms/../main",
            "https://idm.example.com/oauth2/openid/netbox",
        ] {
            let refusal = AliasAddress::parse(text).unwrap_err();
            assert_eq!(refusal.kind, &refusals::ALIAS_INVALID, "{text}");
        }
        assert!(AliasAddress::parse(&format!("https://a.example/realms/{}", "x".repeat(600))).is_err());
    }

    #[test]
    fn a_host_is_the_same_however_its_port_and_its_letters_are_written() {
        let address = AliasAddress::parse("https://sso.example.com/realms/main").unwrap();
        for host in ["sso.example.com", "SSO.example.com", "sso.example.com:443"] {
            assert!(address.is_at(host), "{host}");
        }
        for host in [
            "",
            "sso.example.com:80",
            "sso.example.com:8443",
            "sso.example.com.evil",
            "example.com",
        ] {
            assert!(!address.is_at(host), "{host}");
        }
    }
}
