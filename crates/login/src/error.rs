//! Why a login did not happen.

use doorward_jose::JoseError;
use doorward_oidc::Refusal;
use serde_json::Value;

use crate::BeginOptions;

/// Which of the provider's answers is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The metadata, from discovery.
    Metadata,
    /// The key set.
    Keys,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    Userinfo,
    /// Anything else that was asked with the access token.
    Resource,
}

/// A login or a set-up that failed. [`LoginError::code`] is stable; the text says what was expected and what came, holds
/// no secret, and may quote foreign words in escaped form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// A setting that cannot work.
    #[error("setting `{setting}`: {detail}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// Expected and got.
        detail: String,
    },
    /// No answer from the provider.
    #[error("expected an answer from {url}, got none: {detail}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// The failure on the way.
        detail: String,
    },
    /// The provider's certificate is not one that is trusted here.
    #[error("expected a certificate from {url} that is trusted here, got another: {detail}")]
    Tls {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        detail: String,
    },
    /// No whole answer in time.
    #[error("expected a whole answer from {url} within {milliseconds} ms, got none")]
    TooSlow {
        /// What was asked.
        url: String,
        /// The limit in milliseconds.
        milliseconds: u64,
    },
    /// An answer beyond what is read.
    #[error("expected at most {limit} bytes from {url}, got more")]
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// A redirect; none is followed, since it may lead to places that nobody configured.
    #[error("expected an answer from {url}, got a redirect to `{location}`")]
    Redirected {
        /// What was asked.
        url: String,
        /// Where it points.
        location: String,
    },
    /// An address in a private network, which nobody allowed.
    #[error(
        "expected a public address for {url}, got {received}: allow private addresses for this provider if it is meant to be there"
    )]
    PrivateAddress {
        /// What was asked.
        url: String,
        /// What its name resolves to.
        received: String,
    },
    /// An answer that is not what the protocol has there.
    #[error("expected {expected} from {url}, got {received}")]
    Answer {
        /// Which answer.
        step: Step,
        /// What was asked.
        url: String,
        /// What belongs there.
        expected: &'static str,
        /// What came.
        received: String,
    },
    /// The metadata are another issuer's (OpenID Connect Discovery §4.3). Compared byte for byte.
    #[error("expected the issuer `{expected}` in the provider's metadata, got `{received}`")]
    Issuer {
        /// The configured issuer.
        expected: String,
        /// The one in the metadata.
        received: String,
    },
    /// An endpoint that would send secrets in the clear.
    #[error("expected an https address as `{endpoint}`, got `{received}`")]
    Endpoint {
        /// Its name in the metadata.
        endpoint: &'static str,
        /// Its address.
        received: String,
    },
    /// The answer's parameters cannot be read.
    #[error("{0}")]
    Response(Refusal),
    /// The answer belongs to no login that is under way.
    #[error("expected a login that began in the last {minutes} minutes, got an answer to none")]
    Attempt {
        /// How long a login may take.
        minutes: u64,
    },
    /// The answer came too late. [`crate::Login::begin_with`] begins the same login anew with these options; that it does
    /// not go on for ever is counted in them.
    #[error("expected the answer while the login was under way, got it too late")]
    Expired(Box<BeginOptions>),
    /// The answer came in another browser than the one that asked.
    #[error("expected the browser in which the login began, got another one")]
    Browser,
    /// The login began at another provider than the one whose answer this would be (RFC 9700 §4.4).
    #[error("expected an answer for the login that began at `{expected}`, got it where `{received}` answers")]
    AttemptIssuer {
        /// The issuer that was asked.
        expected: String,
        /// The issuer whose callback this is.
        received: String,
    },
    /// The answer is another issuer's (RFC 9207 §2.4).
    #[error("expected `iss` to be `{expected}` in the answer, got {received}")]
    ResponseIssuer {
        /// The issuer that was asked.
        expected: String,
        /// The one that answered, or none.
        received: String,
    },
    /// The provider answered with an error (RFC 6749 §4.1.2.1).
    #[error("the provider refused the login: {error}{}", described(.description.as_deref()))]
    Denied {
        /// The error code.
        error: String,
        /// The provider's words.
        description: Option<String>,
    },
    /// The token endpoint answered with an error (RFC 6749 §5.2).
    #[error("the provider refused the token request with status {status}: {error}{}", described(.description.as_deref()))]
    TokenRefused {
        /// HTTP status.
        status: u16,
        /// The error code.
        error: String,
        /// The provider's words.
        description: Option<String>,
    },
    /// The token answer has no ID token.
    #[error("expected an ID token, got none: is `openid` among the scopes that the provider grants?")]
    NoIdToken,
    /// The signature, header or times of a token do not hold.
    #[error("{token}: {error}")]
    Token {
        /// Which token: `ID token`, `userinfo`, `logout token`.
        token: &'static str,
        /// What does not hold.
        error: JoseError,
    },
    /// The token brings its own key, or says where one is, and no key of the provider's key set verifies it.
    #[error(
        "expected a key of the provider's key set for the {token}, got one that the token names itself (`{member}`)"
    )]
    OwnKey {
        /// Which token.
        token: &'static str,
        /// The header's member.
        member: &'static str,
    },
    /// The key set has the key that the token names, and it is none that may be used.
    #[error("expected a usable key `{kid}` in the provider's key set, got: {reason}")]
    KeyUnusable {
        /// The key's name.
        kid: String,
        /// What is wrong with it.
        reason: JoseError,
    },
    /// A claim of a token is not what it must be (OpenID Connect Core §3.1.3.7).
    #[error("expected {expected} as `{claim}` in the {token}, got {received}")]
    Claim {
        /// Which token: `ID token`, `userinfo`, `logout token`.
        token: &'static str,
        /// The claim.
        claim: &'static str,
        /// What it must be.
        expected: String,
        /// What it is.
        received: String,
    },
    /// The key that signed belongs to another issuer of the same key set.
    #[error("expected a key of `{expected}`, got one of {received}")]
    KeyIssuer {
        /// The token's issuer.
        expected: String,
        /// The issuer that the key set names for the key.
        received: String,
    },
    /// The userinfo answer is about somebody else (OpenID Connect Core §5.3.2).
    #[error("expected `sub` {expected} in the userinfo answer, got {received}")]
    UserinfoSubject {
        /// The ID token's subject.
        expected: String,
        /// The other one.
        received: String,
    },
    /// The session was ended meanwhile, by the provider or here.
    #[error("expected a session that goes on, got one that was ended in the same moment")]
    Ended,
    /// The access token is over and nothing brings another.
    #[error(
        "expected an access token that is valid, got one that is over, and no refresh token: ask for the scope \
             `offline_access`"
    )]
    AccessToken,
    /// The browser came back from logging out with another `state` than the one it took along.
    #[error("expected the `state` of the logout that began here, got {received}")]
    LogoutState {
        /// Another one, or none.
        received: &'static str,
    },
    /// Nobody is logged in, and what was asked for cannot be repeated after a login.
    #[error("expected somebody who is logged in, got a stranger: log in and try again")]
    LoginRequired,
    /// The person has not what a page requires.
    #[error("expected {expected}, got {received}")]
    Forbidden {
        /// The group or the claim.
        expected: String,
        /// What the person has.
        received: String,
    },
    /// The session store failed.
    #[error("session store: {0}")]
    Sessions(String),
}

impl LoginError {
    /// Stable code, snake case, for logs and for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "setting_invalid",
            Self::Unreachable { .. } => "upstream_unreachable",
            Self::Tls { .. } => "tls_untrusted",
            Self::TooSlow { .. } => "answer_too_slow",
            Self::TooLarge { .. } => "answer_too_large",
            Self::Redirected { .. } => "answer_redirected",
            Self::PrivateAddress { .. } => "address_not_allowed",
            Self::Answer { step, .. } => match step {
                Step::Metadata | Step::Keys => "setup_error",
                Step::Token => "token_exchange_failed",
                Step::Userinfo => "no_userinfo",
                Step::Resource => "resource_unavailable",
            },
            Self::Issuer { .. } => "issuer_mismatch",
            Self::Endpoint { .. } => "endpoint_insecure",
            Self::Response(refusal) => refusal.kind.code,
            Self::Attempt { .. } => "attempt_unknown",
            Self::Expired(_) => "attempt_expired",
            Self::AttemptIssuer { .. } => "attempt_of_another_issuer",
            Self::Browser => "attempt_of_another_browser",
            Self::ResponseIssuer { .. } => "response_issuer_mismatch",
            Self::Denied { .. } => "denied_by_provider",
            Self::TokenRefused { .. } => "token_exchange_failed",
            Self::NoIdToken => "id_token_missing",
            Self::Token { error, .. } => code_of_token(error),
            Self::Claim { claim, .. } => code_of_claim(claim),
            Self::OwnKey { .. } => "key_in_token",
            Self::KeyUnusable { .. } => "key_unusable",
            Self::KeyIssuer { .. } => "key_issuer_mismatch",
            Self::UserinfoSubject { .. } => "userinfo_subject_mismatch",
            Self::Ended => "session_ended",
            Self::AccessToken => "access_token_over",
            Self::LogoutState { .. } => "logout_state_mismatch",
            Self::LoginRequired => "login_required",
            Self::Forbidden { .. } => "requirement_missing",
            Self::Sessions(_) => "session_store_failed",
        }
    }

    /// Whether the same may work in a moment: the provider did not answer, or the store did not.
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::TooSlow { .. } | Self::Sessions(_)
        )
    }
}

fn code_of_token(error: &JoseError) -> &'static str {
    match error {
        JoseError::AlgorithmNotAllowed { .. } => "algorithm_not_allowed",
        JoseError::UnknownKey { .. } => "key_not_found",
        JoseError::AmbiguousKey { .. } | JoseError::ConflictingKeys { .. } => "key_ambiguous",
        JoseError::Signature { .. } => "signature_invalid",
        JoseError::Expired { .. } => "token_expired",
        JoseError::NotYetValid { .. } | JoseError::IssuedInFuture { .. } => "clock_skew",
        JoseError::TooLarge { .. } => "token_too_large",
        JoseError::TypeMismatch { .. } => "token_type_mismatch",
        _ => "token_malformed",
    }
}

fn code_of_claim(claim: &str) -> &'static str {
    match claim {
        "iss" => "issuer_mismatch",
        "aud" => "audience_mismatch",
        "azp" => "authorized_party_mismatch",
        "nonce" => "nonce_mismatch",
        "at_hash" => "access_token_mismatch",
        "c_hash" => "code_mismatch",
        "sub" => "subject_invalid",
        "tid" => "tenant_not_allowed",
        "jti" => "token_replayed",
        "auth_time" => "authentication_too_old",
        _ => "claim_mismatch",
    }
}

fn described(description: Option<&str>) -> String {
    description.map(|text| format!(" ({text})")).unwrap_or_default()
}

/// Foreign text for a message: escaped, and cut at 200 characters.
pub(crate) fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(200).flat_map(char::escape_debug).collect();
    if text.chars().nth(200).is_some() {
        cut.push('…');
    }
    cut
}

pub(crate) fn mismatch(
    token: &'static str,
    claim: &'static str,
    expected: String,
    received: Option<&Value>,
) -> LoginError {
    LoginError::Claim {
        token,
        claim,
        expected,
        received: claimed(received),
    }
}

/// A foreign claim for a message: a text in backticks, anything else as JSON, and `none` when it is not there.
pub(crate) fn claimed(value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(Value::String(text)) => format!("`{}`", shown(text)),
        Some(other) => shown(&other.to_string()),
    }
}
