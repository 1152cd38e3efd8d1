//! The refusals of this crate: what is wrong with a message before anybody looks at who sent it.

use crate::{RefusalKind, Turn};

/// All kinds of this crate, for the generated documentation.
pub const REFUSALS: &[&RefusalKind] = &[
    &PARAMETER_REPEATED,
    &PARAMETER_MISSING,
    &PARAMETER_MALFORMED,
    &REQUEST_TOO_LARGE,
    &SCOPE_MALFORMED,
    &CLAIMS_REQUEST_MALFORMED,
    &AUTHORIZATION_DETAILS_MALFORMED,
    &PKCE_METHOD_UNSUPPORTED,
    &PKCE_CHALLENGE_MALFORMED,
    &PKCE_VERIFIER_MALFORMED,
    &GRANT_TYPE_UNSUPPORTED,
    &CLIENT_CREDENTIALS_MALFORMED,
    &CLIENT_AUTHENTICATION_REPEATED,
    &BEARER_TOKEN_MALFORMED,
    &REDIRECT_URI_UNSUITABLE,
];

/// A parameter came more than once.
pub static PARAMETER_REPEATED: RefusalKind = RefusalKind {
    code: "parameter_repeated",
    oauth: "invalid_request",
    public: "The request holds a parameter more than once.",
    meaning: "A parameter must not be included more than once (RFC 6749 §3.1): two readers could pick different values.",
    turn: Turn::Application,
};

/// A required parameter is not there, or empty.
pub static PARAMETER_MISSING: RefusalKind = RefusalKind {
    code: "parameter_missing",
    oauth: "invalid_request",
    public: "The request lacks a required parameter.",
    meaning: "Required parameters must be present and not empty (RFC 6749 §3.1: an empty one counts as absent).",
    turn: Turn::Application,
};

/// A parameter cannot be read as what it must be.
pub static PARAMETER_MALFORMED: RefusalKind = RefusalKind {
    code: "parameter_malformed",
    oauth: "invalid_request",
    public: "The request holds a parameter that cannot be understood.",
    meaning: "Each parameter has the syntax of its specification (RFC 6749 Appendix A, OpenID Connect Core §3.1.2.1).",
    turn: Turn::Application,
};

/// The message or one value is larger than anything legitimate.
pub static REQUEST_TOO_LARGE: RefusalKind = RefusalKind {
    code: "request_too_large",
    oauth: "invalid_request",
    public: "The request is too large.",
    meaning: "Messages from outside are bounded in bytes and in number of parameters, so that nobody can spend our memory.",
    turn: Turn::Application,
};

/// The scope parameter is not a list of scope tokens.
pub static SCOPE_MALFORMED: RefusalKind = RefusalKind {
    code: "scope_malformed",
    oauth: "invalid_scope",
    public: "The requested scope cannot be understood.",
    meaning: "Scope is a list of tokens separated by single spaces (RFC 6749 §3.3). Unknown scopes are not malformed.",
    turn: Turn::Application,
};

/// The claims parameter is not what OpenID Connect Core §5.5 describes.
pub static CLAIMS_REQUEST_MALFORMED: RefusalKind = RefusalKind {
    code: "claims_request_malformed",
    oauth: "invalid_request",
    public: "The request for individual claims cannot be understood.",
    meaning: "The claims parameter is a bounded JSON object with the members userinfo and id_token (OpenID Connect Core §5.5).",
    turn: Turn::Application,
};

/// The authorization details are not what RFC 9396 describes.
pub static AUTHORIZATION_DETAILS_MALFORMED: RefusalKind = RefusalKind {
    code: "authorization_details_malformed",
    oauth: "invalid_authorization_details",
    public: "The details of what the application wants to do cannot be understood.",
    meaning: "authorization_details is a bounded JSON array of objects, each with a type (RFC 9396 §2, §5).",
    turn: Turn::Application,
};

/// A code challenge method other than S256.
pub static PKCE_METHOD_UNSUPPORTED: RefusalKind = RefusalKind {
    code: "pkce_method_unsupported",
    oauth: "invalid_request",
    public: "The code challenge method is not supported; use S256.",
    meaning: "Only S256 protects the code when the request is seen by others (RFC 9700 §2.1.1); plain, also by omission, does not.",
    turn: Turn::Application,
};

/// A code challenge that cannot be an S256 challenge.
pub static PKCE_CHALLENGE_MALFORMED: RefusalKind = RefusalKind {
    code: "pkce_challenge_malformed",
    oauth: "invalid_request",
    public: "The code challenge cannot be understood.",
    meaning: "An S256 challenge is the base64url form of 32 bytes, 43 characters without padding (RFC 7636 §4.2).",
    turn: Turn::Application,
};

/// A code verifier that RFC 7636 does not allow.
pub static PKCE_VERIFIER_MALFORMED: RefusalKind = RefusalKind {
    code: "pkce_verifier_malformed",
    oauth: "invalid_grant",
    public: "The code verifier cannot be understood.",
    meaning: "A code verifier has 43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 §4.1).",
    turn: Turn::Application,
};

/// A grant type that this server does not have.
pub static GRANT_TYPE_UNSUPPORTED: RefusalKind = RefusalKind {
    code: "grant_type_unsupported",
    oauth: "unsupported_grant_type",
    public: "The grant type is not supported.",
    meaning: "The token endpoint serves the grant types that discovery lists (RFC 6749 §5.2).",
    turn: Turn::Application,
};

/// Client credentials that cannot be read.
pub static CLIENT_CREDENTIALS_MALFORMED: RefusalKind = RefusalKind {
    code: "client_credentials_malformed",
    oauth: "invalid_client",
    public: "The client authentication cannot be understood.",
    meaning: "Basic credentials are base64 of id, colon, secret (RFC 6749 §2.3.1); assertions name their type (RFC 7521 §4.2).",
    turn: Turn::Application,
};

/// More than one client authentication method in one request.
pub static CLIENT_AUTHENTICATION_REPEATED: RefusalKind = RefusalKind {
    code: "client_authentication_repeated",
    oauth: "invalid_request",
    public: "The request uses more than one method of client authentication.",
    meaning: "A client must not use more than one authentication method in a request (RFC 6749 §2.3).",
    turn: Turn::Application,
};

/// An access token presented in no way, or in more than one way, or in an unreadable way.
pub static BEARER_TOKEN_MALFORMED: RefusalKind = RefusalKind {
    code: "bearer_token_malformed",
    oauth: "invalid_request",
    public: "The access token cannot be read from the request.",
    meaning: "An access token comes in the Authorization header or in the form body, in one of them only (RFC 6750 §2).",
    turn: Turn::Application,
};

/// A redirect URI that may not be registered.
pub static REDIRECT_URI_UNSUITABLE: RefusalKind = RefusalKind {
    code: "redirect_uri_unsuitable",
    oauth: "invalid_redirect_uri",
    public: "This redirect URI cannot be registered.",
    meaning: "A redirect URI is absolute, without fragment, user information or wildcard, and https unless it stays on the \
              person's own device (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1).",
    turn: Turn::Administrator,
};
