//! The commands, each a list of steps.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{
    checks,
    process::{cargo, ci, command, root, run, target},
    providers,
    setup::{self, Postgres, Tools},
};

const PARTS: &[&str] = &["fmt", "clippy", "deny", "unit", "e2e", "demo", "fuzz"];
/// Seconds for each fuzz target in CI.
const FUZZ_SECONDS: &str = "10";

/// Everything CI runs, or the named parts of it.
pub(crate) fn test(parts: &[String]) -> Result<()> {
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        bail!("expected one of {}, found {unknown:?}", PARTS.join(", "));
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| named == part);
    let tools = setup::everything()?;
    if wanted("fmt") {
        checks::fmt()?;
    }
    if wanted("clippy") {
        checks::clippy()?;
    }
    if wanted("deny") {
        checks::deny(&tools)?;
    }
    if wanted("unit") {
        let postgres = Postgres::start()?;
        let mut tests = cargo(&[
            "test",
            "--workspace",
            "--exclude",
            "doorward-e2e",
            "--exclude",
            "doorward-bench",
        ]);
        tests
            .env("DOORWARD_TEST_POSTGRES", &postgres.url)
            .env("DOORWARD_REQUIRE_POSTGRES", "1");
        run(tests)?;
    }
    if wanted("demo") {
        run(cargo(&["run", "--quiet", "--", "demo", "--check"]))?;
    }
    if wanted("e2e") {
        e2e(&tools)?;
    }
    if wanted("fuzz") {
        fuzz(FUZZ_SECONDS)?;
    }
    if ci() || parts.is_empty() {
        run(command("git", &["status", "--short", "--untracked-files=no"]))?;
    }
    Ok(())
}

fn e2e(tools: &Tools) -> Result<()> {
    let postgres = Postgres::start()?;
    let doorward = binary("debug")?;
    let mut tests = cargo(&["test", "--package", "doorward-e2e", "--", "--test-threads", "2"]);
    equip(&mut tests, tools, &doorward);
    tests
        .env("DOORWARD_TEST_POSTGRES", &postgres.url)
        .env("DOORWARD_KEYCLOAK", providers::keycloak()?)
        .env("DOORWARD_DEX", providers::dex()?);
    run(tests)
}

fn binary(profile: &str) -> Result<PathBuf> {
    let mut build = vec!["build", "--package", "doorward"];
    if profile == "release" {
        build.push("--release");
    }
    run(cargo(&build))?;
    Ok(target().join(profile).join("doorward"))
}

/// Tells a test or bench program where the installed things are.
fn equip(command: &mut Command, tools: &Tools, doorward: &std::path::Path) {
    command
        .env("DOORWARD_BIN", doorward)
        .env("DOORWARD_PYTHON", &tools.python)
        .env("DOORWARD_NETBOX_PYTHON", &tools.netbox_python)
        .env("DOORWARD_NODE_HOME", &tools.node);
}

/// The table of figures, beside its peers.
pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let tools = setup::everything()?;
    let doorward = binary("release")?;
    let mut bench = cargo(&["run", "--quiet", "--release", "--package", "doorward-bench", "--"]);
    bench.args(arguments);
    equip(&mut bench, &tools, &doorward);
    run(bench)
}

/// Each fuzz target for `seconds`.
pub(crate) fn fuzz(seconds: &str) -> Result<()> {
    run(command(root().join("fuzz/run"), &[seconds]))
}

/// Writes the documentation that is generated from the code.
pub(crate) fn docs() -> Result<()> {
    let mut write = cargo(&["test", "--quiet", "--package", "doorward", "catalogue"]);
    write.env("DOORWARD_WRITE_DOCS", "1");
    run(write)
}
