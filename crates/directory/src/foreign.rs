//! What people bring from another directory: the password hashes and the one-time code secrets that were made there.

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use doorward_jose::Secret;
use doorward_store::StoreError;

use crate::{NewUser, factors::TotpForm, password::Phc};

/// The hash of a password that another provider made: verified at the first login here, and replaced by one of ours then.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignHash(pub(crate) String);

impl std::fmt::Debug for ForeignHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForeignHash")
    }
}

/// What PBKDF2 is computed with (RFC 8018 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pbkdf2 {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// The parameters of an Argon2 hash (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Form<'a> {
    /// `argon2d`, `argon2i` or `argon2id`.
    pub variant: &'a str,
    /// 16 or 19.
    pub version: u32,
    /// KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl ForeignHash {
    /// A hash as a PHC string.
    ///
    /// # Errors
    /// Says why this server would not compute it: another function, or parameters beyond its bounds.
    pub fn phc(text: &str) -> Result<Self, String> {
        match Phc::parse(text) {
            // Whoever types the name presses the button, so what it costs is bounded here, more tightly than for rows.
            Ok(phc) if phc.is_dear() => {
                Err("its hash costs more than this server computes for one password".to_owned())
            }
            Ok(_) => Ok(Self(text.to_owned())),
            Err(StoreError::Damaged(why)) => Err(why),
            Err(other) => Err(other.to_string()),
        }
    }

    /// One of PBKDF2.
    ///
    /// # Errors
    /// As [`ForeignHash::phc`].
    pub fn pbkdf2(digest: Pbkdf2, iterations: u32, salt: &[u8], hash: &[u8]) -> Result<Self, String> {
        let name = match digest {
            Pbkdf2::Sha1 => "pbkdf2",
            Pbkdf2::Sha256 => "pbkdf2-sha256",
            Pbkdf2::Sha512 => "pbkdf2-sha512",
        };
        // Each block of the output is computed by itself (RFC 8018 §5.2): the first is as good a proof as all of them.
        let first = match digest {
            Pbkdf2::Sha1 => 20,
            Pbkdf2::Sha256 => 32,
            Pbkdf2::Sha512 => 64,
        };
        Self::of(
            name,
            None,
            &[("i", iterations)],
            salt,
            hash.get(..first).unwrap_or(hash),
        )
    }

    /// One of Argon2.
    ///
    /// # Errors
    /// As [`ForeignHash::phc`].
    pub fn argon2(form: Argon2Form<'_>, salt: &[u8], hash: &[u8]) -> Result<Self, String> {
        let params = [("m", form.memory), ("t", form.passes), ("p", form.lanes)];
        Self::of(form.variant, Some(form.version), &params, salt, hash)
    }

    fn of(name: &str, version: Option<u32>, params: &[(&str, u32)], salt: &[u8], hash: &[u8]) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| error.to_string();
        let mut text = ParamsString::new();
        for (name, value) in params {
            text.add_decimal(*name, *value).map_err(|error| wrong(&error))?;
        }
        let phc = PasswordHash {
            algorithm: Ident::new(name).map_err(|error| wrong(&error))?,
            version,
            params: text,
            salt: Some(Salt::new(salt).map_err(|error| wrong(&error))?),
            hash: Some(Output::new(hash).map_err(|error| wrong(&error))?),
        };
        Self::phc(&phc.to_string())
    }
}

/// The secret of an app that makes one-time codes, enrolled with another provider.
#[derive(Debug, Clone)]
pub struct ForeignTotp {
    /// The key itself.
    pub secret: Secret<Vec<u8>>,
    /// How codes are made from it.
    pub form: TotpForm,
}

/// A person who comes from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// As for a person who is added here; first groups by name.
    pub user: NewUser,
    /// They cannot log in until they are enabled.
    pub disabled: bool,
    /// Their password there.
    pub password: Option<ForeignHash>,
    /// Their app for one-time codes there.
    pub totp: Option<ForeignTotp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_others_are_phc_strings_within_bounds() {
        let hash = ForeignHash::pbkdf2(Pbkdf2::Sha512, 210_000, b"0123456789abcdef", &[7; 64]).unwrap();
        assert!(hash.0.starts_with("$pbkdf2-sha512$i=210000$"), "{}", hash.0);
        let form = Argon2Form {
            variant: "argon2id",
            version: 19,
            memory: 7168,
            passes: 5,
            lanes: 1,
        };
        let hash = ForeignHash::argon2(form, b"0123456789abcdef", &[7; 32]).unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{}", hash.0);
        for wrong in [
            ForeignHash::pbkdf2(Pbkdf2::Sha1, 0, b"0123456789abcdef", &[7; 20]),
            ForeignHash::pbkdf2(Pbkdf2::Sha1, 100_000_000, b"0123456789abcdef", &[7; 20]),
            ForeignHash::pbkdf2(Pbkdf2::Sha1, 1000, b"short", &[7; 20]),
            ForeignHash::argon2(
                Argon2Form {
                    memory: 4 * 1024 * 1024,
                    ..form
                },
                b"0123456789abcdef",
                &[7; 32],
            ),
            ForeignHash::argon2(
                Argon2Form {
                    variant: "scrypt",
                    ..form
                },
                b"0123456789abcdef",
                &[7; 32],
            ),
            ForeignHash::phc("$2b$12$abcdefghijklmnopqrstuv"),
            ForeignHash::argon2(
                Argon2Form {
                    memory: 131_072,
                    ..form
                },
                b"0123456789abcdef",
                &[7; 32],
            ),
            ForeignHash::argon2(
                Argon2Form {
                    passes: 32,
                    memory: 65_536,
                    ..form
                },
                b"0123456789abcdef",
                &[7; 32],
            ),
            ForeignHash::argon2(Argon2Form { lanes: 8, ..form }, b"0123456789abcdef", &[7; 32]),
        ] {
            assert!(wrong.is_err(), "{wrong:?}");
        }
    }
}
