//! Mutual TLS with applications, as configured (RFC 8705).

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use doorward_certificates::ClientAuthorities;
use doorward_provider::MutualTls;
use doorward_web::{Door, Mtls, server::Listener};

use crate::{certificates, config::Config};

/// What metadata says of it.
pub(crate) fn published(config: &Config) -> MutualTls {
    match &config.mtls {
        None => MutualTls::Off,
        Some(mtls) => mtls.url.clone().map_or(MutualTls::Here, MutualTls::At),
    }
}

/// Whether there is somebody who vouches for certificates.
pub(crate) fn has_authorities(config: &Config) -> bool {
    config.mtls.as_ref().is_some_and(|mtls| mtls.authorities.is_some())
}

/// Whose certificates count, and which header brings them.
pub(crate) fn settings(config: &Config) -> Result<Mtls> {
    let Some(mtls) = &config.mtls else {
        return Ok(Mtls::default());
    };
    let authorities = match &mtls.authorities {
        None => ClientAuthorities::default(),
        Some(path) => {
            let pem =
                std::fs::read(path).with_context(|| format!("mtls.authorities: cannot read {}", path.display()))?;
            ClientAuthorities::parse(&pem).map_err(|why| anyhow!("mtls.authorities: {}: {why}", path.display()))?
        }
    };
    let header = mtls.header.as_ref().map(|name| {
        name.parse()
            .map_err(|_| anyhow!("mtls.header: expected the name of a header like client-cert, found {name:?}"))
    });
    Ok(Mtls {
        authorities,
        header: header.transpose()?,
        host: mtls.url.as_deref().and_then(host),
    })
}

/// The name in an address, with a port that is not the usual one.
fn host(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The listener that asks for certificates, if there is one.
pub(crate) async fn listeners(config: &Config, door: &Arc<Door>) -> Result<Vec<Listener>> {
    let listen = config.mtls.as_ref().and_then(|mtls| mtls.listen);
    let (Some(address), Some(tls)) = (listen, config.tls.as_ref()) else {
        return Ok(Vec::new());
    };
    let certificate = certificates::presented(tls, door);
    let listener = Listener::asking_for_certificates(address, certificate, door.proxies.clone()).await?;
    Ok(vec![listener])
}
