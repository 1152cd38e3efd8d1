//! The master key: what seals secrets that must be read again (signing keys, client secrets for showing), and what keys the
//! hashes of secrets that are only compared.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use doorward_jose::{Random, Secret};

/// Bytes of a master key.
const KEY: usize = 32;
/// Format 1: this byte, the key's id, 12 bytes of nonce, ciphertext, 16 bytes of tag.
const FORMAT: u8 = 1;
const HEADER: usize = 2 + NONCE_LEN;

/// Why a master key cannot be had, or a sealed value not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key's text is neither 44 characters of base64 nor 64 hexadecimal digits.
    #[error("a master key is 32 bytes, written as 44 characters of base64 or 64 hexadecimal digits")]
    Malformed,
    /// Others than its owner may read the file.
    #[error("{path} may be read by others (mode {mode:o}); run: chmod 600 {path}", path = path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or written.
    #[error("{path}: {cause}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The value was sealed under another master key.
    #[error("this value was sealed under the master key with id {sealed}; the one in use has id {own}")]
    OtherKey {
        /// The id in the value.
        sealed: u8,
        /// The id of this key.
        own: u8,
    },
    /// The value is damaged, or belongs to something else.
    #[error("a sealed value is damaged, or stands where it does not belong")]
    Damaged,
}

/// The key under which the database's secrets are sealed. Cannot be printed.
pub struct MasterKey {
    id: u8,
    sealing: LessSafeKey,
    hashing: hmac::Key,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey(id {})", self.id)
    }
}

impl MasterKey {
    /// From its bytes.
    #[expect(clippy::expect_used, reason = "HKDF gives 32 bytes, and AES-256 takes any 32 bytes")]
    pub fn from_bytes(bytes: &Secret<[u8; KEY]>) -> Self {
        let derive = |purpose: &str| {
            let mut derived = [0; KEY];
            Salt::new(HKDF_SHA256, b"doorward master key")
                .extract(bytes.expose())
                .expand(&[purpose.as_bytes()], Length)
                .and_then(|okm| okm.fill(&mut derived))
                .expect("32 bytes are no more than HKDF gives");
            Secret::new(derived)
        };
        let sealing = UnboundKey::new(&AES_256_GCM, derive("seal").expose()).expect("32 bytes are an AES-256 key");
        Self {
            id: derive("id").expose().first().copied().unwrap_or_default(),
            sealing: LessSafeKey::new(sealing),
            hashing: hmac::Key::new(hmac::HMAC_SHA256, derive("keyed hash").expose()),
        }
    }

    /// From text, as it stands in a file, an environment variable or a systemd credential; white space around it does
    /// not matter.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let decoded = match text.len() {
            44 => BASE64.decode(text.as_bytes()),
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            _ => return Err(SealError::Malformed),
        };
        let decoded = Secret::new(decoded.map_err(|_| SealError::Malformed)?);
        let bytes = <[u8; KEY]>::try_from(decoded.expose().as_slice()).map_err(|_| SealError::Malformed)?;
        Ok(Self::from_bytes(&Secret::new(bytes)))
    }

    /// From a file that only its owner may read.
    ///
    /// # Errors
    /// [`SealError::File`], [`SealError::Readable`], [`SealError::Malformed`].
    pub fn read(path: &Path) -> Result<Self, SealError> {
        let failed = |error: io::Error| file_error(path, &error);
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SealError::Readable {
                path: path.to_owned(),
                mode,
            });
        }
        let mut content = String::new();
        Read::take(file, 1024).read_to_string(&mut content).map_err(failed)?;
        Self::parse(Secret::new(content).expose())
    }

    /// Reads the file, or creates it with a fresh key, mode 0600, synced to disk: a key that a crash could take away
    /// would take everything sealed under it along.
    ///
    /// # Errors
    /// As [`MasterKey::read`].
    pub fn read_or_create(path: &Path, random: &dyn Random) -> Result<Self, SealError> {
        match Self::create(path, random) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::read(path),
            Err(error) => Err(file_error(path, &error)),
            Ok(key) => Ok(key),
        }
    }

    // Under its name only when it is complete and synced: a crash in between must not leave an empty file there.
    fn create(path: &Path, random: &dyn Random) -> io::Result<Self> {
        if path.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut bytes = [0; KEY];
        random.fill(&mut bytes);
        let bytes = Secret::new(bytes);
        let text = Secret::new(BASE64.encode(bytes.expose()) + "\n");
        let mut unfinished = path.to_owned().into_os_string();
        let mut name = [0; 8];
        random.fill(&mut name);
        unfinished.push(format!(".{}", HEXLOWER_PERMISSIVE.encode(&name)));
        let unfinished = PathBuf::from(unfinished);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(text.expose().as_bytes())?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces a key that another process has put there meanwhile.
        match std::fs::hard_link(&unfinished, path) {
            // A file system without links.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => std::fs::rename(&unfinished, path)?,
            linked => {
                std::fs::remove_file(&unfinished)?;
                linked?;
            }
        }
        if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(directory)?.sync_all()?;
        }
        Ok(Self::from_bytes(&bytes))
    }

    /// Tells keys apart in messages; derived from the key and no secret.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// Seals a value with AES-256-GCM. `aad` says where it belongs (table, row, column): it opens nowhere else.
    #[expect(clippy::expect_used, reason = "fails beyond 64 GiB only")]
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut body = plain.to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body)
            .expect("a value that fits into memory can be sealed");
        let mut sealed = Vec::with_capacity(HEADER + body.len());
        sealed.extend_from_slice(&[FORMAT, self.id]);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        sealed
    }

    /// Opens what [`MasterKey::seal`] sealed with the same `aad`.
    ///
    /// # Errors
    /// [`SealError::OtherKey`], [`SealError::Damaged`].
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        let ([FORMAT, key], rest) = sealed.split_first_chunk::<2>().ok_or(SealError::Damaged)? else {
            return Err(SealError::Damaged);
        };
        if *key != self.id {
            return Err(SealError::OtherKey {
                sealed: *key,
                own: self.id,
            });
        }
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Damaged)?;
        let mut body = body.to_vec();
        let length = self
            .sealing
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut body)
            .map_err(|_| SealError::Damaged)?
            .len();
        body.truncate(length);
        Ok(Secret::new(body))
    }

    /// HMAC-SHA-256 under a key derived from the master key: for secrets with 256 random bits, which need no slow hash.
    /// Values of different purposes never match. `purpose` must not hold a zero byte.
    pub fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.hashing);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(bytes);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        KEY
    }
}

fn file_error(path: &Path, error: &io::Error) -> SealError {
    SealError::File {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}
