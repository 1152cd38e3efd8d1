//! Presets of the installation: a directory of files beside those that are built in.

use std::path::Path;

use super::{Preset, PresetError, Presets, catalogue};

/// Largest preset file that is read, in bytes. The largest that is built in has a tenth of it.
pub(super) const MAX_BYTES: u64 = 128 * 1024;
/// Most files of one directory.
const MAX_FILES: usize = 1_000;

/// Reads every `*.toml` of a directory and adds it to what [`super::presets`] answers; gives their ids. To be called once,
/// before anything asks for presets.
///
/// # Errors
/// The first file that cannot be used: with one bad file nothing is added.
pub fn add_own_presets(directory: &Path) -> Result<Vec<String>, PresetError> {
    let mut all = Presets::built_in();
    let ids = all.read_directory(directory)?;
    if catalogue::fix(all) {
        Ok(ids)
    } else {
        Err(problem(
            directory,
            "presets were asked for before the directory was read",
        ))
    }
}

impl Presets {
    /// Adds every `*.toml` of a directory, in the order of their names; gives their ids.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn read_directory(&mut self, directory: &Path) -> Result<Vec<String>, PresetError> {
        let unreadable = |error: std::io::Error| problem(directory, &format!("cannot be read: {error}"));
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
        if files.len() > MAX_FILES {
            return Err(problem(directory, &format!("holds more than {MAX_FILES} presets")));
        }
        files.sort();
        let mut ids = Vec::new();
        for file in files {
            let preset = Preset::read(&file)?;
            ids.push(preset.id.clone());
            self.add(preset)?;
        }
        Ok(ids)
    }
}

impl Preset {
    /// Reads a file; its name without `.toml` is the preset's id.
    ///
    /// # Errors
    /// It cannot be read, or is no preset.
    pub fn read(file: &Path) -> Result<Self, PresetError> {
        use std::io::Read as _;

        let unreadable = |error: std::io::Error| problem(file, &format!("cannot be read: {error}"));
        let Some(id) = file.file_stem().and_then(|name| name.to_str()) else {
            return Err(problem(file, "expected a file name like netbox.toml"));
        };
        let mut text = String::new();
        let opened = std::fs::File::open(file).map_err(unreadable)?;
        opened
            .take(MAX_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
            return Err(problem(file, &format!("is larger than {MAX_BYTES} bytes")));
        }
        Self::parse(id, &text).map_err(|error| problem(file, &error.problem))
    }
}

fn problem(path: &Path, problem: &str) -> PresetError {
    PresetError {
        preset: path.display().to_string(),
        problem: problem.to_owned(),
    }
}
