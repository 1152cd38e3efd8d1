//! The whole state of an installation as files: what there is, what files would change, and changing it.
//!
//! [`State::export`] writes each thing as TOML, [`State::plan`] says what files would change here and what is here that no file
//! names, [`State::apply`] carries them out: everything in one unit of work, or nothing. A plan *is* that unit of work, taken back
//! before it is committed: what it says is what would happen, every check included.
//!
//! Invariants: above `directory`, `apps` and `upstreams`, which keep their rules; not on `web`. Reads no clock. Files never hold a
//! secret: they say where one is, and whoever applies them reads it there.

mod applied;
mod carry_out;
mod form;
mod forms;
mod here;
mod path;
mod plan;
mod refusals;
mod schema;
mod secret;
mod server;
mod shown;
mod text;
mod traced;
mod weaker;

use std::{collections::BTreeMap, sync::Arc};

use doorward_api::STATE_BYTES;
use doorward_apps::Apps;
use doorward_directory::{Actor, Directory, UserKind, within};
use doorward_jose::{Random, Secret};
use doorward_oidc::Refusal;
use doorward_store::Store;
use doorward_unit::UnitError;
use doorward_upstreams::Upstreams;
use jiff::Timestamp;

pub use applied::Drift;
pub use form::{Form, UNSET};
pub use path::{Kind, PEOPLE, Path};
pub use plan::{Change, Plan, Setting, What};
pub use refusals::*;
pub use schema::Schema;
pub use secret::{Reference, SECRET};
pub use server::ServerSettings;
pub use shown::Shown;
pub use weaker::Weaker;

use carry_out::{Unit, Wanted, carry_out};

/// Files by their paths: `applications/netbox.toml`.
pub type Files = BTreeMap<String, String>;

/// Files at most.
const MOST_FILES: usize = 20_000;
/// What stands in a file of what there is once and that nobody decided anything about.
const AS_USUAL: &str = "# as usual\n";
/// People on a page of an export.
const PEOPLE_AT_ONCE: u32 = 500;

/// The state of an installation.
#[derive(Clone)]
pub struct State {
    store: Store,
    directory: Directory,
    apps: Apps,
    upstreams: Upstreams,
    random: Arc<dyn Random>,
    server: Arc<dyn ServerSettings>,
}

/// What files are to do.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The files.
    pub files: Files,
    /// Secrets that files name, by the path of the file.
    pub secrets: BTreeMap<String, Secret<String>>,
    /// Whether what no file names is removed. People never are.
    pub prune: bool,
}

impl State {
    /// The state of what these services keep.
    pub fn new(
        store: Store,
        directory: Directory,
        apps: Apps,
        upstreams: Upstreams,
        random: Arc<dyn Random>,
        server: Arc<dyn ServerSettings>,
    ) -> Self {
        Self {
            store,
            directory,
            apps,
            upstreams,
            random,
            server,
        }
    }

    /// Everything but people, as files. Where `files` has one of the same path, its comments and its order stay. Right: to read
    /// settings, applications and people.
    pub async fn export(&self, actor: &Actor, files: Files) -> Result<Files, UnitError> {
        few(&files)?;
        let (unit, actor) = (self.unit(BTreeMap::new()), actor.clone());
        self.store
            .scan(move |tx| {
                within::may_read(&within::current(tx, &actor)?)?;
                let mut written = Files::new();
                let by_key: BTreeMap<String, (&String, &String)> =
                    files.iter().map(|file| (file.0.to_ascii_lowercase(), file)).collect();
                for (path, entry) in here::read(tx, &unit)? {
                    let standing = by_key.get(&path.to_string().to_ascii_lowercase()).copied();
                    let text = match standing {
                        Some((_, text)) if carry_out::says(&path, text, &entry) => text.clone(),
                        Some((_, text)) => {
                            text::rewrite(text, &entry.form, &entry.full).unwrap_or_else(|| text::write(&entry.form))
                        }
                        None => text::write(&entry.form),
                    };
                    let name = standing.map_or_else(|| path.to_string(), |(name, _)| name.clone());
                    written.insert(name, text);
                }
                Ok(written)
            })
            .await
    }

    /// One thing as its file, or one person as it stands in the file of people. `None` when it is not there; what there is once
    /// is always there. Rights as for [`State::export`].
    pub async fn file(&self, actor: &Actor, path: &str) -> Result<Option<String>, UnitError> {
        if let Some(name) = path.strip_prefix(PEOPLE).and_then(|rest| rest.strip_prefix(':')) {
            return self.person(actor, name.trim().to_owned()).await;
        }
        let wanted = Path::parse(path)?.key();
        let (unit, actor) = (self.unit(BTreeMap::new()), actor.clone());
        self.store
            .scan(move |tx| {
                within::may_read(&within::current(tx, &actor)?)?;
                let all = here::read(tx, &unit)?;
                let found = all.iter().find(|(path, _)| path.key() == wanted);
                let text = found.map(|(_, entry)| text::write(&entry.form));
                Ok(text.or_else(|| wanted.kind.is_single().then(|| AS_USUAL.to_owned())))
            })
            .await
    }

    async fn person(&self, actor: &Actor, name: String) -> Result<Option<String>, UnitError> {
        let (unit, actor) = (self.unit(BTreeMap::new()), actor.clone());
        self.store
            .scan(move |tx| {
                within::may_read(&within::current(tx, &actor)?)?;
                let user = within::user_by_name(tx, &name)?.filter(|user| user.kind == UserKind::Person);
                let user: Vec<_> = user.into_iter().collect();
                let entries = forms::people::entries(tx, &unit, &user)?;
                Ok(entries.first().map(|(_, entry)| text::write_person(&entry.form)))
            })
            .await
    }

    /// How this server differs from the files that were applied last; `None` when none ever were. Rights as for
    /// [`State::export`].
    pub async fn drift(&self, actor: &Actor) -> Result<Option<Drift>, UnitError> {
        let (unit, actor) = (self.unit(BTreeMap::new()), actor.clone());
        self.store
            .scan(move |tx| {
                within::may_read(&within::current(tx, &actor)?)?;
                let here = here::read(tx, &unit)?;
                Ok(applied::drift(tx, &here)?)
            })
            .await
    }

    /// What each kind of file may say, by the name of the file or folder: JSON schemas, made of the very types that read files.
    pub fn schemas(&self) -> &'static BTreeMap<&'static str, Schema> {
        schema::all(&*self.server)
    }

    /// Some people as tables of the file of people, and the name to go on after. Rights as for [`State::export`].
    pub async fn people(&self, actor: &Actor, after: Option<String>) -> Result<(String, Option<String>), UnitError> {
        let (unit, actor) = (self.unit(BTreeMap::new()), actor.clone());
        self.store
            .scan(move |tx| {
                within::may_read(&within::current(tx, &actor)?)?;
                let some = within::people_after(tx, after.as_deref().unwrap_or_default(), PEOPLE_AT_ONCE)?;
                let next = (some.len() >= usize::try_from(PEOPLE_AT_ONCE).unwrap_or(usize::MAX))
                    .then(|| some.last().map(|user| user.name.to_string()))
                    .flatten();
                let mut text = String::new();
                for (_, entry) in forms::people::entries(tx, &unit, &some)? {
                    text.push_str(&text::write_person(&entry.form));
                    text.push('\n');
                }
                Ok((text, next))
            })
            .await
    }

    /// What the files would change here, and what is here that they do not name. Right: full, as for carrying them out.
    pub async fn plan(&self, actor: &Actor, request: Request, now: Timestamp) -> Result<Plan, UnitError> {
        let wanted = wanted(&request)?;
        let (unit, actor) = (self.unit(request.secrets), actor.clone());
        self.store
            .try_out(now, move |tx| carry_out(tx, &unit, &actor, &wanted, None))
            .await
    }

    /// Carries the files out if the state is still the one that was planned for: all of them in one unit of work, or nothing.
    /// Right: full.
    pub async fn apply(
        &self,
        actor: &Actor,
        request: Request,
        digest: &str,
        now: Timestamp,
    ) -> Result<Plan, UnitError> {
        let wanted = wanted(&request)?;
        let (unit, actor, digest) = (self.unit(request.secrets), actor.clone(), digest.to_owned());
        self.store
            .write(now, move |tx| carry_out(tx, &unit, &actor, &wanted, Some(&digest)))
            .await
    }

    fn unit(&self, secrets: BTreeMap<String, Secret<String>>) -> Unit {
        Unit {
            apps: self.apps.in_unit(),
            upstreams: self.upstreams.in_unit(),
            outbox: self.directory.outbox().clone(),
            random: Arc::clone(&self.random),
            server: Arc::clone(&self.server),
            secrets,
        }
    }
}

fn few(files: &Files) -> Result<(), Refusal> {
    let bytes: usize = files.values().map(String::len).sum();
    if files.len() <= MOST_FILES && bytes <= STATE_BYTES {
        return Ok(());
    }
    Err(Refusal::response(
        &STATE_FILE_INVALID,
        format!(
            "expected at most {MOST_FILES} files of {STATE_BYTES} bytes together, received {} of {bytes}",
            files.len()
        ),
    ))
}

fn wanted(request: &Request) -> Result<Wanted, Refusal> {
    few(&request.files)?;
    Wanted::read(&request.files, request.prune)
}
