//! What upstreams are and whom they let in, through the public surface, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]
#![allow(clippy::print_stdout, reason = "a failure has to say on which engine it was")]

mod administering;
mod attempts;
mod coming_in;
mod confirming;
mod failures;
mod fixture;
mod linking;
mod logging_out;
mod lookups;
mod presets;
mod routing;
