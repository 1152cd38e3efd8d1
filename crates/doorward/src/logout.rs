//! Applications are told of logouts: who tells them, and what is looked for beside.

use std::sync::Arc;

use anyhow::{Context, Result};
use doorward_certificates::Certificates;
use doorward_logout::{Courier, KeyRings, Telling, watch as ended};
use doorward_store::logouts;
use doorward_web::{
    Door,
    clock::{Clock, SystemClock},
};
use jiff::Timestamp;

use crate::config::Config;

/// The setting, as errors name it.
pub(crate) const CA: &str = "applications.ca";

/// The certificates that are trusted at addresses of applications besides those that the machine trusts: theirs may be from the
/// private authority of this server.
pub(crate) async fn trusted(certificates: &Certificates, config: &Config) -> Result<Option<Vec<u8>>> {
    let authority = certificates.authority().await?;
    let mut ca_pem = authority.map(|authority| authority.certificate.into_bytes());
    if let Some(file) = &config.applications.ca {
        let more = std::fs::read(file).with_context(|| format!("{CA}: cannot read {}", file.display()))?;
        let all = ca_pem.get_or_insert_default();
        all.push(b'\n');
        all.extend(more);
    }
    Ok(ca_pem)
}

/// Who tells applications.
/// `trusted`: what [`trusted`] gives.
pub(crate) fn courier(door: &Arc<Door>, trusted: Option<&[u8]>) -> Result<Courier> {
    let telling = Telling::new(door.server.clone(), trusted).context(CA)?;
    let ring = Arc::clone(door);
    let keys: KeyRings = Box::new(move || {
        let door = Arc::clone(&ring);
        Box::pin(async move {
            let keys = door.keys.current().await;
            keys.map_err(|failure| format!("the signing keys cannot be had: {failure:?}"))
        })
    });
    Ok(Courier::new(
        door.store.clone(),
        door.snapshots.clone(),
        keys,
        telling,
        door.tracer.clone(),
        Arc::clone(&door.random),
        || SystemClock.now(),
    ))
}

/// Looks who may still use the applications that they are in; for ever.
pub(crate) async fn watch(door: &Arc<Door>) {
    let access = ended::Access::new(door.store.clone(), door.directory.clone(), door.snapshots.clone());
    access.run(|| door.clock.now()).await;
}

/// Ends what applications have of sessions that expired, and forgets what was told long ago.
pub(crate) async fn keep(door: &Door, now: Timestamp) -> Result<()> {
    ended::end_expired(&door.store, now).await?;
    while door.store.write(now, logouts::sweep).await? > 0 {}
    Ok(())
}
