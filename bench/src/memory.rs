//! Start-up and resident memory: at start, after 1,000 password logins, and a minute later.

use std::{path::Path, time::Duration};

use anyhow::Result;

use crate::{
    scenarios::{self, Effort},
    target,
};

/// Prints the figures.
pub(crate) async fn report() -> Result<()> {
    let ours = target::doorward().await?;
    println!("Memory: {:.1} MiB resident at start.", ours.server.resident_mib()?);
    let effort = Effort {
        workers: 8,
        time: Duration::from_secs(5),
    };
    let mut logins = 0;
    while logins < 1000 {
        logins += scenarios::password_login(&ours, &ours.es256, effort).await?.operations;
    }
    println!(
        "After {logins} password logins: {:.1} MiB.",
        ours.server.resident_mib()?
    );
    tokio::time::sleep(Duration::from_secs(61)).await;
    println!("61 s later: {:.1} MiB.", ours.server.resident_mib()?);
    Ok(())
}

/// The size of all files in a folder.
#[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
pub(crate) fn folder_mib(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / 1024.0 / 1024.0)
}
