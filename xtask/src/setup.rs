//! What the tests need beyond Rust: Debian packages, Python and npm packages, a PostgreSQL of our own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::process::{command, has, output, root, run, target};

/// A program, and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("chromium", "chromium"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("python3", "python3-venv"),
    ("faketime", "faketime"),
    ("openssl", "openssl"),
    ("java", "openjdk-17-jre-headless"),
    ("mvn", "maven"),
    ("nginx", "nginx"),
    ("apache2", "apache2-bin"),
];

/// A module of Apache or of OpenLDAP, and the Debian package that brings it.
const MODULES: &[(&str, &str)] = &[
    (
        "/usr/lib/apache2/modules/mod_auth_openidc.so",
        "libapache2-mod-auth-openidc",
    ),
    ("/usr/lib/ldap/argon2.so", "slapd"),
    ("/usr/lib/ldap/pw-pbkdf2.so", "slapd-contrib"),
];

/// Where the installed things are.
pub(crate) struct Tools {
    /// `bin/python` of the virtual environment.
    pub(crate) python: PathBuf,
    /// The same of another one, with the versions that NetBox pins.
    pub(crate) netbox_python: PathBuf,
    /// The folder that holds `node_modules`.
    pub(crate) node: PathBuf,
}

impl Tools {
    /// A program that a Python package brought.
    pub(crate) fn python_program(&self, name: &str) -> PathBuf {
        self.python.with_file_name(name)
    }
}

/// Installs everything that is missing.
pub(crate) fn everything() -> Result<Tools> {
    debian()?;
    Ok(Tools {
        python: python("venv", "requirements.txt")?,
        netbox_python: python("venv-netbox", "requirements-netbox.txt")?,
        node: node()?,
    })
}

fn debian() -> Result<()> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !has(program))
        .map(|(_, package)| *package)
        .collect();
    let modules = MODULES.iter().filter(|(file, _)| !Path::new(file).exists());
    missing.extend(modules.map(|(_, package)| *package));
    if postgres_bin().is_none() {
        missing.push("postgresql");
    }
    install(&missing)
}

/// What tells which functions run.
pub(crate) fn profiler() -> Result<()> {
    if has("valgrind") {
        return Ok(());
    }
    install(&["valgrind"])
}

fn install(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    if !as_root() && !has("sudo") {
        bail!("these packages are needed: apt-get install {}", missing.join(" "));
    }
    let apt = |arguments: &[&str]| {
        let mut apt = administering("env");
        // The run level keeps what is installed from being started as a service.
        apt.args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"])
            .args(arguments);
        run(apt)
    };
    // Of OpenLDAP only programs and modules are wanted; systemd does not look at the run level.
    if missing.contains(&"slapd") && Path::new("/run/systemd/system").exists() {
        let mut mask = administering("systemctl");
        mask.args(["mask", "slapd.service"]);
        run(mask)?;
    }
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], missing].concat())
}

/// A program that needs the rights of the machine's administrator.
fn administering(program: &str) -> Command {
    if as_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

fn python(environment: &str, requirements: &str) -> Result<PathBuf> {
    let home = target().join("e2e").join(environment);
    let python = home.join("bin/python");
    let requirements = root().join("e2e/python").join(requirements);
    once(&home, &requirements, || {
        run(command("python3", &["-m", "venv", &home.to_string_lossy()]))?;
        let file = requirements.to_string_lossy();
        run(command(
            &python,
            &["-m", "pip", "install", "--quiet", "--requirement", &file],
        ))
    })?;
    Ok(python)
}

fn node() -> Result<PathBuf> {
    let home = target().join("e2e/node");
    let manifest = root().join("e2e/node/package.json");
    once(&home, &manifest, || {
        fs::copy(&manifest, home.join("package.json"))?;
        let lock = manifest.with_file_name("package-lock.json");
        if lock.exists() {
            fs::copy(&lock, home.join("package-lock.json"))?;
        }
        let home = home.to_string_lossy();
        let mut npm = command(
            "npm",
            &[
                "install",
                "--prefix",
                &home,
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ],
        );
        npm.current_dir(&*home);
        run(npm)
    })?;
    Ok(home)
}

/// Runs `install` unless it ran before for this very content of `list`.
pub(crate) fn once(home: &Path, list: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(list).with_context(|| format!("cannot read {}", list.display()))?;
    let stamp = home.join("installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::create_dir_all(home)?;
    install()?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// The folder with `initdb` and `pg_ctl`: Debian keeps it off the path.
fn postgres_bin() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").exists())
}

/// A PostgreSQL server of our own in a temporary folder, stopped when dropped.
pub(crate) struct Postgres {
    home: PathBuf,
    bin: PathBuf,
    /// The URL of its superuser.
    pub(crate) url: String,
}

impl Postgres {
    /// Creates and starts it on a free loopback port.
    pub(crate) fn start() -> Result<Self> {
        let bin = postgres_bin().context("PostgreSQL is not installed")?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let home = std::env::temp_dir().join(format!("doorward-postgres-{port}"));
        fs::create_dir_all(&home)?;
        let server = Self {
            home,
            bin,
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        };
        let home = server.home.to_string_lossy().into_owned();
        if as_root() {
            run(command("chown", &["postgres", &home]))?;
        }
        let data = format!("{home}/data");
        run(server.tool("initdb", &["-A", "trust", "-U", "postgres", "-D", &data]))?;
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c max_connections=300 -k {home}");
        run(server.tool(
            "pg_ctl",
            &["-D", &data, "-o", &options, "-l", &format!("{home}/log"), "-w", "start"],
        ))?;
        Ok(server)
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Command {
        let program = self.bin.join(name);
        let mut tool = if as_root() {
            let mut runuser = Command::new("runuser");
            runuser.args(["-u", "postgres", "--"]).arg(program);
            runuser
        } else {
            Command::new(program)
        };
        tool.args(arguments)
            .current_dir("/")
            .stdout(std::process::Stdio::null());
        tool
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = format!("{}/data", self.home.display());
        // Best effort at the end of a test run: what cannot be stopped is visible in the process list.
        let _ = run(self.tool("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]));
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn as_root() -> bool {
    output(command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}
