//! What an authorization request is made of, wherever its parameters are: in the query, pushed beforehand (RFC 9126), in a
//! request object beside it, or in one at an address of the application (RFC 9101).

use doorward_apps::App;
use doorward_jose::{Secret, base64url};
use doorward_oidc::{Parameters, Refusal, catalogue};
use doorward_provider::{
    Keyed,
    authorize::{Origin, request_object},
    signed_request,
};
use doorward_store::{StoreError, Ticket, Tx, pushed_requests};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Door, failure::Failure, visit::Visit};

/// What the names of pushed requests begin with (RFC 9126 §2.2).
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a pushed request can be presented: the browser is on its way already.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_secs(90);
/// Parameters that prove who pushes and are none of the request.
const OF_THE_CLIENT: &[&str] = &["client_secret", "client_assertion", "client_assertion_type", "request"];

/// A pushed request as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    parameters: Vec<(String, String)>,
    signed: bool,
}

/// The parameters that count, and how they came. What cannot be had is in the origin, with the parameters beside it.
pub(super) async fn resolve(
    door: &Door,
    visit: &Visit,
    parameters: Parameters,
    app: Option<&App>,
) -> Result<(Parameters, Origin), Failure> {
    // Whose application is switched off is refused by the checks, and has nothing fetched before.
    let Some(app) = app.filter(|app| !app.disabled) else {
        return Ok((parameters, Origin::default()));
    };
    let found = match (parameters.find("request"), parameters.find("request_uri")) {
        (None, None) => return Ok((parameters, Origin::default())),
        (Some(_), Some(_)) => {
            let detail = "expected `request` or `request_uri`, got both";
            Err(Refusal::redirect(&catalogue::PARAMETER_MALFORMED, detail))
        }
        (Some(object), None) => signed(door, visit, app, object).await,
        (None, Some(uri)) => match uri.strip_prefix(PUSHED) {
            Some(name) => pushed(door, visit, app, name).await?,
            None => fetched(door, visit, app, uri).await,
        },
    };
    Ok(found.unwrap_or_else(|refusal| (parameters, Origin::refused(refusal))))
}

async fn signed(door: &Door, visit: &Visit, app: &App, object: &str) -> Result<(Parameters, Origin), Refusal> {
    let published = door.client_keys.published(app, Some(object), visit.now).await;
    let published = published.map_err(request_object::invalid)?;
    let keyed = Keyed::with(app, published.as_deref());
    let parameters = signed_request::open(object, keyed, &door.server, visit.seconds())?;
    let origin = Origin {
        signed: true,
        ..Origin::default()
    };
    Ok((parameters, origin))
}

async fn fetched(door: &Door, visit: &Visit, app: &App, uri: &str) -> Result<(Parameters, Origin), Refusal> {
    if !app.requests.request_uris.iter().any(|registered| registered == uri) {
        return Err(request_object::unregistered(app, uri));
    }
    if door.strangers.pay_fetch(visit.client.address, visit.now).is_err() {
        return Err(request_object::unusable(format!(
            "the budget of this address for fetched requests is spent, so {uri} was not asked"
        )));
    }
    let object = door.request_objects.fetch(app, uri).await?;
    signed(door, visit, app, &object).await
}

async fn pushed(
    door: &Door,
    visit: &Visit,
    app: &App,
    name: &str,
) -> Result<Result<(Parameters, Origin), Refusal>, Failure> {
    let unusable = |detail: &str| Ok(Err(request_object::unusable(detail)));
    let Some(ticket) = Ticket::parse(name) else {
        return unusable("the name is none that this server gives");
    };
    let found = door
        .store
        .read::<_, StoreError>(move |tx| pushed_requests::find(tx, &ticket))
        .await?;
    let Some(found) = found else {
        return unusable("no such request was pushed, or long ago");
    };
    if found.app_id != app.id {
        return unusable("the request was pushed by another application");
    }
    if found.used.is_some() {
        return unusable("the request was answered before");
    }
    if found.expires <= visit.now {
        return unusable("the request was pushed too long ago");
    }
    let stored: Stored = serde_json::from_slice(unsealed(door, found.id, &found.request)?.expose())?;
    let parameters = Parameters::from_pairs(stored.parameters)?;
    let origin = Origin {
        pushed: Some(found.id),
        signed: stored.signed,
        refused: None,
    };
    Ok(Ok((parameters, origin)))
}

/// The parameters that an application pushes: those of the form, or of the request object in it.
pub(super) async fn of_form(
    door: &Door,
    visit: &Visit,
    app: &App,
    form: &Parameters,
) -> Result<(Parameters, Origin), Refusal> {
    if let Some(object) = form.find("request") {
        return signed(door, visit, app, object).await;
    }
    let mut pairs: Vec<(String, String)> = form
        .iter()
        .filter(|(name, _)| !OF_THE_CLIENT.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    match form.find("client_id") {
        None => pairs.push(("client_id".to_owned(), app.client_id.clone())),
        Some(named) if named == app.client_id => {}
        Some(_) => {
            let detail = format!("expected {} in `client_id`, as the client authenticated", app.client_id);
            return Err(Refusal::response(&catalogue::PARAMETER_MALFORMED, detail));
        }
    }
    Ok((Parameters::from_pairs(pairs)?, Origin::default()))
}

/// A checked request on its way into the store.
pub(super) struct Checked {
    app_id: Uuid,
    request: String,
    expires: Timestamp,
}

impl Checked {
    /// Stores it, to be presented by [`name`] of the ticket.
    pub(super) fn insert(&self, tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), StoreError> {
        pushed_requests::insert(tx, ticket, self.app_id, &self.request, self.expires)
    }
}

/// A checked request as it is stored.
pub(super) fn stored(
    door: &Door,
    app: &App,
    (parameters, signed): (&Parameters, bool),
    ticket: &Ticket,
    now: Timestamp,
) -> Result<Checked, Failure> {
    let stored = Stored {
        parameters: parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        signed,
    };
    Ok(Checked {
        app_id: app.id,
        request: sealed(door, ticket.id(), &serde_json::to_vec(&stored)?),
        expires: now.checked_add(LIFETIME)?,
    })
}

/// At rest nobody reads what was asked: an ID token may be in it.
fn sealed(door: &Door, id: Uuid, request: &[u8]) -> String {
    base64url::encode(door.master.seal(&*door.random, &purpose(id), request))
}

fn unsealed(door: &Door, id: Uuid, sealed: &str) -> Result<Secret<Vec<u8>>, Failure> {
    Ok(door.master.open(&purpose(id), &base64url::decode(sealed)?)?)
}

/// What it is sealed for: this row and no other.
fn purpose(id: Uuid) -> Vec<u8> {
    [b"pushed_request".as_slice(), id.as_bytes()].concat()
}

/// What the browser presents a pushed request by.
pub(super) fn name(ticket: &Ticket) -> String {
    format!("{PUSHED}{}", ticket.encode())
}
