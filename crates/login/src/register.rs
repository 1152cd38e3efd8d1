//! Making an application known to a provider that takes registrations (OpenID Connect Dynamic Client Registration 1.0).

use doorward_jose::{Algorithm, JwkSet, Secret, parse_object};
use doorward_oidc::ClientAuthMethod;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::web_url;
use crate::error::{Step, shown};
use crate::network::HttpRequest;
use crate::probe::{ProbeOptions, ask, metadata, network};
use crate::provider::discovery_url;
use crate::{Login, LoginError};

const MAX_BYTES: usize = 64 * 1024;

/// What the provider is told about the application (§2). What is not said is the provider's to choose.
#[derive(Debug, Clone, Serialize)]
pub struct Registration {
    /// What people read.
    pub client_name: String,
    /// As [`Login::redirect_uri`].
    pub redirect_uris: Vec<String>,
    /// As [`Login::post_logout_redirect_uri`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// How the application will prove who it is.
    pub token_endpoint_auth_method: ClientAuthMethod,
    /// Its public keys, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwkSet>,
    /// The algorithm of its ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// The algorithm of its userinfo, which is plain without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
}

/// What the provider made of it (§3.2). Keep it: most providers say it once.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The client id.
    pub client_id: String,
    /// The client secret, if it gave one.
    pub client_secret: Option<Secret<String>>,
    /// Reads and changes the registration later.
    pub registration_access_token: Option<Secret<String>>,
    /// Everything that it said, without those two.
    pub members: Map<String, Value>,
}

impl Login {
    /// Registers an application at `issuer`. `initial_access_token` is what providers ask for that do not let anybody
    /// register.
    ///
    /// # Errors
    /// The provider takes no registrations, or refuses this one.
    pub async fn register(
        issuer: &str,
        registration: &Registration,
        initial_access_token: Option<&Secret<String>>,
        options: &ProbeOptions,
    ) -> Result<Registered, LoginError> {
        let http = network(options, &web_url("issuer", issuer)?)?;
        let at = discovery_url(issuer);
        let seen = metadata(&at, &ask(http.as_ref(), Step::Metadata, &at).await?)?;
        if seen.metadata.issuer != issuer {
            return Err(LoginError::Issuer {
                expected: issuer.to_owned(),
                received: shown(&seen.metadata.issuer),
            });
        }
        let unexpected = |url: &str, expected, received| LoginError::Answer {
            step: Step::Metadata,
            url: url.to_owned(),
            expected,
            received,
        };
        let endpoint = seen.member("registration_endpoint").and_then(Value::as_str);
        let endpoint = endpoint.ok_or_else(|| unexpected(&at, "a registration_endpoint", "none".to_owned()))?;
        web_url("registration_endpoint", endpoint)?;
        let answer = http
            .send(HttpRequest {
                url: endpoint.to_owned(),
                authorization: initial_access_token.map(|token| format!("Bearer {}", token.expose())),
                json: serde_json::to_string(registration).ok(),
                max_bytes: MAX_BYTES,
                ..HttpRequest::default()
            })
            .await?;
        let said = parse_object(&answer.body, "registration");
        let mut members = said.map_err(|error| unexpected(endpoint, "a registration", error.to_string()))?;
        let mut text = |name: &str| match members.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        if let Some(error) = text("error") {
            return Err(LoginError::Denied {
                error: shown(&error),
                description: text("error_description").as_deref().map(shown),
            });
        }
        let received = format!("status {}", answer.status);
        let client_id = text("client_id").filter(|_| matches!(answer.status, 200 | 201));
        Ok(Registered {
            client_id: client_id.ok_or_else(|| unexpected(endpoint, "a client_id with status 201", received))?,
            client_secret: text("client_secret").map(Secret::new),
            registration_access_token: text("registration_access_token").map(Secret::new),
            members,
        })
    }
}
