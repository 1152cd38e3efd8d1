//! The addresses below an issuer alias: which of ours each stands for, and where each of ours is there.
//!
//! Sources: what Keycloak's discovery document says of a realm and its Server Administration Guide; the chapter on OAuth2 of
//! Kanidm's documentation.

use doorward_apps::{AliasAddress, AliasForm, App, IssuerStyle};
use doorward_oidc::{RefusalKind, Turn};

use crate::path;

/// The application has another issuer than the one that was asked.
pub static ISSUER_OF_ANOTHER: RefusalKind = RefusalKind {
    code: "issuer_of_another",
    oauth: "invalid_client",
    public: "The application that sent you here is set to an address that is not meant for it.",
    meaning: "An application logs people in at the issuer that it has here: answers of another name an issuer that it does not \
              expect (RFC 9207 §2.4).",
    turn: Turn::Administrator,
};

/// Keycloak's paths below a realm.
const KEYCLOAK: &[(&str, &str)] = &[
    (path::AUTHORIZE, "/protocol/openid-connect/auth"),
    (path::TOKEN, "/protocol/openid-connect/token"),
    (path::USERINFO, "/protocol/openid-connect/userinfo"),
    (path::JWKS, "/protocol/openid-connect/certs"),
    (path::LOGOUT, "/protocol/openid-connect/logout"),
    (path::INTROSPECT, "/protocol/openid-connect/token/introspect"),
    (path::REVOKE, "/protocol/openid-connect/revoke"),
    (path::DEVICE_AUTHORIZATION, "/protocol/openid-connect/auth/device"),
    (path::PAR, "/protocol/openid-connect/ext/par/request"),
    (
        path::BACKCHANNEL_AUTHENTICATION,
        "/protocol/openid-connect/ext/ciba/auth",
    ),
    (path::DISCOVERY, "/.well-known/openid-configuration"),
    (path::OAUTH_METADATA, "/.well-known/oauth-authorization-server"),
    (path::DEVICE, "/device"),
];
/// What applications call to register themselves at a realm.
const KEYCLOAK_REGISTRATION: &str = "/clients-registrations/";
/// Where people look after their account at a realm.
const KEYCLOAK_ACCOUNT: &str = "/account";

/// Kanidm's paths that all applications share, below its host.
const KANIDM: &[(&str, &str)] = &[
    (path::AUTHORIZE, "/ui/oauth2"),
    (path::AUTHORIZE, "/oauth2/authorise"),
    (path::TOKEN, "/oauth2/token"),
    (path::INTROSPECT, "/oauth2/token/introspect"),
    (path::REVOKE, "/oauth2/token/revoke"),
];
/// Kanidm's paths below the issuer of an application.
const KANIDM_OF_AN_APP: &[(&str, &str)] = &[
    (path::USERINFO, "/userinfo"),
    (path::JWKS, "/public_key.jwk"),
    (path::DISCOVERY, "/.well-known/openid-configuration"),
    (path::OAUTH_METADATA, "/.well-known/oauth-authorization-server"),
];

/// What an address below an alias stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below<'a> {
    /// One of our endpoints, by its path.
    Endpoint(&'static str),
    /// One of our endpoints, for the application with this client id alone.
    EndpointOf(&'static str, &'a str),
    /// What Keycloak says of a realm: its name and its key.
    Realm(&'a str),
    /// Where people look after their account.
    Account,
    /// Where applications registered themselves.
    Registration,
}

/// Whether a path could be below an alias: cheaper than looking at all of them, for addresses that nobody knows.
pub fn may_be_below(path: &str) -> bool {
    path.contains("/realms/") || path.contains("/oauth2/") || path == "/ui/oauth2"
}

/// What `asked`, the path of a request to the alias's host as it came, stands for there.
pub fn below<'a>(alias: &'a AliasAddress, asked: &'a str) -> Option<Below<'a>> {
    // RFC 8414 §3.1: the well-known path stands before the issuer's.
    let (asked, is_metadata) = match asked.strip_prefix(path::OAUTH_METADATA) {
        Some(issuer) => (issuer, true),
        None => (asked, false),
    };
    match alias.form() {
        AliasForm::Keycloak => {
            let rest = asked.strip_prefix(alias.path())?;
            if is_metadata {
                return rest.is_empty().then_some(Below::Endpoint(path::OAUTH_METADATA));
            }
            of_realm(alias, rest)
        }
        AliasForm::Kanidm => {
            let of_app = asked.strip_prefix(alias.path()).and_then(|rest| rest.strip_prefix('/'));
            match of_app {
                Some(client_id) if is_metadata => {
                    let is_id = !client_id.is_empty() && !client_id.contains('/');
                    is_id.then_some(Below::EndpointOf(path::OAUTH_METADATA, client_id))
                }
                Some(rest) => {
                    let (client_id, _) = rest.split_once('/')?;
                    let found = find(KANIDM_OF_AN_APP, rest.get(client_id.len()..)?)?;
                    Some(Below::EndpointOf(found, client_id))
                }
                None if is_metadata => None,
                None => find(KANIDM, asked).map(Below::Endpoint),
            }
        }
    }
}

fn of_realm<'a>(alias: &'a AliasAddress, rest: &str) -> Option<Below<'a>> {
    if rest.is_empty() || rest == "/" {
        let (_, realm) = alias.path().rsplit_once('/')?;
        return Some(Below::Realm(realm));
    }
    if rest.starts_with(KEYCLOAK_REGISTRATION) {
        return Some(Below::Registration);
    }
    let account = rest.strip_prefix(KEYCLOAK_ACCOUNT);
    if account.is_some_and(|after| after.is_empty() || after.starts_with('/')) {
        return Some(Below::Account);
    }
    find(KEYCLOAK, rest).map(Below::Endpoint)
}

fn find(table: &[(&'static str, &str)], theirs: &str) -> Option<&'static str> {
    table.iter().find(|(_, there)| *there == theirs).map(|(ours, _)| *ours)
}

/// The address of our `path` at an alias, as the application with this client id knows it. `None` where the earlier provider had
/// nothing of the kind: it is at the public URL then.
pub fn url(alias: &AliasAddress, client_id: &str, path: &str) -> Option<String> {
    let there = |table: &[(&str, &'static str)]| table.iter().find(|(ours, _)| *ours == path).map(|(_, there)| *there);
    match alias.form() {
        AliasForm::Keycloak => Some(format!("{alias}{}", there(KEYCLOAK)?)),
        AliasForm::Kanidm => match there(KANIDM_OF_AN_APP) {
            Some(rest) => Some(format!("{alias}/{client_id}{rest}")),
            None => Some(format!("{}{}", alias.origin(), there(KANIDM)?)),
        },
    }
}

/// The alias that is the application's issuer.
pub fn of(app: &App) -> Option<&AliasAddress> {
    match &app.issuer_style {
        IssuerStyle::Alias(alias) => Some(alias),
        IssuerStyle::Server | IssuerStyle::Own => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(text: &str) -> AliasAddress {
        AliasAddress::parse(text).unwrap()
    }

    #[test]
    fn a_realm_has_the_addresses_that_keycloak_has() {
        let realm = alias("https://sso.example.com/auth/realms/main");
        for (path, expected) in [
            ("/auth/realms/main", Below::Realm("main")),
            (
                "/auth/realms/main/protocol/openid-connect/auth",
                Below::Endpoint(path::AUTHORIZE),
            ),
            (
                "/auth/realms/main/protocol/openid-connect/token",
                Below::Endpoint(path::TOKEN),
            ),
            (
                "/auth/realms/main/protocol/openid-connect/certs",
                Below::Endpoint(path::JWKS),
            ),
            (
                "/auth/realms/main/.well-known/openid-configuration",
                Below::Endpoint(path::DISCOVERY),
            ),
            (
                "/.well-known/oauth-authorization-server/auth/realms/main",
                Below::Endpoint(path::OAUTH_METADATA),
            ),
            ("/auth/realms/main/account/#/security", Below::Account),
            (
                "/auth/realms/main/clients-registrations/openid-connect",
                Below::Registration,
            ),
        ] {
            assert_eq!(below(&realm, path), Some(expected), "{path}");
            assert!(may_be_below(path), "{path}");
        }
        for path in [
            "/realms/main",
            "/auth/realms/main2",
            "/auth/realms/mainprotocol/openid-connect/token",
            "/auth/realms/main/protocol/openid-connect/token/",
            "/auth/realms/main/protocol/saml",
            "/auth/realms/main/accounts",
            "/auth/realms/other/protocol/openid-connect/token",
            "/.well-known/oauth-authorization-server",
            "/token",
        ] {
            assert_eq!(below(&realm, path), None, "{path}");
        }
    }

    #[test]
    fn an_application_of_kanidm_has_some_addresses_of_its_own_and_shares_the_others() {
        let kanidm = alias("https://idm.example.com/oauth2/openid");
        for (path, expected) in [
            ("/ui/oauth2", Below::Endpoint(path::AUTHORIZE)),
            ("/oauth2/authorise", Below::Endpoint(path::AUTHORIZE)),
            ("/oauth2/token", Below::Endpoint(path::TOKEN)),
            (
                "/oauth2/openid/netbox/userinfo",
                Below::EndpointOf(path::USERINFO, "netbox"),
            ),
            (
                "/oauth2/openid/netbox/public_key.jwk",
                Below::EndpointOf(path::JWKS, "netbox"),
            ),
            (
                "/oauth2/openid/netbox/.well-known/openid-configuration",
                Below::EndpointOf(path::DISCOVERY, "netbox"),
            ),
            (
                "/.well-known/oauth-authorization-server/oauth2/openid/netbox",
                Below::EndpointOf(path::OAUTH_METADATA, "netbox"),
            ),
        ] {
            assert_eq!(below(&kanidm, path), Some(expected), "{path}");
            assert!(may_be_below(path), "{path}");
        }
        for path in [
            "/oauth2/openid",
            "/oauth2/openid/",
            "/oauth2/openid/netbox",
            "/oauth2/tokens",
            "/",
        ] {
            assert_eq!(below(&kanidm, path), None, "{path}");
        }
    }

    #[test]
    fn what_is_announced_at_an_alias_leads_back_to_us() {
        for text in [
            "https://sso.example.com/realms/main",
            "https://idm.example.com/oauth2/openid",
        ] {
            let alias = alias(text);
            for ours in [
                path::AUTHORIZE,
                path::TOKEN,
                path::USERINFO,
                path::JWKS,
                path::INTROSPECT,
                path::REVOKE,
            ] {
                let url = url(&alias, "netbox", ours).unwrap();
                let path = url.strip_prefix(alias.origin()).unwrap();
                let led = below(&alias, path);
                assert!(
                    led == Some(Below::Endpoint(ours)) || led == Some(Below::EndpointOf(ours, "netbox")),
                    "{url}"
                );
            }
        }
        assert_eq!(
            url(&alias("https://idm.example.com/oauth2/openid"), "netbox", path::LOGOUT),
            None
        );
    }
}
