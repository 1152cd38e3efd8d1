//! Resident memory after 1,000 password logins and a minute later, and while 1,000 wait at the same moment.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tokio::task::JoinSet;

use crate::{
    checks::Checks,
    place::{Place, hidden},
    scenarios::{self, Effort},
    size,
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

/// So many people type their password at the same moment.
const CROWD: usize = 1000;
/// To reach while they do: what the queue of passwords leaves of it.
const CROWD_MIB: f64 = 200.0;

/// Prints what is resident at most while 1,000 people log in by password at the same moment, and what became of them.
pub(crate) async fn crowd(checks: &mut Checks) -> Result<()> {
    let home = Home::new()?;
    target::doorward(&home).await?.server.stop()?;
    size::fill(&home.data().join("doorward.db"), CROWD).await?;
    let ours = target::doorward_again(&home).await?;
    let mut waiting = Vec::with_capacity(CROWD);
    for number in 0..CROWD {
        let mut browser = Place::of(&ours).await?;
        let page = browser.page("/login", None).await?;
        let attempt = hidden(&page, "attempt")?;
        let form = format!(
            "attempt={attempt}&username=person.{number:06}&password={}",
            size::PASSWORD
        );
        waiting.push((browser, form));
    }
    let started = Instant::now();
    let mut logins = JoinSet::new();
    for (mut browser, form) in waiting {
        logins.spawn(async move { anyhow::Ok(browser.open("/login", Some(form)).await?.status) });
    }
    let (mut entered, mut told_to_wait) = (0, 0);
    while let Some(status) = logins.join_next().await {
        match status?? {
            303 => entered += 1,
            503 => told_to_wait += 1,
            other => bail!("expected 303, or 503 from a full queue, received {other}"),
        }
    }
    let peak = ours.server.peak_mib()?;
    println!(
        "{CROWD} password logins at the same moment: {entered} entered, {told_to_wait} were told to wait a moment, all within \
         {:.1} s; {peak:.1} MiB resident at most.",
        started.elapsed().as_secs_f64()
    );
    checks.below(
        "resident at most during 1,000 password logins at once, MiB",
        peak,
        CROWD_MIB,
    );
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
