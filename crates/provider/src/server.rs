//! Who we are: the public URL, the issuers derived from it, and where the endpoints live.

use std::borrow::Cow;

use doorward_apps::{App, IssuerStyle};

use crate::{PairwiseSalt, alias};

/// Path of each protocol endpoint below the public URL. One set for all applications: an application that is an
/// issuer of its own differs in its issuer and its discovery document, not in its endpoints.
pub mod path {
    /// Authorization endpoint.
    pub const AUTHORIZE: &str = "/authorize";
    /// Pushed authorization requests (RFC 9126).
    pub const PAR: &str = "/par";
    /// Token endpoint.
    pub const TOKEN: &str = "/token";
    /// UserInfo endpoint.
    pub const USERINFO: &str = "/userinfo";
    /// Introspection endpoint (RFC 7662).
    pub const INTROSPECT: &str = "/introspect";
    /// Revocation endpoint (RFC 7009).
    pub const REVOKE: &str = "/revoke";
    /// Device authorization endpoint (RFC 8628 §3.1).
    pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
    /// Where a person types the code of a device (RFC 8628 §3.3); short, because it is typed too.
    pub const DEVICE: &str = "/device";
    /// Backchannel authentication endpoint (OpenID Connect CIBA §7).
    pub const BACKCHANNEL_AUTHENTICATION: &str = "/bc-authorize";
    /// Client registration endpoint (RFC 7591 §3); below it what each registered client manages of itself (RFC 7592).
    pub const REGISTRATION: &str = "/connect/register";
    /// End-session endpoint (OpenID Connect RP-Initiated Logout).
    pub const LOGOUT: &str = "/logout";
    /// The frame that says whether a session goes on (OpenID Connect Session Management 1.0 §3.2).
    pub const CHECK_SESSION: &str = "/check-session";
    /// The published keys.
    pub const JWKS: &str = "/jwks.json";
    /// OpenID Connect discovery, below the issuer.
    pub const DISCOVERY: &str = "/.well-known/openid-configuration";
    /// OAuth metadata (RFC 8414), below the origin and before the issuer's path.
    pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
    /// Prefix of an application that is an issuer of its own: `/apps/<client_id>`.
    pub const APPS: &str = "/apps/";
}

/// The server as the rest of the world addresses it.
#[derive(Debug, Clone)]
pub struct Server {
    public_url: String,
    token_endpoint: String,
    domain: String,
    mtls: MutualTls,
    has_client_authorities: bool,
    pairwise: PairwiseSalt,
    /// The bases of our addresses as a URL is written in one way; see [`normal`].
    normal_bases: Vec<String>,
}

/// Whether clients can prove themselves by certificate, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MutualTls {
    /// They cannot.
    #[default]
    Off,
    /// At the usual addresses, where a proxy asks for the certificate.
    Here,
    /// At this other base URL, because asking for a certificate makes browsers show people a question.
    At(String),
}

impl Server {
    /// From the public URL; a trailing slash is dropped, since issuers are compared byte by byte.
    pub fn new(public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let token_endpoint = format!("{public_url}{}", path::TOKEN);
        let domain = url::Url::parse(&public_url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        Self {
            domain: domain.unwrap_or_else(|| "localhost".to_owned()),
            mtls: MutualTls::Off,
            has_client_authorities: false,
            pairwise: PairwiseSalt::known(),
            normal_bases: normal_base(&public_url).into_iter().collect(),
            public_url,
            token_endpoint,
        }
    }

    /// The same with mutual TLS.
    #[must_use]
    pub fn with_mtls(mut self, mtls: MutualTls) -> Self {
        self.mtls = match mtls {
            MutualTls::At(url) => MutualTls::At(url.trim_end_matches('/').to_owned()),
            other => other,
        };
        self.normal_bases = self.bases().filter_map(normal_base).collect();
        self
    }

    /// The same with authorities that vouch for the certificates of clients; without any, `tls_client_auth` is not offered.
    #[must_use]
    pub fn with_client_authorities(mut self, has_any: bool) -> Self {
        self.has_client_authorities = has_any;
        self
    }

    /// Whether anybody vouches for the certificates of clients.
    pub(crate) fn has_client_authorities(&self) -> bool {
        self.has_client_authorities
    }

    /// The same with the key that makes pairwise subjects; without, it is one that everybody knows.
    #[must_use]
    pub fn with_pairwise(mut self, salt: PairwiseSalt) -> Self {
        self.pairwise = salt;
        self
    }

    /// The key that makes pairwise subjects.
    pub(crate) fn pairwise(&self) -> &PairwiseSalt {
        &self.pairwise
    }

    /// Whether clients can prove themselves by certificate, and where.
    pub fn mtls(&self) -> &MutualTls {
        &self.mtls
    }

    /// Every absolute URL under which a path of ours is called.
    pub fn urls(&self, path: &str) -> Vec<String> {
        self.bases().map(|base| format!("{base}{path}")).collect()
    }

    /// Whether `text` is, byte for byte, one of [`Server::urls`].
    pub fn is_at(&self, path: &str, text: &str) -> bool {
        self.bases().any(|base| text.strip_prefix(base) == Some(path))
    }

    /// Whether `text` is one of [`Server::urls`] whatever query and fragment it has and however its scheme, host and port are
    /// written (RFC 9449 §4.3, RFC 3986 §6.2.2, §6.2.3).
    pub fn is_meant(&self, path: &str, text: &str) -> bool {
        self.is_at(path, text)
            || normal(text).is_some_and(|text| {
                let mut bases = self.normal_bases.iter();
                bases.any(|base| text.strip_prefix(base.as_str()) == Some(path))
            })
    }

    fn bases(&self) -> impl Iterator<Item = &str> {
        let other = match &self.mtls {
            MutualTls::At(base) => Some(base.as_str()),
            MutualTls::Off | MutualTls::Here => None,
        };
        std::iter::once(self.public_url.as_str()).chain(other)
    }

    /// The host of the public URL: what follows the `@` of a full user name.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The public URL without a trailing slash; also the server-wide issuer.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The issuer that `app` sees.
    pub fn issuer<'a>(&'a self, app: &'a App) -> Cow<'a, str> {
        match &app.issuer_style {
            IssuerStyle::Server => Cow::Borrowed(&self.public_url),
            IssuerStyle::Own => Cow::Owned(self.own_issuer(&app.client_id)),
            IssuerStyle::Alias(address) => address.issuer(&app.client_id),
        }
    }

    /// Whether `issuer` is one that `app` may have got tokens from: ours, or the one of an earlier provider that it has.
    pub fn is_issuer_of(&self, issuer: &str, app: Option<&App>) -> bool {
        self.is_ours(issuer) || app.is_some_and(|app| self.issuer(app) == issuer)
    }

    /// As [`Server::is_at`], at the issuer of an earlier provider too that `app` has.
    pub fn is_at_for(&self, app: &App, path: &str, text: &str) -> bool {
        self.is_at(path, text) || alias_url(app, path).is_some_and(|url| url == text)
    }

    /// As [`Server::is_meant`], at the issuer of an earlier provider too that `app` has.
    pub fn is_meant_for(&self, app: Option<&App>, path: &str, text: &str) -> bool {
        let there = app.and_then(|app| alias_url(app, path));
        self.is_meant(path, text)
            || there.is_some_and(|url| url == text || normal(text).as_ref() == normal(&url).as_ref())
    }

    /// As [`Server::urls`], at the issuer of an earlier provider too that `app` has.
    pub fn urls_for(&self, app: Option<&App>, path: &str) -> Vec<String> {
        let there = app.and_then(|app| alias_url(app, path));
        there.into_iter().chain(self.urls(path)).collect()
    }

    /// The issuer of an application that is one of its own.
    pub fn own_issuer(&self, client_id: &str) -> String {
        format!("{}{}{client_id}", self.public_url, path::APPS)
    }

    /// Whether `issuer` is one of ours: the server's, or an application's own.
    pub fn is_ours(&self, issuer: &str) -> bool {
        issuer == self.public_url
            || issuer
                .strip_prefix(self.public_url.as_str())
                .and_then(|rest| rest.strip_prefix(path::APPS))
                .is_some_and(|client_id| !client_id.is_empty() && !client_id.contains('/'))
    }

    /// The token endpoint, one of the audiences that a client assertion may name (RFC 7523 §3).
    pub fn token_endpoint(&self) -> &str {
        &self.token_endpoint
    }

    /// An absolute URL for a path of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}

fn alias_url(app: &App, path: &str) -> Option<String> {
    alias::url(alias::of(app)?, &app.client_id, path)
}

/// Without query and fragment, its scheme, host and port written in one way.
fn normal(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

fn normal_base(base: &str) -> Option<String> {
    normal(base).map(|base| base.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn an_address_is_ours_under_each_base_and_however_it_is_written() {
        let server = Server::new("https://sso.example.com/door")
            .with_mtls(MutualTls::At("https://mtls.example.com/".to_owned()));
        for ours in ["https://sso.example.com/door/token", "https://mtls.example.com/token"] {
            assert!(
                server.is_at(path::TOKEN, ours) && server.is_meant(path::TOKEN, ours),
                "{ours}"
            );
            assert!(server.urls(path::TOKEN).iter().any(|url| url == ours), "{ours}");
        }
        for meant in [
            "https://SSO.example.com:443/door/token",
            "https://mtls.example.com/token?a=b#c",
        ] {
            assert!(
                !server.is_at(path::TOKEN, meant) && server.is_meant(path::TOKEN, meant),
                "{meant}"
            );
        }
        for other in [
            "https://sso.example.com/token",
            "https://sso.example.com/door/token/",
            "https://sso.example.com/door/userinfo",
            "https://mtls.example.com/door/token",
            "https://sso.example.com.evil/door/token",
            "https://user@sso.example.com/door/token",
            "http://sso.example.com/door/token",
            "/token",
            "",
        ] {
            assert!(!server.is_meant(path::TOKEN, other), "{other}");
        }
    }

    #[test]
    fn a_trailing_slash_of_the_public_url_does_not_reach_the_issuer() {
        let server = Server::new("https://sso.example.com:8443/door/");
        assert_eq!(server.issuer(&testing::app()), "https://sso.example.com:8443/door");
        assert_eq!(server.token_endpoint(), "https://sso.example.com:8443/door/token");
        assert_eq!(server.domain(), "sso.example.com");
    }

    #[test]
    fn an_application_at_an_alias_has_its_issuer_and_its_addresses_and_ours() {
        let server = Server::new("https://sso.example.com");
        let mut app = testing::app();
        let realm = "https://old.example.com/realms/main";
        assert!(!server.is_issuer_of(realm, Some(&app)));
        app.issuer_style = IssuerStyle::Alias(doorward_apps::AliasAddress::parse(realm).unwrap());
        assert_eq!(server.issuer(&app), realm);
        assert!(server.is_issuer_of(realm, Some(&app)) && !server.is_issuer_of(realm, None) && !server.is_ours(realm));
        let there = format!("{realm}/protocol/openid-connect/token");
        for url in [&there, "https://sso.example.com/token"] {
            assert!(server.is_at_for(&app, path::TOKEN, url), "{url}");
            assert!(server.is_meant_for(Some(&app), path::TOKEN, url), "{url}");
            assert!(
                server.urls_for(Some(&app), path::TOKEN).contains(&(*url).to_owned()),
                "{url}"
            );
        }
        let shouted = there.replace("old.example.com", "OLD.example.com:443");
        assert!(server.is_meant_for(Some(&app), path::TOKEN, &shouted));
        assert!(!server.is_meant_for(None, path::TOKEN, &there));
        assert!(!server.is_meant_for(Some(&app), path::USERINFO, &there));
    }

    #[test]
    fn issuers_are_ours_byte_for_byte() {
        let server = Server::new("https://sso.example.com");
        for ours in ["https://sso.example.com", "https://sso.example.com/apps/netbox"] {
            assert!(server.is_ours(ours), "{ours}");
        }
        for other in [
            "https://sso.example.com/",
            "https://sso.example.com.evil",
            "https://sso.example.com/apps/",
            "https://sso.example.com/apps/a/b",
            "https://sso.example.comapps/a",
            "http://sso.example.com",
            "",
        ] {
            assert!(!server.is_ours(other), "{other}");
        }
    }
}
