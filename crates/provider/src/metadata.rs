//! What we publish about ourselves: OpenID Connect Discovery 1.0 and RFC 8414, one document for the server and one for
//! each application that is an issuer of its own.

use std::collections::BTreeMap;

use doorward_apps::{AliasAddress, AliasForm, App, IssuerStyle};
use doorward_directory::Level;
use doorward_jose::{Algorithm, ContentEncryption, KeyManagement, base64url, sha256};
use doorward_oidc::{
    ADDRESS_CLAIMS, ClientAuthMethod, Display, EMAIL_CLAIMS, GROUPS_CLAIMS, GrantType, PHONE_CLAIMS, PROFILE_CLAIMS,
    Prompt, ProviderMetadata, ResponseMode, STANDARD_SCOPES,
};

use crate::decoupled::ciba;
use crate::{KeyRing, MutualTls, Server, alias, path};

/// Claims that the protocol sets itself.
const PROTOCOL_CLAIMS: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "jti",
];

/// Response modes with a signed answer (JARM §2.3).
const SIGNED_MODES: [&str; 3] = ["jwt", "query.jwt", "form_post.jwt"];

/// A document ready to be sent, made once per change of applications or keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The JSON text.
    pub json: String,
    /// A strong entity tag, quotes included.
    pub etag: String,
}

impl Document {
    /// Writes metadata as JSON.
    pub fn new(metadata: &ProviderMetadata) -> Self {
        // Plain data: it always has a JSON form.
        let json = serde_json::to_string(metadata).unwrap_or_default();
        let etag = format!("\"{}\"", base64url::encode(sha256(json.as_bytes())));
        Self { json, etag }
    }
}

/// The server's own metadata. `apps` are all applications, because some software checks its claim settings against
/// `claims_supported`; `languages` are those of the pages.
pub fn of_server<'a>(
    server: &Server,
    keys: &KeyRing,
    apps: impl IntoIterator<Item = &'a App>,
    languages: &[&str],
) -> ProviderMetadata {
    let apps: Vec<&App> = apps.into_iter().collect();
    let own = || apps.iter().filter(|app| app.issuer_style == IssuerStyle::Server);
    let mut metadata = describe(
        server,
        &At::PublicUrl(server.public_url().to_owned()),
        &keys.algorithms(),
        keys,
        own().flat_map(|app| mapped_claims(app)),
        languages,
    );
    metadata.authorization_details_types_supported = detail_types(own().copied());
    metadata.check_session_iframe = check_session(server, own().copied());
    metadata
}

/// The metadata of an application that is an issuer of its own; `None` for one that is not.
pub fn of_app(server: &Server, keys: &KeyRing, app: &App, languages: &[&str]) -> Option<ProviderMetadata> {
    if app.issuer_style != IssuerStyle::Own {
        return None;
    }
    Some(of_one(
        server,
        keys,
        app,
        &At::PublicUrl(server.own_issuer(&app.client_id)),
        languages,
    ))
}

/// The metadata of an application that has an issuer of its own at an alias; `None` for one that has not.
pub fn of_app_at_alias(server: &Server, keys: &KeyRing, app: &App, languages: &[&str]) -> Option<ProviderMetadata> {
    let address = alias::of(app).filter(|address| address.form() == AliasForm::Kanidm)?;
    Some(of_one(
        server,
        keys,
        app,
        &At::Alias(address, &app.client_id),
        languages,
    ))
}

/// The metadata of an alias that is one issuer for all applications there, which are `apps`; `None` where each has its own.
pub fn of_alias<'a>(
    server: &Server,
    keys: &KeyRing,
    address: &AliasAddress,
    apps: impl IntoIterator<Item = &'a App>,
    languages: &[&str],
) -> Option<ProviderMetadata> {
    if address.form() != AliasForm::Keycloak {
        return None;
    }
    let apps: Vec<&App> = apps.into_iter().collect();
    let mapped = apps.iter().flat_map(|app| mapped_claims(app));
    let mut metadata = describe(
        server,
        &At::Alias(address, ""),
        &keys.algorithms(),
        keys,
        mapped,
        languages,
    );
    metadata.authorization_details_types_supported = detail_types(apps.iter().copied());
    metadata.check_session_iframe = check_session(server, apps.iter().copied());
    Some(metadata)
}

fn of_one(server: &Server, keys: &KeyRing, app: &App, at: &At<'_>, languages: &[&str]) -> ProviderMetadata {
    // Its own algorithm first, because some libraries take the first; RS256 has to be in the list (Discovery §3).
    let mut algorithms = vec![app.id_token_alg];
    algorithms.extend((app.id_token_alg != Algorithm::RS256).then_some(Algorithm::RS256));
    let metadata = describe(server, at, &algorithms, keys, mapped_claims(app), languages);
    ProviderMetadata {
        require_pushed_authorization_requests: app.requests.require_pushed,
        require_signed_request_object: app.requests.require_signed,
        authorization_details_types_supported: detail_types([app]),
        check_session_iframe: check_session(server, [app]),
        authorization_signing_alg_values_supported: names([app.id_token_alg.name()]),
        ..metadata
    }
}

/// Whose document it is, and so where the endpoints are.
enum At<'a> {
    /// This issuer's; endpoints are below the public URL.
    PublicUrl(String),
    /// The one of the application with this client id at an alias; endpoints are there as far as the earlier provider had them.
    Alias(&'a AliasAddress, &'a str),
}

impl At<'_> {
    fn issuer(&self) -> String {
        match self {
            Self::PublicUrl(issuer) => issuer.clone(),
            Self::Alias(address, client_id) => address.issuer(client_id).into_owned(),
        }
    }

    fn url(&self, server: &Server, path: &str) -> String {
        match self {
            Self::PublicUrl(_) => server.url(path),
            Self::Alias(address, client_id) => alias::url(address, client_id, path).unwrap_or_else(|| server.url(path)),
        }
    }
}

/// The types of authorization details that these applications may ask for (RFC 9396 §10).
fn detail_types<'a>(apps: impl IntoIterator<Item = &'a App>) -> Vec<String> {
    let mut all: Vec<String> = apps
        .into_iter()
        .flat_map(|app| app.requests.detail_types.clone())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The frame, if it answers the pages of any of these applications.
fn check_session<'a>(server: &Server, apps: impl IntoIterator<Item = &'a App>) -> Option<String> {
    let has = apps.into_iter().any(|app| app.logout.session_management);
    has.then(|| server.url(path::CHECK_SESSION))
}

fn mapped_claims(app: &App) -> impl Iterator<Item = String> + '_ {
    app.claim_rules.iter().map(|rule| rule.claim().claim().to_owned())
}

fn describe(
    server: &Server,
    at: &At<'_>,
    id_token_algorithms: &[Algorithm],
    keys: &KeyRing,
    mapped: impl Iterator<Item = String>,
    languages: &[&str],
) -> ProviderMetadata {
    let has_mtls = *server.mtls() != MutualTls::Off;
    let is_served = |method: &&ClientAuthMethod| match method {
        ClientAuthMethod::TlsClientAuth => has_mtls && server.has_client_authorities(),
        ClientAuthMethod::SelfSignedTlsClientAuth => has_mtls,
        _ => true,
    };
    let methods = names(
        ClientAuthMethod::ALL
            .iter()
            .filter(is_served)
            .map(|method| method.as_str()),
    );
    // Introspection is for clients that prove who they are.
    let proven = names(
        ClientAuthMethod::ALL
            .iter()
            .filter(is_served)
            .filter(|method| **method != ClientAuthMethod::None)
            .map(|method| method.as_str()),
    );
    let assertions = names(Algorithm::ALL.iter().map(|algorithm| algorithm.name()));
    let management = names(KeyManagement::ALL.iter().map(|alg| alg.name()));
    let contents = names(ContentEncryption::ALL.iter().map(|enc| enc.name()));
    let url = |path: &str| at.url(server, path);
    ProviderMetadata {
        issuer: at.issuer(),
        authorization_endpoint: url(path::AUTHORIZE),
        token_endpoint: url(path::TOKEN),
        userinfo_endpoint: Some(url(path::USERINFO)),
        jwks_uri: url(path::JWKS),
        introspection_endpoint: Some(url(path::INTROSPECT)),
        revocation_endpoint: Some(url(path::REVOKE)),
        end_session_endpoint: Some(url(path::LOGOUT)),
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        check_session_iframe: None,
        device_authorization_endpoint: Some(url(path::DEVICE_AUTHORIZATION)),
        backchannel_authentication_endpoint: Some(url(path::BACKCHANNEL_AUTHENTICATION)),
        backchannel_token_delivery_modes_supported: names(["poll"]),
        backchannel_authentication_request_signing_alg_values_supported: names(
            ciba::ALGORITHMS.iter().map(|algorithm| algorithm.name()),
        ),
        scopes_supported: names(STANDARD_SCOPES.iter().copied()),
        response_types_supported: names(["code"]),
        response_modes_supported: names(ResponseMode::ALL.iter().map(|mode| mode.as_str()).chain(SIGNED_MODES)),
        grant_types_supported: names(GrantType::ALL.iter().map(|grant_type| grant_type.as_str())),
        prompt_values_supported: names(Prompt::ALL.iter().map(|prompt| prompt.as_str())),
        acr_values_supported: names(Level::ALL.iter().map(|level| level.acr())),
        subject_types_supported: names(["public", "pairwise"]),
        display_values_supported: names([Display::Page.as_str()]),
        claim_types_supported: names(["normal"]),
        claims_supported: claims(mapped),
        ui_locales_supported: names(languages.iter().copied()),
        id_token_signing_alg_values_supported: names(id_token_algorithms.iter().map(|algorithm| algorithm.name())),
        userinfo_signing_alg_values_supported: names(keys.algorithms().iter().map(|algorithm| algorithm.name())),
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: assertions.clone(),
        introspection_endpoint_auth_methods_supported: proven,
        introspection_endpoint_auth_signing_alg_values_supported: assertions.clone(),
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: assertions.clone(),
        id_token_encryption_alg_values_supported: management.clone(),
        id_token_encryption_enc_values_supported: contents.clone(),
        userinfo_encryption_alg_values_supported: management.clone(),
        userinfo_encryption_enc_values_supported: contents.clone(),
        introspection_signing_alg_values_supported: names(keys.algorithms().iter().map(|algorithm| algorithm.name())),
        introspection_encryption_alg_values_supported: management,
        introspection_encryption_enc_values_supported: contents,
        dpop_signing_alg_values_supported: assertions.iter().cloned().chain(["Ed25519".to_owned()]).collect(),
        tls_client_certificate_bound_access_tokens: *server.mtls() != MutualTls::Off,
        mtls_endpoint_aliases: aliases(server),
        code_challenge_methods_supported: names(["S256"]),
        authorization_response_iss_parameter_supported: true,
        claims_parameter_supported: true,
        request_parameter_supported: true,
        request_uri_parameter_supported: true,
        require_request_uri_registration: true,
        request_object_signing_alg_values_supported: names(Algorithm::ALL.iter().map(|algorithm| algorithm.name())),
        pushed_authorization_request_endpoint: Some(url(path::PAR)),
        authorization_signing_alg_values_supported: names(keys.algorithms().iter().map(|algorithm| algorithm.name())),
        ..ProviderMetadata::default()
    }
}

/// The endpoints that authenticate clients or take bound tokens (RFC 8705 §5).
fn aliases(server: &Server) -> BTreeMap<String, String> {
    let MutualTls::At(base) = server.mtls() else {
        return BTreeMap::new();
    };
    [
        ("token_endpoint", path::TOKEN),
        ("pushed_authorization_request_endpoint", path::PAR),
        ("revocation_endpoint", path::REVOKE),
        ("introspection_endpoint", path::INTROSPECT),
        ("userinfo_endpoint", path::USERINFO),
    ]
    .into_iter()
    .map(|(name, path)| (name.to_owned(), format!("{base}{path}")))
    .collect()
}

fn claims(mapped: impl Iterator<Item = String>) -> Vec<String> {
    let standard = [
        PROTOCOL_CLAIMS,
        PROFILE_CLAIMS,
        EMAIL_CLAIMS,
        ADDRESS_CLAIMS,
        PHONE_CLAIMS,
        GROUPS_CLAIMS,
    ];
    let mut all = names(standard.into_iter().flatten().copied());
    let mut more: Vec<String> = mapped.filter(|claim| !all.contains(claim)).collect();
    more.sort();
    more.dedup();
    all.extend(more);
    all
}

fn names<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use doorward_claims::Rule;
    use serde_json::json;

    use super::*;
    use crate::testing::{self, World};

    fn with_rule(claim: &str) -> App {
        let rule: Rule = serde_json::from_value(json!({"claim": claim, "constant": 1})).unwrap();
        App {
            claim_rules: vec![rule],
            ..testing::app()
        }
    }

    #[test]
    fn the_servers_document_names_what_applications_look_for() {
        let world = World::new();
        let app = with_rule("/realm_access/roles");
        let metadata = of_server(&world.server, &world.keys, [&app, &app], &["en", "de"]);
        assert_eq!(metadata.issuer, "https://sso.example.com");
        assert_eq!(metadata.jwks_uri, "https://sso.example.com/jwks.json");
        assert_eq!(metadata.response_types_supported, ["code"]);
        assert_eq!(metadata.code_challenge_methods_supported, ["S256"]);
        assert!(
            metadata
                .claims_supported
                .iter()
                .any(|claim| claim == "preferred_username")
        );
        assert_eq!(
            metadata
                .claims_supported
                .iter()
                .filter(|claim| *claim == "realm_access")
                .count(),
            1
        );
        let methods = &metadata.token_endpoint_auth_methods_supported;
        assert_eq!(
            methods,
            &["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
        );
        assert!(
            !metadata
                .introspection_endpoint_auth_methods_supported
                .contains(&"none".to_owned())
        );
        let json: serde_json::Value = serde_json::from_str(&Document::new(&metadata).json).unwrap();
        assert_eq!(json["request_uri_parameter_supported"], true);
        assert_eq!(json["require_request_uri_registration"], true);
        assert_eq!(
            json["pushed_authorization_request_endpoint"],
            "https://sso.example.com/par"
        );
        assert_eq!(json["authorization_response_iss_parameter_supported"], true);
    }

    #[test]
    fn an_application_of_its_own_has_its_own_issuer_algorithm_and_claims() {
        let world = World::new();
        let mut app = with_rule("roles");
        assert_eq!(of_app(&world.server, &world.keys, &app, &[]), None);
        app.issuer_style = IssuerStyle::Own;
        let metadata = of_app(&world.server, &world.keys, &app, &[]).unwrap();
        assert_eq!(metadata.issuer, "https://sso.example.com/apps/netbox");
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["ES256", "RS256"]);
        assert!(metadata.claims_supported.contains(&"roles".to_owned()));
        assert!(
            !of_server(&world.server, &world.keys, [&app], &[])
                .claims_supported
                .contains(&"roles".to_owned())
        );
    }

    #[test]
    fn an_alias_has_the_earlier_providers_addresses_and_issuer() {
        let world = World::new();
        let mut app = with_rule("roles");
        let realm = AliasAddress::parse("https://old.example.com/realms/main").unwrap();
        app.issuer_style = IssuerStyle::Alias(realm.clone());
        let metadata = of_alias(&world.server, &world.keys, &realm, [&app], &[]).unwrap();
        assert_eq!(metadata.issuer, "https://old.example.com/realms/main");
        assert_eq!(
            metadata.token_endpoint,
            "https://old.example.com/realms/main/protocol/openid-connect/token"
        );
        assert_eq!(
            metadata.jwks_uri,
            "https://old.example.com/realms/main/protocol/openid-connect/certs"
        );
        assert!(metadata.claims_supported.contains(&"roles".to_owned()));
        assert_eq!(metadata.registration_endpoint, None);
        assert_eq!(of_app(&world.server, &world.keys, &app, &[]), None);
        assert_eq!(of_app_at_alias(&world.server, &world.keys, &app, &[]), None);

        let kanidm = AliasAddress::parse("https://idm.example.com/oauth2/openid").unwrap();
        assert_eq!(of_alias(&world.server, &world.keys, &kanidm, [&app], &[]), None);
        app.issuer_style = IssuerStyle::Alias(kanidm);
        let metadata = of_app_at_alias(&world.server, &world.keys, &app, &[]).unwrap();
        assert_eq!(metadata.issuer, "https://idm.example.com/oauth2/openid/netbox");
        assert_eq!(metadata.authorization_endpoint, "https://idm.example.com/ui/oauth2");
        assert_eq!(
            metadata.userinfo_endpoint.as_deref(),
            Some("https://idm.example.com/oauth2/openid/netbox/userinfo")
        );
        assert_eq!(
            metadata.end_session_endpoint.as_deref(),
            Some("https://sso.example.com/logout"),
            "what it did not have is at the public URL"
        );
        assert_eq!(metadata.id_token_signing_alg_values_supported, ["ES256", "RS256"]);
    }

    #[test]
    fn certificates_are_offered_where_they_can_be_used() {
        let world = World::new();
        let offered = |server: &Server| {
            let metadata = of_server(server, &world.keys, [&testing::app()], &[]);
            let methods = metadata.token_endpoint_auth_methods_supported;
            ["tls_client_auth", "self_signed_tls_client_auth"].map(|one| methods.iter().any(|other| other == one))
        };
        let server = world.server.clone();
        assert_eq!(offered(&server), [false, false]);
        let server = server.with_mtls(MutualTls::Here);
        assert_eq!(offered(&server), [false, true], "nobody vouches for a certificate");
        assert_eq!(offered(&server.with_client_authorities(true)), [true, true]);
    }

    #[test]
    fn the_entity_tag_changes_with_the_document() {
        let world = World::new();
        let tag = |app: &App| Document::new(&of_server(&world.server, &world.keys, [app], &[])).etag;
        assert_eq!(tag(&testing::app()), tag(&testing::app()));
        assert_ne!(tag(&testing::app()), tag(&with_rule("roles")));
    }
}
