//! The directory's suite: every test runs on SQLite and, when `DOORWARD_TEST_POSTGRES` is set, on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod activity;
mod addresses;
mod approval;
mod budgets;
mod factors;
mod forgotten;
mod groups;
mod house;
mod life;
mod links;
mod logins;
mod passkeys;
mod password_forms;
mod passwords;
mod people;
mod policies;
mod protection;
mod registration;
mod registration_bounds;
mod rights;
mod search;
mod service_keys;
mod side_by_side;
mod sweeping;
mod terms;
mod tokens;
