//! The doctor for an application: goes to its login as a browser would, reads what it really sends, and says what is wrong, on
//! which side, and what to type.
//!
//! [`Doctor::look`] does it all; [`walk::to_login`] goes there, [`request::compare`] judges the authorization request by the very checks that a login meets,
//! [`token::judge`] and [`evidence::judge`] look at the rest beside clock and logout endpoint, and [`Cause`] says which is named
//! first ([`conclude`]). It changes nothing, here or there: no login is begun here, since the request that the application
//! makes is read and never sent on.

mod backup;
mod cause;
mod clock;
mod doctor;
pub mod drift;
pub mod evidence;
mod finding;
pub mod headers;
pub mod installation;
mod jar;
mod logout;
pub mod page;
mod registration;
pub mod request;
pub mod script;
pub mod token;
pub mod walk;
mod way;
mod word;

pub use cause::Cause;
pub use doctor::{Doctor, Looked, NoLook, Patient};
pub use finding::{Finding, Fix, Remedy, Side, Weight, conclude};
pub use installation::Place;
pub use way::{NotOurs, Ways};
