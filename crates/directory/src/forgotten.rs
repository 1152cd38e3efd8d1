//! Somebody forgot a password. The page answers alike, and as fast, whoever is meant: it stores one row. What becomes of it is
//! decided afterwards, by whichever node takes the row, and said by mail alone.

use std::{net::IpAddr, time::Duration};

use doorward_audit::{Event, events};
use doorward_mail::{Lang, Letter, Message};
use doorward_store::{Change, Ticket, Topic, Tx};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Budget, Directory, DirectoryError, Facts, LinkKind, addressee, budget::Account, directory::Result, facts, links,
    users,
};

/// Letters to one person. More would be a way to annoy somebody.
const OF_ACCOUNT: Budget = Budget {
    tries: 3,
    interval: Duration::from_mins(10),
};
/// Requests from one address.
const OF_ADDRESS: Budget = Budget {
    tries: 30,
    interval: Duration::from_secs(20),
};
/// How long the link in the letter works.
const LINK: Duration = Duration::from_hours(1);

/// What became of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It was noted; if there is an account, a letter follows.
    Noted,
    /// This address asks too often.
    Later {
        /// When to ask again.
        retry_after: Duration,
    },
}

/// The upstream that a person always logs in through, whose passwords open nothing here: its title, if there is one.
type Elsewhere<'a> = &'a (dyn Fn(&Facts) -> Option<String> + Send + Sync);

impl Directory {
    /// Notes that somebody who calls themselves `typed` forgot the password. `language` is the browser's, for people who have
    /// none of their own.
    pub async fn forgot_password(&self, typed: &str, language: Lang, address: IpAddr, now: Timestamp) -> Result<Asked> {
        self.outbox().require()?;
        let typed = typed.trim().to_owned();
        let domain = self.settings().domain.clone();
        let id = self.new_id(now);
        let browser = Account::of_reset_address(address, OF_ADDRESS);
        let account = Account::of_reset(&typed, OF_ACCOUNT);
        self.write(now, move |tx| {
            if let Some(spent) = browser.pay(tx)? {
                return Ok(Asked::Later {
                    retry_after: spent.retry_after,
                });
            }
            // Who was meant by it is not said, neither is that it was asked for too often.
            if account.pay(tx)?.is_some() {
                return Ok(Asked::Noted);
            }
            let meant = users::by_login(tx, &typed, domain.as_deref())?.map(|user| user.id);
            tx.execute(
                "INSERT INTO password_requests (id, user_id, language, address, created_at) VALUES ($1, $2, $3, $4, $5)",
                &[
                    id.into(),
                    meant.into(),
                    language.tag().into(),
                    (&address.to_string()).into(),
                    now.into(),
                ],
            )?;
            tx.announce(Change::of(Topic::Mail, id));
            Ok(Asked::Noted)
        })
        .await
    }

    /// Answers one request that was noted, by letter; false when there is none. `elsewhere` says who logs in through an
    /// upstream. Of several nodes, one answers.
    pub async fn answer_forgotten(
        &self,
        elsewhere: impl Fn(&Facts) -> Option<String> + Send + Sync + 'static,
        now: Timestamp,
    ) -> Result<bool> {
        let ticket = Ticket::new(now, self.random());
        let this = self.clone();
        self.write(now, move |tx| {
            let taken = tx.one(
                "DELETE FROM password_requests WHERE id = (SELECT r.id FROM password_requests r ORDER BY r.id LIMIT 1) \
                 RETURNING user_id, language, address",
                &[],
                |row| {
                    Ok((
                        row.get::<Option<Uuid>>(0)?,
                        row.get::<String>(1)?,
                        row.get::<String>(2)?,
                    ))
                },
            )?;
            let Some((user, language, address)) = taken else {
                return Ok(false);
            };
            if let Some(facts) = user.map(|user| facts::load(tx, user)).transpose()?.flatten() {
                this.answer(tx, &facts, &ticket, &elsewhere, (&language, address))?;
            }
            Ok(true)
        })
        .await
    }

    fn answer(
        &self,
        tx: &mut Tx<'_>,
        facts: &Facts,
        ticket: &Ticket,
        elsewhere: Elsewhere<'_>,
        (language, address): (&str, String),
    ) -> Result<(), DirectoryError> {
        let user = &facts.user;
        if !user.is_person() || user.closed(tx.now()).is_some() {
            return Ok(());
        }
        let Some(mut to) = addressee(user) else { return Ok(()) };
        if user.attributes.get("locale").is_none() {
            to.lang = Lang::from_tag(language);
        }
        let outbox = self.outbox();
        let message = if !facts.roles.is_empty() {
            // Whoever reads an administrator's mail would be an administrator.
            let name = user.name.to_string();
            Message::NotByMail { username: name }
        } else if let Some(title) = elsewhere(facts) {
            let link = outbox.url("/");
            Message::LogInElsewhere { title, link }
        } else if user.has_password {
            self.by_link(tx, ticket, user.id)?
        } else {
            // Nothing was forgotten. Whoever has no password comes in some other way, and a letter must not lead past that.
            return Ok(());
        };
        let said = message.kind();
        if !outbox.put(tx, &Letter { to, message })? {
            return Ok(());
        }
        let event = Event::new("password.forgotten", doorward_audit::Actor::named("somebody", "login"))
            .about("user", Some(user.id), user.name.as_str())
            .from_address(address)
            .with_data(json!({ "letter": said }));
        events::record(tx, &event)?;
        Ok(())
    }

    /// Earlier links go on working: a stranger who asks must not end the one that an administrator has just handed over.
    fn by_link(&self, tx: &mut Tx<'_>, ticket: &Ticket, user: Uuid) -> Result<Message> {
        let expires = links::end_of(LINK, tx.now())?;
        links::insert(tx, ticket, LinkKind::Reset, Some(user), expires, false)?;
        let link = self.outbox().url(&format!("/link/{}", ticket.encode()));
        Ok(Message::PasswordReset { link, expires })
    }
}
