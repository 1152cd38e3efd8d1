//! The directory's suite: every test runs on SQLite and, when `DOORWARD_TEST_POSTGRES` is set, on PostgreSQL.

mod groups;
mod house;
mod links;
mod logins;
mod people;
mod rights;
mod search;
mod tokens;
