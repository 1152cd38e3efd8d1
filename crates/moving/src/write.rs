//! One unit of work that writes an intake: all of it, or nothing.

use std::collections::{HashMap, HashSet};

use doorward_apps::{Apps, put_alias};
use doorward_audit::{Event, events};
use doorward_directory::{Actor, NewGroup, Right, factors::Seals, within};
use doorward_oidc::Refusal;
use doorward_store::{Ending, Store, Tx, new_id};
use doorward_unit::UnitError;
use doorward_upstreams::Upstreams;
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

impl Importer {
    /// Writes the intake in one unit of work, or tries it. Right: full.
    ///
    /// # Errors
    /// The actor may not, or the machine failed. A conflict is no error: the report names it, and says whether anything was
    /// written.
    pub async fn run(&self, actor: &Actor, intake: Intake, mode: Mode, now: Timestamp) -> Result<Report, UnitError> {
        let work = Work {
            apps: self.apps.in_unit(),
            upstreams: self.upstreams.in_unit(),
            seals: self.seals.clone(),
            now,
            report: Report::default(),
            groups: HashMap::new(),
            known_upstreams: HashSet::new(),
        };
        let actor = actor.clone();
        let all = move |tx: &mut Tx<'_>| {
            let actor = within::current(tx, &actor)?;
            actor.require(Right::Full)?;
            work.carry_out(tx, &actor, intake)
        };
        if mode == Mode::DryRun {
            return self.store.try_out(now, all).await;
        }
        self.store
            .write_or_undo(now, move |tx| {
                let mut report = all(tx)?;
                report.written = mode == Mode::SkipConflicts || !report.has_conflicts();
                Ok(if report.written {
                    Ending::Keep(report)
                } else {
                    Ending::Undo(report)
                })
            })
            .await
    }
}

struct Work {
    apps: doorward_apps::InUnit,
    upstreams: doorward_upstreams::InUnit,
    seals: Seals,
    now: Timestamp,
    report: Report,
    /// Groups of the document as they are here, by the name that they have in the intake.
    groups: HashMap<String, doorward_directory::Group>,
    /// Upstreams of the document that are here, added or agreed with.
    known_upstreams: HashSet<String>,
}

impl Work {
    fn carry_out(mut self, tx: &mut Tx<'_>, actor: &Actor, intake: Intake) -> Result<Report, UnitError> {
        self.report = intake.report;
        within::take_turn(tx)?;
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
        id.unwrap_or_else(|| new_id(self.now, self.seals.random.as_ref()))
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

    /// What came of one thing; `None` when it was refused, which is a conflict of the report.
    fn tried<T>(
        &mut self,
        kind: Kind,
        name: &str,
        done: Result<T, impl Into<UnitError>>,
    ) -> Result<Option<T>, UnitError> {
        match done.map_err(Into::into) {
            Ok(value) => Ok(Some(value)),
            Err(UnitError::Refused(refusal)) => {
                self.conflict(kind, name, bounded_sentence(&refusal), refusal.remedy.as_deref());
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    fn group(&mut self, tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<(), UnitError> {
        let here = match group.id {
            Some(id) => within::group(tx, id)?,
            None => within::group_by_name(tx, &group.name)?,
        };
        if let Some(here) = here {
            if within::brings_role(tx, here.id)? {
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
        let new = NewGroup {
            name: group.name.clone(),
            description: group.description.clone(),
        };
        let added = within::add_group(tx, actor, &new, self.fresh(group.id));
        if let Some(added) = self.tried(Kind::Group, &group.name, added)? {
            self.report.count(Kind::Group, Outcome::AsIs);
            self.groups.insert(group.name.clone(), added);
        }
        Ok(())
    }

    fn nest(&mut self, tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<(), UnitError> {
        let Some(child) = self.groups.get(&group.name).cloned() else {
            return Ok(());
        };
        for outer in &group.inside {
            let Some(parent) = self.groups.get(outer) else { continue };
            let done = within::nest(tx, actor, parent, &child);
            self.tried(Kind::Group, &format!("{} in {outer}", group.name), done)?;
        }
        Ok(())
    }

    fn person(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        mut person: Person,
        from: &'static str,
    ) -> Result<(), UnitError> {
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
        let done = within::arrive(tx, actor, &self.seals, (id, person.arrival), from);
        if self.tried(Kind::User, &foreign, done)?.is_some() {
            self.report.count(Kind::User, Outcome::AsIs);
            self.identities(tx, actor, id, &foreign, &person.identities)?;
        }
        Ok(())
    }

    fn identities(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        user: Uuid,
        name: &str,
        identities: &[(String, String)],
    ) -> Result<(), UnitError> {
        for (upstream, subject) in identities {
            let linked = match self.upstreams.find(tx, upstream)? {
                // One of the same name that the document does not speak of is another provider, whose subjects are others.
                Some(here) if self.known_upstreams.contains(upstream) => {
                    self.upstreams.link(tx, actor, &here, subject, user)?
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
    ) -> Result<(), UnitError> {
        if let Some(here) = self.upstreams.find(tx, &new.name)? {
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
        let done = self.upstreams.add(tx, actor, new);
        if self.tried(Kind::Upstream, &new.name, done)?.is_some() {
            self.report.count(Kind::Upstream, Outcome::AsIs);
            self.known_upstreams.insert(new.name.clone());
        }
        Ok(())
    }

    fn app(&mut self, tx: &mut Tx<'_>, actor: &Actor, app: Application) -> Result<(), UnitError> {
        let name = app.new.client_id.clone().unwrap_or_default();
        if let Some(here) = self.apps.find(tx, &name)? {
            if Some(here.id) == app.id {
                self.is_here(Kind::App, &name);
            } else {
                let what = "there is another application of this client id";
                let remedy = "Remove it, or leave it: it is not the one of the document.";
                self.conflict(Kind::App, &name, what, Some(remedy));
            }
            return Ok(());
        }
        let Some(built) = self.tried(Kind::App, &name, app.new.build(self.fresh(app.id), self.now))? else {
            return Ok(());
        };
        let done = self.apps.add(tx, actor.into(), built, &app.new.scope_maps, app.secret);
        if self.tried(Kind::App, &name, done)?.is_some() {
            self.report.count(Kind::App, Outcome::AsIs);
        }
        Ok(())
    }
}

fn bounded_sentence(refusal: &Refusal) -> String {
    refusal.detail.chars().filter(|c| !c.is_control()).take(300).collect()
}
