//! The Unix socket in the data directory: whoever owns the directory needs no password.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum UnixError {
    /// Another server answers on it.
    #[error("{0} is in use: another doorward serves this data directory")]
    InUse(PathBuf),
    /// The operating system refused.
    #[error("cannot listen on {path}: {source}")]
    Io {
        /// The socket.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// Binds the socket, removing one that a killed server left behind, readable by the owner alone.
pub(super) fn bind(path: &Path) -> Result<UnixListener, UnixError> {
    let io = |source| UnixError::Io {
        path: path.to_owned(),
        source,
    };
    if path.exists() {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(UnixError::InUse(path.to_owned()));
        }
        std::fs::remove_file(path).map_err(io)?;
    }
    let listener = UnixListener::bind(path).map_err(io)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(io)?;
    Ok(listener)
}
