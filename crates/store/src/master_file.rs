//! Master keys as text and as files.
//!
//! A line is a key. The first one is the current one: data keys are sealed under it. Those below it only open what they sealed, until
//! it is sealed anew; so a key is replaced without a moment in which nobody can read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use doorward_jose::{Random, Secret};

use crate::{MasterKey, seal::KEY};

/// Longest text that is read or written, in bytes: some ninety keys.
const MAX_TEXT: usize = 4096;

/// Bytes in the name of a file that is not finished.
const UNFINISHED: usize = 8;

/// Why a master key cannot be had, or a sealed value not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key's text is neither 44 characters of base64 nor 64 hexadecimal digits.
    #[error(
        "a master key is 32 bytes, written as 44 characters of base64 or 64 hexadecimal digits; several stand in a line each"
    )]
    Malformed,
    /// Two of several keys are the same, or cannot be told apart.
    #[error("two of the master keys have the id {0}; leave one out, or make another")]
    Alike(u8),
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
    /// The file has more than is read of one, or would have.
    #[error("{path} may have {MAX_TEXT} bytes and no more; lines at its end that nothing needs can be left out", path = path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Another key than the one that is to stay is the first of the file.
    #[error("the first key of {path} has the id {first}, and the one in use {kept}; nothing was left out", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The id of its first key.
        first: u8,
        /// The id of the one in use.
        kept: u8,
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

impl MasterKey {
    /// From text, as it stands in a file, an environment variable or a systemd credential: a key a line, the current one first; white
    /// space around it does not matter.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::Alike`].
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let keys = lines(text).map(bytes).collect::<Result<Vec<_>, _>>()?;
        let all = Self::from_keys(&keys).ok_or(SealError::Malformed)?;
        let roots = all.roots();
        for (at, root) in roots.iter().enumerate() {
            if roots.iter().skip(at + 1).any(|other| other.id() == root.id()) {
                return Err(SealError::Alike(root.id()));
            }
        }
        Ok(all)
    }

    /// From a file that only its owner may read.
    ///
    /// # Errors
    /// [`SealError::File`], [`SealError::Readable`], [`SealError::TooLong`], [`SealError::Malformed`].
    pub fn read(path: &Path) -> Result<Self, SealError> {
        Self::parse(text_of(path)?.expose())
    }

    /// Reads the file, or creates it with a fresh key, mode 0600, synced to disk: a key that a crash could take away
    /// would take everything sealed under it along.
    ///
    /// # Errors
    /// As [`MasterKey::read`].
    pub fn read_or_create(path: &Path, random: &dyn Random) -> Result<Self, SealError> {
        match create(path, random) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(file_error(path, &error)),
            _ => Self::read(path),
        }
    }

    /// Puts a fresh key in front of those of the file, and gives all of them. Durable before it returns, and whoever reads meanwhile
    /// reads the one or the other.
    ///
    /// # Errors
    /// As [`MasterKey::read`]; [`SealError::TooLong`] too when there is no room for another line. Then the file is as it was.
    pub fn renew_file(path: &Path, random: &dyn Random) -> Result<Self, SealError> {
        let before = text_of(path)?;
        loop {
            let text = Secret::new(format!("{}\n{}", fresh(random).expose(), before.expose().trim()));
            if text.expose().len() >= MAX_TEXT {
                return Err(too_long(path));
            }
            match Self::parse(text.expose()) {
                // One byte of id: once in a while it is taken.
                Err(SealError::Alike(_)) => {}
                Err(error) => return Err(error),
                Ok(all) => {
                    replace(path, text.expose(), random).map_err(|error| file_error(path, &error))?;
                    return Ok(all);
                }
            }
        }
    }

    /// Leaves only the current key in the file, which is the one with the id `kept`, and gives it.
    ///
    /// # Errors
    /// As [`MasterKey::read`]; [`SealError::Changed`] when the file begins with another key.
    pub fn forget_older(path: &Path, kept: u8, random: &dyn Random) -> Result<Self, SealError> {
        let before = text_of(path)?;
        let current = lines(before.expose()).next().ok_or(SealError::Malformed)?;
        let only = Self::parse(current)?;
        if only.id() != kept {
            return Err(SealError::Changed {
                path: path.to_owned(),
                first: only.id(),
                kept,
            });
        }
        replace(path, current, random).map_err(|error| file_error(path, &error))?;
        Ok(only)
    }

    /// Removes what a change of the file left beside it when the power went: it holds keys, forgotten ones perhaps. Only for
    /// whoever alone changes the file.
    ///
    /// # Errors
    /// [`SealError::File`].
    pub fn remove_leftovers(path: &Path) -> Result<(), SealError> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).map_err(|error| file_error(path, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| file_error(path, &error))?;
            if is_leftover(path, &entry.file_name()) {
                std::fs::remove_file(entry.path()).map_err(|error| file_error(&entry.path(), &error))?;
            }
        }
        Ok(())
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn bytes(line: &str) -> Result<Secret<[u8; KEY]>, SealError> {
    let decoded = match line.len() {
        44 => BASE64.decode(line.as_bytes()),
        64 => HEXLOWER_PERMISSIVE.decode(line.as_bytes()),
        _ => return Err(SealError::Malformed),
    };
    let decoded = Secret::new(decoded.map_err(|_| SealError::Malformed)?);
    <[u8; KEY]>::try_from(decoded.expose().as_slice())
        .map(Secret::new)
        .map_err(|_| SealError::Malformed)
}

/// The text of a file that only its owner may read.
fn text_of(path: &Path) -> Result<Secret<String>, SealError> {
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
    // One more than may be there shows that there is more.
    Read::take(file, MAX_TEXT as u64 + 1)
        .read_to_string(&mut content)
        .map_err(failed)?;
    let content = Secret::new(content);
    if content.expose().len() > MAX_TEXT {
        return Err(too_long(path));
    }
    Ok(content)
}

fn fresh(random: &dyn Random) -> Secret<String> {
    let mut bytes = [0; KEY];
    random.fill(&mut bytes);
    let bytes = Secret::new(bytes);
    Secret::new(BASE64.encode(bytes.expose()))
}

// Under its name only when it is complete and synced: a crash in between must not leave an empty file there.
fn create(path: &Path, random: &dyn Random) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let unfinished = write_beside(path, fresh(random).expose(), random)?;
    // Unlike a rename, a link never replaces a key that another process has put there meanwhile.
    match std::fs::hard_link(&unfinished.0, path) {
        // A file system without links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => std::fs::rename(&unfinished.0, path)?,
        linked => linked?,
    }
    sync_folder(path)
}

fn replace(path: &Path, text: &str, random: &dyn Random) -> io::Result<()> {
    let unfinished = write_beside(path, text, random)?;
    std::fs::rename(&unfinished.0, path)?;
    sync_folder(path)
}

/// A file with keys that has not its name yet, or has another by now: gone when this is dropped.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Usually it was renamed. What stays is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Whether a file beside the path is one that was never finished.
fn is_leftover(path: &Path, name: &std::ffi::OsStr) -> bool {
    let own = path.file_name().and_then(|own| own.to_str());
    let rest = own.and_then(|own| name.to_str()?.strip_prefix(own)?.strip_prefix('.'));
    rest.is_some_and(|rest| {
        rest.len() == 2 * UNFINISHED && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Writes and syncs the text in a file of its own beside the path.
fn write_beside(path: &Path, text: &str, random: &dyn Random) -> io::Result<Unfinished> {
    let mut name = [0; UNFINISHED];
    random.fill(&mut name);
    let mut unfinished = path.to_owned().into_os_string();
    unfinished.push(format!(".{}", HEXLOWER_PERMISSIVE.encode(&name)));
    let path = PathBuf::from(unfinished);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    let unfinished = Unfinished(path);
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    Ok(unfinished)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

fn too_long(path: &Path) -> SealError {
    SealError::TooLong { path: path.to_owned() }
}

fn file_error(path: &Path, error: &io::Error) -> SealError {
    SealError::File {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}
