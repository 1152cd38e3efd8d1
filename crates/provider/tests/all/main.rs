//! The provider's rules through their public surface, endpoint after endpoint, as the web layer calls them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests: a panic is the failure")]

// The fixture names this crate's items by `crate::`, which here is the test binary.
use doorward_provider::*;

mod code_login;
#[path = "../../src/testing.rs"]
#[expect(dead_code, reason = "shared with the unit tests, which use more of it")]
mod testing;
