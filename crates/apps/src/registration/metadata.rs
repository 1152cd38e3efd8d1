//! What a client says of itself (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2), and the application that comes of it.
//!
//! What we do not know is left out of the answer, as RFC 7591 §2 has it. What we know and do not do is refused: a client that
//! believes itself encrypted, or fetched from, would be wrong about its own safety.

use doorward_jose::{Algorithm, JwkSet};
use doorward_oidc::{RedirectUris, Refusal, ScopeSet, shown};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, AppKind, ClientAuthentication, Consent, Dpop, Pkce, consistency, refusals, values};

/// Scopes that a client may give itself.
const SCOPES: &[&str] = &["openid", "profile", "email", "offline_access"];
/// Members of lists at most.
const MOST: usize = 50;

/// Members that are known and done for no client that nobody vouches for, with the reason. Absent, `null` and `false` ask for
/// nothing.
const NOT_DONE: &[(&str, &str)] = &[
    ("backchannel_logout_uri", FETCHED),
    ("frontchannel_logout_uri", FETCHED),
    ("backchannel_client_notification_endpoint", FETCHED),
    ("initiate_login_uri", FETCHED),
    ("backchannel_logout_session_required", BY_ADMINISTRATOR),
    ("frontchannel_logout_session_required", BY_ADMINISTRATOR),
    ("tls_client_certificate_bound_access_tokens", BY_ADMINISTRATOR),
    ("require_signed_request_object", BY_ADMINISTRATOR),
    ("default_max_age", BY_ADMINISTRATOR),
    ("default_acr_values", BY_ADMINISTRATOR),
    ("authorization_signed_response_alg", BY_ADMINISTRATOR),
    ("introspection_signed_response_alg", BY_ADMINISTRATOR),
    ("id_token_encrypted_response_enc", ENCRYPTED),
    ("userinfo_encrypted_response_enc", ENCRYPTED),
    ("request_object_encryption_alg", ENCRYPTED),
    ("request_object_encryption_enc", ENCRYPTED),
    ("authorization_encrypted_response_alg", ENCRYPTED),
    ("authorization_encrypted_response_enc", ENCRYPTED),
    ("introspection_encrypted_response_alg", ENCRYPTED),
    ("introspection_encrypted_response_enc", ENCRYPTED),
    (
        "request_object_signing_alg",
        "no algorithm of the client's keys is excluded, so none is the only one",
    ),
];
const FETCHED: &str = "no address of a client is asked, or led to, but its redirect URIs";
const BY_ADMINISTRATOR: &str = "set by an administrator only";
const ENCRYPTED: &str = "encryption is set by an administrator only";

/// Client metadata. Members that are absent stay absent in the answer, except for what the server decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// Redirect URIs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// How it authenticates; `client_secret_basic` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// Grant types; `authorization_code` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<String>>,
    /// Response types; `code` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<String>>,
    /// `web` or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    /// The name that people read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// A page about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo. Kept and told, never fetched or shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Scopes that it will ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its keys are; refused, because nothing is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Its software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// The version of its software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// A statement of somebody about it; refused, because nobody is trusted for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_statement: Option<String>,
    /// `public`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<String>,
    /// What its ID tokens are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// What its userinfo is signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// Where a logout may end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Refused: nothing is encrypted to clients that nobody vouches for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// Refused likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// Refused: its document would be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Refused likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uris: Option<Vec<String>>,
    /// Its tokens are bound to a key by DPoP, always (RFC 9449 §5.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,
    /// Its authorization requests are pushed, always (RFC 9126 §6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
}

impl ClientMetadata {
    /// Largest document that is read, in bytes.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// Reads a document.
    ///
    /// # Errors
    /// [`refusals::CLIENT_METADATA_INVALID`].
    pub fn parse(json: &[u8]) -> Result<Self, Refusal> {
        if json.len() > Self::MAX_BYTES {
            return Err(invalid(format!(
                "expected at most {} bytes, got {}",
                Self::MAX_BYTES,
                json.len()
            )));
        }
        let object =
            doorward_jose::parse_object(json, "client metadata").map_err(|error| invalid(error.to_string()))?;
        for (name, why) in NOT_DONE {
            if !matches!(object.get(*name), None | Some(Value::Null | Value::Bool(false))) {
                return Err(invalid(format!("{name}: {why}")));
            }
        }
        serde_json::from_value(Value::Object(object)).map_err(|error| invalid(error.to_string()))
    }

    /// The application that this describes, on the ground of one that has everything else. Fills in what the server decides.
    ///
    /// # Errors
    /// [`refusals::CLIENT_METADATA_INVALID`], and an unsuitable redirect URI.
    pub(super) fn describe(&mut self, base: &App) -> Result<App, Refusal> {
        self.has_nothing_that_is_not_done()?;
        let mut app = base.clone();
        self.grants_are_allowed(&mut app)?;
        if self.redirect_uris.is_empty() {
            return Err(invalid("redirect_uris: expected at least one"));
        }
        few("redirect_uris", self.redirect_uris.len())?;
        few("post_logout_redirect_uris", self.post_logout_redirect_uris.len())?;
        few("contacts", self.contacts.len())?;
        app.redirect_uris = RedirectUris::register(self.redirect_uris.iter().map(String::as_str))?;
        app.post_logout_redirect_uris =
            RedirectUris::register(self.post_logout_redirect_uris.iter().map(String::as_str))?;
        self.authenticates(&mut app)?;
        self.is_signed_for(&mut app)?;
        self.is_described(&mut app)?;
        self.is_stricter(&mut app);
        let wanted = self.scope.as_deref().map(ScopeSet::parse).transpose()?;
        // What a client may not have is left out and told, as RFC 7591 §3.2.1 has it: scopes of other people's resource servers
        // are not for whoever asks.
        let (own, others) = base.scopes.partition(|scope| SCOPES.contains(&scope));
        app.scopes = match wanted {
            Some(wanted) => wanted.partition(|scope| SCOPES.contains(&scope)).0,
            None => own,
        };
        if app.scopes.is_empty() {
            return Err(invalid(format!("scope: expected some of {}", SCOPES.join(" "))));
        }
        if base.grants.registered {
            // It is there already: what it could not have given itself is of an administrator.
            app.scopes = app.scopes.union(&others);
        } else {
            app.url = String::new();
            app.start_url = None;
        }
        self.scope = Some(app.scopes.to_string());
        // Demanded anew each time: it may have other redirect URIs now.
        app.pkce = Pkce::Required;
        app.consent = Consent::Ask;
        app.grants.registered = true;
        consistency::check(&app).map_err(|refusal| invalid(refusal.detail))?;
        Ok(app)
    }

    fn has_nothing_that_is_not_done(&self) -> Result<(), Refusal> {
        let why_not = [
            (
                self.jwks_uri.is_some(),
                "jwks_uri: nothing is fetched from clients; send the keys as jwks",
            ),
            (
                self.software_statement.is_some(),
                "software_statement: nobody is trusted for one here",
            ),
            (
                self.id_token_encrypted_response_alg.is_some(),
                "id_token_encrypted_response_alg: set by an administrator only",
            ),
            (
                self.userinfo_encrypted_response_alg.is_some(),
                "userinfo_encrypted_response_alg: set by an administrator only",
            ),
            (
                self.sector_identifier_uri.is_some(),
                "sector_identifier_uri: nothing is fetched from clients",
            ),
            (
                self.request_uris.as_ref().is_some_and(|uris| !uris.is_empty()),
                "request_uris: set by an administrator only",
            ),
        ];
        if let Some((_, why)) = why_not.iter().find(|(is, _)| *is) {
            return Err(invalid(*why));
        }
        match self.subject_type.as_deref() {
            None | Some("public") => {}
            Some(other) => return Err(expected("subject_type", "public", other)),
        }
        match self.application_type.as_deref() {
            None | Some("web" | "native") => Ok(()),
            Some(other) => Err(expected("application_type", "web or native", other)),
        }
    }

    fn grants_are_allowed(&mut self, app: &mut App) -> Result<(), Refusal> {
        let grants = self
            .grant_types
            .get_or_insert_with(|| vec!["authorization_code".to_owned()]);
        if let Some(other) = grants
            .iter()
            .find(|grant| !matches!(grant.as_str(), "authorization_code" | "refresh_token"))
        {
            return Err(expected(
                "grant_types",
                "authorization_code and refresh_token; others are given by an administrator",
                other,
            ));
        }
        if !grants.iter().any(|grant| grant == "authorization_code") {
            return Err(invalid("grant_types: expected authorization_code among them"));
        }
        app.expects_refresh = grants.iter().any(|grant| grant == "refresh_token");
        let types = self.response_types.get_or_insert_with(|| vec!["code".to_owned()]);
        match types.iter().find(|one| *one != "code") {
            Some(other) => Err(expected("response_types", "code (OAuth 2.1 has no other)", other)),
            None => Ok(()),
        }
    }

    fn authenticates(&mut self, app: &mut App) -> Result<(), Refusal> {
        if let Some(keys) = &self.jwks {
            let set = JwkSet::parse(keys.to_string().as_bytes()).map_err(|error| invalid(format!("jwks: {error}")))?;
            if set.keys().is_empty() {
                return Err(invalid(
                    "jwks: expected a public key for RS256, PS256, ES256 or EdDSA, found none",
                ));
            }
            app.jwks = Some(set);
            app.keys.uri = None;
        } else {
            app.jwks = None;
        }
        let method = self
            .token_endpoint_auth_method
            .get_or_insert_with(|| "client_secret_basic".to_owned());
        (app.kind, app.authentication) = match method.as_str() {
            "client_secret_basic" | "client_secret_post" => (AppKind::Confidential, ClientAuthentication::ClientSecret),
            "private_key_jwt" => (AppKind::Confidential, ClientAuthentication::PrivateKeyJwt),
            "none" => (AppKind::Public, ClientAuthentication::None),
            other => {
                let all = "client_secret_basic, client_secret_post, private_key_jwt or none";
                return Err(expected("token_endpoint_auth_method", all, other));
            }
        };
        Ok(())
    }

    fn is_signed_for(&mut self, app: &mut App) -> Result<(), Refusal> {
        let read = |name: &str, alg: &str| {
            Algorithm::from_name(alg).ok_or_else(|| expected(name, "RS256, PS256, ES256 or EdDSA", alg))
        };
        // OpenID Connect Dynamic Client Registration §2: RS256 when absent.
        let alg = self
            .id_token_signed_response_alg
            .get_or_insert_with(|| Algorithm::RS256.name().to_owned());
        app.id_token_alg = read("id_token_signed_response_alg", alg)?;
        app.userinfo_signed_alg = match &self.userinfo_signed_response_alg {
            Some(alg) => Some(read("userinfo_signed_response_alg", alg)?),
            None => None,
        };
        Ok(())
    }

    /// What only makes it stricter is done for whoever asks, and undone by an administrator: it would be taken back by whoever has
    /// stolen the registration access token.
    fn is_stricter(&mut self, app: &mut App) {
        if self.dpop_bound_access_tokens == Some(true) && app.sender.dpop == Dpop::Optional {
            app.sender.dpop = Dpop::Required;
        }
        if self.require_pushed_authorization_requests == Some(true) {
            app.requests.require_pushed = true;
        }
        self.dpop_bound_access_tokens = (app.sender.dpop != Dpop::Optional).then_some(true);
        self.require_pushed_authorization_requests = app.requests.require_pushed.then_some(true);
    }

    fn is_described(&mut self, app: &mut App) -> Result<(), Refusal> {
        for (name, uri) in [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
        ] {
            if let Some(uri) = uri {
                values::web_address(uri).map_err(|refusal| invalid(format!("{name}: {}", refusal.detail)))?;
            }
        }
        for text in self
            .contacts
            .iter()
            .chain(&self.software_id)
            .chain(&self.software_version)
        {
            if text.chars().count() > 200 || text.chars().any(char::is_control) {
                return Err(invalid(
                    "contacts and software: expected at most 200 plain characters each",
                ));
            }
        }
        let name = self.client_name.get_or_insert_with(|| app.client_id.clone());
        app.name = values::display_name(name).map_err(|refusal| invalid(format!("client_name: {}", refusal.detail)))?;
        Ok(())
    }
}

fn few(what: &str, count: usize) -> Result<(), Refusal> {
    if count <= MOST {
        return Ok(());
    }
    Err(invalid(format!("{what}: expected at most {MOST}, received {count}")))
}

fn expected(name: &str, expected: &str, received: &str) -> Refusal {
    invalid(format!("{name}: expected {expected}, received {}", shown(received)))
}

pub(super) fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::response(&refusals::CLIENT_METADATA_INVALID, detail)
}
