//! How long each part took: CI has a bound in time, and whoever adds a test sees what it costs.

use std::{fmt, time::Instant};

use anyhow::Result;

/// Parts in the order in which they ran.
#[derive(Default)]
pub(crate) struct Clock {
    parts: Vec<(String, u64)>,
}

impl Clock {
    /// Runs `work` and remembers its seconds under `name`.
    pub(crate) fn time<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let result = work();
        self.parts.push((name.to_owned(), started.elapsed().as_secs()));
        result
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.parts.iter().map(|(_, seconds)| seconds).sum();
        write!(formatter, "{total} s:")?;
        for (name, seconds) in &self.parts {
            write!(formatter, " {name} {seconds}")?;
        }
        Ok(())
    }
}
