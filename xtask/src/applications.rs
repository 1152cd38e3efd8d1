//! Applications of others that presets are tried with, as their packages bring them: each in an environment of its own.

use std::{fs, path::Path, thread};

use anyhow::{Context, Result, anyhow};

use crate::{
    process::{command, root, run, target},
    setup::once,
};

/// The installer: it needs a tenth of the time of the usual one.
const INSTALLER: &str = "uv==0.13.9";

/// Each has its list of packages in `e2e/applications/NAME.txt`. `nodejs` is none: it runs what wants a newer one than Debian's.
const FROM_PYTHON: &[&str] = &[
    "openbao",
    "jupyterhub",
    "pgadmin",
    "pocketbase",
    "synapse",
    "cmdbsyncer",
    "nodejs",
];

/// Each has `e2e/applications/NAME/package.json`, and the exact versions in `package-lock.json` beside it.
const FROM_NPM: &[&str] = &["actual", "node-red"];

/// Installs what is missing, all at the same time; returns the folder that holds them.
pub(crate) fn everything() -> Result<std::path::PathBuf> {
    let home = target().join("e2e/applications");
    let installer = installer(&home.join("installer"))?;
    let (home_of, installer) = (&home, &installer);
    thread::scope(|scope| {
        // The slowest first.
        let npm = FROM_NPM
            .iter()
            .map(|name| scope.spawn(move || from_npm(&home_of.join(name), name)));
        let python = FROM_PYTHON
            .iter()
            .map(|name| scope.spawn(move || from_python(&home_of.join(name), name, installer)));
        let started: Vec<_> = npm.chain(python).collect();
        for installing in started {
            installing
                .join()
                .map_err(|_| anyhow!("an installation of an application panicked"))??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(home)
}

fn from_npm(home: &Path, name: &str) -> Result<()> {
    let list = root().join("e2e/applications").join(name);
    let lock = list.join("package-lock.json");
    once(home, &lock, || {
        fs::copy(list.join("package.json"), home.join("package.json"))?;
        fs::copy(&lock, home.join("package-lock.json"))?;
        // Scripts of packages would compile, or fetch, what the packages bring for this machine already.
        let mut npm = command(
            "npm",
            &["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        );
        npm.current_dir(home);
        run(npm).with_context(|| format!("{name} cannot be installed"))
    })
}

fn from_python(home: &Path, name: &str, installer: &Path) -> Result<()> {
    let list = root().join(format!("e2e/applications/{name}.txt"));
    once(home, &list, || {
        let (home, list) = (home.to_string_lossy(), list.to_string_lossy());
        // The folder is there already, for the stamp.
        run(command(
            installer,
            &["venv", "--quiet", "--allow-existing", "--python", "python3", &home],
        ))?;
        run(command(
            installer,
            &[
                "pip",
                "install",
                "--quiet",
                "--no-cache",
                "--python",
                &format!("{home}/bin/python"),
                "--requirements",
                &list,
            ],
        ))
        .with_context(|| format!("{name} cannot be installed"))
    })
}

fn installer(home: &Path) -> Result<std::path::PathBuf> {
    let program = home.join("bin/uv");
    if !program.exists() {
        run(command("python3", &["-m", "venv", &home.to_string_lossy()]))?;
        run(command(home.join("bin/pip"), &["install", "--quiet", INSTALLER]))?;
    }
    Ok(program)
}
