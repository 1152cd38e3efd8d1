//! `doorward export`, `doorward plan`, `doorward apply`: everything as files.

mod folder;
mod schema;
mod secrets;
mod shown;

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use doorward_api::{
    STATE_PEOPLE as PEOPLE, StateFile, StateFileQuery, StateFiles, StatePeople, StatePeopleQuery, StatePlan,
    StateRequest, StateWhat,
};

use self::{folder::Folder, shown::show};
use super::confirm::Confirm;
use crate::{caller::Caller, failure::Failure};

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The directory; comments of files that are there stay
    #[arg(required_unless_present_any = ["print", "schema"])]
    dir: Option<PathBuf>,
    /// People too, into people.toml; never how they log in
    #[arg(long, conflicts_with = "print")]
    people: bool,
    /// Print one file instead: applications/netbox.toml
    #[arg(long, value_name = "PATH", conflicts_with = "dir")]
    print: Option<String>,
    /// Print the JSON schema of one kind of file instead: applications, settings, people
    #[arg(long, value_name = "KIND", conflicts_with_all = ["dir", "print"])]
    schema: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    files: Files,
    /// Exit with 1 when something would change
    #[arg(long)]
    exit_code: bool,
    /// Read the secrets that files name and send them, to say which would become another one
    #[arg(long)]
    compare_secrets: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Args)]
struct Files {
    /// The directory
    dir: PathBuf,
    /// Remove what is here and in no file: applications, upstreams, groups, service accounts. Never people
    #[arg(long)]
    prune: bool,
    /// With people.toml
    #[arg(long)]
    people: bool,
    /// A folder that files may name secrets in: secret = { file = … } is taken from below DIR or from there
    #[arg(long, value_name = "FOLDER")]
    secrets: Option<PathBuf>,
}

impl Files {
    fn request(&self, with_secrets: bool) -> Result<StateRequest, Failure> {
        let found = Folder(&self.dir).read(self.people)?;
        found.must_be_known()?;
        let files = found.files;
        let secrets = if with_secrets {
            secrets::of(&self.dir, self.secrets.as_deref(), &files)?
        } else {
            BTreeMap::new()
        };
        Ok(StateRequest {
            secrets,
            files,
            prune: self.prune,
            digest: None,
        })
    }
}

/// Prints one thing as its file.
pub(super) async fn print(caller: &Caller<'_>, path: String) -> Result<(), Failure> {
    let query = StateFileQuery { path };
    let reply = caller.query::<StateFile>(&["state", "file"], &query).await?;
    caller.show(&reply, |file, output| output.line(file.text.trim_end()))
}

impl Export {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let dir = match (self.dir, self.print, self.schema) {
            (_, Some(path), _) => return print(caller, path).await,
            (_, _, Some(kind)) => return schema::print(caller, &kind).await,
            (Some(dir), None, None) => dir,
            (None, None, None) => return Err(Failure::usage("expected a directory")),
        };
        let folder = Folder(&dir);
        let found = folder.read_if_there()?;
        let mut standing = found.files;
        let names: Vec<String> = standing.keys().chain(&found.foreign).cloned().collect();
        // Asked first, so that nothing is sent that the server has no name for: other files of the directory are none of its business.
        let mut body = StateFiles::default();
        let mut reply = caller.post::<StateFiles>(&["state", "export"], &body).await?;
        standing.retain(|name, _| is_there(&reply.value, name));
        if !standing.is_empty() {
            body.files = standing;
            reply = caller.post::<StateFiles>(&["state", "export"], &body).await?;
        }
        let (mut written, mut same) = (0, 0);
        schema::write(caller, &folder).await?;
        for (path, text) in &reply.value.files {
            let standing = body.files.get(path);
            let text = schema::named(path, text, standing.map(String::as_str));
            if standing == Some(&text) {
                same += 1;
            } else {
                folder.write(path, &text)?;
                written += 1;
            }
        }
        for name in names.iter().filter(|name| !reply.value.files.contains_key(*name)) {
            caller
                .output
                .aside(format!("{name}: nothing here is like that; it stays as it is"))?;
        }
        let people = if self.people {
            format!(", {} people", export_people(caller, &folder).await?)
        } else {
            String::new()
        };
        caller.show(&reply, |_, output| {
            output.line(format!(
                "{}: {written} files written, {same} unchanged{people}",
                dir.display()
            ))
        })
    }
}

fn is_there(files: &StateFiles, name: &str) -> bool {
    files.files.keys().any(|there| there.eq_ignore_ascii_case(name))
}

/// Page by page, so that a hundred thousand people need no more memory than some.
async fn export_people(caller: &Caller<'_>, folder: &Folder<'_>) -> Result<usize, Failure> {
    let mut file = folder.begin(PEOPLE)?;
    file.append(&schema::named(PEOPLE, "", None))?;
    let (mut cursor, mut count) = (None, 0);
    loop {
        let query = StatePeopleQuery { cursor };
        let part = caller.query::<StatePeople>(&["state", "people"], &query).await?.value;
        count += part.text.lines().filter(|line| *line == "[[person]]").count();
        file.append(&part.text)?;
        match part.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    file.finish()?;
    Ok(count)
}

impl Plan {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let request = self.files.request(self.compare_secrets)?;
        let reply = caller.post::<StatePlan>(&["state", "plan"], &request).await?;
        let is_empty = reply.value.changes.is_empty();
        caller.show(&reply, |plan, output| show(plan, self.files.prune, output))?;
        if self.exit_code && !is_empty {
            return Err(Failure::found("the files say something else than the server"));
        }
        Ok(())
    }
}

impl Apply {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let mut request = self.files.request(true)?;
        let plan = caller.post::<StatePlan>(&["state", "plan"], &request).await?;
        if plan.value.changes.is_empty() {
            // Nothing to ask about: the server remembers that these files say what it is, and the doctor when it no longer is so.
            request.digest = Some(plan.value.digest.clone());
            let reply = caller.post::<StatePlan>(&["state", "apply"], &request).await?;
            return caller.show(&reply, |plan, output| show(plan, self.files.prune, output));
        }
        caller.show_to_people(&plan.value, |plan, output| show(plan, self.files.prune, output))?;
        let (count, removed) = (
            plan.value.changes.len(),
            plan.value
                .changes
                .iter()
                .filter(|change| change.what == StateWhat::Remove)
                .count(),
        );
        self.confirm.ask(&format!(
            "Carry out {count} changes, {removed} of which remove something?"
        ))?;
        request.digest = Some(plan.value.digest.clone());
        let reply = caller.post::<StatePlan>(&["state", "apply"], &request).await?;
        caller.show(&reply, |plan, output| {
            output.line(format!("done: {} changes, all of them", plan.changes.len()))
        })
    }
}
