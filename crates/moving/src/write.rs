//! One unit of work that writes an intake: all of it, or nothing.

use std::collections::{HashMap, HashSet};

use doorward_apps::{Apps, AppsError, put_alias};
use doorward_audit::{Event, events};
use doorward_directory::{Actor, DirectoryError, NewGroup, Right, factors::Seals, intake as directory, within};
use doorward_oidc::Refusal;
use doorward_store::{Store, StoreError, Tx, new_id};
use doorward_upstreams::{Upstreams, UpstreamsError};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{Application, Group, Intake, Kind, Outcome, Person, Report, report::bounded};

/// Writes what readers made.
#[derive(Clone)]
pub struct Importer {
    /// Where to.
    pub store: Store,
    /// Applications.
    pub apps: Apps,
    /// Upstreams.
    pub upstreams: Upstreams,
    /// For secrets of people, and for ids.
    pub seals: Seals,
}

/// How far an import goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything is tried, nothing is written.
    DryRun,
    /// Everything is written, or nothing when something is in the way of something.
    All,
    /// What something is in the way of stays out.
    SkipConflicts,
}

/// Why an import could not be tried at all.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    /// The actor may not.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else failed.
    #[error("{0}")]
    Failed(String),
}

impl From<DirectoryError> for MovingError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => Self::Refused(refusal),
            DirectoryError::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<AppsError> for MovingError {
    fn from(error: AppsError) -> Self {
        match error {
            AppsError::Refused(refusal) => Self::Refused(refusal),
            AppsError::Store(error) => Self::Store(error),
            other @ AppsError::Seal(_) => Self::Failed(other.to_string()),
        }
    }
}

impl From<UpstreamsError> for MovingError {
    fn from(error: UpstreamsError) -> Self {
        match error {
            UpstreamsError::Refused(refusal) => Self::Refused(refusal),
            UpstreamsError::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// How the unit of work ends when nothing is to be kept.
enum Stop {
    Undo(Box<Report>),
    Error(MovingError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Error(refusal.into())
    }
}

impl From<MovingError> for Stop {
    fn from(error: MovingError) -> Self {
        Self::Error(error)
    }
}

impl Importer {
    /// Writes the intake in one unit of work, or tries it. Right: full.
    ///
    /// # Errors
    /// The actor may not, or the machine failed. A conflict is no error: the report names it, and says whether anything was
    /// written.
    pub async fn run(&self, actor: &Actor, intake: Intake, mode: Mode, now: Timestamp) -> Result<Report, MovingError> {
        let work = Work {
            importer: self.clone(),
            now,
            report: Report::default(),
            groups: HashMap::new(),
            known_upstreams: HashSet::new(),
        };
        let actor = actor.clone();
        let done = self
            .store
            .write(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let report = work.carry_out(tx, &actor, intake)?;
                let keeps = match mode {
                    Mode::DryRun => false,
                    Mode::All => !report.has_conflicts(),
                    Mode::SkipConflicts => true,
                };
                if keeps {
                    Ok(Report {
                        written: true,
                        ..report
                    })
                } else {
                    Err(Stop::Undo(Box::new(report)))
                }
            })
            .await;
        match done {
            Ok(report) => Ok(report),
            Err(Stop::Undo(report)) => Ok(*report),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

struct Work {
    importer: Importer,
    now: Timestamp,
    report: Report,
    /// Groups of the document as they are here, by the name that they have in the intake.
    groups: HashMap<String, doorward_directory::Group>,
    /// Upstreams of the document that are here, added or agreed with.
    known_upstreams: HashSet<String>,
}

impl Work {
    fn carry_out(mut self, tx: &mut Tx<'_>, actor: &Actor, intake: Intake) -> Result<Report, MovingError> {
        self.report = intake.report;
        directory::take_turn(tx)?;
        for group in &intake.groups {
            self.group(tx, actor, group)?;
        }
        for group in &intake.groups {
            self.nest(tx, actor, group)?;
        }
        for upstream in &intake.upstreams {
            self.upstream(tx, actor, upstream)?;
        }
        for person in intake.people {
            self.person(tx, actor, person, intake.from)?;
        }
        if let Some(issuer) = &intake.issuer {
            put_alias(tx, actor.into(), self.fresh(None), issuer)?;
            let what = "this server answers at the issuer of the applications, which keep it, once its name leads here";
            self.report
                .note(Outcome::AsIs, Kind::Realm, what, None, issuer.as_str());
        }
        for app in intake.apps {
            self.app(tx, actor, app)?;
        }
        self.report.sort();
        let counts = self.report.counts.iter();
        let counts: serde_json::Map<_, _> = counts
            .filter_map(|count| {
                Some((
                    serde_json::to_value(count.kind).ok()?.as_str()?.to_owned(),
                    json!(count.added),
                ))
            })
            .collect();
        let event = Event::new("import", actor.into()).with_data(json!({ "from": intake.from, "added": counts }));
        events::record(tx, &event)?;
        Ok(self.report)
    }

    fn fresh(&self, id: Option<Uuid>) -> Uuid {
        id.unwrap_or_else(|| new_id(self.now, self.importer.seals.random.as_ref()))
    }

    /// Whether something else here has this id already. Ids of people, groups and applications stand beside each other in
    /// rows of roles and events, so none may be another's.
    fn is_taken(&mut self, tx: &mut Tx<'_>, kind: Kind, id: Option<Uuid>, name: &str) -> Result<bool, MovingError> {
        let Some(id) = id else { return Ok(false) };
        let is_taken = id.is_nil() || directory::has_id(tx, id)?;
        if is_taken {
            let what = "its id is that of something else here";
            let remedy = "Give it another id in the document, or none.";
            self.conflict(kind, name, what, Some(remedy));
        }
        Ok(is_taken)
    }

    fn is_here(&mut self, kind: Kind, name: &str) {
        self.report.count(kind, Outcome::Already);
        let what = "is here already, and stays as it is";
        self.report.note(Outcome::Already, kind, what, None, name);
    }

    fn conflict(&mut self, kind: Kind, name: &str, what: impl Into<String>, remedy: Option<&str>) {
        self.report.count(kind, Outcome::Conflict);
        self.report.note(Outcome::Conflict, kind, what, remedy, name);
    }

    fn refused(&mut self, kind: Kind, name: &str, refusal: &Refusal) {
        let what = bounded_sentence(refusal);
        self.conflict(kind, name, what, refusal.remedy.as_deref());
    }

    fn group(&mut self, tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<(), MovingError> {
        let here = match group.id {
            Some(id) => directory::group(tx, id)?,
            None => directory::group_by_name(tx, &group.name)?,
        };
        if let Some(here) = here {
            if directory::brings_role(tx, here.id)? {
                let what =
                    "the group is here already and makes its members administrators: an import puts nobody into it";
                let remedy =
                    "Leave it out of the document, or call it something else there; add the people by hand afterwards.";
                self.conflict(Kind::Group, &group.name, what, Some(remedy));
                return Ok(());
            }
            self.is_here(Kind::Group, &group.name);
            self.groups.insert(group.name.clone(), here);
            return Ok(());
        }
        if self.is_taken(tx, Kind::Group, group.id, &group.name)? {
            return Ok(());
        }
        let new = NewGroup {
            name: group.name.clone(),
            description: group.description.clone(),
        };
        match directory::add_group(tx, actor, &new, self.fresh(group.id)) {
            Ok(added) => {
                self.report.count(Kind::Group, Outcome::AsIs);
                self.groups.insert(group.name.clone(), added);
            }
            Err(DirectoryError::Refused(refusal)) => self.refused(Kind::Group, &group.name, &refusal),
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    fn nest(&mut self, tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<(), MovingError> {
        let Some(child) = self.groups.get(&group.name).cloned() else {
            return Ok(());
        };
        for outer in &group.inside {
            let Some(parent) = self.groups.get(outer) else { continue };
            match directory::nest(tx, actor, parent, &child) {
                Ok(_) => {}
                Err(DirectoryError::Refused(refusal)) => {
                    let what = bounded_sentence(&refusal);
                    let (outer, remedy) = (outer.clone(), refusal.remedy.clone());
                    self.conflict(
                        Kind::Group,
                        &format!("{} in {outer}", group.name),
                        what,
                        remedy.as_deref(),
                    );
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    fn person(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        mut person: Person,
        from: &'static str,
    ) -> Result<(), MovingError> {
        let here = match person.id {
            Some(id) => within::user(tx, id)?,
            None => None,
        };
        if let Some(here) = here {
            let new = &person.arrival.user;
            self.is_here(Kind::User, here.name.as_str());
            if here.name.as_str() != new.name || here.email != new.email {
                let what = "is here already, with another name or address than there";
                self.report
                    .note(Outcome::Already, Kind::User, what, None, &person.foreign);
            }
            return Ok(());
        }
        let foreign = person.foreign.clone();
        if self.is_taken(tx, Kind::User, person.id, &foreign)? {
            return Ok(());
        }
        if person.id.is_none()
            && let Some(here) = within::user_by_name(tx, &person.arrival.user.name)?
        {
            // Without an id the name says who it is; the same person again, if the address agrees.
            if here.email.as_deref().map(str::to_lowercase)
                == person.arrival.user.email.as_deref().map(str::to_lowercase)
            {
                self.is_here(Kind::User, here.name.as_str());
                return Ok(());
            }
        }
        if person.arrival.user.expires.is_some_and(|ends| ends <= self.now) {
            person.arrival.user.expires = None;
            person.arrival.disabled = true;
            let what = "the account had ended; it comes disabled";
            let remedy = Some("doorward user enable NAME");
            self.report
                .note(Outcome::Translated, Kind::User, what, remedy, &foreign);
        }
        let names = std::mem::take(&mut person.arrival.user.groups);
        let joined = names.iter().filter_map(|name| self.groups.get(name));
        person.arrival.user.groups = joined.map(|group| group.name.to_string()).collect();
        let id = self.fresh(person.id);
        let seals = self.importer.seals.clone();
        match directory::add_person(tx, actor, &seals, id, person.arrival, from) {
            Ok(_) => {
                self.report.count(Kind::User, Outcome::AsIs);
                self.identities(tx, actor, id, &person.foreign, &person.identities)
            }
            Err(DirectoryError::Refused(refusal)) => {
                self.refused(Kind::User, &person.foreign, &refusal);
                Ok(())
            }
            Err(other) => Err(other.into()),
        }
    }

    fn identities(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        user: Uuid,
        name: &str,
        identities: &[(String, String)],
    ) -> Result<(), MovingError> {
        let upstreams = self.importer.upstreams.clone();
        for (upstream, subject) in identities {
            let linked = match upstreams.find_within(tx, upstream)? {
                // One of the same name that the document does not speak of is another provider, whose subjects are others.
                Some(here) if self.known_upstreams.contains(upstream) => {
                    upstreams.link_within(tx, actor, &here, subject, user)?
                }
                Some(_) | None => false,
            };
            if !linked {
                let what = format!("the login through {} cannot be connected", bounded(upstream));
                let remedy = "Let them connect it on their account page, or: doorward upstream link";
                self.report.note(Outcome::Left, Kind::User, what, Some(remedy), name);
            }
        }
        Ok(())
    }

    fn upstream(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        new: &doorward_upstreams::NewUpstream,
    ) -> Result<(), MovingError> {
        let upstreams = self.importer.upstreams.clone();
        if let Some(here) = upstreams.find_within(tx, &new.name)? {
            if here.client_id == new.client_id && new.issuer.as_ref().is_none_or(|issuer| *issuer == here.issuer) {
                self.is_here(Kind::Upstream, &new.name);
                self.known_upstreams.insert(new.name.clone());
            } else {
                let what = "there is another upstream of this name";
                let remedy = "Its people would come in as others: import without it, or remove the other one first.";
                self.conflict(Kind::Upstream, &new.name, what, Some(remedy));
            }
            return Ok(());
        }
        match upstreams.add_within(tx, actor, new, self.now) {
            Ok(_) => {
                self.report.count(Kind::Upstream, Outcome::AsIs);
                self.known_upstreams.insert(new.name.clone());
            }
            Err(UpstreamsError::Refused(refusal)) => self.refused(Kind::Upstream, &new.name, &refusal),
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    fn app(&mut self, tx: &mut Tx<'_>, actor: &Actor, app: Application) -> Result<(), MovingError> {
        let apps = self.importer.apps.clone();
        let name = app.new.client_id.clone().unwrap_or_default();
        if let Some(here) = apps.find_within(tx, &name)? {
            if Some(here.id) == app.id {
                self.is_here(Kind::App, &name);
            } else {
                let what = "there is another application of this client id";
                let remedy = "Remove it, or leave it: it is not the one of the document.";
                self.conflict(Kind::App, &name, what, Some(remedy));
            }
            return Ok(());
        }
        if self.is_taken(tx, Kind::App, app.id, &name)? {
            return Ok(());
        }
        let arrival = doorward_apps::Arrival {
            id: self.fresh(app.id),
            new: app.new,
            secret: app.secret,
        };
        match apps.add_within(tx, &doorward_audit::Actor::from(actor), &arrival, self.now) {
            Ok(_) => self.report.count(Kind::App, Outcome::AsIs),
            Err(AppsError::Refused(refusal)) => self.refused(Kind::App, &name, &refusal),
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }
}

fn bounded_sentence(refusal: &Refusal) -> String {
    refusal.detail.chars().filter(|c| !c.is_control()).take(300).collect()
}
