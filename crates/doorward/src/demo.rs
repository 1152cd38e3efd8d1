//! `doorward demo`: a server to look at, with an application to log in to.

#[cfg_attr(not(test), allow(dead_code, reason = "the command that starts it is being written"))]
pub(crate) mod app;
