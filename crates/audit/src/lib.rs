//! What is remembered of what happened.
//!
//! An [`Event`] is kept: who did what to whom, with which outcome. It is recorded inside the unit of work that does the
//! thing ([`events::record`]), so that there is no change without its event and no event without its change. Events are
//! listed, followed ([`EventFollower`]) and exported ([`export`]).
//!
//! A [`Trace`] is for finding out: the checks and pages of one login, step by step, under a [`Reference`] that a person can
//! read out over the telephone. Steps are collected in memory by the [`Tracer`] and written in batches; a crash loses at
//! most the last moments of them, never an event. [`conclude`] says in sentences what a trace means.
//!
//! Invariants: neither ever holds a secret ([`redact`](crate::redacted) is the net below what callers already leave out);
//! nothing here decides anything.

mod conclusion;
mod event;
pub mod events;
pub mod export;
mod follower;
pub mod logins;
mod redact;
mod reference;
mod retention;
pub mod syslog;
mod trace;
mod tracer;
mod traces;

pub use conclusion::{Conclusion, Expectations, Verdict, conclude};
pub use event::{Actor, Event, EventFilter, Outcome, RecordedEvent, Subject};
pub use follower::EventFollower;
pub use redact::redacted;
pub use reference::{Reference, ReferenceError};
pub use retention::{Retention, Swept, sweep};
pub use trace::{CODE_ISSUED, Step, StepOutcome, Trace, TraceFilter, TraceOutcome, TraceSummary, Visit, request};
pub use tracer::{TraceFollower, Tracer};
