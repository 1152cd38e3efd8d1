//! The bare cost of a signature on this machine: what no provider can be faster than.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256},
};

/// Signatures per second of one core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) es256: f64,
    pub(crate) rs256: f64,
}

/// Measures both for half a second each.
pub(crate) fn measure() -> Result<Limits> {
    let random = SystemRandom::new();
    let message = [0x5a_u8; 600];
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).context("P-256 key")?;
    let rsa = KeyPair::generate(KeySize::Rsa2048).context("RSA key")?;
    let mut signature = vec![0; rsa.public_modulus_len()];
    Ok(Limits {
        es256: rate(|| ec.sign(&random, &message).map(|_| ()).is_ok()),
        rs256: rate(|| rsa.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).is_ok()),
    })
}

fn rate(mut sign: impl FnMut() -> bool) -> f64 {
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < Duration::from_millis(500) {
        if !sign() {
            return 0.0;
        }
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}
