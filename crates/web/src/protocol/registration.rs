//! Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration) and manage what they registered
//! (RFC 7592).

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use doorward_apps::{AppsError, ClientMetadata, Registered};
use doorward_audit::TraceOutcome;
use doorward_jose::Secret;
use doorward_oidc::{Refusal, access_token};
use doorward_provider::path;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{Trouble, refused, token_refused};
use crate::{
    Door,
    answer::{self, with_header},
    failure::Answer,
    trail::Trail,
    visit::Visit,
};

/// Where a client manages itself.
pub(crate) const CLIENT: &str = "/connect/register/{client_id}";

/// Members of an answer that are not metadata: a client that sends back what it was given sends them, too (RFC 7592 §2.2).
const NOT_METADATA: &[&str] = &[
    "registration_access_token",
    "registration_client_uri",
    "client_id_issued_at",
    "client_secret_expires_at",
];

/// What a client is told of itself (RFC 7591 §3.2.1, RFC 7592 §3).
#[derive(Serialize)]
struct Told<'a> {
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<&'a str>,
    registration_client_uri: String,
    #[serde(flatten)]
    metadata: &'a ClientMetadata,
}

fn told(door: &Door, status: StatusCode, registered: &Registered) -> Response {
    let client_id = registered.app.client_id.as_str();
    let secret = registered.secret.as_ref().map(doorward_apps::ClientSecret::expose);
    let body = Told {
        client_id,
        client_secret: secret,
        client_id_issued_at: registered.app.created.as_second(),
        // It does not end by itself.
        client_secret_expires_at: secret.map(|_| 0),
        registration_access_token: registered.token.as_ref().map(|token| token.expose().as_str()),
        registration_client_uri: format!("{}/{client_id}", door.server.url(path::REGISTRATION)),
        metadata: &registered.metadata,
    };
    answer::json(status, &body)
}

/// POST `/connect/register`.
pub(crate) async fn register(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    // A header of another scheme is no token.
    let has_token = matches!(presented(&visit), Ok(Some(_)));
    let paid = pay(&door, &visit).and_then(|()| {
        if has_token {
            return Ok(());
        }
        // What no token lets in takes one of the few places for all of them.
        door.strangers.pay_registration(visit.client.address, visit.now)
    });
    if let Err(wait) = paid {
        return Ok(too_many(wait));
    }
    let mut trail = Trail::begin(&door, &visit, "registration");
    match registered(&door, &visit, &body).await {
        Ok(registered) => {
            trail.app(&registered.app.client_id);
            trail.steps.ok("registration", "registered");
            trail.close(&door, &visit, TraceOutcome::Ok);
            Ok(told(&door, StatusCode::CREATED, &registered))
        }
        Err(Trouble::Refused(refusal)) => {
            trail.refused("registration", &refusal);
            trail.close(&door, &visit, TraceOutcome::Refused);
            Ok(answered(&refusal))
        }
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

/// A registration is a durable row, and a change of one is that and news to every node: whoever sends the request pays for it,
/// before anything is looked at.
fn pay(door: &Door, visit: &Visit) -> Result<(), Duration> {
    door.strangers.pay_attempt(visit.client.address, visit.now)
}

fn too_many(wait: Duration) -> Response {
    let response = StatusCode::TOO_MANY_REQUESTS.into_response();
    let wait = HeaderValue::from(wait.as_secs().max(1));
    with_header(response, header::RETRY_AFTER, wait)
}

async fn registered(door: &Door, visit: &Visit, body: &[u8]) -> Result<Registered, Trouble> {
    let presented = presented(visit)?;
    let metadata = ClientMetadata::parse(body)?;
    let address = visit.client.address.to_string();
    let registered = door.apps.register_client(presented, metadata, address, visit.now).await;
    registered.map_err(trouble)
}

/// GET: what is registered.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Path(client_id): Path<String>) -> Answer {
    let token = match own_token(&door, &visit) {
        Ok(token) => token,
        Err(response) => return Ok(*response),
    };
    let found = door.apps.registered_client(&client_id, token).await;
    respond(found.map_err(trouble), |registered| {
        told(&door, StatusCode::OK, &registered)
    })
}

/// PUT: all of it anew.
pub(crate) async fn update(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(client_id): Path<String>,
    body: Bytes,
) -> Answer {
    let token = match own_token(&door, &visit) {
        Ok(token) => token,
        Err(response) => return Ok(*response),
    };
    let updated = async {
        let (secret, metadata) = replacement(&client_id, &body)?;
        let address = visit.client.address.to_string();
        let updated = door
            .apps
            .update_client(&client_id, token, metadata, (secret, address), visit.now)
            .await;
        updated.map_err(trouble)
    };
    respond(updated.await, |registered| told(&door, StatusCode::OK, &registered))
}

/// DELETE: the client goes, with every grant that it holds.
pub(crate) async fn remove(State(door): State<Arc<Door>>, visit: Visit, Path(client_id): Path<String>) -> Answer {
    let token = match own_token(&door, &visit) {
        Ok(token) => token,
        Err(response) => return Ok(*response),
    };
    let address = visit.client.address.to_string();
    let removed = door.apps.deregister_client(&client_id, token, address, visit.now).await;
    respond(removed.map_err(trouble), |()| StatusCode::NO_CONTENT.into_response())
}

/// What a client sends to replace what it registered: its own id has to be in it, and what it cannot choose may be (RFC 7592
/// §2.2).
fn replacement(client_id: &str, body: &[u8]) -> Result<(Option<Secret<String>>, ClientMetadata), Refusal> {
    let invalid = |detail: String| Refusal::response(&doorward_apps::CLIENT_METADATA_INVALID, detail);
    if body.len() > ClientMetadata::MAX_BYTES {
        return Err(invalid(format!("expected at most {} bytes", ClientMetadata::MAX_BYTES)));
    }
    let mut members: Map<String, Value> =
        doorward_jose::parse_object(body, "client metadata").map_err(|error| invalid(error.to_string()))?;
    if members.remove("client_id").as_ref().and_then(Value::as_str) != Some(client_id) {
        return Err(invalid(format!("client_id: expected {client_id}")));
    }
    if let Some(name) = NOT_METADATA.iter().find(|name| members.contains_key(**name)) {
        return Err(invalid(format!("{name}: expected not to be sent back (RFC 7592 §2.2)")));
    }
    let secret = match members.remove("client_secret") {
        Some(Value::String(secret)) => Some(Secret::new(secret)),
        Some(_) => return Err(invalid("client_secret: expected a string".to_owned())),
        None => None,
    };
    Ok((
        secret,
        ClientMetadata::parse(Value::Object(members).to_string().as_bytes())?,
    ))
}

fn presented(visit: &Visit) -> Result<Option<Secret<String>>, Refusal> {
    let header = visit.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    Ok(access_token(header, None)?.map(|(_, token)| token))
}

/// The token with which a client manages itself, once the request was paid for.
fn own_token(door: &Door, visit: &Visit) -> Result<Secret<String>, Box<Response>> {
    pay(door, visit).map_err(|wait| Box::new(too_many(wait)))?;
    match presented(visit) {
        Ok(Some(token)) => Ok(token),
        Ok(None) => {
            let challenge = HeaderValue::from_static("Bearer realm=\"doorward\"");
            let response = (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]);
            Err(Box::new(response.into_response()))
        }
        Err(refusal) => Err(Box::new(token_refused(&refusal, false))),
    }
}

fn trouble(error: AppsError) -> Trouble {
    match error {
        AppsError::Refused(refusal) => Trouble::Refused(refusal),
        other => Trouble::Failed(other.into()),
    }
}

fn respond<T>(result: Result<T, Trouble>, show: impl FnOnce(T) -> Response) -> Answer {
    match result {
        Ok(value) => Ok(show(value)),
        Err(Trouble::Refused(refusal)) => Ok(answered(&refusal)),
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

/// A token that does not count is answered as one (RFC 6750 §3), everything else as RFC 7591 §3.2.2 has it.
fn answered(refusal: &Refusal) -> Response {
    if refusal.kind.oauth == "invalid_token" {
        return token_refused(refusal, false);
    }
    refused(refusal, false)
}
