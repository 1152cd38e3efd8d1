//! The faces that people and programs meet over HTTP: pages, protocol endpoints, the API, and the accept loop. No rules
//! of their own: those are the provider's and the subjects'.

mod account;
pub mod admin;
mod answer;
pub mod api;
mod arrived;
pub mod assets;
mod certificate;
pub mod clock;
mod cookies;
mod deadline;
mod decoupled;
mod door;
mod failure;
mod health;
mod keys;
mod login;
pub mod pages;
mod passkey;
pub mod plain;
mod protocol;
mod router;
pub mod server;
mod session;
mod strangers;
pub mod telemetry;
mod trail;
mod upstream;
mod visit;

pub use certificate::{Mtls, PresentedChain};
pub use cookies::Cookies;
pub use door::{Door, SessionLimits};
pub use failure::Failure;
pub use keys::{Keys, KeysError, MasterKeys, MasterSource};
pub use protocol::{ClientKeys, Documents, RequestObjects, SeenTokens};
pub use router::{for_certificates, front, router};
pub use strangers::Strangers;
