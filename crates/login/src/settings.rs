//! What differs from one provider to the next: settings of the protocol, none of which most providers need.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_jose::{Algorithm, SigningKey};
use doorward_oidc::{ClientAuthMethod, PromptSet, ResponseMode};
use serde_json::{Map, Value};

use crate::begin::are_extra;
use crate::config::{Builder, is_private_name, setting, web_url};
use crate::error::{claimed, mismatch};
use crate::{BeginOptions, LoginError};

/// The part of a templated issuer for which the token's `tid` stands.
pub(crate) const TENANT: &str = "{tenantid}";

/// Seconds by which the provider's clock may differ from ours, unless set.
const LEEWAY: Duration = Duration::from_secs(30);
/// More than this hides a clock that must be put right.
const MAX_LEEWAY: Duration = Duration::from_mins(10);

/// Where a provider without discovery has its endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The authorization endpoint.
    pub authorization: String,
    /// The token endpoint.
    pub token: String,
    /// What says who logged in; must be there when there is no key set.
    pub userinfo: Option<String>,
    /// The key set. Without one the provider speaks OAuth 2 only and gives no ID token.
    pub jwks: Option<String>,
    /// Where logging out continues.
    pub end_session: Option<String>,
}

/// A provider with one issuer per tenant.
pub(crate) struct Tenants {
    pub(crate) template: String,
    allowed: BTreeSet<String>,
}

/// The checked settings of the protocol.
pub(crate) struct Protocol {
    pub(crate) client_auth: Option<ClientAuthMethod>,
    pub(crate) client_key: Option<SigningKey>,
    pub(crate) defaults: BeginOptions,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) leeway: Duration,
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    pub(crate) aliases: Vec<String>,
    pub(crate) tenants: Option<Tenants>,
    pub(crate) endpoints: Option<Endpoints>,
    pub(crate) subject_claim: String,
    pub(crate) allow_private: Option<bool>,
    pub(crate) connect_timeout: Duration,
    pub(crate) answer_timeout: Duration,
}

impl Default for Protocol {
    fn default() -> Self {
        Self {
            client_auth: None,
            client_key: None,
            defaults: BeginOptions::default(),
            response_mode: None,
            leeway: LEEWAY,
            algorithms: None,
            aliases: Vec::new(),
            tenants: None,
            endpoints: None,
            subject_claim: "sub".to_owned(),
            allow_private: None,
            connect_timeout: Duration::from_secs(3),
            answer_timeout: Duration::from_secs(5),
        }
    }
}

impl Builder {
    /// How the application proves who it is at the token endpoint. Unless set it follows from what there is: a key means
    /// `private_key_jwt`, a secret means `client_secret_basic`, or `client_secret_post` where the provider lists that and
    /// not the former, and neither means `none`.
    pub fn client_auth(mut self, method: ClientAuthMethod) -> Self {
        self.protocol.client_auth = Some(method);
        self
    }

    /// The key that signs client assertions (`private_key_jwt`, RFC 7523). Its public half is registered at the provider.
    pub fn client_key(mut self, key: SigningKey) -> Self {
        self.protocol.client_key = Some(key);
        self
    }

    /// A further parameter of every authorization request: `access_type`, `hd`, `domain_hint`, …
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.protocol.defaults.parameters.push((name.into(), value.into()));
        self
    }

    /// What every login asks the provider to ask the person.
    pub fn prompt(mut self, prompt: PromptSet) -> Self {
        self.protocol.defaults.prompt = Some(prompt);
        self
    }

    /// How many seconds ago the person may have authenticated. The provider must then say when that was, and a login that is
    /// older is refused.
    pub fn max_age(mut self, seconds: u32) -> Self {
        self.protocol.defaults.max_age = Some(seconds);
        self
    }

    /// The authentication context classes that are wished for, in order of preference. A wish: what came is in
    /// [`crate::Verified::acr`].
    pub fn acr_values(mut self, values: impl IntoIterator<Item = String>) -> Self {
        self.protocol.defaults.acr_values = values.into_iter().collect();
        self
    }

    /// Has the answer come as a form that the browser posts (OAuth 2.0 Form Post Response Mode). The application must be
    /// on https then: the cookie that binds a login to its browser has to be sent along from another site.
    pub fn form_post(mut self) -> Self {
        self.protocol.response_mode = Some(ResponseMode::FormPost);
        self
    }

    /// How far the provider's clock may be from ours; 30 seconds unless set, at most ten minutes.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.protocol.leeway = leeway;
        self
    }

    /// The only algorithms that ID tokens may have. Unless set, those that the provider advertises, and RS256 when it
    /// advertises none.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.protocol.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Another spelling of the issuer that tokens may carry: Google's once came without `https://`.
    pub fn issuer_alias(mut self, alias: impl Into<String>) -> Self {
        self.protocol.aliases.push(alias.into());
        self
    }

    /// A provider that has one issuer per tenant and publishes a template, as Microsoft Entra does at `common` and
    /// `organizations`: `https://login.microsoftonline.com/{tenantid}/v2.0`. The metadata must name exactly this template,
    /// and a token the issuer that its `tid` makes of it; `tid` must be one of `allowed`.
    pub fn tenants(mut self, template: impl Into<String>, allowed: impl IntoIterator<Item = String>) -> Self {
        self.protocol.tenants = Some(Tenants {
            template: template.into(),
            allowed: allowed.into_iter().collect(),
        });
        self
    }

    /// The endpoints of a provider without discovery. The issuer is then only a name, the one that people are known by
    /// together with their subject.
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.protocol.endpoints = Some(endpoints);
        self
    }

    /// The member of the userinfo answer that identifies a person at a provider without ID tokens, a text or a whole
    /// number; `sub` unless set. It must be one that never changes and is never given to somebody else.
    pub fn subject_claim(mut self, claim: impl Into<String>) -> Self {
        self.protocol.subject_claim = claim.into();
        self
    }

    /// Whether the provider may be in a private network or on this machine. Unless set, that is so when the issuer is
    /// written as such an address or with a name that is for private use (`localhost`, `.internal`, `.local`, `.home.arpa`,
    /// a name without a dot). What counts is the address that a name resolves to at the moment of the request.
    pub fn allow_private(mut self, allow: bool) -> Self {
        self.protocol.allow_private = Some(allow);
        self
    }

    /// How long a connection may take to be made; three seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.protocol.connect_timeout = timeout;
        self
    }

    /// How long the provider may be silent in the middle of an answer; five seconds unless set.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.protocol.answer_timeout = timeout;
        self
    }
}

impl Protocol {
    pub(crate) fn check(&self, has_secret: bool, is_https: bool) -> Result<(), LoginError> {
        are_extra(&self.defaults.parameters)?;
        if self.leeway > MAX_LEEWAY {
            let detail = format!(
                "expected at most {} s, got {}",
                MAX_LEEWAY.as_secs(),
                self.leeway.as_secs()
            );
            return Err(setting("leeway", detail));
        }
        if self.algorithms.as_ref().is_some_and(Vec::is_empty) {
            return Err(setting("algorithms", "expected at least one, got none".to_owned()));
        }
        if self.response_mode == Some(ResponseMode::FormPost) && !is_https {
            let detail = "expected a base_url with https, where browsers send the cookie along, got http";
            return Err(setting("form_post", detail.to_owned()));
        }
        self.can_authenticate(has_secret)?;
        if let Some(tenants) = &self.tenants {
            tenants.check()?;
        }
        self.endpoints.as_ref().map_or(Ok(()), Endpoints::check)
    }

    fn can_authenticate(&self, has_secret: bool) -> Result<(), LoginError> {
        let missing = match self.client_auth {
            Some(ClientAuthMethod::PrivateKeyJwt) if self.client_key.is_none() => "a client_key",
            Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost) if !has_secret => "a secret",
            _ => return Ok(()),
        };
        Err(setting(
            "client_auth",
            format!("expected {missing} beside it, got none"),
        ))
    }

    /// The issuer that a token with these claims must have.
    pub(crate) fn issuer_of(
        &self,
        token: &'static str,
        configured: &str,
        claims: &Map<String, Value>,
    ) -> Result<String, LoginError> {
        let iss = claims.get("iss");
        let expected = match &self.tenants {
            Some(tenants) => tenants.issuer_of(token, claims)?,
            None => configured.to_owned(),
        };
        match iss.and_then(Value::as_str) {
            Some(iss) if iss == expected => Ok(expected),
            // The alias is a spelling; people are known by the issuer itself.
            Some(iss) if self.tenants.is_none() && self.aliases.iter().any(|alias| alias == iss) => Ok(expected),
            _ => Err(mismatch(token, "iss", format!("`{expected}`"), iss)),
        }
    }

    /// The issuers by which people may be known here.
    pub(crate) fn issuers(&self, configured: &str) -> Vec<String> {
        match &self.tenants {
            Some(tenants) => tenants.allowed.iter().map(|tid| tenants.issuer(tid)).collect(),
            None => vec![configured.to_owned()],
        }
    }

    /// Whether the `iss` of an answer of the authorization endpoint is this provider's.
    pub(crate) fn is_issuer(&self, configured: &str, iss: &str) -> bool {
        match &self.tenants {
            Some(tenants) => tenants.allowed.iter().any(|tid| tenants.issuer(tid) == iss),
            None => iss == configured || self.aliases.iter().any(|alias| alias == iss),
        }
    }

    /// Whether private addresses may be asked, if the issuer and the endpoints are written like this.
    pub(crate) fn may_be_private(&self, issuer: &url::Url) -> bool {
        self.allow_private.unwrap_or_else(|| match &self.endpoints {
            None => is_private_name(issuer),
            Some(endpoints) => url::Url::parse(&endpoints.token).is_ok_and(|url| is_private_name(&url)),
        })
    }
}

impl Tenants {
    fn check(&self) -> Result<(), LoginError> {
        if self.template.matches(TENANT).count() != 1 {
            let detail = format!("expected `{TENANT}` once in the template, got `{}`", self.template);
            return Err(setting("tenants", detail));
        }
        web_url("tenants", &self.issuer("tenant"))?;
        let is_plain = |tid: &String| !tid.is_empty() && tid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if self.allowed.is_empty() || !self.allowed.iter().all(is_plain) {
            let detail = "expected the ids of the tenants whose people may log in, letters, digits and `-`";
            return Err(setting("tenants", detail.to_owned()));
        }
        Ok(())
    }

    fn issuer(&self, tid: &str) -> String {
        self.template.replace(TENANT, tid)
    }

    fn issuer_of(&self, token: &'static str, claims: &Map<String, Value>) -> Result<String, LoginError> {
        let tid = claims.get("tid");
        match tid.and_then(Value::as_str).filter(|tid| self.allowed.contains(*tid)) {
            Some(tid) => Ok(self.issuer(tid)),
            None => Err(LoginError::Claim {
                token,
                claim: "tid",
                expected: format!("one of {} allowed tenants", self.allowed.len()),
                received: claimed(tid),
            }),
        }
    }
}

impl Endpoints {
    /// Each with its name in metadata.
    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let optional = [
            ("userinfo_endpoint", &self.userinfo),
            ("jwks_uri", &self.jwks),
            ("end_session_endpoint", &self.end_session),
        ];
        let required = [
            ("authorization_endpoint", self.authorization.as_str()),
            ("token_endpoint", self.token.as_str()),
        ];
        let optional = optional
            .into_iter()
            .filter_map(|(name, url)| url.as_deref().map(|url| (name, url)));
        required.into_iter().chain(optional)
    }

    fn check(&self) -> Result<(), LoginError> {
        for (name, url) in self.named() {
            web_url(name, url)?;
        }
        if self.jwks.is_none() && self.userinfo.is_none() {
            let detail = "expected a userinfo endpoint or a key set: nothing else says who logged in";
            return Err(setting("endpoints", detail.to_owned()));
        }
        Ok(())
    }
}
