//! One suite for every store, through its trait, as two processes that share it would use it.

mod engines;
mod leak;
mod suite;
