//! Grafana, which takes minutes: its module lacks what its own build generates, the wiring of its services and the interface.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{
    process::{command, output, root, run, target},
    providers::go,
    setup::once,
};

const MODULE: &str = "github.com/grafana/grafana";
/// What generates the wiring.
const WIRE: &str = "github.com/google/wire/cmd/wire@v0.7.0";
/// Which of its editions.
const TAGS: &str = "-tags=oss";

/// Builds Grafana from a copy that can be written; returns the folder with its program, and in `source` with what that reads.
pub(crate) fn grafana() -> Result<PathBuf> {
    let home = target().join("e2e/grafana");
    let pinned = root().join("e2e/grafana");
    once(&home, &pinned.join("go.mod"), || {
        let mut download = command(go()?, &["mod", "download", MODULE]);
        download.current_dir(&pinned);
        run(download)?;
        let mut list = command(go()?, &["list", "-m", "-f", "{{.Dir}}", MODULE]);
        list.current_dir(&pinned);
        let module = output(list)?;
        let source = home.join("source");
        if source.exists() {
            fs::remove_dir_all(&source)?;
        }
        // Modules are unpacked without the right to write.
        let into = source.to_string_lossy();
        run(command("cp", &["-r", "--no-preserve=mode", module.trim(), &into]))?;
        for view in ["index.html", "error.html"] {
            fs::copy(pinned.join(view), source.join("public/views").join(view))?;
        }
        // Built in its own module: what it replaces is replaced there alone.
        for arguments in [
            &["run", WIRE, "gen", TAGS, "./pkg/server"][..],
            &[
                "build",
                TAGS,
                "-buildvcs=false",
                "-trimpath",
                "-ldflags=-s -w",
                "-o=..",
                "./pkg/cmd/grafana",
            ],
        ] {
            let mut go = command(go()?, arguments);
            go.current_dir(&source);
            run(go)?;
        }
        Ok(())
    })?;
    Ok(home)
}
