//! Randomness as a parameter, so that every rule can be tested with a known sequence.

/// A source of unpredictable bytes. Production code receives [`SystemRandom`]; tests may pass a counter.
pub trait Random: Send + Sync {
    /// Fills `out` completely.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator. Asked directly: the signing library has one of its own in front of it, which measures
/// the processor's jitter for tens of milliseconds before its first byte, and a start would wait for that.
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
        getrandom::fill(out).expect("the operating system gives random bytes");
    }
}

/// Lets the signing library set up its own generator, so that the first signature does not wait for it. Takes tens of
/// milliseconds of a core: call it on a thread that nobody waits for.
pub fn prepare_to_sign() {
    // What cannot be done now is tried again by whoever signs, and fails there.
    let _ = aws_lc_rs::rand::fill(&mut [0; 1]);
}
