//! The browser's session with this server: found by its cookie, begun by a login.

use std::sync::Arc;

use doorward_directory::{Facts, Level, Proof, Verified};
use doorward_provider::authorize::SessionFacts;
use doorward_store::{StoreError, Ticket, Tx, grants, sessions};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Door,
    cookies::Kind,
    failure::Failure,
    pages::{Shade, Viewer},
    visit::Visit,
};

/// How long a proof of who somebody is counts for what lasts.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// A live session and what the directory says of its person.
#[derive(Debug, Clone)]
pub(crate) struct LoggedIn {
    pub(crate) session: sessions::Session,
    pub(crate) facts: Arc<Facts>,
}

impl LoggedIn {
    /// For the protocol rules.
    pub(crate) fn session_facts(&self) -> SessionFacts {
        SessionFacts {
            id: self.session.id,
            user_id: self.session.user_id,
            auth_time: self.session.auth_time.as_second(),
            amr: self.session.amr.clone(),
            acr: self.session.acr.clone(),
        }
    }

    /// For the pages.
    pub(crate) fn viewer(&self) -> Viewer<'_> {
        let user = &self.facts.user;
        Viewer {
            display_name: user.display_name.as_str(),
            username: user.name.as_str(),
            theme: Shade::of(user.theme),
        }
    }
}

/// The live session of the request's cookie, if its person still exists, the account is open, and they have accepted the terms
/// that are in force. What opens anything asks this.
pub(crate) async fn current(door: &Door, visit: &Visit) -> Result<Option<LoggedIn>, Failure> {
    let Some(who) = of_browser(door, visit).await? else {
        return Ok(None);
    };
    Ok(match open_terms(door, &who).await? {
        Some(_) => None,
        None => Some(who),
    })
}

/// The version of the terms that this person has yet to accept.
pub(crate) async fn open_terms(door: &Door, who: &LoggedIn) -> Result<Option<u32>, Failure> {
    let terms = door.directory.terms_in_force().await?;
    let open = (*terms).as_ref().filter(|terms| terms.are_open(&who.facts));
    Ok(open.map(|terms| terms.version))
}

/// The same without asking for the terms: for the steps of a login, which renew, question or end this session.
pub(crate) async fn of_browser(door: &Door, visit: &Visit) -> Result<Option<LoggedIn>, Failure> {
    let Some(ticket) = visit.cookie(door, Kind::Session).and_then(Ticket::parse) else {
        return Ok(None);
    };
    let now = visit.now;
    let found = door.store.read(move |tx| sessions::find(tx, &ticket, now)).await?;
    let Some(session) = found else { return Ok(None) };
    let facts = door
        .directory
        .facts(session.user_id)
        .await?
        .filter(|facts| facts.user.closed(now).is_none());
    let Some(facts) = facts else { return Ok(None) };
    if sessions::needs_touch(&session, now) {
        let id = session.id;
        door.store
            .write::<_, StoreError>(now, move |tx| sessions::touch(tx, id))
            .await?;
    }
    Ok(Some(LoggedIn { session, facts }))
}

/// What form tokens are for, apart from everything else that is keyed.
const FORM: &str = "form";

/// Somebody who has just proved who they are, whichever way.
#[derive(Debug, Clone)]
pub(crate) struct Entrance {
    /// Who it is.
    pub(crate) user_id: uuid::Uuid,
    /// RFC 8176 methods.
    pub(crate) amr: Vec<String>,
    /// When they authenticated, if that was not here and now.
    pub(crate) authenticated: Option<Timestamp>,
    /// When the session ends at the latest, if it is bound to something that ends.
    pub(crate) ends: Option<Timestamp>,
    /// Asked again in the unit of work.
    pub(crate) proof: Proof,
    /// Through the backup door: to be recorded with the session, when everything is proved.
    pub(crate) is_backup: bool,
}

impl From<&Verified> for Entrance {
    fn from(verified: &Verified) -> Self {
        Self {
            user_id: verified.facts.user.id,
            amr: verified.amr.clone(),
            authenticated: None,
            ends: None,
            proof: verified.proof,
            is_backup: false,
        }
    }
}

/// A browser in which a session may begin, before it is decided whose.
#[derive(Clone)]
pub(crate) struct Threshold {
    before: Option<(uuid::Uuid, uuid::Uuid)>,
    /// With the id of the session before, for its own person.
    renewed: Option<Ticket>,
    /// For anybody else.
    fresh: Ticket,
    /// The absolute end of a session that begins now.
    pub(crate) absolute: Timestamp,
    idle_seconds: i64,
    address: String,
    user_agent: String,
}

impl Threshold {
    /// This browser now, with the session that it has.
    pub(crate) fn new(door: &Door, visit: &Visit, before: Option<&LoggedIn>) -> Self {
        Self {
            before: before.map(|before| (before.session.id, before.session.user_id)),
            renewed: before.map(|before| Ticket::for_id(before.session.id, &*door.random)),
            fresh: Ticket::new(visit.now, &*door.random),
            absolute: visit.now.checked_add(door.sessions.absolute).unwrap_or(Timestamp::MAX),
            idle_seconds: door.sessions.idle.as_secs(),
            address: visit.client.address.to_string(),
            user_agent: visit.user_agent().to_owned(),
        }
    }

    /// The session of whoever has proved who they are. The cookie always has a new secret, so that nobody can plant one
    /// before the login (session fixation); a person who only proves again who they are keeps their session, another one
    /// ends it.
    pub(crate) fn cross(&self, entrance: &Entrance) -> Beginning {
        let before = self.before.map(|(session, user)| (session, user == entrance.user_id));
        let ticket = match (&self.renewed, before) {
            (Some(renewed), Some((_, true))) => renewed.clone(),
            _ => self.fresh.clone(),
        };
        Beginning {
            ticket,
            user_id: entrance.user_id,
            authenticated: entrance.authenticated,
            expires: entrance.ends.map_or(self.absolute, |ends| ends.min(self.absolute)),
            is_bound: entrance.ends.is_some(),
            idle_seconds: self.idle_seconds,
            amr: entrance.amr.clone(),
            address: self.address.clone(),
            user_agent: self.user_agent.clone(),
            before,
            proof: entrance.proof,
            is_backup: entrance.is_backup,
        }
    }
}

/// What a login makes of the browser's session, written in one unit of work.
#[derive(Clone)]
pub(crate) struct Beginning {
    ticket: Ticket,
    user_id: uuid::Uuid,
    authenticated: Option<Timestamp>,
    expires: Timestamp,
    is_bound: bool,
    idle_seconds: i64,
    amr: Vec<String>,
    address: String,
    user_agent: String,
    before: Option<(uuid::Uuid, bool)>,
    proof: Proof,
    is_backup: bool,
}

impl Beginning {
    /// Where the person is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether it begins through the backup door.
    pub(crate) fn is_backup(&self) -> bool {
        self.is_backup
    }

    /// The session's key.
    pub(crate) fn id(&self) -> uuid::Uuid {
        self.ticket.id()
    }

    /// The cookie to set when the unit is committed.
    pub(crate) fn cookie(&self, door: &Door) -> HeaderValue {
        door.cookies.set(
            Kind::Session,
            &self.ticket.encode(),
            Some(door.sessions.absolute.as_secs()),
        )
    }

    /// Writes it and returns the session as it now is; none when the session, the password or the user ended meanwhile.
    pub(crate) fn write(&self, tx: &mut Tx<'_>) -> Result<Option<sessions::Session>, StoreError> {
        let auth_time = self.authenticated.map_or(tx.now(), |at| at.min(tx.now()));
        let acr = Level::of_amr(&self.amr).acr();
        if !self.proof.holds(tx)? {
            return Ok(None);
        }
        match self.before {
            Some((id, true)) => {
                if sessions::reauthenticate(tx, &self.ticket, auth_time, &self.amr, Some(acr))? {
                    if self.is_bound {
                        sessions::shorten(tx, id, self.expires)?;
                    }
                    return sessions::by_id(tx, id);
                }
                return Ok(None);
            }
            Some((id, false)) => {
                sessions::end_with_grants(tx, id, grants::Offline::Keep)?;
            }
            None => {}
        }
        let new = sessions::NewSession {
            user_id: self.user_id,
            expires: self.expires,
            idle_seconds: self.idle_seconds,
            auth_time,
            amr: &self.amr,
            acr: Some(acr),
            address: &self.address,
            user_agent: &self.user_agent,
        };
        sessions::create(tx, &self.ticket, &new)?;
        sessions::by_id(tx, self.ticket.id())
    }
}

/// Whether the person of a session proved who they are in the last five minutes: what a borrowed browser must not be enough
/// for asks this.
pub(crate) fn is_fresh(session: &sessions::Session, now: Timestamp) -> bool {
    now.duration_since(session.auth_time) <= FRESH
}

/// The token of a form that belongs to a session: only our page knows it (RFC 9700 §4.7 in spirit). Derived, so that
/// nothing has to be stored.
pub(crate) fn form_token(door: &Door, session: &sessions::Session) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&door.master.mac(FORM, session.id.as_bytes()))
}

/// Whether `presented` is the session's form token and the browser does not say that the form came from elsewhere.
pub(crate) fn form_is_ours(door: &Door, visit: &Visit, session: &sessions::Session, presented: &str) -> bool {
    let presented = data_encoding::BASE64URL_NOPAD.decode(presented.as_bytes());
    visit.is_same_origin(door) && presented.is_ok_and(|mac| door.master.is_mac(FORM, session.id.as_bytes(), &mac))
}
