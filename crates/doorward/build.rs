//! How the linker lays the program out, so that an idle server keeps little of it resident.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The functions that a start and logins run, a symbol a line; `cargo xtask order` writes it.
const ORDER: &str = "order.txt";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    pack_relocations();
    if variable("PROFILE") == "release" && variable("CARGO_CFG_TARGET_OS") == "linux" {
        put_together();
    }
}

/// Packs the addresses that the loader corrects at a start (`DT_RELR`) where this system's C library can read them packed,
/// which is glibc 2.36: without it 1.7 MiB of them stay resident.
fn pack_relocations() {
    let is_native = variable("HOST") == variable("TARGET");
    if is_native && variable("CARGO_CFG_TARGET_ENV") == "gnu" && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Puts the functions of the list beside each other: whatever runs brings the 64 KiB around it into memory
/// (docs/decisions/0253-what-runs-lies-together.md). Only lld can, so it is tried on a program of one line; where another
/// linker is at work, the program is what it would be without the list.
fn put_together() {
    let linker = variable("TARGET").to_uppercase().replace('-', "_");
    println!("cargo:rerun-if-env-changed=CARGO_TARGET_{linker}_LINKER");
    let list = Path::new(&variable("CARGO_MANIFEST_DIR")).join(ORDER);
    let Ok(names) = fs::read_to_string(&list) else {
        println!(
            "cargo:warning={} cannot be read: what runs is not put together",
            list.display()
        );
        return;
    };
    let (theirs, ours) = (names.lines().next().unwrap_or_default(), compiler());
    if theirs.trim_start_matches("# ") != ours {
        println!(
            "cargo:warning={ORDER} was written with {theirs}, and this is {ours}: most of its names are others here, and some 15 MiB \
             more stay resident; cargo xtask order writes it anew"
        );
    }
    let arguments = [
        "-Xlinker".to_owned(),
        format!("--symbol-ordering-file={}", list.display()),
        "-Xlinker".to_owned(),
        // A name of another version of the compiler or of a dependency is no fault.
        "--no-warn-symbol-ordering".to_owned(),
    ];
    if links(&arguments) == Some(true) {
        for argument in arguments {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
    } else {
        println!(
            "cargo:warning=functions cannot be put in order, which Rust's own linker does on x86-64 Linux: the server works, and keeps some 15 MiB more \
             resident"
        );
    }
}

/// Whether a program links with these arguments for the linker, with all else as cargo has it.
fn links(arguments: &[String]) -> Option<bool> {
    let folder = PathBuf::from(env::var_os("OUT_DIR")?);
    let source = folder.join("linked.rs");
    fs::write(&source, "fn main() {}\n").ok()?;
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc
        .args(["--target", &variable("TARGET"), "--edition", "2024", "-o"])
        .arg(folder.join("linked"))
        .arg(&source)
        .args(
            variable("CARGO_ENCODED_RUSTFLAGS")
                .split('\x1f')
                .filter(|flag| !flag.is_empty()),
        )
        .args(arguments.iter().map(|argument| format!("-Clink-arg={argument}")))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = std::ffi::OsString::from("-Clinker=");
        option.push(linker);
        rustc.arg(option);
    }
    Some(rustc.status().ok()?.success())
}

/// As it names itself.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("--version").output();
    let said = said.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
