//! A person on the way into an application: the attempt that the browser carries, the pages it meets, the code at the
//! end.

pub(crate) mod account;
mod attempt;
mod backup;
pub(crate) mod consent;
pub(crate) mod entering;
pub(crate) mod flow;
pub(crate) mod forgotten;
pub(crate) mod grant;
mod page;
mod page_value;
pub(crate) mod passkey;
pub(crate) mod password;
mod refused;
pub(crate) mod second;
pub(crate) mod strength;
pub(crate) mod terms;

pub(crate) use attempt::{Errand, OpenAttempt, binding};
pub(crate) use refused::{refused_page, with_operator};
