//! What other providers exported becomes people, groups, applications and upstreams, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]
#![allow(clippy::print_stdout, reason = "a failure has to say on which engine it was")]

mod doors;
mod fixture;
mod hostile;
mod keycloak;
mod tables;
