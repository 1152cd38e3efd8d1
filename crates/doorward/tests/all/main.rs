//! The built binary from outside: how it starts, refuses to start, serves TLS, and stops.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, also in its own functions"
)]

mod process;
mod published;
mod remote;
mod start;
mod strangers;
mod tls;
