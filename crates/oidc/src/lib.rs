//! OpenID Connect and OAuth 2 vocabulary shared by provider and relying party: messages, metadata, PKCE, scopes,
//! errors. No I/O.

mod refusal;

pub use refusal::{Delivery, Refusal, RefusalKind, Turn};
