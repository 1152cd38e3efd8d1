//! Letters to people: written in the unit of work that causes them, sent over SMTP until they arrive or are given up.
//!
//! [`Outbox::put`] stores a letter with the change that it tells of; [`Postman`] sends what is stored, on whichever node
//! comes first. Without a mail server [`Outbox::off`] stores nothing, and everything works by links that are handed over.
//!
//! Invariant: a letter may arrive twice (a node died between sending and noting it), never not at all without a trace of it
//! in the queue. What is stored is sealed; nothing here decides who gets what.

mod error;
mod letter;
mod outbox;
mod postman;
mod render;
mod settings;
mod smtp;

pub use error::{MailError, REFUSALS};
pub use letter::{Addressee, Lang, Letter, Message, Notice};
pub use outbox::{House, Outbox, Queued, State, count, queue, remove, retry};
pub use postman::{Postman, need_address};
pub use render::Rendered;
pub use settings::{Settings, Tls};
pub use smtp::{NotSent, Smtp};
