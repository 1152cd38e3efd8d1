//! The relying party's suite: a second implementation's vectors, a software authenticator, and hostile bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod anchors;
mod ceremonies;
mod hostile;
mod keys;
mod options;
mod vectors;
