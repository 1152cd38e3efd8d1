//! Making and using enrolment and reset links.

use std::{sync::Arc, time::Duration};

use doorward_jose::Secret;
use doorward_mail::{Letter, Message, Notice, Outbox};
use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Ticket, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, DirectoryError, Link, LinkKind, LinkPurpose, NewUser, Origin, Right, Role, RoleHolder, User,
    Verified, addressee, addresses, browser, credential,
    directory::Result,
    error::{ALREADY_ENROLLED, INVALID_LIFETIME, INVALID_LINK, LINK_ENDED, NO_EMAIL_ADDRESS},
    event, facts, guard,
    letters::tell,
    membership::{self, Member},
    people, roles, users,
};

const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(30 * 24);

impl Directory {
    /// Makes an enrolment or reset link and ends earlier ones of the user. Rights as for editing.
    pub async fn create_link(
        &self,
        actor: &Actor,
        user: Uuid,
        kind: LinkKind,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<Link> {
        let draft = Draft::new(self, kind, lifetime, now)?;
        self.administer(actor, now, move |tx, actor| draft.make(tx, actor, user))
            .await
    }

    /// The same, and mails it to the person: both or neither.
    pub async fn mail_link(
        &self,
        actor: &Actor,
        user: Uuid,
        kind: LinkKind,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<Link> {
        let draft = Draft::new(self, kind, lifetime, now)?;
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            let link = draft.make(tx, actor, user)?;
            let person = users::existing(tx, user)?;
            mail(tx, &outbox, &link, &person)?;
            Ok(link)
        })
        .await
    }

    /// Makes the link of the first start and ends an earlier one; `None` when an enabled person with a password has full
    /// rights already.
    pub async fn first_admin_link(&self, lifetime: Duration, now: Timestamp) -> Result<Option<Link>> {
        let expires = end_of(lifetime, now)?;
        let ticket = Ticket::new(now, self.random());
        let kind = LinkKind::FirstAdmin;
        self.write(now, move |tx| {
            guard::take_turn(tx)?;
            if roles::somebody_is_full_and_enrolled(tx)? {
                return Ok(None);
            }
            let end = "UPDATE enrolment_links SET ended_at = $1 WHERE kind = 'first-admin' AND ended_at IS NULL";
            tx.execute(end, &[tx.now().into()])?;
            insert(tx, &ticket, kind, None, expires, true)?;
            event::link(tx, &Actor::server(), None, kind)?;
            Ok(Some(Link {
                ticket: Secret::new(ticket.encode()),
                kind,
                user_id: None,
                expires,
            }))
        })
        .await
    }

    /// What a link is for, without using it. Refused as `link_ended` when it no longer works.
    pub async fn link(&self, ticket: &str, now: Timestamp) -> Result<LinkPurpose> {
        let ticket = parsed(ticket)?;
        self.scan(move |tx| find(tx, &ticket, now)).await
    }

    /// Uses an enrolment or reset link: sets the password, ends sessions and grants. The person counts as logged in, in this
    /// browser.
    pub async fn redeem(
        &self,
        ticket: &str,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified> {
        let ticket = parsed(ticket)?;
        let purpose = self.purpose(&ticket, now).await?;
        let Some(person) = purpose.user else {
            return Err(ended("it is the link of the first administrator"));
        };
        let phc = self.hash(self.accepted(&password, &person).await?).await?;
        let cookie = origin.browser.clone();
        let fresh_browser = Ticket::new(now, self.random());
        let outbox = self.outbox().clone();
        self.write(now, move |tx| {
            take(tx, &ticket)?;
            // Everything that made the link good is asked again in the unit that uses it.
            let by_full = by_full(tx, &ticket)?;
            check_still_good(tx, person.id, by_full)?;
            credential::replace(tx, person.id, &phc)?;
            event::link_used(tx, &person, purpose.kind)?;
            if purpose.kind == LinkKind::Reset {
                tell(tx, &outbox, &person, Notice::PasswordChanged)?;
            }
            logged_in(tx, person.id, cookie.as_deref(), &fresh_browser)
        })
        .await
    }

    /// Uses the link of the first start: adds the person with the role `full`.
    pub async fn redeem_first_admin(
        &self,
        ticket: &str,
        person: NewUser,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified> {
        let ticket = parsed(ticket)?;
        if self.purpose(&ticket, now).await?.kind != LinkKind::FirstAdmin {
            return Err(ended("it is not the link of the first administrator"));
        }
        let (person, groups) = people::fresh(person, self.new_id(now), now)?;
        credential::need_person(&person)?;
        let phc = self.hash(self.accepted(&password, &person).await?).await?;
        let cookie = origin.browser.clone();
        let fresh_browser = Ticket::new(now, self.random());
        let grant = self.new_id(now);
        self.write(now, move |tx| {
            guard::take_turn(tx)?;
            take(tx, &ticket)?;
            if roles::somebody_is_full_and_enrolled(tx)? {
                return Err(ended("there is an administrator by now"));
            }
            let server = Actor::server();
            users::insert(tx, &person)?;
            for group in groups {
                let group = crate::groups::named(tx, &group)?;
                membership::add(tx, &server, &group, Member::User(&person))?;
            }
            let holder = RoleHolder::User(person.id);
            roles::insert(tx, grant, Role::Full, holder)?;
            credential::replace(tx, person.id, &phc)?;
            event::user(tx, &server, "user.add", &person)?;
            event::role(tx, &server, "role.grant", Role::Full, holder, person.name.as_str())?;
            event::link_used(tx, &person, LinkKind::FirstAdmin)?;
            logged_in(tx, person.id, cookie.as_deref(), &fresh_browser)
        })
        .await
    }

    async fn purpose(&self, ticket: &Ticket, now: Timestamp) -> Result<LinkPurpose> {
        let ticket = ticket.clone();
        self.scan(move |tx| find(tx, &ticket, now)).await
    }
}

/// Puts the letter with a link into the outbox; refused when there is no mail server or no address.
pub(crate) fn mail(tx: &mut Tx<'_>, outbox: &Outbox, link: &Link, person: &User) -> Result<()> {
    outbox.require()?;
    let Some(to) = addressee(person) else {
        return Err(
            Refusal::response(&NO_EMAIL_ADDRESS, format!("{} has no e-mail address", person.name))
                .with_remedy(format!(
                    "Add one: `doorward user edit {} --email <address>`, or hand over the link yourself.",
                    person.name
                ))
                .into(),
        );
    };
    let url = outbox.url(&format!("/link/{}", link.ticket.expose()));
    let message = message(link.kind, url, person, link.expires);
    outbox.put(tx, &Letter { to, message })?;
    Ok(())
}

/// What the letter says that carries a link.
fn message(kind: LinkKind, link: String, person: &User, expires: Timestamp) -> Message {
    match kind {
        LinkKind::Reset => Message::PasswordReset { link, expires },
        LinkKind::Enrol | LinkKind::FirstAdmin => Message::Invitation {
            link,
            username: person.name.to_string(),
            expires,
        },
    }
}

/// Ends every open link of a user.
pub(crate) fn end_all(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    let sql = "UPDATE enrolment_links SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
    tx.execute(sql, &[user.into(), tx.now().into()])?;
    addresses::forget_pending(tx, user)?;
    Ok(())
}

/// What follows a new password: the person is logged in, in this browser.
pub(crate) fn logged_in(tx: &mut Tx<'_>, user: Uuid, cookie: Option<&str>, fresh: &Ticket) -> Result<Verified> {
    credential::note_login(tx, user)?;
    let browser = browser::remember(tx, cookie, fresh, user)?;
    tx.announce(Change::of(Topic::People, user));
    let (Some(facts), Some(proof)) = (facts::load(tx, user)?, credential::proof(tx, user)?) else {
        return Err(ended("its user is gone"));
    };
    Ok(Verified {
        facts: Arc::new(facts),
        amr: vec!["pwd".to_owned()],
        browser,
        proof,
    })
}

/// A link that is about to be made, its lifetime checked before anything is stored.
pub(crate) struct Draft {
    ticket: Ticket,
    kind: LinkKind,
    expires: Timestamp,
}

impl Draft {
    pub(crate) fn new(directory: &Directory, kind: LinkKind, lifetime: Duration, now: Timestamp) -> Result<Self> {
        Ok(Self {
            expires: end_of(lifetime, now)?,
            ticket: Ticket::new(now, directory.random()),
            kind,
        })
    }

    /// Makes it for this person, with every check, and ends their earlier ones.
    pub(crate) fn make(&self, tx: &mut Tx<'_>, actor: &Actor, user: Uuid) -> Result<Link> {
        let person = users::existing(tx, user)?;
        guard::may_change(tx, actor, &person)?;
        check_purpose(&person, self.kind, tx.now())?;
        end_all(tx, user)?;
        insert(
            tx,
            &self.ticket,
            self.kind,
            Some(user),
            self.expires,
            actor.has(Right::Full),
        )?;
        event::link(tx, actor, Some(&person), self.kind)?;
        Ok(Link {
            ticket: Secret::new(self.ticket.encode()),
            kind: self.kind,
            user_id: Some(user),
            expires: self.expires,
        })
    }
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    kind: LinkKind,
    user: Option<Uuid>,
    expires: Timestamp,
    by_full: bool,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO enrolment_links (id, digest, kind, user_id, by_full, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            kind.as_str().into(),
            user.into(),
            by_full.into(),
            tx.now().into(),
            expires.into(),
        ],
    )?;
    Ok(())
}

/// The row of a ticket, if the ticket is its own.
struct Stored {
    kind: LinkKind,
    user: Option<Uuid>,
    by_full: bool,
    expires: Timestamp,
    ended: bool,
}

fn find(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<LinkPurpose> {
    let stored = tx
        .one(
            "SELECT digest, kind, user_id, by_full, expires_at, ended_at FROM enrolment_links WHERE id = $1",
            &[ticket.id().into()],
            |row| {
                let kind: String = row.get(1)?;
                let kind = LinkKind::from_word(&kind)
                    .ok_or_else(|| StoreError::Damaged(format!("a link of kind {kind:?}")))?;
                let stored = Stored {
                    kind,
                    user: row.get(2)?,
                    by_full: row.get(3)?,
                    expires: row.get(4)?,
                    ended: row.get::<Option<i64>>(5)?.is_some(),
                };
                Ok((row.get::<Vec<u8>>(0)?, stored))
            },
        )?
        .filter(|(digest, _)| ticket.matches(digest));
    let Some((_, stored)) = stored else {
        return Err(ended("it is unknown, or long over"));
    };
    if stored.ended {
        return Err(ended("it was used, or a newer one or a new password took its place"));
    }
    if stored.expires <= now {
        return Err(ended(&format!("it ended at {}", stored.expires)));
    }
    let user = match stored.user {
        Some(user) => Some(check_still_good(tx, user, stored.by_full)?),
        None => None,
    };
    Ok(LinkPurpose {
        kind: stored.kind,
        user,
        expires: stored.expires,
    })
}

fn by_full(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<bool, StoreError> {
    let sql = "SELECT by_full FROM enrolment_links WHERE id = $1";
    Ok(tx.one(sql, &[ticket.id().into()], |row| row.get(0))?.unwrap_or(false))
}

/// A link opens an account as it was when the link was made: somebody who has a role by now could be taken over by the
/// lesser administrator who made it.
fn check_still_good(tx: &mut Tx<'_>, user: Uuid, by_full: bool) -> Result<User> {
    let user = users::by_id(tx, user)?.ok_or_else(|| ended("its user is gone"))?;
    if let Some(closed) = user.closed(tx.now()) {
        return Err(ended(&closed.refusal(&user).detail));
    }
    if !by_full && !roles::of_user(tx, user.id)?.is_empty() {
        return Err(ended(&format!(
            "{} has a role by now, and the link was not made by a full administrator",
            user.name
        )));
    }
    Ok(user)
}

/// Uses the link up, in one conditional statement: the second who tries gets nothing.
fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<()> {
    let taken = tx.execute(
        "UPDATE enrolment_links SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL AND expires_at > $2",
        &[ticket.id().into(), tx.now().into()],
    )?;
    if taken == 1 {
        Ok(())
    } else {
        Err(ended("it was used a moment ago, or has just ended"))
    }
}

fn parsed(ticket: &str) -> Result<Ticket> {
    Ticket::parse(ticket).ok_or_else(|| ended("it is not one of ours, or was not copied whole"))
}

fn ended(why: &str) -> DirectoryError {
    Refusal::page(&LINK_ENDED, format!("the link cannot be used: {why}"))
        .with_remedy("An administrator makes a new one: `doorward user link <user>`.")
        .into()
}

fn check_purpose(user: &User, kind: LinkKind, now: Timestamp) -> Result<()> {
    credential::need_person(user)?;
    if let Some(closed) = user.closed(now).filter(|_| kind != LinkKind::FirstAdmin) {
        return Err(closed.refusal(user).into());
    }
    let refusal = match kind {
        LinkKind::FirstAdmin => Refusal::response(
            &INVALID_LINK,
            "the link of the first administrator is made by the server at its first start",
        ),
        LinkKind::Enrol if user.has_password => {
            Refusal::response(&ALREADY_ENROLLED, format!("{} has a password already", user.name))
                .with_remedy(format!("To replace it: `doorward user link {}`.", user.name))
        }
        LinkKind::Enrol | LinkKind::Reset => return Ok(()),
    };
    Err(refusal.into())
}

pub(crate) fn end_of(lifetime: Duration, now: Timestamp) -> Result<Timestamp> {
    let end = now.checked_add(jiff::SignedDuration::try_from(lifetime).unwrap_or(jiff::SignedDuration::MAX));
    match end {
        Ok(end) if (SHORTEST..=LONGEST).contains(&lifetime) => Ok(end),
        _ => Err(
            Refusal::response(&INVALID_LIFETIME, format!("a link of {} seconds", lifetime.as_secs()))
                .with_remedy("Between one minute and 30 days.")
                .into(),
        ),
    }
}
