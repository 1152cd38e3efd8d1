//! The letter to whoever asked to register: on with it, or that they have an account.

use std::time::Duration;

use doorward_audit::{Event, events};
use doorward_mail::{Addressee, Lang, Letter, Message, Outbox};
use doorward_store::{Ticket, Tx};
use jiff::Timestamp;
use serde_json::json;

use super::{address, load, rows};
use crate::{Directory, User, addressee, directory::Result, links};

/// How long the link in the letter works.
const LINK: Duration = Duration::from_hours(24);

impl Directory {
    /// Answers one request to register, by letter; false when there is none. Of several nodes, one answers.
    pub async fn answer_registration(&self, now: Timestamp) -> Result<bool> {
        let ticket = Ticket::new(now, self.random());
        let outbox = self.outbox().clone();
        self.write(now, move |tx| {
            let Some(request) = rows::take_request(tx)? else {
                return Ok(false);
            };
            // Closed meanwhile: nobody is sent a letter that leads nowhere.
            if load(tx)?.admits(&request.address) {
                match address::holder(tx, &request.address)? {
                    Some(user) => tell_of_account(tx, &outbox, &user, &request)?,
                    None if rows::is_waiting(tx, &request.address)? => {}
                    None => lead_on(tx, &outbox, &ticket, &request)?,
                }
            }
            Ok(true)
        })
        .await
    }
}

/// The address has an account: its owner is told, and nobody else.
fn tell_of_account(tx: &mut Tx<'_>, outbox: &Outbox, user: &User, request: &rows::Request) -> Result<()> {
    if !user.is_person() || user.closed(tx.now()).is_some() {
        return Ok(());
    }
    let Some(mut to) = addressee(user) else { return Ok(()) };
    if user.attributes.get("locale").is_none() {
        to.lang = Lang::from_tag(&request.language);
    }
    let message = Message::RegisteredAlready { link: outbox.url("/") };
    if outbox.put(tx, &Letter { to, message })? {
        let event = asked(request).about("user", Some(user.id), user.name.as_str());
        events::record(tx, &event.with_data(json!({ "has_account": true })))?;
    }
    Ok(())
}

fn lead_on(tx: &mut Tx<'_>, outbox: &Outbox, ticket: &Ticket, request: &rows::Request) -> Result<()> {
    let expires = links::end_of(LINK, tx.now())?;
    let to = Addressee {
        address: request.address.clone(),
        name: None,
        lang: Lang::from_tag(&request.language),
    };
    let link = outbox.url(&format!("/register/{}", ticket.encode()));
    let message = Message::Register { link, expires };
    if outbox.put(tx, &Letter { to, message })? {
        // Earlier letters go on working: a stranger who asks must not end what its owner has begun.
        rows::insert(tx, ticket, request, expires)?;
        let event = asked(request).about("registration", Some(ticket.id()), request.address.as_str());
        events::record(tx, &event.with_data(json!({ "has_account": false })))?;
    }
    Ok(())
}

fn asked(request: &rows::Request) -> Event {
    let somebody = doorward_audit::Actor::named("somebody", "registration");
    Event::new("registration.ask", somebody).from_address(request.came_from.clone())
}
