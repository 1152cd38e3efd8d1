//! The commands, each a list of steps.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};

use crate::{
    checks,
    clock::Clock,
    process::{cargo, ci, command, root, run, target},
    providers,
    setup::{self, Postgres, Tools},
};

/// In the order in which they run.
const PARTS: &[&str] = &["fmt", "clippy", "deny", "unit", "demo", "e2e", "fuzz"];
/// What takes minutes to build, and so runs when it is named alone.
const BY_NAME: &[&str] = &["large"];
/// What the part `unit` runs: everything but the test program `e2e`, which needs a built server.
const UNIT: &[&str] = &["--lib", "--bins", "--examples", "--test", "all", "--test", "fuzz"];
/// The test program that needs one.
const E2E: &[&str] = &["--test", "e2e"];
/// The one that needs programs which take minutes to build.
const LARGE: &[&str] = &["--test", "large"];
/// Tests in documentation, which cargo runs by themselves only.
const DOCUMENTED: &[&str] = &["--doc"];
/// Seconds for each fuzz target in CI.
const FUZZ_SECONDS: &str = "10";

/// Everything CI runs, or the named parts of it.
#[allow(clippy::print_stderr, reason = "a workshop command talks to the person who runs it")]
pub(crate) fn test(parts: &[String]) -> Result<()> {
    let known = [PARTS, BY_NAME].concat();
    if let Some(unknown) = parts.iter().find(|part| !known.contains(&part.as_str())) {
        bail!("expected one of {}, found {unknown:?}", known.join(", "));
    }
    let mut clock = Clock::default();
    let tools = clock.time("setup", setup::everything)?;
    for part in known {
        let is_usual = parts.is_empty() && PARTS.contains(&part);
        if is_usual || parts.iter().any(|named| named == part) {
            clock.time(part, || run_part(part, &tools))?;
        }
    }
    eprintln!("\n── took {clock}");
    if ci() || parts.is_empty() {
        run(command("git", &["status", "--short", "--untracked-files=no"]))?;
    }
    Ok(())
}

fn run_part(part: &str, tools: &Tools) -> Result<()> {
    match part {
        "fmt" => checks::fmt(),
        "clippy" => clippy(),
        "deny" => checks::deny(tools),
        "unit" => unit(),
        "demo" => run(command(tested_binary()?, &["demo", "--check"])),
        "e2e" => e2e(tools),
        "fuzz" => fuzz(FUZZ_SECONDS),
        "large" => large(tools),
        other => bail!("no part is named {other:?}"),
    }
}

/// `clippy` has nothing to say: everything that the other parts run is compiled, once and by its compiler.
fn clippy() -> Result<()> {
    let mut compiled = workspace_tests(UNIT);
    compiled.args(E2E).args(LARGE).args(["--no-run", "--quiet"]);
    run(compiled)
}

fn unit() -> Result<()> {
    let postgres = Postgres::start()?;
    for targets in [UNIT, DOCUMENTED] {
        let mut tests = workspace_tests(targets);
        tests
            .env("DOORWARD_TEST_POSTGRES", &postgres.url)
            .env("DOORWARD_REQUIRE_POSTGRES", "1");
        run(tests)?;
    }
    Ok(())
}

fn e2e(tools: &Tools) -> Result<()> {
    let postgres = Postgres::start()?;
    let doorward = tested_binary()?;
    // They wait for processes and timers two fifths of the time, so that one more than there are cores keeps both busy.
    let mut tests = workspace_tests(E2E);
    tests.args(["--", "--test-threads", "3"]);
    equip(&mut tests, tools, &doorward);
    tests
        .env("DOORWARD_TEST_POSTGRES", &postgres.url)
        .envs(providers::everything()?);
    run(tests)
}

/// The applications that take minutes to build.
fn large(tools: &Tools) -> Result<()> {
    let postgres = Postgres::start()?;
    let doorward = tested_binary()?;
    let mut tests = workspace_tests(LARGE);
    equip(&mut tests, tools, &doorward);
    tests
        .env("DOORWARD_TEST_POSTGRES", &postgres.url)
        .envs(providers::large()?);
    run(tests)
}

/// `cargo test` of these targets of the whole workspace. Always the whole: a part of it is resolved to other features of our
/// dependencies, and all of them would be built once more. `clippy` compiles, so that nothing is compiled for its sake alone, and nothing
/// is kept for a next time that most machines which test everything never have (docs/decisions/0210-clippy-compiles.md).
fn workspace_tests(targets: &[&str]) -> Command {
    let mut tests = cargo(&["test", "--workspace"]);
    tests
        .args(targets)
        .env("RUSTC_WORKSPACE_WRAPPER", root().join("xtask/lint"))
        .env("CARGO_INCREMENTAL", "0");
    tests
}

/// The server as the tests of its own package build it.
fn tested_binary() -> Result<PathBuf> {
    run(workspace_tests(&["--test", "all", "--no-run", "--quiet"]))?;
    Ok(target().join("debug/doorward"))
}

fn released_binary() -> Result<PathBuf> {
    run(cargo(&["build", "--release", "--package", "doorward"]))?;
    Ok(target().join("release/doorward"))
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
    let doorward = released_binary()?;
    let mut bench = cargo(&["run", "--quiet", "--release", "--package", "doorward-bench", "--"]);
    bench.args(arguments);
    equip(&mut bench, &tools, &doorward);
    run(bench)
}

/// Writes the list by which the linker puts together what a start and logins run
/// (docs/decisions/0253-what-runs-lies-together.md). The server is built with its symbols for it, and is otherwise the released one.
pub(crate) fn order() -> Result<()> {
    setup::profiler()?;
    let list = root().join("crates/doorward/order.txt");
    run(cargo(&[
        "rustc",
        "--release",
        "--package",
        "doorward",
        "--bin",
        "doorward",
        "--",
        "-Cstrip=none",
    ]))?;
    let mut order = cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "doorward-bench",
        "--",
        "order",
    ]);
    order.arg(list).env("DOORWARD_BIN", target().join("release/doorward"));
    run(order)
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
