//! Letters, through the public surface.

mod outbox;
mod words;
