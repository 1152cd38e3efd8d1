//! Whoever followed the link of the letter names themselves: they have an account, or wait until an administrator says so.

use std::{net::IpAddr, time::Duration};

use doorward_audit::{Event, events};
use doorward_jose::Secret;
use doorward_oidc::Refusal;
use doorward_store::{Ticket, Tx};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{RegistrationPolicy, address, ask::OF_ADDRESS, enter_groups, load, reserved::is_reserved, rows};
use crate::{
    Actor, Budget, Directory, DirectoryError, NewUser, Origin, User, Verified,
    budget::Account,
    credential,
    directory::Result,
    error::{INVALID_USER_NAME, LINK_ENDED, NAME_TAKEN, WEAK_PASSWORD},
    former_names, links,
    password::NewPassword,
    people, users,
};

/// Names that somebody may try with one letter: which are taken is not to be read out.
const OF_NAMES: Budget = Budget {
    tries: 10,
    interval: Duration::from_mins(1),
};
/// How long somebody waits for an administrator before they are forgotten.
const WAITS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How many wait at most: more than anybody decides about, and few enough to be listed.
const MOST_WAITING: u64 = 1_000;
/// When to try again while so many wait.
const FULL: Duration = Duration::from_hours(1);

/// What the page behind the letter's link needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRegistration {
    /// The address, which is proved by having the link.
    pub address: String,
    /// Whether an administrator decides: then no password is asked for yet.
    pub approval: bool,
    /// Fewest characters of a password.
    pub min_password: usize,
    /// When the link ends.
    pub expires: Timestamp,
}

/// How somebody names themselves.
#[derive(Debug, Default)]
pub struct Newcomer {
    /// The user name.
    pub name: String,
    /// The full name; defaults to the user name.
    pub display_name: Option<String>,
    /// The password; not looked at where an administrator decides first.
    pub password: Secret<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Registered {
    /// The account is there, and its person logged in.
    In(Box<Verified>),
    /// An administrator decides.
    Waiting,
    /// Too many names were tried, or too many people wait.
    Later {
        /// When to try again.
        retry_after: Duration,
    },
}

impl Directory {
    /// What the link of a letter leads to, without using it. Refused as `link_ended`.
    pub async fn registration(&self, ticket: &str, now: Timestamp) -> Result<OpenRegistration> {
        let ticket = parsed(ticket)?;
        let (asked, policy) = self.scan(move |tx| open(tx, &ticket, now)).await?;
        let rules = self.policies().await?.password_rules(&policy.groups);
        Ok(OpenRegistration {
            address: asked.address,
            approval: policy.approval,
            min_password: rules.min,
            expires: asked.expires,
        })
    }

    /// Uses the link: the person is there and logged in, in this browser, or waits for an administrator. A name that is taken and
    /// a password that cannot be one leave the link as it is.
    pub async fn register(
        &self,
        ticket: &str,
        newcomer: Newcomer,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Registered> {
        let ticket = parsed(ticket)?;
        let find = ticket.clone();
        let (asked, policy) = self.scan(move |tx| open(tx, &find, now)).await?;
        let person = self.newcomer(&newcomer, &asked, now)?;
        if let Some(retry_after) = self.pay_for_name(&ticket, &person, origin.address, now).await? {
            return Ok(Registered::Later { retry_after });
        }
        let phc = if policy.approval {
            None
        } else {
            let rules = self.policies().await?.password_rules(&policy.groups);
            let common = &self.settings().common_passwords;
            let password = NewPassword::accept(&newcomer.password, &person, common, rules)?;
            Some(self.hash(password).await?)
        };
        let domain = self.settings().domain.clone();
        let coming = Coming {
            ticket,
            address: asked.address,
            person,
            origin: origin.clone(),
            fresh_browser: Ticket::new(now, self.random()),
        };
        self.write(now, move |tx| {
            let (_, policy) = open(tx, &coming.ticket, now)?;
            check_name(tx, &coming.person, domain.as_deref())?;
            if policy.approval {
                return coming.wait(tx);
            }
            // Asked for approval a moment ago, when no password was computed.
            let Some(phc) = phc else {
                return Err(Refusal::response(&WEAK_PASSWORD, "no password was chosen").into());
            };
            coming.enter(tx, &policy, &phc)
        })
        .await
    }

    /// The person as they would be.
    fn newcomer(&self, newcomer: &Newcomer, asked: &rows::Asked, now: Timestamp) -> Result<User> {
        let (person, _) = people::fresh(
            described(
                &newcomer.name,
                newcomer.display_name.clone(),
                asked.address.clone(),
                &asked.language,
            ),
            self.new_id(now),
            now,
        )?;
        if Uuid::parse_str(person.name.as_str()).is_ok() {
            return Err(Refusal::response(
                &INVALID_USER_NAME,
                format!("the user name {} is written like the id of a user", person.name),
            )
            .with_remedy("Choose another name.")
            .into());
        }
        if is_reserved(person.name.as_str()) {
            return Err(taken(&person, "nobody gives themselves this name").into());
        }
        Ok(person)
    }

    /// Each name costs a try with this letter, and one from this address of the network; both stay paid when the name is taken.
    async fn pay_for_name(
        &self,
        ticket: &Ticket,
        person: &User,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Duration>> {
        let budgets = [
            Account::of_registrations_from(from, OF_ADDRESS),
            Account::of_names(ticket.id(), OF_NAMES),
        ];
        let person = person.clone();
        let domain = self.settings().domain.clone();
        let (spent, free) = self
            .write(now, move |tx| {
                for budget in budgets {
                    if let Some(spent) = budget.pay(tx)? {
                        return Ok((Some(spent.retry_after), Ok(())));
                    }
                }
                match check_name(tx, &person, domain.as_deref()) {
                    Err(DirectoryError::Refused(refusal)) => Ok((None, Err(refusal))),
                    other => Ok((None, other.map(|()| Ok(()))?)),
                }
            })
            .await?;
        free?;
        Ok(spent)
    }
}

/// Somebody behind the link of their letter, whose name was found free.
struct Coming {
    ticket: Ticket,
    address: String,
    person: User,
    origin: Origin,
    fresh_browser: Ticket,
}

impl Coming {
    /// There is no account yet: an administrator decides.
    fn wait(&self, tx: &mut Tx<'_>) -> Result<Registered> {
        let now = tx.now();
        if rows::count_waiting(tx, now)? >= MOST_WAITING {
            tracing::warn!(
                waiting = MOST_WAITING,
                "nobody else can wait for approval: decide about those who do (`doorward registration list`)"
            );
            return Ok(Registered::Later { retry_after: FULL });
        }
        let expires = now.checked_add(WAITS).unwrap_or(Timestamp::MAX);
        if !rows::wait(tx, self.ticket.id(), &self.person, expires)? {
            return Err(ended("it was used a moment ago"));
        }
        rows::end_others(tx, &self.address)?;
        let actor = doorward_audit::Actor::named(self.person.name.as_str(), "registration");
        let event = self.event("registration.wait", actor);
        events::record(
            tx,
            &event.about("registration", Some(self.ticket.id()), self.address.as_str()),
        )?;
        Ok(Registered::Waiting)
    }

    /// The account is there, in the policy's groups, and its person logged in.
    fn enter(&self, tx: &mut Tx<'_>, policy: &RegistrationPolicy, phc: &str) -> Result<Registered> {
        let person = &self.person;
        if !rows::take(tx, self.ticket.id())? {
            return Err(ended("it was used a moment ago"));
        }
        rows::end_others(tx, &self.address)?;
        address::take_from_sayer(tx, &self.address)?;
        users::insert(tx, person)?;
        enter_groups(tx, &Actor::server(), person, policy)?;
        credential::replace(tx, person.id, phc)?;
        let own = doorward_audit::Actor::new(person.id, person.name.as_str(), "registration");
        let event = self.event("user.register", own);
        events::record(tx, &event.about("user", Some(person.id), person.name.as_str()))?;
        let verified = links::logged_in(tx, person.id, self.origin.browser.as_deref(), &self.fresh_browser)?;
        Ok(Registered::In(Box::new(verified)))
    }

    fn event(&self, action: &'static str, actor: doorward_audit::Actor) -> Event {
        Event::new(action, actor).from_address(self.origin.address.to_string())
    }
}

/// A person who comes by themselves: the address is proved, and letters go on in the language in which they asked.
pub(super) fn described(name: &str, display_name: Option<String>, address: String, language: &str) -> NewUser {
    let mut new = NewUser {
        name: name.to_owned(),
        display_name,
        email: Some(address),
        email_verified: true,
        ..NewUser::default()
    };
    new.attributes.set("locale", language);
    new
}

/// The registration of a ticket, as long as somebody with its address may register and nobody has the address.
fn open(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<(rows::Asked, RegistrationPolicy)> {
    let asked = rows::find(tx, ticket, now)?.ok_or_else(|| ended("it is unknown, used or over"))?;
    let policy = load(tx)?;
    if !policy.admits(&asked.address) {
        return Err(ended("registration is closed, or not open for this address any more"));
    }
    if address::holder(tx, &asked.address)?.is_some() {
        return Err(ended("somebody has this address by now"));
    }
    Ok((asked, policy))
}

fn check_name(tx: &mut Tx<'_>, person: &User, domain: Option<&str>) -> Result<()> {
    let name = &person.name;
    if users::by_name(tx, name.as_str())?.is_some() || rows::is_name_waiting(tx, name)? {
        return Err(taken(person, "somebody has it").into());
    }
    if former_names::is_one(tx, name)? {
        return Err(taken(person, "somebody had it, and applications may know them by it").into());
    }
    check_address(tx, person, domain)
}

/// Refuses a name that is somebody's address once this server's domain is behind it: there the name counts first, and they would
/// log in, and be found, no more.
pub(super) fn check_address(tx: &mut Tx<'_>, person: &User, domain: Option<&str>) -> Result<()> {
    let Some(domain) = domain else { return Ok(()) };
    let form = format!("{}@{domain}", person.name);
    let is_own = person
        .email
        .as_deref()
        .is_some_and(|own| own.eq_ignore_ascii_case(&form));
    if !is_own && users::by_email(tx, &form)?.is_some() {
        return Err(taken(person, "with the server's domain it is somebody's address").into());
    }
    Ok(())
}

fn taken(person: &User, why: &str) -> Refusal {
    Refusal::response(&NAME_TAKEN, format!("the user name {}: {why}", person.name)).with_remedy("Choose another name.")
}

fn parsed(ticket: &str) -> Result<Ticket> {
    Ticket::parse(ticket).ok_or_else(|| ended("it is not one of ours, or was not copied whole"))
}

fn ended(why: &str) -> DirectoryError {
    Refusal::page(&LINK_ENDED, format!("the link cannot be used: {why}"))
        .with_remedy("Register once more: a new letter comes.")
        .into()
}
