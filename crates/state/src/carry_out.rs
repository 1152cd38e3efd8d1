//! Making things here what files say, inside one unit of work.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use doorward_apps::App;
use doorward_directory::{Actor, Right, RoleHolder, within};
use doorward_jose::{Random, Secret, base64url};
use doorward_mail::Outbox;
use doorward_oidc::Refusal;
use doorward_store::Tx;
use doorward_upstreams::Upstream;
use serde_json::Value;

use crate::{
    Files, Form, Kind, PEOPLE, Path, Plan, Reference, ServerSettings, UnitError, applied,
    forms::{Thing, apps, groups, names::Names, people, services, single, upstreams},
    here::{self, Entry, Here},
    plan::{self, Beside},
    refusals::{STATE_EMPTY, STATE_FILE_INVALID, invalid},
    text,
};

/// What the unit of work works with.
pub(crate) struct Unit {
    pub(crate) apps: doorward_apps::InUnit,
    pub(crate) upstreams: doorward_upstreams::InUnit,
    pub(crate) outbox: Outbox,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) server: Arc<dyn ServerSettings>,
    pub(crate) secrets: BTreeMap<String, Secret<String>>,
}

impl Unit {
    /// A hash that nobody can try secrets at who has no keys of this server.
    pub(crate) fn keyed_hash(&self, bytes: &[u8]) -> String {
        base64url::encode(self.apps.keyed_hash("state.request", bytes))
    }

    /// The secret that was sent for a file.
    pub(crate) fn secret(&self, path: &Path) -> Option<&str> {
        let path = path.to_string();
        let found = self.secrets.iter().find(|(name, _)| name.eq_ignore_ascii_case(&path));
        found.map(|(_, secret)| secret.expose().trim_end_matches(['\n', '\r']))
    }
}

/// What one file says.
struct Said {
    path: Path,
    form: Form,
    secret: Option<Reference>,
}

/// What all files say, by path in small letters.
pub(crate) struct Wanted {
    files: BTreeMap<Path, Said>,
    people: BTreeMap<Path, Said>,
    pub(crate) prune: bool,
    /// As they came.
    pub(crate) texts: Files,
}

impl Wanted {
    pub(crate) fn read(files: &Files, prune: bool) -> Result<Self, Refusal> {
        let mut wanted = Self {
            files: BTreeMap::new(),
            people: BTreeMap::new(),
            prune,
            texts: files.clone(),
        };
        for (name, text) in files {
            if name == PEOPLE {
                wanted.people = of_people(text)?;
                continue;
            }
            let path = Path::parse(name)?;
            let mut form = text::read(&path, text)?;
            let takes_secret = matches!(path.kind, Kind::Application | Kind::Upstream);
            let secret = if takes_secret {
                Reference::take(&path, &mut form)?
            } else {
                None
            };
            let key = path.key();
            if let Some(other) = wanted.files.get(&key) {
                return Err(invalid(&path, format!("{} is about the same", other.path)));
            }
            wanted.files.insert(key, Said { path, form, secret });
        }
        if prune && wanted.files.is_empty() {
            return Err(Refusal::response(
                &STATE_EMPTY,
                "no file says anything, and everything would be removed that no file names",
            )
            .with_remedy("begin with: doorward export DIR"));
        }
        Ok(wanted)
    }

    /// Keys of the files, people not among them.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Path> {
        self.files.keys()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Said> {
        self.files.values().filter(move |said| said.path.kind == kind)
    }
}

fn of_people(text: &str) -> Result<BTreeMap<Path, Said>, Refusal> {
    let mut people = BTreeMap::new();
    for form in text::read_people(text)? {
        let Some(name) = form.get("name").and_then(Value::as_str) else {
            return Err(Refusal::response(
                &STATE_FILE_INVALID,
                format!("{PEOPLE}: expected `name` in every [[person]]"),
            ));
        };
        let path = Path::of(Kind::Person, name);
        let said = Said {
            path: path.clone(),
            form,
            secret: None,
        };
        if people.insert(path.key(), said).is_some() {
            return Err(invalid(&path, "stands there twice"));
        }
    }
    Ok(people)
}

/// Whether a file says what is here, however it says it.
pub(crate) fn says(path: &Path, text: &str, entry: &Entry) -> bool {
    let Ok(mut form) = text::read(path, text) else {
        return false;
    };
    form.remove(crate::SECRET);
    let canonical = match path.kind {
        Kind::Group => groups::GroupForm::canonical(path, &form),
        Kind::Service => services::ServiceForm::canonical(path, &form),
        Kind::Upstream => upstreams::canonical(path, &form),
        Kind::Application => apps::canonical(path, &form, None),
        _ => return form == entry.form,
    };
    canonical.is_ok_and(|form| form == entry.form)
}

/// Carries everything out, and says what it came to. With a digest only if the state is the one that it stands for; without, it is
/// about to be taken back.
pub(crate) fn carry_out(
    tx: &mut Tx<'_>,
    unit: &Unit,
    actor: &Actor,
    wanted: &Wanted,
    digest: Option<&str>,
) -> Result<Plan, UnitError> {
    // First of all: whoever changes groups or roles waits, and the actor's rights hold until this unit ends.
    within::take_turn(tx)?;
    let actor = &within::current(tx, actor)?;
    actor.require(Right::Full)?;
    let before = here(tx, unit, wanted)?;
    let is = plan::Digest {
        state: plan::digest(&before),
        request: plan::request_digest(unit, wanted),
    };
    let planned = digest.map(|digest| is.must_be(digest)).transpose()?;
    let secrets = Work {
        unit,
        actor,
        wanted,
        before: &before,
        is_plan: digest.is_none(),
    }
    .run(tx)?;
    let after = here(tx, unit, wanted)?;
    let gives_id = |said: &&Said| said.form.contains_key("id");
    let ids = wanted.people.values().filter(gives_id).map(|said| said.path.key());
    let ids = ids.collect();
    if digest.is_some() {
        applied::remember(tx, actor, wanted, &after)?;
    }
    let named = |path: &Path| wanted.files.contains_key(&path.key()) || wanted.people.contains_key(&path.key());
    let changes = plan::between(&before, &after, &Beside { secrets, ids });
    let outcome = plan::outcome_digest(unit, &changes);
    // A secret that somebody set meanwhile is in no form: what comes of it is what was shown, or nothing is done.
    if planned.is_some_and(|planned| planned != outcome) {
        return Err(plan::moved().into());
    }
    Ok(Plan {
        digest: is.with(&outcome),
        changes,
        only_here: after
            .keys()
            .filter(|path| !named(path))
            .map(ToString::to_string)
            .collect(),
        unread: wanted
            .files
            .values()
            .filter(|said| said.secret.is_some() && unit.secret(&said.path).is_none())
            .filter(|said| before.keys().any(|path| path.key() == said.path.key()))
            .map(|said| said.path.to_string())
            .collect(),
    })
}

/// Everything but people, and the people that files name.
fn here(tx: &mut Tx<'_>, unit: &Unit, wanted: &Wanted) -> Result<Here, UnitError> {
    let mut here = here::read(tx, unit)?;
    let mut named = Vec::new();
    for said in wanted.people.values() {
        let found = within::user_by_name(tx, &said.path.name)?;
        named.extend(found.filter(|user| user.kind == doorward_directory::UserKind::Person));
    }
    here.extend(people::entries(tx, unit, &named)?);
    Ok(here)
}

struct Work<'a> {
    unit: &'a Unit,
    actor: &'a Actor,
    wanted: &'a Wanted,
    before: &'a Here,
    is_plan: bool,
}

impl Work<'_> {
    /// What others name comes before those who name it; what goes, goes last.
    fn run(&self, tx: &mut Tx<'_>) -> Result<BTreeMap<Path, Reference>, UnitError> {
        let (unit, actor, wanted) = (self.unit, self.actor, self.wanted);
        let here: BTreeMap<Path, &Entry> = self.before.iter().map(|(path, entry)| (path.key(), entry)).collect();
        let differs = |path: &Path, form: Form| here.get(&path.key()).is_none_or(|entry| entry.form != form);

        let mut changed_groups = Vec::new();
        for said in wanted.of(Kind::Group) {
            if differs(&said.path, groups::GroupForm::canonical(&said.path, &said.form)?) {
                changed_groups.push((&said.path, groups::GroupForm::read(&said.path, &said.form)?));
            }
        }
        let names = Names::read(tx)?;
        for (path, form) in &changed_groups {
            groups::make(tx, unit, actor, (path, form, &names)).map_err(|error| error.about(path))?;
        }
        let names = Names::read(tx)?;
        for (path, form) in &changed_groups {
            groups::unnest(tx, actor, (path, form, &names)).map_err(|error| error.about(path))?;
        }
        for (path, form) in &changed_groups {
            groups::fill(tx, unit, actor, (path, form, &names)).map_err(|error| error.about(path))?;
        }

        let mut changed_services = Vec::new();
        for said in wanted.of(Kind::Service) {
            if differs(&said.path, services::ServiceForm::canonical(&said.path, &said.form)?) {
                let form = services::ServiceForm::read(&said.path, &said.form)?;
                services::put(tx, unit, actor, (&said.path, &form, &names)).map_err(|error| error.about(&said.path))?;
                changed_services.push((&said.path, form.roles));
            }
        }

        let secrets = self.providers_and_apps(tx, &differs)?;

        for said in wanted.files.values().filter(|said| said.path.kind.is_single()) {
            if differs(&said.path, single::canonical(unit, &said.path, &said.form)?) {
                single::put(tx, unit, actor, &said.path, &said.form).map_err(|error| error.about(&said.path))?;
            }
        }
        for said in wanted.people.values() {
            let entry = here.get(&said.path.key()).copied();
            if differs(&said.path, people::canonical(&said.path, &said.form, entry)?) {
                let form = people::read(&said.path, &said.form)?;
                people::put(tx, unit, actor, (&said.path, &form, &names)).map_err(|error| error.about(&said.path))?;
                changed_services.push((&said.path, form.roles));
            }
        }
        if wanted.prune {
            self.prune(tx, &names)?;
        }
        // At the very end: who is to administer instead is there by now.
        for (path, form) in &changed_groups {
            let group = names.group(path, &path.name)?;
            names.withdraw(tx, actor, (path, RoleHolder::Group(group.id), &form.roles))?;
        }
        for (path, roles) in &changed_services {
            services::withdraw(tx, actor, (path, roles, &names))?;
        }
        Ok(secrets)
    }

    fn providers_and_apps(
        &self,
        tx: &mut Tx<'_>,
        differs: &dyn Fn(&Path, Form) -> bool,
    ) -> Result<BTreeMap<Path, Reference>, UnitError> {
        let (unit, actor, wanted) = (self.unit, self.actor, self.wanted);
        let mut secrets = BTreeMap::new();
        let there: HashMap<String, Upstream> = unit
            .upstreams
            .all(tx)?
            .into_iter()
            .map(|one| (one.name.clone(), one))
            .collect();
        for said in wanted.of(Kind::Upstream) {
            let here = there.get(&said.path.name);
            let is_other = differs(&said.path, upstreams::canonical(&said.path, &said.form)?);
            if is_other || said.secret.is_some() {
                let form = upstreams::read(&said.path, &said.form)?;
                let given = unit.secret(&said.path);
                let has_it = match (here, given) {
                    (Some(here), Some(given)) => unit.upstreams.has_secret(here, given)?,
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if !is_other && has_it {
                    continue;
                }
                let secret = (said.secret.as_ref(), self.is_plan);
                let new = upstreams::put(tx, unit, actor, (&said.path, &form, here), secret);
                if new.map_err(|error| error.about(&said.path))? {
                    secrets.extend(said.secret.clone().map(|from| (said.path.clone(), from)));
                }
            }
        }
        let there: HashMap<String, App> = unit
            .apps
            .all(tx)?
            .into_iter()
            .map(|app| (app.client_id.to_ascii_lowercase(), app))
            .collect();
        for said in wanted.of(Kind::Application) {
            let here = there.get(&said.path.key().name);
            if here.is_some_and(|app| app.grants.registered) {
                return Err(invalid(&said.path, "this application registered itself, and looks after itself").into());
            }
            let secret = (said.secret.as_ref(), self.is_plan);
            let is_new_secret = if differs(&said.path, apps::canonical(&said.path, &said.form, here)?) {
                let form = apps::read(&said.path, &said.form, here)?;
                apps::put(tx, unit, actor, (&said.path, &form, here), secret)
            } else if let Some(app) = here {
                apps::put_secret(tx, unit, actor, (&said.path, app, false), secret)
            } else {
                Ok(false)
            };
            if is_new_secret.map_err(|error| error.about(&said.path))? {
                let name = here.map_or_else(|| said.path.name.clone(), |app| app.client_id.clone());
                let path = Path::of(Kind::Application, name);
                secrets.extend(said.secret.clone().map(|from| (path, from)));
            }
        }
        Ok(secrets)
    }

    /// Removes what no file names, people excepted: those who name others before those who are named.
    fn prune(&self, tx: &mut Tx<'_>, names: &Names) -> Result<(), UnitError> {
        let (unit, actor) = (self.unit, self.actor);
        for path in self.before.keys().rev() {
            if self.wanted.files.contains_key(&path.key()) {
                continue;
            }
            let removed = match path.kind {
                Kind::Person => Ok(()),
                Kind::Application => unit.apps.remove(tx, actor.into(), &path.name).map_err(UnitError::from),
                Kind::Upstream => unit.upstreams.remove(tx, actor, &path.name).map_err(UnitError::from),
                Kind::Service => services::remove(tx, unit, actor, path),
                Kind::Group => groups::remove(tx, actor, path, names),
                _ => single::put(tx, unit, actor, path, &Form::new()),
            };
            removed.map_err(|error| error.about(path))?;
        }
        Ok(())
    }
}
