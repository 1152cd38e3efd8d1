//! Which functions a start and logins run: the list by which the linker puts them beside each other
//! (docs/decisions/0253-what-runs-lies-together.md).

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{
    scenarios::{self, Effort},
    target::{self, Home, Target},
};

/// Valgrind runs a server some fifty times slower and one thread at a time.
const EFFORT: Effort = Effort {
    workers: 1,
    time: Duration::from_secs(2),
};
/// So long the server is left alone: what wakes up by itself does so within a minute.
const ALONE: Duration = Duration::from_secs(70);
/// A server runs some 6,000. With less the program has no symbols, or did not run.
const FEWEST: usize = 2000;

/// Watches a first start, another one, and the work that servers do most, and writes the names of what ran into `file`.
pub(crate) async fn write(file: &Path) -> Result<()> {
    let profiles = tempfile::tempdir()?;
    let watch = [
        "valgrind".to_owned(),
        "--tool=callgrind".to_owned(),
        "--demangle=no".to_owned(),
        format!("--callgrind-out-file={}/%p", profiles.path().display()),
    ];
    let home = Home::new()?.under(watch.to_vec());
    target::doorward(&home).await?.server.stop()?;
    let ours = target::doorward_again(&home).await?;
    work(&ours).await?;
    tokio::time::sleep(ALONE).await;
    ours.server.stop()?;
    let program = home.program().canonicalize()?;
    let program = program.to_str().context("the program's path is no UTF-8")?;
    let mut ran = BTreeSet::new();
    for entry in std::fs::read_dir(profiles.path())? {
        let profile = std::fs::read_to_string(entry?.path())?;
        ran.extend(functions(&profile, program));
    }
    ensure!(
        ran.len() >= FEWEST,
        "expected at least {FEWEST} functions of {program}, found {}: it must have its symbols, as `cargo xtask order` builds it",
        ran.len()
    );
    println!("{} functions: {}", ran.len(), file.display());
    let mut list = vec![format!("# {}", compiler()?)];
    list.extend(ran);
    // The last line ends too.
    list.push(String::new());
    std::fs::write(file, list.join("\n"))?;
    Ok(())
}

async fn work(ours: &Target) -> Result<()> {
    for path in [
        "/.well-known/openid-configuration",
        &ours.endpoints.jwks,
        "/healthz",
        "/status",
        "/metrics",
        "/login",
    ] {
        scenarios::document(ours, path, EFFORT).await?;
    }
    scenarios::password_login(ours, &ours.es256, EFFORT).await?;
    scenarios::code_login(ours, &ours.mixed, EFFORT).await?;
    scenarios::client_credentials(ours, &ours.rs256, EFFORT).await?;
    scenarios::refresh(ours, &ours.es256, EFFORT).await?;
    scenarios::userinfo(ours, &ours.es256, EFFORT).await?;
    scenarios::introspection(ours, &ours.es256, EFFORT).await?;
    Ok(())
}

/// The symbols of `program` that ran, from what callgrind wrote: `ob=(1) /bin/x` says whose the functions after it are, `fn=(2) name`
/// names one. A number stands alone once its name was given; `cob` and `cfn` give names too, but say who is called.
fn functions(profile: &str, program: &str) -> BTreeSet<String> {
    let mut objects: HashMap<&str, &str> = HashMap::new();
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut is_ours = false;
    let mut ran = BTreeSet::new();
    for line in profile.lines() {
        let Some((key, value)) = line.split_once("=(") else {
            continue;
        };
        let Some((number, name)) = value.split_once(')') else {
            continue;
        };
        let known = match key {
            "ob" | "cob" => &mut objects,
            "fn" | "cfn" => &mut names,
            _ => continue,
        };
        if let Some(name) = name.strip_prefix(' ') {
            known.insert(number, name);
        }
        match key {
            "ob" => is_ours = objects.get(number) == Some(&program),
            "fn" if is_ours => {
                ran.insert(number);
            }
            _ => {}
        }
    }
    // What has no name is written as its address, or in words.
    let is_symbol = |name: &&&str| !name.starts_with("0x") && !name.starts_with('(');
    ran.into_iter()
        .filter_map(|number| names.get(number))
        .filter(is_symbol)
        .map(|name| symbol(name))
        .collect()
}

/// The compiler whose hashes are in the names.
fn compiler() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = std::process::Command::new(rustc).arg("--version").output()?;
    ensure!(said.status.success(), "rustc does not say its version");
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

/// Callgrind writes each depth of a recursion as a function of its own: `name'2`.
fn symbol(name: &str) -> String {
    name.split('\'').next().unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "\
version: 1
ob=(1) /usr/lib/libc.so.6
fl=(1) ???
fn=(1) malloc
0 12
cob=(2) /opt/doorward
cfi=(1)
cfn=(2) _ZN8doorward5start17h0123456789abcdefE
calls=1 0
0 4000
ob=(2)
fn=(2)
0 7
cob=(1)
cfn=(1)
calls=2 0
0 24
fn=(3) _ZN8doorward4walk17hfedcba9876543210E'2
0 3
fn=(5) 0x0000000000988140
0 3
fn=(6) (below main)
0 3
cfn=(4) _ZN8doorward5never17h0000000000000000E
calls=0 0
";

    #[test]
    fn what_ran_is_named_once_and_only_if_it_is_the_programs_own() {
        let ran = functions(PROFILE, "/opt/doorward");
        assert_eq!(
            ran.into_iter().collect::<Vec<_>>(),
            [
                "_ZN8doorward4walk17hfedcba9876543210E",
                "_ZN8doorward5start17h0123456789abcdefE"
            ]
        );
        assert!(functions(PROFILE, "/opt/another").is_empty());
        assert!(functions("no profile", "/opt/doorward").is_empty());
    }
}
