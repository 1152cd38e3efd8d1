//! People change what is theirs to change: full name, language, and the e-mail address, which counts only once whoever reads its
//! mail has said so.

use std::time::Duration;

use doorward_jose::Secret;
use doorward_mail::{Lang, Letter, Message};
use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Ticket, Topic, Tx};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Budget, Directory, DirectoryError, Theme, User, UserEdit, addressee,
    budget::Account,
    credential,
    directory::Result,
    error::{INVALID_USER, LINK_ENDED, OTHER_ACCOUNT, PROFILE_CLOSED},
    event,
    letters::tell_of_address,
    links,
    own::{OwnField, fields},
    people::{checked_email, edited},
    users,
};

/// Letters to addresses that somebody names.
const OF_PERSON: Budget = Budget {
    tries: 5,
    interval: Duration::from_mins(10),
};
/// How long the link in the letter works.
const LINK: Duration = Duration::from_hours(24);

/// An address that waits for its owner's word.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingAddress {
    /// The address.
    pub address: String,
    /// Whose it would become.
    pub user: User,
    /// When the link ends.
    pub expires: Timestamp,
}

impl Directory {
    /// The address that a person has asked for and not confirmed yet.
    pub async fn pending_address(&self, user: Uuid, now: Timestamp) -> Result<Option<String>> {
        self.read(move |tx| {
            tx.one(
                "SELECT address FROM address_confirmations WHERE user_id = $1 AND expires_at > $2",
                &[user.into(), now.into()],
                |row| row.get(0),
            )
        })
        .await
    }

    /// A person wants another address: it gets a letter, and nothing changes until its link is used. Whether somebody else has
    /// the address is not said: then no letter is sent. `false` when this person asks too often.
    pub async fn ask_for_address(&self, user: Uuid, address: &str, language: Lang, now: Timestamp) -> Result<bool> {
        self.outbox().require()?;
        let address = checked_email(address.trim().to_owned())?
            .ok_or_else(|| Refusal::response(&INVALID_USER, "an e-mail address was left empty"))?;
        let budget = Account::of_address_change(user, OF_PERSON);
        let ticket = Ticket::new(now, self.random());
        let outbox = self.outbox().clone();
        self.write(now, move |tx| {
            let person = allowed(tx, user, OwnField::Email)?;
            if budget.pay(tx)?.is_some() {
                return Ok(false);
            }
            forget_pending(tx, user)?;
            let expires = links::end_of(LINK, now)?;
            tx.execute(
                "INSERT INTO address_confirmations (id, digest, user_id, address, expires_at) VALUES ($1, $2, $3, $4, $5)",
                &[
                    ticket.id().into(),
                    (&ticket.digest()).into(),
                    user.into(),
                    (&address).into(),
                    expires.into(),
                ],
            )?;
            event::own(tx, "user.email.ask", &person, "session")?;
            if users::by_email(tx, &address)?.is_some_and(|other| other.id != user) {
                return Ok(true);
            }
            let to = doorward_mail::Addressee {
                lang: addressee(&person)
                    .filter(|_| person.attributes.get("locale").is_some())
                    .map_or(language, |own| own.lang),
                // Not proven to be theirs: nothing that they typed goes there.
                name: None,
                address,
            };
            let link = outbox.url(&format!("/confirm/{}", ticket.encode()));
            let message = Message::ConfirmAddress { link, expires };
            outbox.put(tx, &Letter { to, message })?;
            Ok(true)
        })
        .await
    }

    /// What a link of a letter would confirm, without using it. Refused as `link_ended`.
    pub async fn address_to_confirm(&self, ticket: &str, now: Timestamp) -> Result<PendingAddress> {
        let ticket = Ticket::parse(ticket).ok_or_else(ended)?;
        self.scan(move |tx| find(tx, &ticket, now)).await
    }

    /// Whoever reads the mail of the address says that it is theirs: it becomes the person's, and the old one is told. `by` is who
    /// is logged in where that is said: only the person who asked, so that nobody gives their mail to a stranger's account by
    /// pressing a button.
    pub async fn confirm_address(&self, ticket: &str, by: Uuid, now: Timestamp) -> Result<User> {
        let ticket = Ticket::parse(ticket).ok_or_else(ended)?;
        let outbox = self.outbox().clone();
        self.write(now, move |tx| {
            credential::lock(tx, by)?;
            let PendingAddress {
                address, user: before, ..
            } = find(tx, &ticket, now)?;
            if before.id != by {
                return Err(Refusal::page(&OTHER_ACCOUNT, "another account asked for this address")
                    .with_remedy("Log in with the account that asked.")
                    .into());
            }
            if !forget_pending(tx, before.id)? {
                return Err(ended());
            }
            let edit = UserEdit {
                email: Some(address.clone()),
                email_verified: Some(true),
                ..UserEdit::default()
            };
            let after = edited(&before, &edit, now)?;
            users::update(tx, &before, &after)?;
            // A link that went to the old address must not outlive it.
            links::end_all(tx, before.id)?;
            if before.email.as_deref() != Some(address.as_str()) {
                tell_of_address(tx, &outbox, &before, &after)?;
            }
            event::own_changed(tx, "user.email.confirm", &before, &after, "link")?;
            tx.announce(Change::of(Topic::People, before.id));
            Ok(after)
        })
        .await
    }

    /// A person changes their full name, the language in which they are written to or how pages look; `None` leaves it, an
    /// empty language means whatever the browser speaks. The theme is everybody's own, whatever the server allows otherwise.
    pub async fn change_own_profile(
        &self,
        user: Uuid,
        display_name: Option<Secret<String>>,
        language: Option<String>,
        theme: Option<Theme>,
        now: Timestamp,
    ) -> Result<User> {
        self.write(now, move |tx| {
            credential::lock(tx, user)?;
            let before = users::existing(tx, user)?;
            let mut edit = UserEdit::default();
            if let Some(name) = display_name.filter(|name| *name.expose() != before.display_name) {
                allowed(tx, user, OwnField::Name)?;
                edit.display_name = Some(name.expose().clone());
            }
            let own = before
                .attributes
                .get("locale")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if let Some(language) = language.filter(|language| language != own) {
                allowed(tx, user, OwnField::Language)?;
                let value = if language.is_empty() {
                    Value::Null
                } else {
                    json!(language)
                };
                edit.attributes.insert("locale".to_owned(), value);
            }
            edit.theme = theme.filter(|theme| *theme != before.theme);
            if edit == UserEdit::default() {
                return Ok(before);
            }
            let after = edited(&before, &edit, now)?;
            users::update(tx, &before, &after)?;
            event::own_changed(tx, "user.profile.edit", &before, &after, "session")?;
            tx.announce(Change::of(Topic::People, user));
            Ok(after)
        })
        .await
    }
}

/// The person, if people may change this of themselves: asked in the unit that changes it.
fn allowed(tx: &mut Tx<'_>, user: Uuid, field: OwnField) -> Result<User> {
    let person = users::existing(tx, user)?;
    if person.is_person() && person.closed(tx.now()).is_none() && fields(tx)?.contains(&field) {
        return Ok(person);
    }
    Err(Refusal::response(
        &PROFILE_CLOSED,
        format!("people do not change their {} themselves here", field.as_str()),
    )
    .with_remedy(
        "An administrator changes it, or allows it: `doorward setting edit --own-profile name,email,language`.",
    )
    .into())
}

/// Nothing waits to be confirmed any more. Whether something did.
pub(crate) fn forget_pending(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    let gone = tx.execute("DELETE FROM address_confirmations WHERE user_id = $1", &[user.into()])?;
    Ok(gone > 0)
}

fn find(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<PendingAddress> {
    let found = tx.one(
        "SELECT digest, user_id, address, expires_at FROM address_confirmations WHERE id = $1 AND expires_at > $2",
        &[ticket.id().into(), now.into()],
        |row| {
            Ok((
                row.get::<Vec<u8>>(0)?,
                row.get::<Uuid>(1)?,
                row.get::<String>(2)?,
                row.get::<Timestamp>(3)?,
            ))
        },
    )?;
    let Some((_, user, address, expires)) = found.filter(|(digest, ..)| ticket.matches(digest)) else {
        return Err(ended());
    };
    let user = users::by_id(tx, user)?
        .filter(|user| user.closed(now).is_none())
        .ok_or_else(ended)?;
    Ok(PendingAddress { address, user, expires })
}

fn ended() -> DirectoryError {
    Refusal::page(
        &LINK_ENDED,
        "the address was confirmed already, or asked for anew, or too long ago",
    )
    .with_remedy("Ask for it once more on the page `Profile`.")
    .into()
}
