//! Applications are told of logouts, through the public surface, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]

mod house;
mod telling;
mod watching;
