//! How a login begins: the authorization request (OpenID Connect Core §3.1.2.1, RFC 7636, RFC 9700 §2.1).

use data_encoding::BASE64URL_NOPAD;
use doorward_oidc::{AuthorizationRequest, CodeVerifier, PromptSet, Scope, append_query};
use serde::{Deserialize, Serialize};

use crate::attempt::{ATTEMPT_KEPT, ATTEMPT_LIFETIME, Attempt};
use crate::config::{setting, web_url};
use crate::sessions::{Vault, after};
use crate::{Login, LoginError};

/// Longest [`BeginOptions::return_to`] in bytes.
const MAX_RETURN_TO: usize = 2048;
/// Most extra parameters of one request, and most bytes of one.
const MAX_PARAMETERS: usize = 32;
const MAX_PARAMETER: usize = 1024;
/// What belongs to the protocol or has a setting of its own, and is therefore no extra parameter.
pub const RESERVED_PARAMETERS: &[&str] = &[
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "acr_values",
    "request",
    "request_uri",
];

/// What one login asks for. Start with [`BeginOptions::new`] and set what differs from the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginOptions {
    /// Comes back as [`crate::Verified::return_to`]: any text of at most 2048 bytes, kept on this side.
    pub return_to: String,
    /// The redirect URI, where it is not [`Login::redirect_uri`].
    #[serde(default)]
    pub redirect_uri: Option<String>,
    /// `prompt`, where it is not the setting's.
    #[serde(default)]
    pub prompt: Option<PromptSet>,
    /// `login_hint`: who is expected to log in.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// `max_age` in seconds: how long ago the person may have authenticated. The ID token must then say when that was.
    #[serde(default)]
    pub max_age: Option<u32>,
    /// `acr_values`, in order of preference.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// Further parameters (`access_type`, `hd`, `domain_hint`, …), in addition to [`crate::Builder::parameter`].
    #[serde(default)]
    pub parameters: Vec<(String, String)>,
    /// How many times in a row this login began anew because its answer came too late.
    #[serde(default)]
    pub(crate) restarts: u8,
}

impl BeginOptions {
    /// A login that comes back with `return_to`, and otherwise asks for what the settings say.
    pub fn new(return_to: impl Into<String>) -> Self {
        Self {
            return_to: return_to.into(),
            ..Self::default()
        }
    }
}

/// A login that has begun.
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// The `state` of this login.
    pub state: String,
    /// A random value for a cookie of this browser, to be shown again at [`Login::finish`] or [`Login::complete`].
    pub binding: String,
}

impl Login {
    /// Begins a login that comes back to `return_to`, a path of this application; anything else becomes `/`.
    ///
    /// # Errors
    /// As [`Login::begin_with`].
    pub async fn begin(&self, return_to: &str) -> Result<Begun, LoginError> {
        self.begin_with(BeginOptions::new(local_path(return_to))).await
    }

    /// Begins a login.
    ///
    /// # Errors
    /// The options cannot be sent, the provider's metadata cannot be had, or the store fails.
    pub async fn begin_with(&self, options: BeginOptions) -> Result<Begun, LoginError> {
        self.begin_in(options, self.random_text()).await
    }

    /// The same for an application that has a cookie of its own that tells browsers apart: `binding` is its value, unguessable
    /// and this browser's alone, and is shown again at [`Login::finish`].
    ///
    /// # Errors
    /// As [`Login::begin_with`].
    pub async fn begin_in(&self, options: BeginOptions, binding: String) -> Result<Begun, LoginError> {
        let config = self.config();
        let options = with_defaults(options, &config.protocol.defaults);
        can_be_sent(&options)?;
        let known = self.provider().known(self).await?;
        let verifier = CodeVerifier::generate(config.random.as_ref());
        let (state, nonce) = (self.random_text(), self.random_text());
        let redirect_uri = options.redirect_uri.clone().unwrap_or_else(|| config.redirect_uri());
        let mut request = AuthorizationRequest::new(&config.client_id, &redirect_uri);
        request.scope = config.scopes.clone();
        request.state = Some(state.clone());
        request.code_challenge = Some(verifier.challenge());
        request.response_mode = config.protocol.response_mode;
        request.prompt = options.prompt.clone().unwrap_or_default();
        request.login_hint.clone_from(&options.login_hint);
        request.max_age = options.max_age;
        request.acr_values.clone_from(&options.acr_values);
        if known.has_id_tokens {
            request.nonce = Some(nonce.clone());
        } else {
            (_, request.scope) = config.scopes.partition(|scope| scope == Scope::OPENID);
        }
        let pairs = request.to_pairs();
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        let extra = options.parameters.iter();
        let extra = extra.map(|(name, value)| (name.as_str(), value.as_str()));
        let location = append_query(&known.metadata.authorization_endpoint, pairs.chain(extra));
        let attempt = Attempt {
            issuer: config.issuer.clone(),
            nonce,
            code_verifier: verifier.expose().to_owned(),
            redirect_uri,
            options,
            expires: after(config.clock.now(), ATTEMPT_LIFETIME),
        };
        Vault(config).begin(&state, &binding, &attempt, ATTEMPT_KEPT).await?;
        Ok(Begun {
            location,
            state,
            binding,
        })
    }

    /// 256 random bits in 43 characters.
    pub(crate) fn random_text(&self) -> String {
        let mut bytes = [0; 32];
        self.config().random.fill(&mut bytes);
        BASE64URL_NOPAD.encode(&bytes)
    }
}

/// What this login does not say is as the settings say; of parameters, each by itself.
fn with_defaults(mut options: BeginOptions, defaults: &BeginOptions) -> BeginOptions {
    options.prompt = options.prompt.or_else(|| defaults.prompt.clone());
    options.max_age = options.max_age.or(defaults.max_age);
    if options.acr_values.is_empty() {
        options.acr_values.clone_from(&defaults.acr_values);
    }
    for (name, value) in &defaults.parameters {
        if !options.parameters.iter().any(|(other, _)| other == name) {
            options.parameters.push((name.clone(), value.clone()));
        }
    }
    options
}

fn can_be_sent(options: &BeginOptions) -> Result<(), LoginError> {
    if options.return_to.len() > MAX_RETURN_TO {
        let detail = format!(
            "expected at most {MAX_RETURN_TO} bytes, got {}",
            options.return_to.len()
        );
        return Err(setting("return_to", detail));
    }
    if let Some(uri) = &options.redirect_uri {
        web_url("redirect_uri", uri)?;
    }
    if let Some(prompt) = options.prompt.as_ref().filter(|prompt| !prompt.is_consistent()) {
        return Err(setting("prompt", format!("expected `none` alone, got `{prompt}`")));
    }
    if options.login_hint.as_ref().is_some_and(|hint| hint.len() > 512) {
        return Err(setting("login_hint", "expected at most 512 bytes, got more".to_owned()));
    }
    are_extra(&options.parameters)
}

/// Whether extra parameters leave the protocol's own alone.
pub(crate) fn are_extra(parameters: &[(String, String)]) -> Result<(), LoginError> {
    if parameters.len() > MAX_PARAMETERS {
        let detail = format!("expected at most {MAX_PARAMETERS}, got {}", parameters.len());
        return Err(setting("parameters", detail));
    }
    for (name, value) in parameters {
        if name.is_empty() || RESERVED_PARAMETERS.contains(&name.as_str()) {
            let detail = format!("expected a parameter without a setting of its own, got `{name}`");
            return Err(setting("parameters", detail));
        }
        if name.len() + value.len() > MAX_PARAMETER {
            let detail = format!("expected at most {MAX_PARAMETER} bytes in `{name}`, got more");
            return Err(setting("parameters", detail));
        }
    }
    Ok(())
}

/// A path of this application, so that nobody can make a login lead elsewhere: one slash, then no second one and no
/// backslash, which browsers read as a slash.
pub(crate) fn local_path(path: &str) -> &str {
    let mut characters = path.chars();
    let is_local = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    let is_plain = path.len() <= MAX_RETURN_TO && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local && is_plain { path } else { "/" }
}
