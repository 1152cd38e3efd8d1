//! An administrator decides who comes in.

use std::time::Duration;

use doorward_audit::{Event, events};
use doorward_mail::{Addressee, Lang, Letter, Message, Outbox};
use doorward_oidc::Refusal;
use doorward_store::Tx;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{
    Registration, address,
    complete::{check_address, described},
    enter_groups, load, rows,
};
use crate::{
    Actor, Directory, LinkKind, Right, User, addressee, directory::Result, error::NO_SUCH_REGISTRATION, links, people,
};

/// How long the link works with which the approved choose their password.
const LINK: Duration = Duration::from_hours(24 * 7);

impl Directory {
    /// Those who wait for an administrator's word, oldest first: at most `limit` behind `after`.
    pub async fn waiting_registrations(
        &self,
        after: Option<Uuid>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Registration>> {
        self.scan(move |tx| Ok(rows::waiting(tx, after, limit, now)?)).await
    }

    /// Lets somebody in who waits: the account is there, in the policy's groups, and its person gets a letter with the link to
    /// choose a password; all or nothing. `name` replaces the user name that they chose. Right: change-people.
    pub async fn approve_registration(
        &self,
        actor: &Actor,
        id: Uuid,
        name: Option<String>,
        now: Timestamp,
    ) -> Result<User> {
        self.outbox().require()?;
        let new_id = self.new_id(now);
        let draft = links::Draft::new(self, LinkKind::Enrol, LINK, now)?;
        let outbox = self.outbox().clone();
        let domain = self.settings().domain.clone();
        self.administer(actor, now, move |tx, actor| {
            let waited = taken(tx, actor, id)?;
            let is_their_choice = name.is_none();
            let name = name.unwrap_or(waited.name.clone());
            let full_name = Some(waited.display_name.clone()).filter(|full| *full != waited.name);
            let new = described(&name, full_name, waited.address.clone(), &waited.language);
            let (person, _) = people::fresh(new, new_id, now)?;
            if is_their_choice {
                check_address(tx, &person, domain.as_deref())?;
            }
            address::take_from_sayer(tx, &waited.address)?;
            let person = people::add(tx, actor, &person, &[])?;
            let policy = load(tx)?;
            enter_groups(tx, actor, &person, &policy)?;
            let link = draft.make(tx, actor, person.id)?;
            let url = outbox.url(&format!("/link/{}", link.ticket.expose()));
            if let Some(to) = addressee(&person) {
                let message = Message::Approved {
                    link: url,
                    username: person.name.to_string(),
                    expires: link.expires,
                };
                outbox.put(tx, &Letter { to, message })?;
            }
            decided(tx, actor, "registration.approve", &waited, json!({ "user": person.id }))?;
            Ok(person)
        })
        .await
    }

    /// Turns somebody away who waits, and tells them. They may ask again. Right: change-people.
    pub async fn reject_registration(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<Registration> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            let waited = taken(tx, actor, id)?;
            turn_away(tx, &outbox, &waited)?;
            decided(
                tx,
                actor,
                "registration.reject",
                &waited,
                json!({ "name": waited.name }),
            )?;
            Ok(waited)
        })
        .await
    }
}

/// Takes one that waits: of two administrators, one decides.
fn taken(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<Registration> {
    actor.require(Right::ChangePeople)?;
    rows::take_waiting(tx, id)?.ok_or_else(|| {
        Refusal::response(&NO_SUCH_REGISTRATION, format!("no registration {id} waits"))
            .with_remedy("`doorward registration list` shows those that do.")
            .into()
    })
}

fn turn_away(tx: &mut Tx<'_>, outbox: &Outbox, waited: &Registration) -> Result<()> {
    let to = Addressee {
        address: waited.address.clone(),
        name: None,
        lang: Lang::from_tag(&waited.language),
    };
    let message = Message::NotApproved;
    outbox.put(tx, &Letter { to, message })?;
    Ok(())
}

fn decided(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    waited: &Registration,
    data: serde_json::Value,
) -> Result<()> {
    let event = Event::new(action, actor.into()).about("registration", Some(waited.id), waited.address.as_str());
    events::record(tx, &event.with_data(data))?;
    Ok(())
}
