//! The authorization request and its answer (RFC 6749 §4.1.1 and §4.1.2, OpenID Connect Core §3.1.2).

use doorward_jose::base64url;
use serde::{Deserialize, Serialize};

use crate::{
    AuthorizationDetails, ClaimsRequest, CodeChallenge, Delivery, Display, Parameters, PromptSet, Refusal,
    ResponseMode, ResponseType, ScopeSet, append_query, catalogue,
};

/// A request to the authorization endpoint, read but not judged: whether the client exists and may do this is the
/// provider's to say. It can be stored and read back, which forgets [`AuthorizationRequest::malformed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// `client_id`, at most 256 bytes.
    pub client_id: String,
    /// `redirect_uri`, its bytes as the client sent them, at most 2048.
    pub redirect_uri: Option<String>,
    /// `response_type`; its absence is for the provider to refuse.
    pub response_type: Option<ResponseType>,
    /// `response_mode`; `None` means the default of the response type, the query.
    pub response_mode: Option<ResponseMode>,
    /// Whether the response mode asks for a signed answer (JARM §2.3): `jwt`, `query.jwt`, `form_post.jwt`.
    #[serde(default)]
    pub signed_response: bool,
    /// `scope`, with unknown scopes kept: see [`ScopeSet::partition`].
    pub scope: ScopeSet,
    /// `state`, byte for byte, at most 4096.
    pub state: Option<String>,
    /// `nonce`, byte for byte, at most 1024.
    pub nonce: Option<String>,
    /// `display`; words that are not known are ignored.
    pub display: Option<Display>,
    /// `prompt`.
    #[serde(default)]
    pub prompt: PromptSet,
    /// `max_age` in seconds.
    pub max_age: Option<u32>,
    /// `ui_locales`, in order of preference.
    #[serde(default)]
    pub ui_locales: Vec<String>,
    /// `login_hint`, at most 512 bytes; a longer one is only a hint and is dropped.
    pub login_hint: Option<String>,
    /// `id_token_hint`, not verified here.
    pub id_token_hint: Option<String>,
    /// `acr_values`, in order of preference.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// `claims`.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// `code_challenge` with method S256.
    pub code_challenge: Option<CodeChallenge>,
    /// `authorization_details` (RFC 9396).
    #[serde(default)]
    pub authorization_details: AuthorizationDetails,
    /// `dpop_jkt` (RFC 9449 §10): the thumbprint of the key that the code is to be bound to.
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// `resource` (RFC 8707), each at most 2048 bytes.
    #[serde(default)]
    pub resources: Vec<String>,
    /// The first parameter that could not be read. The provider delivers it, through the redirect URI once that is known
    /// to be good; everything that tells the client where the answer belongs is readable all the same.
    #[serde(skip)]
    pub malformed: Option<Refusal>,
}

impl AuthorizationRequest {
    /// A code request with scope `openid`, to be completed by a relying party.
    pub fn new(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            redirect_uri: Some(redirect_uri.into()),
            response_type: Some(ResponseType::Code),
            ..Self::empty()
        }
    }

    /// Reads the parameters of a query or form body.
    ///
    /// # Errors
    /// A page's refusal when nothing can go back to the client: no `client_id`, or `client_id`, `redirect_uri` or `state`
    /// beyond their limits. Everything else that is wrong waits in [`AuthorizationRequest::malformed`].
    pub fn parse(parameters: &Parameters) -> Result<Self, Refusal> {
        let page = |refusal: Refusal| Refusal {
            delivery: Delivery::Page,
            ..refusal
        };
        let text = |value: Option<&str>| value.map(str::to_owned);
        let mut request = Self {
            client_id: parameters.required("client_id", 256).map_err(page)?.to_owned(),
            redirect_uri: text(parameters.bounded("redirect_uri", 2048).map_err(page)?),
            state: text(parameters.bounded("state", 4096).map_err(page)?),
            ..Self::empty()
        };
        if let Err(refusal) = request.read(parameters) {
            request.malformed = Some(refusal);
        }
        Ok(request)
    }

    /// Reads what may be refused by redirect. How to answer comes first, so that an answer is possible.
    fn read(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let words = |name: &'static str| parameters.find(name).map(words_of).unwrap_or_default();
        self.display = parameters.find("display").and_then(Display::parse);
        self.ui_locales = words("ui_locales");
        self.acr_values = words("acr_values");
        self.login_hint = parameters.bounded("login_hint", 512).ok().flatten().map(str::to_owned);
        self.prompt = parameters.find("prompt").map(PromptSet::parse).unwrap_or_default();
        let mut first = Ok(());
        let mut keep = |result: Result<(), Refusal>| {
            if first.is_ok() {
                first = result;
            }
        };
        keep(self.read_response_mode(parameters));
        keep(self.read_response_type(parameters));
        keep(self.read_scope(parameters));
        keep(self.read_nonce(parameters));
        keep(self.read_max_age(parameters));
        keep(self.read_hint(parameters));
        keep(self.read_claims(parameters));
        keep(self.read_challenge(parameters));
        keep(self.read_dpop_key(parameters));
        keep(self.read_resources(parameters));
        keep(self.read_details(parameters));
        first.map_err(|refusal| Refusal {
            delivery: Delivery::Redirect,
            ..refusal
        })
    }

    fn read_response_mode(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let Some(mode) = parameters.find("response_mode") else {
            return Ok(());
        };
        (self.response_mode, self.signed_response) = match mode {
            "jwt" | "query.jwt" => (Some(ResponseMode::Query), true),
            "form_post.jwt" => (Some(ResponseMode::FormPost), true),
            plain => (ResponseMode::parse(plain), false),
        };
        match self.response_mode {
            Some(_) => Ok(()),
            None => Err(malformed(
                "response_mode",
                "`query`, `form_post`, `jwt`, `query.jwt` or `form_post.jwt`",
                mode,
            )),
        }
    }

    fn read_response_type(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let value = parameters.bounded("response_type", 256)?;
        self.response_type = value.map(|text| ResponseType::from(text.to_owned()));
        Ok(())
    }

    fn read_scope(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let list = parameters.bounded("scope", 4096)?;
        self.scope = list.map(ScopeSet::parse).transpose()?.unwrap_or_default();
        Ok(())
    }

    fn read_nonce(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        self.nonce = parameters.bounded("nonce", 1024)?.map(str::to_owned);
        Ok(())
    }

    fn read_max_age(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let Some(text) = parameters.find("max_age") else {
            return Ok(());
        };
        if text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed("max_age", "a number of seconds", text));
        }
        // More seconds than fit are more than any session lasts.
        self.max_age = Some(text.parse().unwrap_or(u32::MAX));
        Ok(())
    }

    fn read_hint(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        self.id_token_hint = parameters.bounded("id_token_hint", 8192)?.map(str::to_owned);
        Ok(())
    }

    fn read_claims(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let json = parameters.find("claims");
        self.claims = json.map(ClaimsRequest::parse).transpose()?.unwrap_or_default();
        Ok(())
    }

    fn read_challenge(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let method = parameters.find("code_challenge_method");
        match (parameters.find("code_challenge"), method) {
            (Some(challenge), method) => self.code_challenge = Some(CodeChallenge::parse(challenge, method)?),
            (None, Some(_)) => {
                let detail = "expected `code_challenge` beside `code_challenge_method`, got none";
                return Err(Refusal::redirect(&catalogue::PARAMETER_MISSING, detail));
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// What is no thumbprint is refused: ignored, it would leave a code unbound that its client believes bound.
    fn read_dpop_key(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        let Some(jkt) = parameters.find("dpop_jkt") else {
            return Ok(());
        };
        if !base64url::decode(jkt).is_ok_and(|bytes| bytes.len() == 32) {
            return Err(malformed("dpop_jkt", "the SHA-256 thumbprint of a key", jkt));
        }
        self.dpop_jkt = Some(jkt.to_owned());
        Ok(())
    }

    fn read_resources(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        self.resources = resources(parameters)?;
        Ok(())
    }

    fn read_details(&mut self, parameters: &Parameters) -> Result<(), Refusal> {
        self.authorization_details = AuthorizationDetails::read(parameters)?.unwrap_or_default();
        Ok(())
    }

    /// The request as parameters, for the relying party that sends it.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("client_id", self.client_id.clone())];
        let mut add = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        let list = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
        add("redirect_uri", self.redirect_uri.clone());
        add("response_type", self.response_type.clone().map(String::from));
        add("response_mode", self.response_mode_word());
        add("scope", (!self.scope.is_empty()).then(|| self.scope.to_string()));
        add("state", self.state.clone());
        add("nonce", self.nonce.clone());
        add("display", self.display.map(|display| display.to_string()));
        add("prompt", (!self.prompt.is_empty()).then(|| self.prompt.to_string()));
        add("max_age", self.max_age.map(|seconds| seconds.to_string()));
        add("ui_locales", list(&self.ui_locales));
        add("login_hint", self.login_hint.clone());
        add("id_token_hint", self.id_token_hint.clone());
        add("acr_values", list(&self.acr_values));
        let claims = (!self.claims.is_empty()).then(|| serde_json::to_string(&self.claims));
        add("claims", claims.and_then(Result::ok));
        if let Some(challenge) = &self.code_challenge {
            add("code_challenge", Some(challenge.as_str().to_owned()));
            add("code_challenge_method", Some("S256".to_owned()));
        }
        add("dpop_jkt", self.dpop_jkt.clone());
        for resource in &self.resources {
            add("resource", Some(resource.clone()));
        }
        let details = &self.authorization_details;
        add(
            "authorization_details",
            (!details.is_empty()).then(|| details.to_string()),
        );
        pairs
    }

    fn response_mode_word(&self) -> Option<String> {
        if !self.signed_response {
            return self.response_mode.map(|mode| mode.to_string());
        }
        Some(format!("{}.jwt", self.response_mode.unwrap_or(ResponseMode::Query)))
    }

    fn empty() -> Self {
        Self {
            client_id: String::new(),
            redirect_uri: None,
            response_type: None,
            response_mode: None,
            signed_response: false,
            scope: ScopeSet::default(),
            state: None,
            nonce: None,
            display: None,
            prompt: PromptSet::default(),
            max_age: None,
            ui_locales: Vec::new(),
            login_hint: None,
            id_token_hint: None,
            acr_values: Vec::new(),
            claims: ClaimsRequest::default(),
            code_challenge: None,
            authorization_details: AuthorizationDetails::default(),
            dpop_jkt: None,
            resources: Vec::new(),
            malformed: None,
        }
    }
}

/// The `resource` parameters, bounded (RFC 8707 §2).
pub(crate) fn resources(parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    let resources: Vec<String> = parameters.all("resource").map(str::to_owned).collect();
    match resources.iter().find(|resource| resource.len() > 2048) {
        Some(resource) => Err(malformed("resource", "an absolute URI of at most 2048 bytes", resource)),
        None => Ok(resources),
    }
}

/// At most eight words of 64 bytes; what a client lists beyond that is a preference that nobody reaches, and requests of
/// strangers are stored.
fn words_of(list: &str) -> Vec<String> {
    let words = list.split(' ').filter(|word| !word.is_empty() && word.len() <= 64);
    words.take(8).map(str::to_owned).collect()
}

fn malformed(name: &str, expected: &str, received: &str) -> Refusal {
    let received: String = received.chars().take(40).flat_map(char::escape_debug).collect();
    let detail = format!("expected {expected} in `{name}`, got `{received}`");
    Refusal::redirect(&catalogue::PARAMETER_MALFORMED, detail)
}

/// What the client receives at its redirect URI (RFC 6749 §4.1.2, with the issuer of RFC 9207).
#[derive(Clone, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// The person is logged in.
    Code {
        /// The authorization code.
        code: String,
        /// The client's `state`, byte for byte.
        state: Option<String>,
        /// The issuer.
        iss: Option<String>,
    },
    /// The request is refused.
    Error {
        /// The error code.
        error: String,
        /// A sentence for the client's developer.
        error_description: Option<String>,
        /// The client's `state`, byte for byte.
        state: Option<String>,
        /// The issuer.
        iss: Option<String>,
    },
}

impl AuthorizationResponse {
    /// The error response that a refusal becomes.
    pub fn refused(refusal: &Refusal, state: Option<String>, iss: impl Into<String>) -> Self {
        Self::Error {
            error: refusal.kind.oauth.to_owned(),
            error_description: Some(crate::error_response::safe_description(refusal.kind.public)),
            state,
            iss: Some(iss.into()),
        }
    }

    /// Reads it on the relying party's side.
    ///
    /// # Errors
    /// Neither a code nor an error, both at once, or values beyond their limits.
    pub fn parse(parameters: &Parameters) -> Result<Self, Refusal> {
        let text = |name, max| Ok::<_, Refusal>(parameters.bounded(name, max)?.map(str::to_owned));
        let (state, iss) = (text("state", 4096)?, text("iss", 2048)?);
        match (text("code", 4096)?, text("error", 256)?) {
            (Some(code), None) => Ok(Self::Code { code, state, iss }),
            (None, Some(error)) => Ok(Self::Error {
                error,
                error_description: text("error_description", 4096)?,
                state,
                iss,
            }),
            (None, None) => Err(Refusal::response(
                &catalogue::PARAMETER_MISSING,
                "expected `code` or `error`, got neither",
            )),
            (Some(_), Some(_)) => Err(Refusal::response(
                &catalogue::PARAMETER_MALFORMED,
                "expected `code` or `error`, got both",
            )),
        }
    }

    /// Its parameters, for a query or for the hidden fields of a form.
    pub fn to_pairs(&self) -> Vec<(&'static str, &str)> {
        let (first, description, state, iss) = match self {
            Self::Code { code, state, iss } => (("code", code.as_str()), None, state, iss),
            Self::Error {
                error,
                error_description,
                state,
                iss,
            } => (("error", error.as_str()), error_description.as_deref(), state, iss),
        };
        let mut pairs = vec![first];
        pairs.extend(description.map(|text| ("error_description", text)));
        pairs.extend(state.as_deref().map(|text| ("state", text)));
        pairs.extend(iss.as_deref().map(|text| ("iss", text)));
        pairs
    }

    /// The `Location` for response mode `query`.
    pub fn location(&self, redirect_uri: &str) -> String {
        append_query(redirect_uri, self.to_pairs())
    }
}

impl std::fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code { iss, .. } => f.debug_struct("Code").field("iss", iss).finish_non_exhaustive(),
            Self::Error { error, iss, .. } => {
                let mut shown = f.debug_struct("Error");
                shown.field("error", error).field("iss", iss).finish_non_exhaustive()
            }
        }
    }
}
