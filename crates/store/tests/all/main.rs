//! The store from outside, every test on every engine.

#![allow(missing_docs, reason = "tests are named by sentences")]

mod units;
