//! Logging in through an upstream, in the browser: on the way there, back from there, and what the upstream tells us about
//! sessions that ended.

pub(crate) mod begin;
pub(crate) mod callback;
pub(crate) mod confirm;
pub(crate) mod connect;
pub(crate) mod ended;
pub(crate) mod keys;
pub(crate) mod logout;
pub(crate) mod preview;
mod purpose;
mod turned_away;

pub(crate) use purpose::Purpose;
