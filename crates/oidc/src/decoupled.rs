//! Requests that are answered somewhere else than where they begin: device authorization (RFC 8628 §3.1, §3.2) and
//! backchannel authentication (OpenID Connect CIBA §7.1, §7.3).

use serde::{Deserialize, Serialize};

use crate::{Parameters, Refusal, ScopeSet, catalogue};

/// A device asks for a code to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceRequest {
    /// The scope asked for.
    pub scope: Option<ScopeSet>,
    /// Authentication contexts that the client would like.
    pub acr_values: Vec<String>,
}

impl DeviceRequest {
    /// Reads the form body.
    ///
    /// # Errors
    /// A malformed or oversized parameter.
    pub fn parse(form: &Parameters) -> Result<Self, Refusal> {
        Ok(Self {
            scope: form.bounded("scope", 4096)?.map(ScopeSet::parse).transpose()?,
            acr_values: words(form.bounded("acr_values", 1024)?),
        })
    }
}

/// What a device is given (RFC 8628 §3.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceResponse {
    /// For the token endpoint.
    pub device_code: String,
    /// For the person to type.
    pub user_code: String,
    /// Where to.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Lifetime in seconds.
    pub expires_in: i64,
    /// Seconds between two questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<i64>,
}

impl std::fmt::Debug for DeviceResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceResponse")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// How a client says whom it means; of several hints none counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// `login_hint`: a name or an address.
    Login(String),
    /// `id_token_hint`: an ID token of ours.
    IdToken(String),
    /// `login_hint_token`: something that only a profile could define.
    Token,
}

/// A client asks for somebody's authentication (CIBA §7.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackchannelRequest {
    /// The scope asked for.
    pub scope: ScopeSet,
    /// The hints that came; a good request has one.
    pub hints: Vec<Hint>,
    /// What both the client and we show to the person, so that they know it is the same.
    pub binding_message: Option<String>,
    /// Authentication contexts that the client would like.
    pub acr_values: Vec<String>,
    /// The lifetime asked for, in seconds; a request object may carry it as text or as a number.
    pub requested_expiry: Option<i64>,
}

impl BackchannelRequest {
    /// Reads the form body, or the claims of a request object as parameters.
    ///
    /// # Errors
    /// A missing, malformed or oversized parameter.
    pub fn parse(form: &Parameters) -> Result<Self, Refusal> {
        let expiry = form.bounded("requested_expiry", 20)?;
        let requested_expiry = expiry
            .map(|text| text.parse::<i64>().ok().filter(|seconds| *seconds > 0))
            .map(|seconds| {
                seconds.ok_or_else(|| {
                    let detail = "expected a positive number of seconds in `requested_expiry`";
                    Refusal::response(&catalogue::PARAMETER_MALFORMED, detail)
                })
            })
            .transpose()?;
        let text = |name: &str, max| Ok::<_, Refusal>(form.bounded(name, max)?.map(str::to_owned));
        let mut hints = Vec::new();
        hints.extend(text("login_hint", 256)?.map(Hint::Login));
        hints.extend(text("id_token_hint", 8192)?.map(Hint::IdToken));
        hints.extend(text("login_hint_token", 8192)?.map(|_| Hint::Token));
        Ok(Self {
            scope: ScopeSet::parse(form.required("scope", 4096)?)?,
            hints,
            binding_message: text("binding_message", 1024)?,
            acr_values: words(form.bounded("acr_values", 1024)?),
            requested_expiry,
        })
    }
}

/// What the client is given (CIBA §7.3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackchannelResponse {
    /// For the token endpoint.
    pub auth_req_id: String,
    /// Lifetime in seconds.
    pub expires_in: i64,
    /// Seconds between two questions.
    pub interval: i64,
}

impl std::fmt::Debug for BackchannelResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackchannelResponse")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

fn words(list: Option<&str>) -> Vec<String> {
    let words = list.unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
