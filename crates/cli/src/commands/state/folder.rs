//! Files of the state in a directory.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// All files together, in bytes: what the server takes.
const MOST: usize = 15 * 1024 * 1024;

pub(super) struct Folder<'a>(pub(super) &'a Path);

impl Folder<'_> {
    /// Every `NAME.toml` and `FOLDER/NAME.toml`; hidden files and others are somebody else's.
    pub(super) fn read(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut files = BTreeMap::new();
        let mut bytes = 0;
        for entry in self.entries(self.0)? {
            let (name, path) = entry;
            if path.is_dir() {
                for (inner, path) in self.entries(&path)? {
                    if is_toml(&inner) && path.is_file() {
                        bytes += self.add(&mut files, format!("{name}/{inner}"), &path)?;
                    }
                }
            } else if is_toml(&name) {
                bytes += self.add(&mut files, name, &path)?;
            }
        }
        if bytes > MOST {
            return Err(Failure::usage(format!(
                "{}: expected at most {MOST} bytes in all files, found {bytes}",
                self.0.display()
            )));
        }
        Ok(files)
    }

    /// The same; nothing for a directory that is not there yet.
    pub(super) fn read_if_there(&self) -> Result<BTreeMap<String, String>, Failure> {
        if self.0.exists() {
            self.read()
        } else {
            Ok(BTreeMap::new())
        }
    }

    fn entries(&self, dir: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
        let wrong = |error| self.wrong("cannot read", dir, &error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                entries.push((name, entry.path()));
            }
        }
        Ok(entries)
    }

    fn add(&self, files: &mut BTreeMap<String, String>, name: String, path: &Path) -> Result<usize, Failure> {
        let text = fs::read_to_string(path).map_err(|error| self.wrong("cannot read", path, &error))?;
        let bytes = text.len();
        files.insert(name, text);
        Ok(bytes)
    }

    /// Writes one file, whole or not at all.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let mut file = self.begin(name)?;
        file.append(text)?;
        file.finish()
    }

    /// Begins a file that takes its place once it is finished.
    pub(super) fn begin(&self, name: &str) -> Result<Begun, Failure> {
        // Whatever a server answers, nothing is written elsewhere.
        let is_ours = name.split('/').count() <= 2
            && is_toml(name)
            && name.split('/').all(|part| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            });
        if !is_ours {
            return Err(Failure::not_doorward(format!("the server names a file {name:?}")));
        }
        let path = self.0.join(name);
        let begun = path.with_extension("toml.new");
        let parent = path.parent().unwrap_or(self.0);
        fs::create_dir_all(parent).map_err(|error| self.wrong("cannot make", parent, &error))?;
        // People are nobody else's to read. What an interrupted run left goes, and a link at its place is not followed.
        let mode = if name == super::PEOPLE { 0o600 } else { 0o666 };
        let file = gone(&begun)
            .and_then(|()| OpenOptions::new().write(true).create_new(true).mode(mode).open(&begun))
            .map_err(|error| self.wrong("cannot write", &begun, &error))?;
        Ok(Begun {
            file,
            unfinished: begun,
            path,
        })
    }

    fn wrong(&self, what: &str, path: &Path, error: &std::io::Error) -> Failure {
        let text = format!("{what} {}: {error}", path.display());
        if error.kind() == ErrorKind::NotFound {
            Failure::usage_with(text, format!("doorward export {}", self.0.display()))
        } else {
            Failure::usage(text)
        }
    }
}

fn gone(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_toml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "toml")
}

/// A file that is being written.
pub(super) struct Begun {
    file: File,
    unfinished: PathBuf,
    path: PathBuf,
}

impl Begun {
    pub(super) fn append(&mut self, text: &str) -> Result<(), Failure> {
        self.file.write_all(text.as_bytes()).map_err(|error| self.wrong(&error))
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        self.file
            .sync_all()
            .and_then(|()| fs::rename(&self.unfinished, &self.path))
            .map_err(|error| self.wrong(&error))
    }

    fn wrong(&self, error: &std::io::Error) -> Failure {
        Failure::usage(format!("cannot write {}: {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn people_are_for_their_owner_to_read_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        symlink(&elsewhere, dir.path().join("people.toml.new")).unwrap();
        fs::write(dir.path().join("people.toml"), "old").unwrap();
        Folder(dir.path()).write("people.toml", "new").unwrap();
        let written = dir.path().join("people.toml");
        assert_eq!(fs::read_to_string(&written).unwrap(), "new");
        assert_eq!(fs::metadata(&written).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!elsewhere.exists());
    }
}
