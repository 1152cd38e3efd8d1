//! Files of the state through the public surface, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]
#![allow(clippy::print_stdout, reason = "a failure has to say on which engine it was")]

mod apps;
mod carrying_out;
mod fixture;
mod kinds;
mod left_behind;
mod people;
mod refusing;
mod weaker;
