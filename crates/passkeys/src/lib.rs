//! WebAuthn relying party (Web Authentication Level 3, §7): what a browser says of an authenticator, read strictly and
//! verified.
//!
//! [`CreationOptions`] and [`RequestOptions`] are what the browser is asked; [`RegistrationResponse`] and
//! [`AssertionResponse`] are what it answers, verified against a [`Ceremony`]: this server, the challenge that it gave,
//! and whether the person had to be verified by their device.
//!
//! Invariants: no I/O, no clock, no randomness; everything from outside is bounded in size and depth before it is read;
//! nothing is believed that a signature or the browser's own origin does not cover.

mod anchors;
mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod ceremony;
mod client_data;
mod cose;
mod counter;
mod error;
mod options;
mod packed;
mod registration;
mod relying_party;
#[cfg(feature = "testing")]
pub mod testing;
mod wire;

pub use anchors::TrustAnchors;
pub use assertion::{Assertion, AssertionResponse, Registered};
pub use attestation::{Attestation, AttestationObject};
pub use authenticator_data::{AttestedCredential, AuthenticatorData, Flags};
pub use ceremony::{Ceremony, UserVerification};
pub use client_data::{ClientData, ClientDataType};
pub use cose::{CoseAlgorithm, CoseKey};
pub use error::PasskeyError;
pub use options::{CreationOptions, Known, RequestOptions, User};
pub use registration::{NewPasskey, RegistrationResponse};
pub use relying_party::{NoRelyingParty, RelyingParty};
pub use wire::Transport;
