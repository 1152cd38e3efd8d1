//! `cargo xtask bench`: Doorward beside npm oidc-provider in the same run, and beside what the machine allows.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod bare;
mod browser;
mod client;
mod limits;
mod load;
mod memory;
mod process;
mod scenarios;
mod setup;
mod table;
mod target;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    load::Figures,
    process::{Measured, free_port},
    scenarios::Effort,
    table::{Row, Table},
    target::Target,
};

/// Seconds per scenario and server.
const SECONDS: u64 = 4;
const WORKERS: usize = 32;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bare", port, file] => bare::serve(port.parse()?, std::fs::read(file)?).await,
        ["memory"] => memory::report().await,
        [] => all().await,
        [only] => some(only).await,
        _ => anyhow::bail!("expected nothing, `memory`, or a part of a scenario's name"),
    }
}

async fn all() -> Result<()> {
    some("").await?;
    memory::report().await
}

async fn some(only: &str) -> Result<()> {
    let effort = Effort {
        workers: WORKERS,
        time: Duration::from_secs(SECONDS),
    };
    let limits = limits::measure()?;
    let ours = target::doorward().await?;
    let peer = target::peer().await?;
    println!(
        "One core's bare signatures: ES256 {:.0}/s, RS256 {:.0}/s. First answer after {:.0} ms (ours), {:.0} ms (peer).\n",
        limits.es256,
        limits.rs256,
        ours.started_in.as_secs_f64() * 1e3,
        peer.started_in.as_secs_f64() * 1e3
    );
    let mut table = Table::default();
    for (name, path) in [
        ("discovery", "/.well-known/openid-configuration".to_owned()),
        ("JWKS", ours.endpoints.jwks.clone()),
    ] {
        if !name.contains(only) {
            continue;
        }
        let bare = bare_document(&ours, &path, effort).await?;
        let peer_path = if name == "JWKS" {
            peer.endpoints.jwks.clone()
        } else {
            path.clone()
        };
        let row = Row::new(name, scenarios::document(&ours, &path, effort).await?)
            .peer(scenarios::document(&peer, &peer_path, effort).await?)
            .limit("bare hyper", bare.per_core_second());
        table.add(row);
    }
    macro_rules! compare {
        ($name:literal, $scenario:ident, $client:ident, $limit:expr) => {
            if $name.contains(only) {
                let row = Row::new($name, scenarios::$scenario(&ours, &ours.$client, effort).await?)
                    .peer(scenarios::$scenario(&peer, &peer.$client, effort).await?);
                let limit: Option<(&str, f64)> = $limit;
                table.add(match limit {
                    Some((name, limit)) => row.limit(name, limit),
                    None => row,
                });
            }
        };
    }
    compare!(
        "client_credentials ES256",
        client_credentials,
        es256,
        Some(("1 ES256", limits.es256))
    );
    compare!(
        "client_credentials RS256",
        client_credentials,
        rs256,
        Some(("1 RS256", limits.rs256))
    );
    compare!(
        "code login ES256",
        code_login,
        es256,
        Some(("2 ES256", limits.es256 / 2.0))
    );
    compare!(
        "code login RS256 ID token",
        code_login,
        mixed,
        Some(("1 RS256", limits.rs256))
    );
    compare!("refresh ES256", refresh, es256, Some(("2 ES256", limits.es256 / 2.0)));
    compare!("userinfo", userinfo, es256, None);
    compare!("introspection", introspection, es256, None);
    if "password login".contains(only) {
        let few = Effort { workers: 4, ..effort };
        table.add(Row::new(
            "password login",
            scenarios::password_login(&ours, &ours.es256, few).await?,
        ));
    }
    table.print();
    if let Some(data) = &ours.data {
        println!(
            "Data directory after the run: {:.1} MiB.",
            memory::folder_mib(data.path())?
        );
    }
    Ok(())
}

/// The same bytes from a bare hyper server, in a process of its own.
async fn bare_document(ours: &Target, path: &str, effort: Effort) -> Result<Figures> {
    let body = client::Client::connect(&ours.authority)
        .await?
        .get(path, &[])
        .await?
        .expect(200)?
        .body;
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &body)?;
    let port = free_port()?;
    let mut command = std::process::Command::new(std::env::current_exe().context("our own path")?);
    command.arg("bare").arg(port.to_string()).arg(file.path());
    let authority = format!("127.0.0.1:{port}");
    let (server, started_in) = Measured::start(command, &authority).await?;
    let bare = Target {
        server,
        authority,
        started_in,
        endpoints: ours.endpoints.clone(),
        es256: ours.es256.clone(),
        rs256: ours.rs256.clone(),
        mixed: ours.mixed.clone(),
        person: ours.person.clone(),
        data: None,
    };
    scenarios::document(&bare, path, effort).await
}
