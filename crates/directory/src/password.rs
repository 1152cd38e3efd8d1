//! placeholder for landing
use doorward_jose::Secret;
use std::time::Duration;
/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Most bytes of a password.
pub const MAX_PASSWORD_BYTES: usize = 1024;
/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password queue is full")]
pub struct Busy {
    /// When to try again.
    pub retry_after: Duration,
}
/// How the password threads run.
#[derive(Debug, Clone)]
pub struct HasherSettings {
    /// Dedicated threads; each holds one block of 19 MiB while it is in use.
    pub threads: usize,
    /// Checks that may wait; one more is [`Busy`].
    pub waiting: usize,
    /// A thread gives its block back after this long without work.
    pub idle: Duration,
}
impl Default for HasherSettings {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            waiting: 64,
            idle: Duration::from_secs(30),
        }
    }
}
/// Argon2id in a bounded queue on dedicated threads.
#[derive(Debug, Clone)]
pub struct Hasher;
impl Hasher {
    /// Starts the threads.
    pub fn start(_settings: &HasherSettings) -> std::io::Result<Self> {
        unimplemented!("lands next")
    }
    /// Argon2 runs since the start.
    pub fn runs(&self) -> u64 {
        unimplemented!("lands next")
    }
    /// Hashes a password that will be stored: an Argon2id PHC string.
    pub async fn hash(&self, _password: Secret<String>, _salt: [u8; 16]) -> Result<String, Busy> {
        unimplemented!("lands next")
    }
}
