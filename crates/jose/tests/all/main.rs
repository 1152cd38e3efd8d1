//! What the crate promises, through its public surface.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a panic is the failure"
)]

mod fixtures;
mod hashes;
mod headers;
mod key_sets;
mod keys;
mod payloads;
mod properties;
mod round_trip;
mod time_rules;
mod vectors;
