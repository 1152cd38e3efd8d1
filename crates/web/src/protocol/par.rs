//! Pushed authorization requests (RFC 9126): an application sends its request itself, proves who it is, and gives the
//! browser nothing but a name for it.

use std::sync::Arc;

use axum::{body::Bytes, extract::State};
use doorward_apps::AppKind;
use doorward_audit::TraceOutcome;
use doorward_oidc::{AuthorizationRequest, Parameters, Refusal, catalogue};
use doorward_provider::authorize::{self, protection::PUSHED_TOO_OFTEN};
use doorward_store::Ticket;
use http::StatusCode;
use serde::Serialize;

use super::{
    client,
    error::{Trouble, refused},
    requests,
};
use crate::{Door, answer, failure::Answer, trail::Trail, visit::Visit};

/// The answer (RFC 9126 §2.2).
#[derive(Serialize)]
struct Pushed {
    request_uri: String,
    expires_in: i64,
}

/// POST. A request that is refused has a trace of its own; one that is taken goes on in the trace of its login.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "par");
    match push(&door, &visit, &body, &mut trail).await {
        Ok(pushed) => Ok(answer::json(StatusCode::CREATED, &pushed)),
        Err(Trouble::Refused(refusal)) => {
            trail.conclude(&refusal);
            trail.close(&door, &visit, TraceOutcome::Refused);
            Ok(refused(&refusal, client::used_header(&visit)))
        }
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

async fn push(door: &Door, visit: &Visit, body: &[u8], trail: &mut Trail) -> Result<Pushed, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let app = client::authenticated(door, visit, &snapshot, &form, &mut trail.steps).await?;
    trail.app(&app.client_id);
    if form.find("request_uri").is_some() {
        let detail = "expected no `request_uri` in a pushed request (RFC 9126 §2.1)";
        return Err(Refusal::response(&catalogue::PARAMETER_MALFORMED, detail).into());
    }
    let (parameters, mut origin) = requests::of_form(door, visit, &app, &form)?;
    let request = AuthorizationRequest::parse(&parameters)?;
    let ticket = Ticket::new(visit.now, &*door.random);
    origin.pushed = Some(ticket.id());
    let keys = door.keys.current().await.map_err(Trouble::from)?;
    authorize::check(&request, &origin, Some(&app), &door.server, &keys, &mut trail.steps)
        .map_err(|found| found.refusal)?;
    // Of a public client this is anybody, and what is stored is a row.
    if app.kind == AppKind::Public && door.strangers.pay_attempt(visit.client.address, visit.now).is_err() {
        return Err(Refusal::response(&PUSHED_TOO_OFTEN, "the budget of this address is spent").into());
    }
    let request_uri = requests::store(door, visit, &app, &parameters, ticket, origin.signed).await?;
    Ok(Pushed {
        request_uri,
        expires_in: requests::LIFETIME.as_secs(),
    })
}
