//! Events and traces from outside, on every engine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is the failure"
)]

mod conclusions;
mod events;
mod export;
mod following;
mod redaction;
mod references;
mod retention;
mod traces;

use doorward_store::testing::START;
use jiff::{SignedDuration, Timestamp};

/// So many milliseconds after the tests' beginning of time.
fn at(millis: i64) -> Timestamp {
    START + SignedDuration::from_millis(millis)
}
