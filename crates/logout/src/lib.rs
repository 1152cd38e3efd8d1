//! Applications are told that a session is over (OpenID Connect Back-Channel Logout 1.0).
//!
//! Whatever ends a session makes rows of it in the same unit of work ([`doorward_store::app_sessions`]). [`Courier`] claims
//! them, posts a signed logout token to each application, and tries again until the application has answered or the time is
//! over, across restarts; of several nodes, one tells. [`watch`] finds what ended by itself: sessions that expired, and people
//! who have lost the last group that let them into an application.
//!
//! Invariants: reads no clock; ends nothing but what has expired or lost its access.

mod attempt;
mod courier;
mod problem;
pub mod watch;

pub use attempt::Telling;
pub use courier::{Courier, KeyRings};
