//! The data directory is for its owner alone: it holds the database, the master key and the socket.

use std::{
    fs::{DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, Result, bail};

/// What others may do with a directory of this mode, and what makes one a place for everybody.
const OTHERS: u32 = 0o077;
const STICKY: u32 = 0o1000;

/// Makes the directory, or closes one that is there to everybody else. One that is open and holds what is not ours is
/// left alone and refused: to close it could lock somebody out of their own things.
pub(crate) fn make_private(data: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .with_context(|| format!("cannot create the data directory {}", data.display()))?;
    let look = || format!("cannot look at the data directory {}", data.display());
    let mode = std::fs::metadata(data).with_context(look)?.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    if mode & STICKY != 0 || !is_ours(data).with_context(look)? {
        bail!(
            "others can enter the data directory {0} (mode {mode:o}), and it holds more than this server's files. Give \
             --data a directory of its own, or close this one: chmod 700 {0}",
            data.display()
        );
    }
    std::fs::set_permissions(data, Permissions::from_mode(0o700)).with_context(|| {
        format!(
            "others can enter the data directory {0} (mode {mode:o}), which holds the master key, and this user may not \
             change that. As its owner: chmod 700 {0}",
            data.display()
        )
    })?;
    tracing::info!(directory = %data.display(), "closed the data directory to others (it had mode {mode:o})");
    Ok(())
}

/// Whether nothing is there, or what a server has left.
fn is_ours(data: &Path) -> std::io::Result<bool> {
    if ["doorward.db", "master.key"]
        .iter()
        .any(|file| data.join(file).exists())
    {
        return Ok(true);
    }
    for entry in std::fs::read_dir(data)? {
        // The root of a file system of its own has this.
        if entry?.file_name() != "lost+found" {
            return Ok(false);
        }
    }
    Ok(true)
}
