//! The doctor for an application: goes to its login as a browser would, reads what it really sends, and says what is wrong, on
//! which side, and what to type.
//!
//! [`Doctor::look`] does it all; [`walk::to_login`] goes there, [`request::compare`] judges the authorization request by the very checks that a login meets,
//! [`clock::judge`], [`token::judge`], [`logout::knock`] and [`evidence::judge`] look at the rest, [`conclude`] puts the
//! likeliest cause first. It changes nothing, here or there: no login is begun here, since the request that the application
//! makes is read and never sent on.

pub mod clock;
mod doctor;
pub mod evidence;
mod finding;
pub mod installation;
mod jar;
pub mod logout;
pub mod page;
pub mod registration;
pub mod request;
pub mod token;
pub mod walk;
mod way;
mod word;

pub use doctor::{Doctor, Looked, Patient};
pub use finding::{Finding, Mend, Remedy, Side, Weight, conclude};
pub use installation::Place;
pub use way::{NotOurs, Ways};
