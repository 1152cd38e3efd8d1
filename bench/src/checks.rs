//! Figures that must stay below a bound. All are taken before one that does not ends the run with a failure.

use anyhow::{Result, bail};

/// What was seen, beside what is wanted.
#[derive(Default)]
pub(crate) struct Checks(Vec<Check>);

struct Check {
    name: &'static str,
    seen: f64,
    bound: f64,
    is_met: bool,
}

impl Checks {
    /// Wants `seen` below `bound`.
    pub(crate) fn below(&mut self, name: &'static str, seen: f64, bound: f64) {
        self.add(name, seen, bound, seen < bound);
    }

    /// Wants `seen` at `bound` or above.
    pub(crate) fn at_least(&mut self, name: &'static str, seen: f64, bound: f64) {
        self.add(name, seen, bound, seen >= bound);
    }

    fn add(&mut self, name: &'static str, seen: f64, bound: f64, is_met: bool) {
        self.0.push(Check {
            name,
            seen,
            bound,
            is_met,
        });
    }

    /// Prints all and fails when one is missed.
    pub(crate) fn conclude(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        println!("\n| wanted | bound | seen | |\n|---|---:|---:|---|");
        for check in &self.0 {
            let word = if check.is_met { "met" } else { "MISSED" };
            println!("| {} | {} | {:.2} | {word} |", check.name, check.bound, check.seen);
        }
        let missed = self.0.iter().filter(|check| !check.is_met).count();
        if missed > 0 {
            bail!("{missed} of {} bounds missed", self.0.len());
        }
        Ok(())
    }
}
