//! Resident memory after 1,000 password logins, and a minute later.

use std::{path::Path, time::Duration};

use anyhow::Result;

use crate::{
    checks::Checks,
    scenarios::{self, Effort},
    target::{self, Home},
};

/// To reach: a minute after the logins, with everything that only the load needed given back.
const RESIDENT_MIB: f64 = 30.0;

/// Prints the figures.
pub(crate) async fn report(checks: &mut Checks) -> Result<()> {
    let home = Home::new()?;
    // A server that has just been set up by hundreds of requests is no fresh one.
    target::doorward(&home).await?.server.stop()?;
    let ours = target::doorward_again(&home).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
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
    tokio::time::sleep(Duration::from_mins(1)).await;
    let resident = ours.server.resident_mib()?;
    println!("60 s later: {resident:.1} MiB.");
    checks.below("resident 60 s after 1,000 password logins, MiB", resident, RESIDENT_MIB);
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
