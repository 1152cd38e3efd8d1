//! What applications are, through the public surface, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]
#![allow(clippy::print_stdout, reason = "a failure has to say on which engine it was")]

mod access;
mod adding;
mod aliases;
mod editing;
mod fixture;
mod keys;
mod presets;
mod registering;
mod requests;
mod scope_maps;
mod secrets;
mod snapshot;
mod snippets;
mod weakened;
