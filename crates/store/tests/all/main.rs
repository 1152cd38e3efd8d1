//! The store from outside: every test of behaviour runs on every engine.

#![allow(missing_docs, reason = "tests are named by sentences")]

mod changes;
mod protocol;
mod schema;
mod sealing;
mod single_use;
mod sweeping;
mod units;
