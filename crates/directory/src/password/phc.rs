//! A stored password: an Argon2 hash as a PHC string, or one of PBKDF2 that came from another provider.

use std::num::NonZeroU32;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::pbkdf2;
use doorward_store::StoreError;
use subtle::ConstantTimeEq;

use crate::foreign::Pbkdf2;

/// 19 MiB, two passes, one lane: the first recommendation of OWASP for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;

/// What a stored hash may ask of this server; a row that asks for more is damaged or hostile.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
const MOST_PASSES: u32 = 32;
const MOST_LANES: u32 = 16;
/// Half a second of a core and more: others recommend 1.3 million of SHA-1 (OWASP).
const MOST_ITERATIONS: u32 = 2_000_000;

/// Everything needed to compute one hash again.
#[derive(Debug, Clone)]
pub(crate) struct Phc {
    function: Function,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Function {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
    },
    /// RFC 8018 §5.2: only ever verified, and replaced at the first login.
    Pbkdf2 { digest: Pbkdf2, iterations: NonZeroU32 },
}

/// The names of PBKDF2 in a PHC string.
fn pbkdf2_digest(name: &str) -> Option<Pbkdf2> {
    match name {
        "pbkdf2" | "pbkdf2-sha1" => Some(Pbkdf2::Sha1),
        "pbkdf2-sha256" => Some(Pbkdf2::Sha256),
        "pbkdf2-sha512" => Some(Pbkdf2::Sha512),
        _ => None,
    }
}

impl Phc {
    /// A hash to be computed for a new password.
    pub(crate) fn fresh(salt: [u8; 16]) -> Self {
        Self {
            function: Function::Argon2 {
                algorithm: Algorithm::Argon2id,
                version: Version::V0x13,
                params: preferred(),
            },
            salt: salt.to_vec(),
            hash: vec![0; OUTPUT_BYTES],
        }
    }

    /// Stands in for the hash of a user who has none: costs the same, matches nothing.
    pub(crate) fn stand_in() -> Self {
        Self::fresh(*b"nobody's own one")
    }

    /// Reads a stored PHC string and refuses parameters beyond this server's bounds.
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let damaged = |what: String| StoreError::Damaged(format!("a password hash: {what}"));
        let parsed = PasswordHash::new(text).map_err(|e| damaged(e.to_string()))?;
        let function = if let Some(digest) = pbkdf2_digest(parsed.algorithm.as_str()) {
            Function::Pbkdf2 {
                digest,
                iterations: parsed
                    .params
                    .get_decimal("i")
                    .filter(|iterations| *iterations <= MOST_ITERATIONS)
                    .and_then(NonZeroU32::new)
                    .ok_or_else(|| damaged(format!("expected i=1 to i={MOST_ITERATIONS}")))?,
            }
        } else {
            let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(|e| damaged(e.to_string()))?;
            let version = match parsed.version {
                Some(version) => Version::try_from(version).map_err(|e| damaged(e.to_string()))?,
                None => Version::V0x10,
            };
            let params = Params::try_from(&parsed).map_err(|e| damaged(e.to_string()))?;
            if params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES || params.p_cost() > MOST_LANES {
                return Err(damaged("its parameters are beyond bounds".to_owned()));
            }
            Function::Argon2 {
                algorithm,
                version,
                params,
            }
        };
        match (parsed.salt, parsed.hash) {
            (Some(salt), Some(hash)) => Ok(Self {
                function,
                salt: salt.to_vec(),
                hash: hash.as_bytes().to_vec(),
            }),
            _ => Err(damaged("salt or hash is missing".to_owned())),
        }
    }

    /// Blocks of memory one run needs.
    pub(crate) fn blocks(&self) -> usize {
        match &self.function {
            Function::Argon2 { params, .. } => params.block_count(),
            Function::Pbkdf2 { .. } => 0,
        }
    }

    /// Whether a run costs more than a hash of somebody else may: 64 MiB times four passes, four lanes, or HMACs that take
    /// some half a second of a core.
    pub(crate) fn is_dear(&self) -> bool {
        match &self.function {
            Function::Argon2 { params, .. } => {
                let cost = u64::from(params.m_cost()) * u64::from(params.t_cost());
                params.m_cost() > 64 * 1024 || cost > 4 * 64 * 1024 || params.p_cost() > 4
            }
            Function::Pbkdf2 { digest, iterations } => {
                // SHA-512 takes twice as long as the others.
                let (bytes, weight) = match digest {
                    Pbkdf2::Sha1 => (20, 1),
                    Pbkdf2::Sha256 => (32, 1),
                    Pbkdf2::Sha512 => (64, 2),
                };
                let blocks = u64::try_from(self.hash.len().div_ceil(bytes)).unwrap_or(u64::MAX);
                blocks.saturating_mul(weight).saturating_mul(iterations.get().into()) > 2_000_000
            }
        }
    }

    /// Blocks of a run with the preferred parameters.
    pub(crate) fn preferred_blocks() -> usize {
        preferred().block_count()
    }

    /// Whether the hash was made with other parameters than a new one would be.
    pub(crate) fn is_outdated(&self) -> bool {
        let preferred = preferred();
        match &self.function {
            Function::Argon2 {
                algorithm,
                version,
                params,
            } => {
                *algorithm != Algorithm::Argon2id
                    || *version != Version::V0x13
                    || (params.m_cost(), params.t_cost(), params.p_cost())
                        != (preferred.m_cost(), preferred.t_cost(), preferred.p_cost())
            }
            Function::Pbkdf2 { .. } => true,
        }
    }

    /// One run: whether this is the password.
    pub(crate) fn matches(&self, password: &[u8], memory: &mut [Block]) -> Result<bool, argon2::Error> {
        if let Function::Pbkdf2 { digest, iterations } = self.function {
            let digest = match digest {
                Pbkdf2::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
                Pbkdf2::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
                Pbkdf2::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            };
            return Ok(pbkdf2::verify(digest, iterations, &self.salt, password, &self.hash).is_ok());
        }
        Ok(self.run(password, memory)?.as_slice().ct_eq(&self.hash).into())
    }

    /// One run: the PHC string to store.
    pub(crate) fn compute(&self, password: &[u8], memory: &mut [Block]) -> Result<String, argon2::Error> {
        let Function::Argon2 {
            algorithm,
            version,
            params,
        } = &self.function
        else {
            return Err(argon2::Error::AlgorithmInvalid);
        };
        let hash = self.run(password, memory)?;
        let encoded = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some((*version).into()),
            params: ParamsString::try_from(params).map_err(|_| argon2::Error::MemoryTooLittle)?,
            salt: Some(Salt::new(&self.salt).map_err(|_| argon2::Error::SaltTooShort)?),
            hash: Some(Output::new(&hash).map_err(|_| argon2::Error::OutputTooShort)?),
        };
        Ok(encoded.to_string())
    }

    fn run(&self, password: &[u8], memory: &mut [Block]) -> Result<Vec<u8>, argon2::Error> {
        let Function::Argon2 {
            algorithm,
            version,
            params,
        } = &self.function
        else {
            return Err(argon2::Error::AlgorithmInvalid);
        };
        let mut out = vec![0; self.hash.len()];
        Argon2::new(*algorithm, *version, params.clone())
            .hash_password_into_with_memory(password, &self.salt, &mut out, memory)?;
        Ok(out)
    }
}

fn preferred() -> Params {
    // Constants within the bounds of the crate; its own default has the same values.
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(phc: &Phc) -> Vec<Block> {
        vec![Block::new(); phc.blocks()]
    }

    #[test]
    fn what_is_computed_is_a_phc_string_that_matches_again() {
        let fresh = Phc::fresh([7; 16]);
        let mut memory = memory(&fresh);
        let text = fresh.compute(b"correct horse", &mut memory).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        let stored = Phc::parse(&text).unwrap();
        assert!(!stored.is_outdated());
        assert!(stored.matches(b"correct horse", &mut memory).unwrap());
        assert!(!stored.matches(b"correct horsf", &mut memory).unwrap());
        assert!(!Phc::stand_in().matches(b"correct horse", &mut memory).unwrap());
    }

    #[test]
    fn a_hash_of_the_reference_implementation_matches_and_counts_as_outdated() {
        // The example of the reference implementation: `argon2 somesalt -t 2 -m 16 -p 4 -l 24`.
        let stored = Phc::parse("$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG").unwrap();
        let mut memory = memory(&stored);
        assert!(stored.matches(b"password", &mut memory).unwrap());
        assert!(stored.is_outdated());
    }

    #[test]
    fn a_damaged_or_excessive_hash_is_refused() {
        for text in [
            "",
            "plain",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            "$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$argon2id$v=19$m=19456,t=200,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$pbkdf2-sha256$i=0$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$pbkdf2-sha256$i=2000001$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$pbkdf2-sha256$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$pbkdf2-md5$i=1000$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "$bcrypt$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
        ] {
            assert!(Phc::parse(text).is_err(), "{text:?}");
        }
    }

    /// The fifth vector of RFC 6070, and two that Python's `hashlib` computed.
    #[test]
    fn hashes_of_pbkdf2_match_what_others_computed_and_count_as_outdated() {
        for (text, password) in [
            (
                "$pbkdf2$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA",
                "passwordPASSWORDpassword",
            ),
            (
                "$pbkdf2-sha256$i=80000$c29kaXVtY2hsb3JpZGU$VVJKkJkGoccqEofa0suczXfzq0u8sRjsVDboYoHpNEk",
                "Password",
            ),
            (
                "$pbkdf2-sha512$i=1000$c29kaXVtY2hsb3JpZGU$JxCqaCPxuTgQXuuM14REhlOi4TO/oRzBYcLFXR8exNvYJ/V+V7xZp7OAlIlJ7q\
                 FaODFHgMeCWLmmWTAULHOPyg",
                "correct horse",
            ),
        ] {
            let stored = Phc::parse(text).unwrap();
            assert!(stored.is_outdated() && stored.blocks() == 0);
            assert!(stored.matches(password.as_bytes(), &mut []).unwrap(), "{text}");
            assert!(!stored.matches(b"Passwore", &mut []).unwrap());
            assert!(stored.compute(b"x", &mut []).is_err(), "nothing new is hashed so");
        }
    }
}
