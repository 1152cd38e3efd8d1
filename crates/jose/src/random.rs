//! Randomness as a parameter, so that every rule can be tested with a known sequence.

/// A source of unpredictable bytes. Production code receives [`SystemRandom`]; tests may pass a counter.
pub trait Random: Send + Sync {
    /// Fills `out` completely.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator through `aws-lc-rs`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// When the operating system cannot give randomness: nothing secure can be done after that.
    #[allow(
        clippy::expect_used,
        reason = "a process without entropy must stop, not continue with zeros"
    )]
    fn fill(&self, out: &mut [u8]) {
        aws_lc_rs::rand::fill(out).expect("the operating system gives random bytes");
    }
}
