//! Issuers of earlier providers at which this server answers, so that applications that came from there notice nothing: the
//! addresses, which there are, and who uses them.

mod address;
mod rows;

pub use address::{AliasAddress, AliasForm};
pub use rows::{IssuerAlias, put_alias};

pub(crate) use rows::{addresses, require};
