//! Where the server's certificate comes from, as configured, and the background work that keeps it good.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use doorward_certificates::{AcmeSettings, Certificates, LETS_ENCRYPT, Name, Proof, Source};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{MasterKey, Store};
use doorward_web::{
    Door,
    server::{Certificate, CertificateFiles},
};
use jiff::Timestamp;

use crate::{config::Tls, serve::Plan};

/// How often it is looked whether something is due, unless it is due before.
const ROUND: Duration = Duration::from_mins(1);

/// The service, with what there is already; from the private authority a certificate is there before anybody connects.
pub(crate) async fn open(
    plan: &Plan,
    store: &Store,
    master: &Arc<MasterKey>,
    random: &Arc<dyn Random>,
    now: Timestamp,
) -> Result<Certificates> {
    let url = url::Url::parse(&plan.public_url)?;
    let host = url.host_str().context("the public URL has no host")?;
    let host = Name::parse(host).map_err(|refusal| refused(&refusal))?;
    let source = source(plan, &host)?;
    let (store, master, random) = (store.clone(), Arc::clone(master), Arc::clone(random));
    let certificates = Certificates::new(store, master, random, host, source, now);
    certificates.open(now).await.context("cannot prepare the certificate")?;
    Ok(certificates)
}

fn source(plan: &Plan, host: &Name) -> Result<Source> {
    let Some(tls) = &plan.config.tls else {
        return Ok(Source::Off);
    };
    if !plan.public_url.starts_with("https://") {
        bail!(
            "[tls] is set, but the public URL is {}: expected https://…",
            plan.public_url
        );
    }
    let Some(contact) = &tls.acme else {
        return Ok(if tls.ca { Source::Authority } else { Source::Files });
    };
    let ca = tls
        .acme_ca
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("tls.acme_ca: cannot read {}", path.display())))
        .transpose()?;
    let settings = AcmeSettings {
        contact: contact.clone(),
        directory: tls.acme_directory.clone().unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
        ca,
        proof: if tls.http.is_some() {
            Proof::Http
        } else {
            Proof::TlsAlpn
        },
    };
    Ok(Source::Acme(
        settings.checked(host).map_err(|refusal| refused(&refusal))?,
    ))
}

fn refused(refusal: &Refusal) -> anyhow::Error {
    let remedy = refusal
        .remedy
        .as_ref()
        .map(|remedy| format!("\n→ {remedy}"))
        .unwrap_or_default();
    anyhow!("{}: {}{remedy}", refusal.kind.code, refusal.detail)
}

/// What the listener presents.
pub(crate) fn presented(tls: &Tls, door: &Door) -> Certificate {
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => Certificate::Files(CertificateFiles {
            certificate: certificate.clone(),
            key: key.clone(),
        }),
        _ => Certificate::Kept(door.certificates.clone(), Arc::clone(&door.clock)),
    }
}

/// Authorities exist whose certificates live for minutes.
fn until_next(door: &Door) -> Duration {
    let due = door
        .certificates
        .renews_at()
        .map(|at| at.duration_since(door.clock.now()));
    let due = due.and_then(|due| Duration::try_from(due).ok()).unwrap_or(ROUND);
    due.clamp(Duration::from_secs(1), ROUND)
}

/// Gets what is due, once a minute and when something changed.
pub(crate) async fn keep(door: &Door) {
    loop {
        if let Err(error) = door.certificates.round(door.clock.now()).await {
            tracing::warn!(%error, "the certificate could not be looked after; it goes on in a minute");
        }
        tokio::select! {
            () = tokio::time::sleep(until_next(door)) => {}
            () = door.certificates.changed() => {}
        }
    }
}
