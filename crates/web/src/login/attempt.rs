//! A login attempt: an authorization request, or a page of ours, that waits for its person.
//!
//! It is bound to the browser that began it by a cookie, so that nobody can be made to log in with somebody else's
//! attempt (login CSRF), and every tab has one of its own. A request of an application is a row; a page of ours is
//! carried by the browser alone (see [`super::page_value`]).

use doorward_audit::Reference;
use doorward_directory::Level;
use doorward_jose::sha256;
use doorward_provider::authorize::{Accepted, Progress};
use doorward_store::{StoreError, Ticket, attempts};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::page_value::{self, Place};
use crate::{Door, failure::Failure, trail::Trail, visit::Visit};

/// How long a person may take. Long enough to find a telephone, short enough to be forgotten.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// What the person wanted when they were asked to log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Errand {
    /// Into an application.
    App {
        /// The checked request.
        request: Box<Accepted>,
        /// What has been done for it.
        progress: Progress,
    },
    /// A page of ours, by its path.
    Page(String),
    /// A page of ours, for which the login must be this strong.
    StepUp(String, Level),
}

impl Errand {
    /// The application's request, when that is what the person came for.
    pub(crate) fn request(&self) -> Option<&Accepted> {
        match self {
            Self::App { request, .. } => Some(request),
            Self::Page(_) | Self::StepUp(..) => None,
        }
    }

    fn of(place: Place) -> Self {
        match place.level {
            Level::Any => Self::Page(place.path),
            level => Self::StepUp(place.path, level),
        }
    }
}

/// An attempt that this browser may go on with.
pub(crate) struct OpenAttempt {
    carrier: Carrier,
    /// What for.
    pub(crate) errand: Errand,
    /// Its trace.
    pub(crate) reference: Reference,
    /// The browser's binding that it belongs to; empty before it is stored.
    binding: String,
}

/// Where an attempt is kept.
enum Carrier {
    /// In a row.
    Row { ticket: Ticket, is_stored: bool },
    /// In its own value.
    Value(String),
}

impl OpenAttempt {
    /// A new one for an application's request, not yet stored.
    pub(crate) fn new(door: &Door, visit: &Visit, errand: Errand, reference: Reference) -> Self {
        let ticket = Ticket::new(visit.now, &*door.random);
        Self {
            carrier: Carrier::Row {
                ticket,
                is_stored: false,
            },
            errand,
            reference,
            binding: String::new(),
        }
    }

    /// A new one for a page of ours, with the binding cookie to set when the browser has none yet. Nothing is stored.
    pub(crate) fn for_page(door: &Door, visit: &Visit, path: &str) -> (Self, Option<HeaderValue>) {
        Self::for_strong_page(door, visit, path, Level::Any)
    }

    /// The same for a page that asks for a strong login.
    pub(crate) fn for_strong_page(door: &Door, visit: &Visit, path: &str, level: Level) -> (Self, Option<HeaderValue>) {
        let place = Place {
            path: path.to_owned(),
            level,
        };
        let reference = door.tracer.begin(visit.now);
        let (binding, cookie) = binding(door, visit);
        let value = page_value::seal(&door.master, &binding, &place, reference, ends(visit.now));
        let attempt = Self {
            carrier: Carrier::Value(value),
            errand: Errand::of(place),
            reference,
            binding,
        };
        (attempt, cookie)
    }

    /// The attempt of `value` (from the URL or a form), if it lives and this browser began it.
    pub(crate) async fn find(door: &Door, visit: &Visit, value: &str) -> Result<Option<Self>, Failure> {
        let bindings = visit.bindings(door);
        let opened = |binding: &&str| {
            let page = page_value::open(&door.master, binding, value, visit.now)?;
            Some((page, (*binding).to_owned()))
        };
        if let Some(((place, reference), binding)) = bindings.iter().find_map(opened) {
            return Ok(Some(Self {
                carrier: Carrier::Value(value.to_owned()),
                errand: Errand::of(place),
                reference,
                binding,
            }));
        }
        let Some(ticket) = Ticket::parse(value) else {
            return Ok(None);
        };
        if bindings.is_empty() {
            return Ok(None);
        }
        let (now, wanted) = (visit.now, ticket.clone());
        let found = door.store.read(move |tx| attempts::find(tx, &wanted, now)).await?;
        let Some(attempt) = found else { return Ok(None) };
        let is_of = |binding: &&&str| attempt.browser_hash == sha256(binding.as_bytes());
        let Some(binding) = bindings.iter().find(is_of) else {
            return Ok(None);
        };
        let Ok(errand) = serde_json::from_str(&attempt.request) else {
            return Ok(None);
        };
        let reference = attempt.trace.as_deref().and_then(|text| text.parse().ok());
        let reference = reference.unwrap_or_else(|| door.tracer.begin(visit.now));
        Ok(Some(Self {
            carrier: Carrier::Row {
                ticket,
                is_stored: true,
            },
            errand,
            reference,
            binding: (*binding).to_owned(),
        }))
    }

    /// The browser's binding that it belongs to; empty before it is stored.
    pub(crate) fn binding(&self) -> &str {
        &self.binding
    }

    /// What the URL or the form carries.
    pub(crate) fn value(&self) -> String {
        match &self.carrier {
            Carrier::Row { ticket, .. } => ticket.encode(),
            Carrier::Value(value) => value.clone(),
        }
    }

    /// Whether saving it would add a row.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.carrier, Carrier::Row { is_stored: false, .. })
    }

    /// A trail that goes on with this attempt's trace.
    pub(crate) fn trail(&self, endpoint: &'static str) -> Trail {
        Trail::resume(self.reference, endpoint)
    }

    /// The ticket, to take the attempt in the unit of work that finishes it; `None` when it was never stored.
    pub(crate) fn stored_ticket(&self) -> Option<Ticket> {
        match &self.carrier {
            Carrier::Row {
                ticket,
                is_stored: true,
            } => Some(ticket.clone()),
            _ => None,
        }
    }

    /// Stores it as it is now. Returns the binding cookie to set when the browser has none yet.
    pub(crate) async fn save(&mut self, door: &Door, visit: &Visit) -> Result<Option<HeaderValue>, Failure> {
        let Carrier::Row { ticket, is_stored } = &mut self.carrier else {
            return Ok(None);
        };
        let request = serde_json::to_string(&self.errand)?;
        if *is_stored {
            let id = ticket.id();
            door.store
                .write::<_, StoreError>(visit.now, move |tx| attempts::update(tx, id, &request))
                .await?;
            return Ok(None);
        }
        let (binding, cookie) = binding(door, visit);
        let browser = sha256(binding.as_bytes());
        let (ticket, reference) = (ticket.clone(), self.reference.to_string());
        let expires = ends(visit.now);
        door.store
            .write::<_, StoreError>(visit.now, move |tx| {
                attempts::create(tx, &ticket, &request, &browser, Some(&reference), expires)
            })
            .await?;
        *is_stored = true;
        self.binding = binding;
        Ok(cookie)
    }
}

fn ends(now: Timestamp) -> Timestamp {
    now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX)
}

/// The browser's binding, made when it has none.
pub(crate) fn binding(door: &Door, visit: &Visit) -> (String, Option<HeaderValue>) {
    let known = visit.bindings(door);
    if let Some(binding) = known.iter().find(|value| Ticket::parse(value).is_some()) {
        return ((*binding).to_owned(), None);
    }
    let binding = Ticket::new(visit.now, &*door.random).encode();
    let cookie = door.cookies.bind(&binding);
    (binding, Some(cookie))
}
