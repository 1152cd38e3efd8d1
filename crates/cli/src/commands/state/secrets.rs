//! Secrets that files name and do not hold, read on the side of whoever applies them.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Component, Path},
};

use toml::{Table, Value};

use crate::failure::Failure;

/// Bytes of a secret at most.
const LONGEST: u64 = 64 * 1024;

/// The secrets that files name, by the path of the file. A file that cannot be read as TOML names none: the server says what is
/// wrong with it. Whoever may propose a file must not have anything of this machine sent away: secrets lie below the directory or
/// below the folder that whoever applies them names.
pub(super) fn of(
    dir: &Path,
    folder: Option<&Path>,
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut secrets = BTreeMap::new();
    for (path, text) in files {
        if !path.starts_with("applications/") && !path.starts_with("upstreams/") {
            continue;
        }
        let table: Table = text.parse().unwrap_or_default();
        let Some(Value::Table(reference)) = table.get("secret") else {
            continue;
        };
        let named = |kind: &str| reference.get(kind).and_then(Value::as_str);
        let secret = if let Some(file) = named("file") {
            Some(of_folder(path, dir, folder, file)?)
        } else if let Some(name) = named("env") {
            Some(of_environment(path, name)?)
        } else if let Some(name) = named("credential") {
            let given = env::var_os("CREDENTIALS_DIRECTORY")
                .ok_or_else(|| missing(path, "systemd gave no credentials: $CREDENTIALS_DIRECTORY is not set"))?;
            if name.contains('/') || name.starts_with('.') {
                return Err(missing(path, &format!("{name:?} is no name of a credential")));
            }
            Some(content(path, &Path::new(&given).join(name))?)
        } else {
            None
        };
        if let Some(secret) = secret {
            secrets.insert(path.clone(), secret.trim_end_matches(['\n', '\r']).to_owned());
        }
    }
    Ok(secrets)
}

/// A variable; those of Doorward itself hold its own token.
fn of_environment(path: &str, name: &str) -> Result<String, Failure> {
    if name.to_ascii_uppercase().starts_with("DOORWARD_") {
        return Err(Failure::usage_with(
            format!(
                "{path}: its secret is not read from {name:?}: variables that begin with DOORWARD_ are of Doorward itself"
            ),
            "give the secret in a variable of another name",
        ));
    }
    env::var(name).map_err(|_| missing(path, &format!("the variable {name:?} is not set")))
}

/// A file as seen from the directory, where it lies once links are followed.
fn of_folder(path: &str, dir: &Path, folder: Option<&Path>, file: &str) -> Result<String, Failure> {
    let wrong = |place: &Path, error: &std::io::Error| missing(path, &format!("{}: {error}", place.display()));
    let real = |place: &Path| fs::canonicalize(place).map_err(|error| wrong(place, &error));
    let outside = || {
        Failure::usage_with(
            format!(
                "{path}: its secret is not read from {file:?}: expected a file below {}",
                below(dir, folder)
            ),
            "name the folder that secrets are in: --secrets FOLDER",
        )
    };
    let climbs = !Path::new(file)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // Nothing is asked of places elsewhere, not even whether they are there.
    if climbs && folder.is_none() {
        return Err(outside());
    }
    let found = real(&dir.join(file))?;
    let is_in_dir = !climbs && found.starts_with(real(dir)?);
    let is_in_folder = match folder {
        Some(folder) => found.starts_with(real(folder)?),
        None => false,
    };
    if !is_in_dir && !is_in_folder {
        return Err(outside());
    }
    content(path, &found)
}

fn below(dir: &Path, folder: Option<&Path>) -> String {
    match folder {
        Some(folder) => format!("{} or {}", dir.display(), folder.display()),
        None => dir.display().to_string(),
    }
}

fn content(path: &str, file: &Path) -> Result<String, Failure> {
    let wrong = |error: &dyn std::fmt::Display| missing(path, &format!("{}: {error}", file.display()));
    let about = fs::metadata(file).map_err(|error| wrong(&error))?;
    if !about.is_file() {
        return Err(wrong(&"expected a file"));
    }
    if about.len() > LONGEST {
        return Err(wrong(&format!("expected a secret of at most {LONGEST} bytes")));
    }
    fs::read_to_string(file).map_err(|error| wrong(&error))
}

fn missing(path: &str, why: &str) -> Failure {
    Failure::usage_with(
        format!("{path}: its secret cannot be read: {why}"),
        "put it there, or leave `secret` out: then it keeps the one it has",
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn asked(dir: &Path, folder: Option<&Path>, reference: &str) -> Result<String, String> {
        let path = "upstreams/corp.toml".to_owned();
        let files = [(path.clone(), format!("secret = {reference}\n"))].into();
        of(dir, folder, &files)
            .map(|mut secrets| secrets.remove(&path).unwrap())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn secrets_lie_below_the_directory_or_below_the_folder_that_was_named() {
        let root = tempfile::tempdir().unwrap();
        let [dir, kept, other] = ["state", "kept", "other"].map(|name| root.path().join(name));
        for folder in [&dir, &kept, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("corp"), folder.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        symlink(other.join("corp"), dir.join("linked")).unwrap();
        assert_eq!(asked(&dir, None, "{ file = \"./corp\" }").unwrap(), "state");
        assert_eq!(asked(&dir, Some(&kept), "{ file = \"corp\" }").unwrap(), "state");
        assert_eq!(asked(&dir, Some(&kept), "{ file = \"../kept/corp\" }").unwrap(), "kept");
        let absolute = format!("{{ file = {:?} }}", kept.join("corp"));
        assert_eq!(asked(&dir, Some(&kept), &absolute).unwrap(), "kept");
        for (folder, reference) in [
            (None, "{ file = \"../kept/corp\" }"),
            (None, "{ file = \"../state/corp\" }"),
            (None, "{ file = \"/etc/hostname\" }"),
            (None, "{ file = \"linked\" }"),
            (None, absolute.as_str()),
            (Some(&*kept), "{ file = \"../other/corp\" }"),
            (Some(&*kept), "{ file = \"../kept/../other/corp\" }"),
            (Some(&*kept), "{ file = \"linked\" }"),
        ] {
            let refused = asked(&dir, folder, reference).unwrap_err();
            assert!(refused.contains("expected a file below"), "{reference}: {refused}");
        }
        assert!(
            asked(&dir, None, "{ file = \".\" }")
                .unwrap_err()
                .contains("expected a file")
        );
    }

    #[test]
    fn variables_of_doorward_itself_are_never_sent_as_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["DOORWARD_TOKEN", "doorward_token"] {
            let refused = asked(dir.path(), None, &format!("{{ env = \"{name}\" }}")).unwrap_err();
            assert!(refused.contains("begin with DOORWARD_"), "{refused}");
        }
        // Cargo sets it for every test.
        assert_eq!(
            asked(dir.path(), None, "{ env = \"CARGO_PKG_NAME\" }").unwrap(),
            "doorward-cli"
        );
    }
}
