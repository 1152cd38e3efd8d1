//! The link of the first administrator: shown at a terminal, otherwise a file for the owner of the data directory, because
//! what a server writes to standard error is kept and read by many (journals, log collectors, `docker logs`).

use std::{
    fs::OpenOptions,
    io::{ErrorKind, IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use doorward_directory::{DirectoryError, Link};
use doorward_jose::Secret;
use doorward_store::Topic;
use doorward_web::Door;
use tokio::sync::Notify;

/// The link works this long.
const LIFETIME: Duration = Duration::from_hours(24);
/// Its name in the data directory.
const FILE: &str = "first-administrator.link";
/// How often it is asked whether the link has ended, besides whenever somebody was added: its time may be up.
const LOOK: Duration = Duration::from_mins(1);

/// A link that waits in a file.
pub(crate) struct Waiting {
    ticket: Secret<String>,
    file: PathBuf,
}

/// Makes the link while there is no administrator, and shows it to whoever started the server. What is returned has to be
/// [removed](Waiting::remove_when_used).
#[allow(
    clippy::print_stderr,
    reason = "what a person at the terminal must see, whatever the log level"
)]
pub(crate) async fn offer(door: &Door, data: &Path) -> Result<Option<Waiting>> {
    let file = data.join(FILE);
    // Of an earlier start: that link ends with this one, or is needed no more.
    remove(&file)?;
    let Some(link) = door.directory.first_admin_link(LIFETIME, door.clock.now()).await? else {
        return Ok(None);
    };
    let url = url(door, &link);
    if std::io::stderr().is_terminal() {
        eprintln!(
            "\nThis server has no administrator yet. Open this link within 24 hours; it works once:\n\n  {}\n",
            url.expose()
        );
        return Ok(None);
    }
    write(&file, &url)?;
    tracing::warn!(
        file = %file.display(),
        "this server has no administrator yet; the link for the first one is in this file, works once and for 24 hours"
    );
    Ok(Some(Waiting {
        ticket: link.ticket,
        file,
    }))
}

fn url(door: &Door, link: &Link) -> Secret<String> {
    Secret::new(door.server.url(&format!("/link/{}", link.ticket.expose())))
}

fn write(file: &Path, url: &Secret<String>) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| writeln!(open, "{}", url.expose()))
        .with_context(|| format!("cannot write the link of the first administrator to {}", file.display()))
}

fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}, a link that has ended", file.display()))
        }
        _ => Ok(()),
    }
}

impl Waiting {
    /// Removes the file as soon as its link no longer works, whichever node has seen it used.
    pub(crate) async fn remove_when_used(self, door: Arc<Door>) {
        let changed = Arc::new(Notify::new());
        let hook = Arc::clone(&changed);
        door.store.on_change(Arc::new(move |change| {
            if change.topic == Topic::People {
                hook.notify_one();
            }
        }));
        loop {
            let asked = door.directory.link(self.ticket.expose(), door.clock.now()).await;
            if let Err(DirectoryError::Refused(_)) = asked {
                break;
            }
            tokio::select! {
                () = changed.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        if let Err(error) = remove(&self.file) {
            tracing::warn!("{error:#}");
        }
    }
}
