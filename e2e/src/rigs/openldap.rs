//! OpenLDAP's own programs on a database of a test's own, without a server: what `slapcat` writes is what a directory holds.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::tools::Tools;

/// Modules that hash passwords: Debian has the second in `slapd-contrib`.
const MODULES: [&str; 2] = ["argon2", "pw-pbkdf2"];

/// The database.
#[derive(Debug)]
pub struct OpenLdap {
    folder: TempDir,
}

impl OpenLdap {
    /// An empty one of `dc=example,dc=com` with the usual schemas and rules for passwords.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let schemas = ["core", "cosine", "nis", "inetorgperson"];
        let schemas = schemas
            .map(|name| format!("include /etc/ldap/schema/{name}.schema\n"))
            .concat();
        let modules = ["back_mdb", "ppolicy", MODULES[0], MODULES[1]];
        let modules = modules.map(|name| format!("moduleload {name}\n")).concat();
        let configuration = format!(
            "{schemas}modulepath /usr/lib/ldap\n{modules}database mdb\nmaxsize 10485760\nsuffix dc=example,dc=com\n\
             directory {}\noverlay ppolicy\n",
            folder.path().display()
        );
        fs::write(folder.path().join("slapd.conf"), configuration).expect("the file can be written");
        Self { folder }
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("slapd.conf")
    }

    /// A password as that scheme stores it.
    pub fn password(&self, scheme: &str, password: &str) -> String {
        // It loads one module at most.
        let module = MODULES[usize::from(scheme != "{ARGON2}")];
        let mut command = Command::new(Tools::openldap("slappasswd"));
        command.args(["-n", "-h", scheme, "-s", password, "-o", "module-path=/usr/lib/ldap"]);
        command.args(["-o", &format!("module-load={module}")]);
        run(command, "")
    }

    /// Adds entries, with whatever the directory itself adds to them.
    pub fn add(&self, entries: &str) {
        let mut command = Command::new(Tools::openldap("slapadd"));
        command.arg("-f").arg(self.configuration());
        run(command, entries);
    }

    /// All entries as `slapcat` writes them.
    pub fn everything(&self) -> String {
        let mut command = Command::new(Tools::openldap("slapcat"));
        command.arg("-f").arg(self.configuration());
        run(command, "")
    }

    /// The `entryUUID` that the directory gave an entry.
    pub fn id_of(&self, held: &str, dn: &str) -> Option<String> {
        let entry = held
            .split("\n\n")
            .find(|entry| entry.starts_with(&format!("dn: {dn}\n")))?;
        let mut lines = entry.lines();
        lines.find_map(|line| line.strip_prefix("entryUUID: ").map(str::to_owned))
    }
}

impl Default for OpenLdap {
    fn default() -> Self {
        Self::new()
    }
}

fn run(mut command: Command, input: &str) -> String {
    let shown = format!("{command:?}");
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let done = child.wait_with_output().expect("it ends");
    assert!(
        done.status.success(),
        "{shown}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).expect("UTF-8")
}
