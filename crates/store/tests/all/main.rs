//! The store from outside: every test of behaviour runs on every engine.

#![allow(missing_docs, reason = "tests are named by sentences")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod changes;
mod condition;
mod crashes;
mod data_keys;
mod load;
mod power_loss;
mod protocol;
mod resting;
mod schema;
mod sealing;
mod server;
mod server_crashes;
mod single_use;
mod sweeping;
mod tls;
mod trying;
mod units;
