//! The Unix socket in the data directory: root and the server's own user need no password there.

use std::{
    fs::{DirBuilder, Permissions},
    io::ErrorKind,
    os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum UnixError {
    /// Another server answers on it.
    #[error("{0} is in use: another doorward serves this data directory")]
    InUse(PathBuf),
    /// Something else has the name; it may be somebody's data.
    #[error("{0} is no socket, so it is not ours to replace; move it away")]
    NoSocket(PathBuf),
    /// The operating system refused.
    #[error("cannot listen on {path}: {source}")]
    Io {
        /// The socket.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// Binds the socket, replacing one that a killed server left behind, for the owner alone.
///
/// It is made in a directory that nobody else can enter and moved to its place when its mode is right: whatever the
/// umask and the data directory's mode, there is no moment at which somebody else could connect.
pub(super) fn bind(path: &Path) -> Result<UnixListener, UnixError> {
    let io = |source| UnixError::Io {
        path: path.to_owned(),
        source,
    };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
        Ok(found) if !found.file_type().is_socket() => return Err(UnixError::NoSocket(path.to_owned())),
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            return Err(UnixError::InUse(path.to_owned()));
        }
        Ok(_) => {}
    }
    // No longer than the socket's own name: the system allows 107 bytes in all.
    let nursery = path.with_file_name(format!(".s{}", std::process::id()));
    let newborn = nursery.join("s");
    // Of a killed server with the same process id.
    let _ = std::fs::remove_file(&newborn);
    let _ = std::fs::remove_dir(&nursery);
    DirBuilder::new().mode(0o700).create(&nursery).map_err(io)?;
    let bound = UnixListener::bind(&newborn).and_then(|listener| {
        std::fs::set_permissions(&newborn, Permissions::from_mode(0o600))?;
        std::fs::rename(&newborn, path)?;
        Ok(listener)
    });
    let _ = std::fs::remove_file(&newborn);
    let _ = std::fs::remove_dir(&nursery);
    bound.map_err(io)
}

/// Removes the socket of a server that stops.
pub(super) fn remove(path: &Path) {
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        let _ = std::fs::remove_file(path);
    }
}

/// The user that this process runs as, in the kernel's word for both ends of a pair.
pub(super) fn own_user() -> std::io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

/// Who may use the socket, whatever its mode says: root, who could read the database anyway, and the server's own user.
pub(super) fn may_connect(caller: u32, own: u32) -> bool {
    caller == 0 || caller == own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn the_socket_is_private_and_nothing_else_is_left() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("doorward.sock");
        let listener = bind(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
        std::os::unix::net::UnixStream::connect(&path).unwrap();
        assert!(matches!(bind(&path), Err(UnixError::InUse(_))));
        drop(listener);
        let _again = bind(&path).expect("a dead server's socket is replaced");
        std::os::unix::net::UnixStream::connect(&path).unwrap();
    }

    #[tokio::test]
    async fn a_file_is_not_taken_for_a_socket() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("doorward.sock");
        std::fs::write(&path, "notes").unwrap();
        assert!(matches!(bind(&path), Err(UnixError::NoSocket(_))));
        remove(&path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "notes");

        let link = data.path().join("link.sock");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(bind(&link), Err(UnixError::NoSocket(_))));
    }

    #[tokio::test]
    async fn only_root_and_the_servers_user_may_connect() {
        let own = own_user().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(
            own,
            std::os::unix::fs::MetadataExt::uid(&file.path().metadata().unwrap())
        );
        assert!(may_connect(own, own) && may_connect(0, 990));
        assert!(!may_connect(1000, 990) && !may_connect(990, 0));
    }
}
