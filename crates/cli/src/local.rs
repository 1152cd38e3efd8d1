//! The server of this machine: which data directory is meant, and whether it may be trusted unasked.

use std::{
    fs::Metadata,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tokio::net::UnixStream;

use crate::failure::Failure;

const SOCKET: &str = "doorward.sock";

/// `DATA/doorward.sock`; without a named directory `./data` when a server of ours has been there, else `/var/lib/doorward`.
///
/// A directory that was named is taken as it is. `./data` is wherever somebody happens to stand, so another user's is
/// refused: whoever answers there receives everything that is typed, secrets included.
pub(crate) fn socket(data: Option<PathBuf>) -> Result<PathBuf, Failure> {
    if let Some(data) = data {
        return Ok(data.join(SOCKET));
    }
    let here = Path::new("data");
    if !["doorward.db", SOCKET]
        .iter()
        .any(|file| here.join(file).symlink_metadata().is_ok())
    {
        return Ok(Path::new("/var/lib/doorward").join(SOCKET));
    }
    trust(here, own_user()?)?;
    Ok(here.join(SOCKET))
}

/// The user that runs this, in the kernel's word for both ends of a pair.
fn own_user() -> Result<u32, Failure> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

/// Whether the directory, what it leads to and the socket in it are the user's own or root's, and nobody else can put
/// another socket there.
fn trust(directory: &Path, own: u32) -> Result<(), Failure> {
    let socket = directory.join(SOCKET);
    let looked = [
        (directory, directory.symlink_metadata()),
        (directory, directory.metadata()),
        (&socket, socket.symlink_metadata()),
    ];
    for (path, metadata) in looked {
        // What is not there answers nothing, and is reported when it is called.
        let Ok(metadata) = metadata else { continue };
        if let Some(why) = distrust(&metadata, own) {
            return Err(Failure::usage_with(
                format!("./{} {why}, so it is not used unasked", path.display()),
                "doorward --data ./data …, if that is the server you mean; for the system's own: doorward --data \
                 /var/lib/doorward …",
            ));
        }
    }
    Ok(())
}

fn distrust(metadata: &Metadata, own: u32) -> Option<String> {
    let owner = metadata.uid();
    if owner != own && owner != 0 {
        return Some(format!("belongs to the user {owner}, you are {own}"));
    }
    let mode = metadata.permissions().mode() & 0o777;
    (metadata.is_dir() && mode & 0o022 != 0).then(|| format!("can be written to by others (mode {mode:o})"))
}

#[cfg(test)]
mod tests {
    use std::{
        fs::Permissions,
        os::unix::{fs::symlink, net::UnixListener},
    };

    use super::*;

    fn said(outcome: Result<(), Failure>) -> String {
        outcome.map_or_else(|failure| failure.to_string(), |()| "trusted".to_owned())
    }

    /// A data directory with a socket, and who owns it; tests that run as root give it away.
    fn served() -> (tempfile::TempDir, PathBuf, u32) {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
        drop(UnixListener::bind(data.join(SOCKET)).unwrap());
        let mut owner = data.metadata().unwrap().uid();
        if owner == 0 {
            owner = 4242;
            for path in [data.clone(), data.join(SOCKET)] {
                std::os::unix::fs::chown(path, Some(owner), None).unwrap();
            }
        }
        (home, data, owner)
    }

    #[tokio::test]
    async fn ones_own_server_is_trusted_and_anothers_is_not() {
        let (_home, data, owner) = served();
        assert_eq!(said(trust(&data, owner)), "trusted");
        let refusal = said(trust(&data, owner + 1));
        assert!(refusal.contains(&format!("belongs to the user {owner}")), "{refusal}");
        assert!(refusal.contains("→ doorward --data ./data"), "{refusal}");
    }

    #[tokio::test]
    async fn a_directory_that_others_may_write_to_is_not_trusted() {
        let (_home, data, owner) = served();
        std::fs::set_permissions(&data, Permissions::from_mode(0o777)).unwrap();
        assert!(said(trust(&data, owner)).contains("can be written to by others"));
    }

    #[tokio::test]
    async fn a_link_to_anothers_server_is_not_trusted() {
        let (home, data, owner) = served();
        let link = home.path().join("link");
        symlink(&data, &link).unwrap();
        // The link is made by whoever runs the test, what it leads to belongs to `owner`.
        assert!(said(trust(&link, owner + 1)).contains("belongs to the user"));
    }

    #[tokio::test]
    async fn a_named_directory_is_taken_as_it_is() {
        let named = socket(Some(PathBuf::from("/srv/sso"))).unwrap_or_default();
        assert_eq!(named, Path::new("/srv/sso/doorward.sock"));
    }

    #[tokio::test]
    async fn the_own_user_is_the_one_that_owns_new_files() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let own = own_user().unwrap_or(u32::MAX);
        assert_eq!(own, file.as_file().metadata().unwrap().uid());
    }
}
