//! How a client proves who it is at the token, introspection and revocation endpoints (RFC 6749 §2.3, RFC 7523 §2.2).

use data_encoding::BASE64;
use doorward_jose::Secret;
use url::form_urlencoded;

use crate::{ClientAuthMethod, Parameters, Refusal, catalogue};

/// The type of assertion that `private_key_jwt` uses (RFC 7523 §2.2).
pub const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The one method that a request uses.
#[derive(Debug, Clone)]
pub enum ClientAuthentication {
    /// `client_secret_basic`.
    Basic(BasicCredentials),
    /// `client_secret_post`.
    Post {
        /// The client.
        client_id: String,
        /// Its secret.
        secret: Secret<String>,
    },
    /// `private_key_jwt`; the assertion is not verified here.
    PrivateKeyJwt {
        /// The `client_id` parameter, which must name the assertion's subject when it is there (RFC 7521 §4.2).
        client_id: Option<String>,
        /// The assertion.
        assertion: Secret<String>,
    },
    /// `none`: a public client that names itself.
    None {
        /// The client.
        client_id: String,
    },
}

/// Basic credentials. RFC 6749 §2.3.1 has clients form-encode both parts, many do not: where the two readings differ,
/// both are here, the decoded one first. Any secret may be tried with any id, since only one application has that id.
#[derive(Debug, Clone)]
pub struct BasicCredentials {
    client_ids: Vec<String>,
    secrets: Vec<Secret<String>>,
}

impl BasicCredentials {
    /// One or two readings of the client id.
    pub fn client_ids(&self) -> impl Iterator<Item = &str> {
        self.client_ids.iter().map(String::as_str)
    }

    /// One or two readings of the secret.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret<String>> {
        self.secrets.iter()
    }
}

impl ClientAuthentication {
    /// Reads the method from the `Authorization` header and the form body. `None` when the request names no client at all.
    ///
    /// # Errors
    /// More than one method, or credentials that cannot be read.
    pub fn parse(authorization: Option<&[u8]>, form: &Parameters) -> Result<Option<Self>, Refusal> {
        let client_id = form.bounded("client_id", 256)?.map(str::to_owned);
        let secret = form.bounded("client_secret", 1024)?;
        let assertion = form.find("client_assertion");
        let assertion_type = form.find("client_assertion_type");
        let basic = authorization.map(basic).transpose()?;
        let methods = [basic.is_some(), secret.is_some(), assertion.is_some()];
        if methods.into_iter().filter(|used| *used).count() > 1 {
            let names = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
            let used: Vec<_> = names
                .into_iter()
                .zip(methods)
                .filter_map(|(name, used)| used.then_some(name))
                .collect();
            let detail = format!("expected one method, got {}", used.join(" and "));
            return Err(Refusal::response(&catalogue::CLIENT_AUTHENTICATION_REPEATED, detail));
        }
        if assertion.is_some() != assertion_type.is_some() {
            return Err(malformed(
                "expected `client_assertion` and `client_assertion_type` together, got one of them",
            ));
        }
        if let Some(basic) = basic {
            return of_basic(basic, client_id).map(Some);
        }
        if let (Some(assertion), Some(kind)) = (assertion, assertion_type) {
            if kind != JWT_BEARER_ASSERTION {
                return Err(malformed(&format!(
                    "expected client_assertion_type `{JWT_BEARER_ASSERTION}`"
                )));
            }
            let assertion = Secret::new(assertion.to_owned());
            return Ok(Some(Self::PrivateKeyJwt { client_id, assertion }));
        }
        match (client_id, secret) {
            (Some(client_id), Some(secret)) => Ok(Some(Self::Post {
                client_id,
                secret: Secret::new(secret.to_owned()),
            })),
            (Some(client_id), None) => Ok(Some(Self::None { client_id })),
            (None, Some(_)) => Err(malformed("expected `client_id` beside `client_secret`, got none")),
            (None, None) => Ok(None),
        }
    }

    /// The method.
    pub fn method(&self) -> ClientAuthMethod {
        match self {
            Self::Basic(_) => ClientAuthMethod::ClientSecretBasic,
            Self::Post { .. } => ClientAuthMethod::ClientSecretPost,
            Self::PrivateKeyJwt { .. } => ClientAuthMethod::PrivateKeyJwt,
            Self::None { .. } => ClientAuthMethod::None,
        }
    }

    /// The client ids that the credentials may mean, most likely first. Empty when only an assertion can tell.
    pub fn client_ids(&self) -> Vec<&str> {
        match self {
            Self::Basic(basic) => basic.client_ids().collect(),
            Self::Post { client_id, .. } | Self::None { client_id } => vec![client_id],
            Self::PrivateKeyJwt { client_id, .. } => client_id.as_deref().into_iter().collect(),
        }
    }
}

fn of_basic(basic: BasicCredentials, client_id: Option<String>) -> Result<ClientAuthentication, Refusal> {
    if let Some(named) = &client_id
        && !basic.client_ids.contains(named)
    {
        return Err(malformed(
            "expected the same client in the header and in `client_id`, got two",
        ));
    }
    // An empty password is no secret (RFC 6749 §2.3.1): public clients of some libraries identify themselves this way.
    if basic.secrets.iter().any(|secret| secret.expose().is_empty()) {
        let client_id = client_id.or_else(|| basic.client_ids.into_iter().next());
        return client_id
            .map(|client_id| ClientAuthentication::None { client_id })
            .ok_or_else(|| malformed("expected a client id, got none"));
    }
    Ok(ClientAuthentication::Basic(basic))
}

fn basic(header: &[u8]) -> Result<BasicCredentials, Refusal> {
    let text = std::str::from_utf8(header).map_err(|_| malformed("expected ASCII in the Authorization header"))?;
    let (scheme, encoded) = text.trim().split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed("expected the scheme `Basic` in the Authorization header"));
    }
    if encoded.len() > 4096 {
        return Err(malformed("expected at most 4096 characters of Basic credentials"));
    }
    let decoded = BASE64
        .decode(encoded.trim().as_bytes())
        .map_err(|_| malformed("expected base64 after `Basic`"))?;
    let decoded = String::from_utf8(decoded).map_err(|_| malformed("expected UTF-8 in the Basic credentials"))?;
    let decoded = Secret::new(decoded);
    let (id, secret) = decoded
        .expose()
        .split_once(':')
        .ok_or_else(|| malformed("expected `client_id:client_secret` in the Basic credentials, got no colon"))?;
    if id.is_empty() {
        return Err(malformed("expected a client id before the colon, got none"));
    }
    Ok(BasicCredentials {
        client_ids: readings(id),
        secrets: readings(secret).into_iter().map(Secret::new).collect(),
    })
}

/// The form-decoded reading first, then the raw one when it differs.
fn readings(text: &str) -> Vec<String> {
    // As the value of a pair with a fixed name; `&` would end the value, so such text has only its raw reading.
    let decoded = (!text.contains('&'))
        .then(|| {
            form_urlencoded::parse(format!("v={text}").as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
        })
        .flatten();
    match decoded {
        Some(decoded) if decoded != text => vec![decoded, text.to_owned()],
        _ => vec![text.to_owned()],
    }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::response(&catalogue::CLIENT_CREDENTIALS_MALFORMED, detail)
}
