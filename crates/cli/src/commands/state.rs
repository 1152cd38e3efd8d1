//! `doorward export`, `doorward plan`, `doorward apply`: everything as files.

mod folder;
mod secrets;
mod shown;

use std::path::PathBuf;

use clap::Args;
use doorward_api::{
    StateFile, StateFileQuery, StateFiles, StatePeople, StatePeopleQuery, StatePlan, StateRequest, StateWhat,
};

use self::{folder::Folder, shown::show};
use super::confirm::Confirm;
use crate::{caller::Caller, failure::Failure};

/// The file of people.
const PEOPLE: &str = "people.toml";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The directory; comments of files that are there stay
    #[arg(required_unless_present = "print")]
    dir: Option<PathBuf>,
    /// People too, into people.toml; never how they log in
    #[arg(long, conflicts_with = "print")]
    people: bool,
    /// Print one file instead: applications/netbox.toml
    #[arg(long, value_name = "PATH", conflicts_with = "dir")]
    print: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    files: Files,
    /// Exit with 1 when something would change
    #[arg(long)]
    exit_code: bool,
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
    fn request(&self) -> Result<StateRequest, Failure> {
        let mut files = Folder(&self.dir).read()?;
        if !self.people {
            files.remove(PEOPLE);
        }
        Ok(StateRequest {
            secrets: secrets::of(&self.dir, self.secrets.as_deref(), &files)?,
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
        let dir = match (self.dir, self.print) {
            (_, Some(path)) => return print(caller, path).await,
            (Some(dir), None) => dir,
            (None, None) => return Err(Failure::usage("expected a directory")),
        };
        let folder = Folder(&dir);
        let mut standing = folder.read_if_there()?;
        standing.remove(PEOPLE);
        let names: Vec<String> = standing.keys().cloned().collect();
        // Asked first, so that nothing is sent that the server has no name for: other files of the directory are none of its business.
        let mut body = StateFiles::default();
        let mut reply = caller.post::<StateFiles>(&["state", "export"], &body).await?;
        standing.retain(|name, _| is_there(&reply.value, name));
        if !standing.is_empty() {
            body.files = standing;
            reply = caller.post::<StateFiles>(&["state", "export"], &body).await?;
        }
        let (mut written, mut same) = (0, 0);
        for (path, text) in &reply.value.files {
            if body.files.get(path) == Some(text) {
                same += 1;
            } else {
                folder.write(path, text)?;
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
        let request = self.files.request()?;
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
        let mut request = self.files.request()?;
        let plan = caller.post::<StatePlan>(&["state", "plan"], &request).await?;
        if plan.value.changes.is_empty() {
            return caller.show(&plan, |plan, output| show(plan, self.files.prune, output));
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
