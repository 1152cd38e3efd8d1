//! What is too large to be built at every change: run by hand, `cargo xtask test large`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, at the place where it stands"
)]

#[allow(dead_code, reason = "some cells of the table are tried at every change alone")]
#[path = "../all/doctor_table.rs"]
mod doctor_table;
mod gitea;
mod grafana;
mod headscale;
mod kubernetes;

/// As that of the tests of every change is called.
mod doctor_app {
    pub(crate) use doorward_e2e::{looked, may_be_here};
}
