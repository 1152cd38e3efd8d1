//! `doorward import …`

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use doorward_api::{DOCUMENT_BYTES, ImportFormat, ImportOutcome, ImportReport, NewImport};
use serde_json::Value;

use crate::{caller::Caller, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The export of a Keycloak realm with its users, as `kc.sh export --users same_file` writes it
    Keycloak(Keycloak),
    /// People from a table: name, id, display_name, email, email_verified, disabled, groups (with ; between), password_hash
    /// (a PHC string); each other column is an attribute
    Csv(File),
    /// People and groups of a directory, as `ldapsearch -LLL` prints them (LDAP, Active Directory, Kanidm)
    Ldif(File),
}

#[derive(Debug, Args)]
pub(crate) struct File {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
pub(crate) struct Keycloak {
    /// The realm's file
    file: PathBuf,
    /// Directory of the files with users, when the export was made with `--users different_files`
    #[arg(long, value_name = "DIR")]
    users_dir: Option<PathBuf>,
    /// The issuer that its applications keep, as it stands in their configuration: this server answers there too
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct How {
    /// Try everything, say what would come of it, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave out what something here is in the way of, instead of writing nothing
    #[arg(long, conflicts_with = "dry_run")]
    skip_conflicts: bool,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Keycloak(keycloak) => {
                let document = match &keycloak.users_dir {
                    None => read(&keycloak.file)?,
                    Some(directory) => with_users(&keycloak.file, directory)?,
                };
                let new = NewImport {
                    issuer: keycloak.issuer,
                    ..keycloak.how.request(ImportFormat::Keycloak, document)
                };
                send(&new, caller).await
            }
            Self::Csv(csv) => send(&csv.how.request(ImportFormat::Csv, read(&csv.file)?), caller).await,
            Self::Ldif(ldif) => send(&ldif.how.request(ImportFormat::Ldif, read(&ldif.file)?), caller).await,
        }
    }
}

impl How {
    fn request(&self, format: ImportFormat, document: String) -> NewImport {
        NewImport {
            format,
            document,
            issuer: None,
            dry_run: self.dry_run,
            skip_conflicts: self.skip_conflicts,
        }
    }
}

async fn send(new: &NewImport, caller: &Caller<'_>) -> Result<(), Failure> {
    let reply = caller.post::<ImportReport>(&["imports"], new).await?;
    caller.show(&reply, |report, output| show(report, new.dry_run, output))?;
    if !new.dry_run && !reply.value.written {
        return Err(Failure::found(
            "nothing was written, because of the conflicts; --skip-conflicts leaves them out",
        ));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("cannot read {}: {error}", path.display()));
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| failed(&error))?;
    let mut file = file.take(DOCUMENT_BYTES as u64 + 1);
    file.read_to_string(&mut text).map_err(|error| failed(&error))?;
    if text.len() > DOCUMENT_BYTES {
        return Err(failed(&format!("it has more than {DOCUMENT_BYTES} bytes")));
    }
    Ok(text)
}

/// One document of the realm's file and the people of the files beside it, so that all of it is one unit of work.
fn with_users(realm: &Path, directory: &Path) -> Result<String, Failure> {
    let parse = |path: &Path| -> Result<Value, Failure> {
        serde_json::from_str(&read(path)?)
            .map_err(|error| Failure::usage(format!("{} is no JSON: {error}", path.display())))
    };
    let mut whole = parse(realm)?;
    let mut users = whole
        .get_mut("users")
        .map(Value::take)
        .and_then(list)
        .unwrap_or_default();
    let entries = fs::read_dir(directory)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", directory.display())))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    files.retain(|path| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        stem.contains("-users-") && path.extension().is_some_and(|extension| extension == "json")
    });
    files.sort();
    for path in &files {
        let mut part = parse(path)?;
        if part.get("realm") != whole.get("realm") {
            return Err(Failure::usage(format!("{} is of another realm", path.display())));
        }
        users.extend(
            part.get_mut("users")
                .map(Value::take)
                .and_then(list)
                .unwrap_or_default(),
        );
    }
    if let Some(whole) = whole.as_object_mut() {
        whole.insert("users".to_owned(), Value::Array(users));
    }
    Ok(whole.to_string())
}

fn list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn show(report: &ImportReport, dry_run: bool, output: &Output) -> Result<(), Failure> {
    let verb = if report.written { "added" } else { "to add" };
    for count in &report.counts {
        output.line(format!(
            "{:<10}{:>7} {verb}, {} here already, {} in conflict",
            count.kind, count.added, count.already, count.conflicts
        ))?;
    }
    let mut last = None;
    for remark in &report.remarks {
        if last != Some(remark.outcome) {
            output.line(format!("\n{}", title(remark.outcome)))?;
            last = Some(remark.outcome);
        }
        let mut names = remark.names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
        if remark.count > 8 {
            names = format!("{names} and {} more", remark.count - 8);
        }
        let about = if names.is_empty() {
            String::new()
        } else {
            format!(" {names}")
        };
        output.line(format!("  {}{about}: {}", remark.kind, remark.what))?;
        if let Some(remedy) = &remark.remedy {
            output.line(format!("    {remedy}"))?;
        }
    }
    if report.more_remarks > 0 {
        output.line(format!("\n{} further remarks are not shown.", report.more_remarks))?;
    }
    output.line(if report.written {
        "\nWritten."
    } else if dry_run {
        "\nNothing was written: this was a dry run."
    } else {
        "\nNothing was written."
    })
}

fn title(outcome: ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Conflict => "In conflict with what is here:",
        ImportOutcome::Left => "Cannot come:",
        ImportOutcome::Translated => "Becomes something else that does the same:",
        ImportOutcome::Already => "Is here already:",
        ImportOutcome::AsIs => "Comes as it is:",
    }
}
