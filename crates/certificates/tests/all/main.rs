//! The server's certificate and the private authority, through the public surface, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]
#![allow(clippy::print_stdout, reason = "a failure has to say on which engine it was")]

mod acme_refusing;
mod authority;
mod fixture;
mod own_certificate;
