//! OpenID Connect and OAuth 2 vocabulary shared by provider and relying party: messages, metadata, PKCE, scopes,
//! errors. No I/O.
//!
//! Reading is strict and bounded: a message is [`Parameters`] first (decoded once, no parameter twice, limited in size),
//! then one of the requests. What a request means for a certain application is the provider's to say.

mod authorization;
mod authorization_details;
pub mod catalogue;
mod claims_request;
mod client_authentication;
mod client_certificate;
mod decoupled;
mod end_session;
mod error_response;
mod exchange;
mod metadata;
mod parameters;
mod pkce;
mod presented_token;
mod quoted;
mod redirect_uri;
mod refusal;
mod scope;
mod standard_claims;
mod suggestion;
mod token;
mod words;

pub use authorization::{AuthorizationRequest, AuthorizationResponse};
pub use authorization_details::{AuthorizationDetail, AuthorizationDetails};
pub use catalogue::REFUSALS;
pub use claims_request::{ClaimsRequest, RequestedClaim, RequestedClaims};
pub use client_authentication::{BasicCredentials, ClientAuthentication, JWT_BEARER_ASSERTION};
pub use client_certificate::{AlternativeName, CertificateName, ClientCertificate, DistinguishedName};
pub use decoupled::{BackchannelRequest, BackchannelResponse, DeviceRequest, DeviceResponse, Hint};
pub use end_session::EndSessionRequest;
pub use error_response::ErrorResponse;
pub use exchange::{ACCESS_TOKEN_TYPE, ExchangeRequest, JWT_TYPE, TokenAndType};
pub use metadata::{OPENID_CONFIGURATION, ProviderMetadata};
pub use parameters::{Parameters, append_query, encode};
pub use pkce::{CodeChallenge, CodeVerifier};
pub use presented_token::{IntrospectionResponse, MAX_TOKEN_BYTES, PresentedToken, TokenScheme, access_token};
pub use quoted::shown;
pub use redirect_uri::{Difference, Divergence, RedirectUri, RedirectUris};
pub use refusal::{Delivery, Refusal, RefusalKind, Turn};
pub use scope::{Scope, ScopeSet};
pub use standard_claims::{
    ADDRESS_CLAIMS, EMAIL_CLAIMS, GROUPS_CLAIMS, PHONE_CLAIMS, PROFILE_CLAIMS, STANDARD_SCOPES, claims_of_scope,
    scope_of_claim,
};
pub use suggestion::closest as closest_name;
pub use token::{TokenRequest, TokenResponse};
pub use words::{ClientAuthMethod, Display, GrantType, Prompt, PromptSet, ResponseMode, ResponseType};
