//! `cargo xtask bench`: Doorward beside npm oidc-provider in the same run, and beside what the machine allows.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod alias;
mod bare;
mod bound;
mod brokered;
mod browser;
mod checks;
mod client;
mod limits;
mod lists;
mod load;
mod logouts;
mod memory;
mod order;
mod passkey;
mod place;
mod process;
mod rotation;
mod scenarios;
mod setup;
mod size;
mod startup;
mod table;
mod target;
mod verify;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    checks::Checks,
    load::Figures,
    process::{Measured, free_port},
    scenarios::Effort,
    table::{Row, Table},
    target::{Home, Target},
};

/// Seconds per scenario and server.
const SECONDS: u64 = 4;
const WORKERS: usize = 32;
/// To reach with prepared documents: this part of what a bare server does with the same bytes.
const BARE_PART: f64 = 0.8;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["order", file] => order::write(file.as_ref()).await,
        ["bare", port, file] => bare::serve(port.parse()?, std::fs::read(file)?).await,
        [] => everything().await,
        [only] => part(only, SECONDS).await,
        [only, seconds] => part(only, seconds.parse()?).await,
        _ => anyhow::bail!(
            "expected nothing, `startup`, `memory`, `crowd`, `lists`, `logouts`, `size`, `verify`, or a part of a scenario's name and perhaps seconds"
        ),
    }
}

async fn everything() -> Result<()> {
    let mut checks = Checks::default();
    // On a machine that is not yet warm from the rest.
    startup::report(&mut checks).await?;
    scenarios("", SECONDS, &mut checks).await?;
    memory::report(&mut checks).await?;
    memory::crowd(&mut checks).await?;
    size::report().await?;
    lists::report(effort(SECONDS)).await?;
    logouts::report().await?;
    verify::report(Duration::from_secs(SECONDS)).await?;
    checks.conclude()
}

async fn part(only: &str, seconds: u64) -> Result<()> {
    let mut checks = Checks::default();
    match only {
        "startup" => startup::report(&mut checks).await?,
        "memory" => memory::report(&mut checks).await?,
        "crowd" => memory::crowd(&mut checks).await?,
        "lists" => lists::report(effort(seconds)).await?,
        "logouts" => logouts::report().await?,
        "size" => size::report().await?,
        "verify" => verify::report(Duration::from_secs(seconds)).await?,
        _ => scenarios(only, seconds, &mut checks).await?,
    }
    checks.conclude()
}

fn effort(seconds: u64) -> Effort {
    Effort {
        workers: WORKERS,
        time: Duration::from_secs(seconds),
    }
}

async fn scenarios(only: &str, seconds: u64, checks: &mut Checks) -> Result<()> {
    let effort = effort(seconds);
    let limits = limits::measure()?;
    let home = Home::new()?;
    let mut ours = target::doorward(&home).await?;
    let peer = target::peer().await?;
    println!(
        "One core's bare signatures: ES256 {:.0}/s, RS256 {:.0}/s.\n",
        limits.es256, limits.rs256,
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
        let seen = scenarios::document(&ours, &path, effort).await?;
        checks.at_least(
            if name == "JWKS" {
                "JWKS, part of bare hyper"
            } else {
                "discovery, part of bare hyper"
            },
            seen.per_core_second() / bare.per_core_second(),
            BARE_PART,
        );
        let row = Row::new(name, seen)
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
    if "login with PAR and DPoP ES256".contains(only) {
        let seen = bound::logins(&ours, &ours.es256, effort).await?;
        table.add(Row::new("login with PAR and DPoP ES256", seen).limit("2 ES256", limits.es256 / 2.0));
    }
    if "brokered login ES256".contains(only) {
        table.add(brokered::row(&home, &ours, effort).await?);
    }
    if "tokens verified over rotations".contains(only) {
        table.add(rotation::row(&home, &ours, effort).await?);
    }
    if "passkey login ES256".contains(only) {
        let row = Row::new("passkey login ES256", passkey::logins(effort).await?);
        table.add(row.limit("2 ES256", limits.es256 / 2.0));
    }
    if "password login".contains(only) {
        let few = Effort { workers: 4, ..effort };
        table.add(Row::new(
            "password login",
            scenarios::password_login(&ours, &ours.es256, few).await?,
        ));
    }
    if "code login ES256 at an alias".contains(only) {
        table.add(alias::row(&home, &mut ours, effort).await?);
    }
    table.print();
    println!(
        "Data directory after the run: {:.1} MiB.",
        memory::folder_mib(home.data())?
    );
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
    let bare = Target {
        server: Measured::start(command, &authority).await?,
        authority,
        endpoints: ours.endpoints.clone(),
        es256: ours.es256.clone(),
        rs256: ours.rs256.clone(),
        mixed: ours.mixed.clone(),
        person: ours.person.clone(),
    };
    scenarios::document(&bare, path, effort).await
}
