//! What the crate promises, through its public surface.

mod round_trip;
