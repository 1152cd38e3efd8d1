//! The list of common passwords that the configuration names.

use std::path::Path;

use anyhow::{Context, Result, bail};
use doorward_directory::CommonPasswords;

/// Ours, or the one in the file.
pub(crate) fn common(file: Option<&Path>) -> Result<CommonPasswords> {
    let Some(file) = file else {
        return Ok(CommonPasswords::default());
    };
    let said = || format!("passwords.common: {}", file.display());
    let bytes = std::fs::metadata(file).with_context(said)?.len();
    if bytes > CommonPasswords::MOST_BYTES as u64 {
        bail!(
            "{}: expected at most {} bytes, found {bytes}",
            said(),
            CommonPasswords::MOST_BYTES
        );
    }
    let text = std::fs::read_to_string(file).with_context(said)?;
    CommonPasswords::from_text(&text).with_context(|| format!("{}: expected one password a line, found none", said()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_cannot_be_one_is_an_error_that_names_the_setting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("common.txt");
        let said = |file: &Path| format!("{:#}", common(Some(file)).unwrap_err());
        assert!(said(&file).starts_with("passwords.common: "), "{}", said(&file));
        std::fs::write(&file, "# nothing yet\n").unwrap();
        assert!(said(&file).contains("found none"), "{}", said(&file));
        std::fs::write(&file, [0xff]).unwrap();
        assert!(said(&file).contains("UTF-8"), "{}", said(&file));
        std::fs::write(&file, "acme2026\n").unwrap();
        common(Some(&file)).unwrap();
    }
}
