//! Files of the state in a directory.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use doorward_api::{STATE_BYTES, STATE_FILES, STATE_FOLDERS, STATE_PEOPLE};

use super::schema::PLACE;
use crate::failure::Failure;

pub(super) struct Folder<'a>(pub(super) &'a Path);

/// What lies in a directory.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The files of the state.
    pub(super) files: BTreeMap<String, String>,
    /// Other files, which are somebody else's and were not read.
    pub(super) foreign: Vec<String>,
    bytes: usize,
}

impl Found {
    /// Refuses a directory with files that nothing here has a name for: a wrong name would be a file that nobody carries out.
    pub(super) fn must_be_known(&self) -> Result<(), Failure> {
        let Some(foreign) = self.foreign.first() else {
            return Ok(());
        };
        let folders = STATE_FOLDERS.map(|folder| format!("{folder}/NAME.toml"));
        let known: Vec<&str> = STATE_FILES
            .into_iter()
            .chain(folders.iter().map(String::as_str))
            .collect();
        Err(Failure::usage_with(
            format!("expected one of {}, found {foreign}", known.join(", ")),
            "correct its name, or keep it elsewhere; nothing was sent",
        ))
    }
}

/// Whether the server has a name for it.
fn is_known(name: &str) -> bool {
    match name.split_once('/') {
        Some((folder, file)) => STATE_FOLDERS.contains(&folder) && is_toml(file),
        None => STATE_FILES.contains(&name) || name == STATE_PEOPLE,
    }
}

impl Folder<'_> {
    /// Every file that the server has a name for; hidden files and those that are no TOML are somebody else's.
    pub(super) fn read(&self, with_people: bool) -> Result<Found, Failure> {
        let mut found = Found::default();
        for entry in self.entries(self.0)? {
            let (name, path) = entry;
            if path.is_dir() {
                for (inner, path) in self.entries(&path)? {
                    if is_toml(&inner) && path.is_file() {
                        self.add(&mut found, format!("{name}/{inner}"), &path)?;
                    }
                }
            } else if is_toml(&name) && (with_people || name != STATE_PEOPLE) {
                self.add(&mut found, name, &path)?;
            }
        }
        if found.bytes > STATE_BYTES {
            return Err(Failure::usage(format!(
                "{}: expected at most {STATE_BYTES} bytes in all files, found {}",
                self.0.display(),
                found.bytes
            )));
        }
        Ok(found)
    }

    /// The same without people; nothing for a directory that is not there yet.
    pub(super) fn read_if_there(&self) -> Result<Found, Failure> {
        if self.0.exists() {
            self.read(false)
        } else {
            Ok(Found::default())
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

    fn add(&self, found: &mut Found, name: String, path: &Path) -> Result<(), Failure> {
        if !is_known(&name) {
            found.foreign.push(name);
            return Ok(());
        }
        let text = fs::read_to_string(path).map_err(|error| self.wrong("cannot read", path, &error))?;
        found.bytes += text.len();
        found.files.insert(name, text);
        Ok(())
    }

    /// Writes the schema of one kind of file.
    pub(super) fn write_schema(&self, kind: &str, text: &str) -> Result<(), Failure> {
        let is_ours = STATE_FOLDERS.contains(&kind) || is_known(&format!("{kind}.toml"));
        if !is_ours {
            return Err(Failure::not_doorward(format!("the server has a schema of {kind:?}")));
        }
        let mut file = self.begin_at(&self.0.join(PLACE).join(format!("{kind}.json")), 0o666)?;
        file.append(text)?;
        file.finish()
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
        // People are nobody else's to read.
        let mode = if name == STATE_PEOPLE { 0o600 } else { 0o666 };
        self.begin_at(&self.0.join(name), mode)
    }

    fn begin_at(&self, path: &Path, mode: u32) -> Result<Begun, Failure> {
        let mut begun = path.as_os_str().to_owned();
        begun.push(".new");
        let begun = PathBuf::from(begun);
        let parent = path.parent().unwrap_or(self.0);
        fs::create_dir_all(parent).map_err(|error| self.wrong("cannot make", parent, &error))?;
        // What an interrupted run left goes, and a link at its place is not followed.
        let file = gone(&begun)
            .and_then(|()| OpenOptions::new().write(true).create_new(true).mode(mode).open(&begun))
            .map_err(|error| self.wrong("cannot write", &begun, &error))?;
        Ok(Begun {
            file,
            unfinished: begun,
            path: path.to_owned(),
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
