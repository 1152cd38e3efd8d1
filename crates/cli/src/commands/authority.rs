//! `doorward ca …`

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Subcommand};
use doorward_api::{Authority, AuthorityInstall, CertificateIssued, NewAuthority, NewCertificate};

use super::confirm::Confirm;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the private authority
    Init(Init),
    /// Show the authority, and what each host must install
    Show(Show),
    /// Issue a certificate to another host
    Issue(Issue),
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// A domain, network or address that it may vouch for, again for more [default: what is around the public URL]
    #[arg(long, value_name = "NAME")]
    permit: Vec<String>,
    /// Its name in lists of authorities
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// How long it lives [default: 3650]
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// In place of the one that exists: every host has to install the new one
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its certificate alone, PEM
    #[arg(long)]
    pem: bool,
    /// What one kind of host must install: debian, redhat, alpine, python, node, java, go, container, windows, macos, firefox
    #[arg(long = "for", value_name = "KIND", conflicts_with = "pem")]
    kind: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Issue {
    /// Host names, wildcards and addresses that it is for
    #[arg(required = true, value_name = "HOST")]
    names: Vec<String>,
    /// How long it lives, at most 397 [default: 397]
    #[arg(long, value_name = "DAYS")]
    days: Option<u32>,
    /// A signing request, PEM, whose key is used
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// Where the files go: PATH.crt and PATH.key [default: the first host's name]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Init(init) => init.run(caller).await,
            Self::Show(show) => show.run(caller).await,
            Self::Issue(issue) => issue.run(caller).await,
        }
    }
}

impl Init {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        if self.replace {
            let question = "Replace the private authority? Hosts trust the new one only after it is installed on them.";
            self.confirm.ask(question)?;
        }
        let new = NewAuthority {
            permit: self.permit,
            name: self.name,
            days: self.days,
            replace: self.replace,
        };
        let reply = caller.post::<Authority>(&["ca"], &new).await?;
        caller.show(&reply, |authority, output| {
            fields(authority, output)?;
            output.aside("What each host must install: doorward ca show")
        })
    }
}

impl Show {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = caller.get::<Authority>(&["ca"]).await?;
        if self.pem {
            return caller.output.raw(reply.value.certificate.as_bytes());
        }
        caller.show(&reply, |authority, output| {
            if let Some(kind) = &self.kind {
                let found = authority.install.iter().find(|step| step.name == *kind);
                return output.line(&found.ok_or_else(|| unknown(kind, &authority.install))?.text);
            }
            fields(authority, output)?;
            output.line("\nEach host below needs it as a file: doorward ca show --pem > doorward-ca.crt\n")?;
            for step in &authority.install {
                output.line(format!("── {} ({})\n\n{}\n", step.title, step.name, step.text))?;
            }
            Ok(())
        })
    }
}

fn unknown(kind: &str, known: &[AuthorityInstall]) -> Failure {
    let names: Vec<&str> = known.iter().map(|step| step.name.as_str()).collect();
    Failure::usage(format!("--for: expected one of {}, found {kind:?}", names.join(", ")))
}

fn fields(authority: &Authority, output: &Output) -> Result<(), Failure> {
    output.fields(&[
        ("authority", authority.name.clone()),
        ("vouches for", authority.permitted.join(", ")),
        ("made", instant(authority.created)),
        ("until", instant(authority.not_after)),
        ("SHA-256", authority.fingerprint.clone()),
    ])
}

impl Issue {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let csr = match &self.csr {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|error| Failure::usage(format!("--csr: cannot read {}: {error}", path.display())))?)
            }
            None => None,
        };
        let first = self.names.first().map_or("certificate", String::as_str);
        let stem = self
            .out
            .unwrap_or_else(|| PathBuf::from(first.replace('*', "wildcard").replace(':', "-")));
        let (certificate, key) = (with(&stem, ".crt"), with(&stem, ".key"));
        // Before anything is issued: what cannot be written would be lost.
        let written = if csr.is_some() {
            vec![&certificate]
        } else {
            vec![&certificate, &key]
        };
        let taken = written.into_iter().find(|path| path.exists());
        if let Some(path) = taken.filter(|_| !caller.output.json) {
            return Err(Failure::usage_with(
                format!("{} is there already", path.display()),
                "move it away, or give --out another name",
            ));
        }
        let new = NewCertificate {
            names: self.names,
            days: self.days,
            csr,
        };
        let reply = caller.post::<CertificateIssued>(&["ca", "certificates"], &new).await?;
        caller.show(&reply, |issued, output| {
            write(&certificate, &issued.certificate, 0o644)?;
            let mut files = certificate.display().to_string();
            if let Some(text) = &issued.key {
                write(&key, text, 0o600)?;
                files = format!("{files} and {}", key.display());
            }
            output.line(format!(
                "Issued to {} until {}: {files}",
                issued.names.join(", "),
                instant(issued.not_after)
            ))?;
            output.aside("The key is kept nowhere else. Hosts that connect must trust the authority: doorward ca show")
        })
    }
}

fn with(stem: &Path, ending: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
        .map_err(Failure::Local)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
