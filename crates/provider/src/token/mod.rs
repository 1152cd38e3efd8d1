//! The token endpoint: what each grant type demands (RFC 6749 §4.1.3, §4.4, §6, RFC 7636 §4.6, RFC 9700 §4.8.2).
//!
//! The web layer authenticates the client ([`crate::client_authentication`]), takes the code or rotates the refresh token
//! in one conditional update, checks here that it may, and issues ([`crate::issue`]).

pub mod client_credentials;
pub mod code;
pub mod exchange;
mod grant;
pub mod jwt_bearer;
pub mod refresh;
#[cfg(test)]
mod tests;

pub use client_credentials::{CLIENT_CREDENTIALS_NOT_ALLOWED, SCOPE_NOT_GRANTED};
pub use code::{
    CODE_EXPIRED, CODE_OF_ANOTHER_CLIENT, CODE_REPLAYED, CODE_UNKNOWN, CodeFacts, PKCE_MISMATCH, PKCE_UNEXPECTED,
    PKCE_VERIFIER_MISSING, Redemption, TOKEN_REDIRECT_URI_MISMATCH, redeem,
};
pub use exchange::{EXCHANGE_NOT_ALLOWED, EXCHANGE_NOT_COVERED, EXCHANGE_TOKEN_INVALID, EXCHANGE_TYPE_UNSUPPORTED};
pub use grant::{ACCESS_WITHDRAWN, GRANT_REVOKED, current_scope, grant_is_over};
pub use jwt_bearer::{JWT_BEARER_INVALID, JWT_BEARER_NOT_ALLOWED};
pub use refresh::{REFRESH_EXPIRED, REFRESH_OF_ANOTHER_CLIENT, REFRESH_REPLAYED, REFRESH_UNKNOWN};
