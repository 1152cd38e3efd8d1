//! The endpoints where such requests begin: device authorization (RFC 8628 §3.1) and backchannel authentication (CIBA §7).

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use doorward_apps::App;
use doorward_audit::TraceOutcome;
use doorward_directory::{Facts, within};
use doorward_oidc::{
    BackchannelRequest, BackchannelResponse, DeviceRequest, DeviceResponse, Parameters, Refusal, encode,
};
use doorward_provider::{
    Keyed, Steps,
    decoupled::{
        self as rules, DEVICE_LIFETIME, INTERVAL, MOST_IN_VAIN,
        ciba::{self, Meant},
        user_code,
    },
    path,
};
use doorward_store::{
    StoreError, Ticket,
    decoupled::{self, Kind, NewDecoupled},
    replay,
};
use http::{HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};

use super::Asked;
use crate::{
    Door,
    answer::{self, with_header},
    failure::{Answer, Failure},
    protocol::{Trouble, client, refused},
    trail::Trail,
    visit::Visit,
};

/// Codes that are tried until one is free: with a million open requests the first is free but for one case in 25,000.
const TRIES: usize = 5;

/// What an endpoint gives.
enum Given<T> {
    Answer(T),
    /// This address has asked for as many codes as strangers may.
    TooMany(std::time::Duration),
}

/// POST to the device authorization endpoint.
pub(crate) async fn device(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "device");
    let given = device_code(&door, &visit, &body, &mut trail).await;
    closed(&door, &visit, given, trail)
}

/// POST to the backchannel authentication endpoint.
pub(crate) async fn backchannel(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "ciba");
    let given = question(&door, &visit, &body, &mut trail).await;
    closed(&door, &visit, given, trail)
}

fn closed<T: serde::Serialize>(
    door: &Door,
    visit: &Visit,
    given: Result<Given<T>, Trouble>,
    mut trail: Trail,
) -> Answer {
    match given {
        Ok(Given::Answer(answer)) => {
            trail.close(door, visit, TraceOutcome::InProgress);
            Ok(answer::json(StatusCode::OK, &answer))
        }
        Ok(Given::TooMany(wait)) => Ok(too_many(wait)),
        Err(Trouble::Refused(refusal)) => {
            let response = refused(&refusal, client::used_header(visit));
            trail.conclude(&refusal);
            trail.close(door, visit, TraceOutcome::Refused);
            Ok(response)
        }
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

fn too_many(wait: std::time::Duration) -> Response {
    let body = serde_json::json!({
        "error": "slow_down",
        "error_description": "Too many requests from this address; try again later.",
    });
    let response = answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
    with_header(response, header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)))
}

async fn device_code(
    door: &Door,
    visit: &Visit,
    body: &[u8],
    trail: &mut Trail,
) -> Result<Given<DeviceResponse>, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let app = client::authenticated(door, visit, &snapshot, &form, &mut trail.steps).await?;
    trail.app(&app.client_id);
    rules::device_may_ask(&app, &mut trail.steps)?;
    let request = trail.steps.record("device.request", DeviceRequest::parse(&form))?;
    // Anybody can claim to be a public client.
    if let Err(wait) = door.strangers.pay_attempt(visit.client.address, visit.now) {
        return Ok(Given::TooMany(wait));
    }
    let scope = rules::device_scope(&app, request.scope);
    let mut asked = asked(visit, trail, scope.to_string(), request.acr_values);
    let expires = ends(visit, DEVICE_LIFETIME);
    for _ in 0..TRIES {
        let ticket = Ticket::new(visit.now, &*door.random);
        let code = user_code::generate(&*door.random);
        asked.keep_code(door, ticket.id(), &code);
        let stored = Stored {
            request: serde_json::to_string(&asked).map_err(Failure::from)?,
            hash: Some(super::page::hash(door, &code)),
            ..Stored::new(Kind::Device, app.id, expires)
        };
        if stored.create(door, visit, &ticket).await? {
            trail.steps.ok("device.code", "waits for a person");
            let shown = user_code::shown(&code);
            let verification_uri = door.server.url(path::DEVICE);
            return Ok(Given::Answer(DeviceResponse {
                device_code: ticket.encode(),
                verification_uri_complete: Some(format!("{verification_uri}?{}", encode([("user_code", &*shown)]))),
                user_code: shown,
                verification_uri,
                expires_in: DEVICE_LIFETIME,
                interval: Some(INTERVAL),
            }));
        }
    }
    Err(Trouble::Failed("no free code for a device was found".into()))
}

async fn question(
    door: &Door,
    visit: &Visit,
    body: &[u8],
    trail: &mut Trail,
) -> Result<Given<BackchannelResponse>, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let app = client::authenticated(door, visit, &snapshot, &form, &mut trail.steps).await?;
    trail.app(&app.client_id);
    ciba::may_ask(&app, &mut trail.steps)?;
    let published = match form.find("request") {
        // The keys may be where the application publishes them.
        Some(object) => door.client_keys.published(&app, Some(object), visit.now).await,
        None => Ok(None),
    };
    let published = trail.steps.record("ciba.keys", published.map_err(ciba::invalid))?;
    let keyed = Keyed::with(&app, published.as_deref());
    let (form, signed) = ciba::parameters(keyed, &form, &door.server, visit.seconds(), &mut trail.steps)?;
    let request = trail
        .steps
        .record("ciba.parameters", BackchannelRequest::parse(&form))?;
    let keys = door.keys.current().await?;
    let question = ciba::question(&app, &request, &door.server, &keys, &mut trail.steps)?;
    // Last before anything is stored: a request that is refused for another reason may be sent again as it is.
    if let Some(signed) = signed {
        claim(door, visit, signed, &mut trail.steps).await?;
    }
    let facts = meant(door, &question.hint).await?;
    ciba::can_be_asked(&app, facts.as_deref(), visit.seconds(), &mut trail.steps)?;
    let facts = facts.ok_or_else(|| Trouble::Failed("somebody who is nobody can be asked".into()))?;
    trail.user(&facts.user.name);
    let mut asked = asked(visit, trail, request.scope.to_string(), request.acr_values);
    asked.message = question.message;
    let ticket = Ticket::new(visit.now, &*door.random);
    let stored = Stored {
        request: serde_json::to_string(&asked).map_err(Failure::from)?,
        user: Some(facts.user.id),
        ..Stored::new(Kind::Ciba, app.id, ends(visit, question.lifetime))
    };
    if !stored.create(door, visit, &ticket).await? {
        return Err(ciba::too_many(&app, &facts).into());
    }
    trail.steps.ok("ciba.asked", "waits for the person's answer");
    Ok(Given::Answer(BackchannelResponse {
        auth_req_id: ticket.encode(),
        expires_in: question.lifetime,
        interval: INTERVAL,
    }))
}

fn asked(visit: &Visit, trail: &Trail, scope: String, acr_values: Vec<String>) -> Asked {
    Asked {
        scope,
        acr_values,
        code: None,
        message: None,
        address: visit.client.address.to_string(),
        user_agent: visit.user_agent().to_owned(),
        trace: trail.reference.to_string(),
    }
}

fn ends(visit: &Visit, seconds: i64) -> Timestamp {
    let lifetime = SignedDuration::from_secs(seconds);
    visit.now.checked_add(lifetime).unwrap_or(Timestamp::MAX)
}

/// A signed request counts once (CIBA §7.1.1).
async fn claim(door: &Door, visit: &Visit, used: ciba::SignedUse, steps: &mut Steps) -> Result<(), Trouble> {
    let key = used.key.clone();
    let until = Timestamp::from_second(used.expires_at).unwrap_or(Timestamp::MAX);
    let is_first = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| replay::claim(tx, "ciba_request", &key, until))
        .await?;
    let claimed: Result<(), Refusal> = if is_first { Ok(()) } else { Err(used.replayed()) };
    Ok(steps.record("ciba.request_used", claimed)?)
}

async fn meant(door: &Door, hint: &Meant) -> Result<Option<Arc<Facts>>, Trouble> {
    let id = match hint {
        Meant::Login(login) => {
            let (login, domain) = (login.clone(), door.server.domain().to_owned());
            let user = door
                .store
                .read::<_, StoreError>(move |tx| within::user_by_login(tx, &login, &domain))
                .await?;
            user.map(|user| user.id)
        }
        Meant::Subject(subject) => subject.parse().ok(),
    };
    Ok(match id {
        Some(id) => door.directory.facts(id).await?,
        None => None,
    })
}

/// A request on its way into its row.
struct Stored {
    kind: Kind,
    app: uuid::Uuid,
    hash: Option<[u8; 32]>,
    user: Option<uuid::Uuid>,
    request: String,
    expires: Timestamp,
}

impl Stored {
    fn new(kind: Kind, app: uuid::Uuid, expires: Timestamp) -> Self {
        Self {
            kind,
            app,
            hash: None,
            user: None,
            request: String::new(),
            expires,
        }
    }

    /// `false` when the code is taken, the person is asked enough by this application already, or their account was just closed.
    async fn create(self, door: &Door, visit: &Visit, ticket: &Ticket) -> Result<bool, StoreError> {
        let ticket = ticket.clone();
        door.store
            .write(visit.now, move |tx| {
                if let Some(user) = self.user {
                    // The person's row is this unit's: two that count at the same time would both find room.
                    let is_open = within::lock_enabled(tx, user)?;
                    if !is_open || decoupled::asked_in_vain(tx, user, self.app)? >= MOST_IN_VAIN {
                        return Ok(false);
                    }
                }
                let new = NewDecoupled {
                    kind: self.kind,
                    app_id: self.app,
                    code_hash: self.hash,
                    user_id: self.user,
                    request: &self.request,
                    interval: INTERVAL,
                    expires: self.expires,
                };
                decoupled::create(tx, &ticket, &new)
            })
            .await
    }
}

/// Whether an application may still be asked about, by its row's key.
pub(super) async fn app_of(door: &Door, id: uuid::Uuid) -> Result<Option<Arc<App>>, Failure> {
    let snapshot = door.snapshots.current().await?;
    Ok(snapshot.by_id(id).cloned())
}
