//! Each kind of thing: what its file says of it, and making it so.

pub(crate) mod apps;
pub(crate) mod groups;
pub(crate) mod names;
pub(crate) mod people;
pub(crate) mod services;
pub(crate) mod single;
mod thing;
pub(crate) mod upstreams;

pub(crate) use thing::Thing;
