//! Pushed authorization requests (RFC 9126): an application sends its request itself, proves who it is, and gives the
//! browser nothing but a name for it.

use std::sync::Arc;

use axum::{body::Bytes, extract::State};
use doorward_apps::{App, AppKind};
use doorward_audit::TraceOutcome;
use doorward_oidc::{AuthorizationRequest, Parameters, Refusal, catalogue};
use doorward_provider::{
    Steps,
    authorize::{self, protection::PUSHED_TOO_OFTEN},
    dpop, path,
};
use doorward_store::{StoreError, Ticket};
use http::StatusCode;
use serde::Serialize;

use super::{
    client, cors,
    error::{Trouble, refused},
    possession::{self, Call},
    requests,
};
use crate::{
    Door, answer,
    failure::{Answer, Failure},
    trail::Trail,
    visit::Visit,
};

/// Largest request that is stored, in bytes of its names and values: as large as a request object may be.
const MAX_BYTES: usize = 16 * 1024;

/// The answer (RFC 9126 §2.2).
#[derive(Serialize)]
struct Pushed {
    request_uri: String,
    expires_in: i64,
}

/// POST. A request that is refused has a trace of its own; one that is taken goes on in the trace of its login.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "par");
    let mut app = None;
    let response = match push(&door, &visit, &body, &mut app, &mut trail).await {
        Ok(pushed) => answer::json(StatusCode::CREATED, &pushed),
        Err(Trouble::Refused(refusal)) => {
            trail.conclude(&refusal);
            trail.close(&door, &visit, TraceOutcome::Refused);
            refused(&refusal, client::used_header(&visit))
        }
        Err(Trouble::Failed(failure)) => return Err(failure),
    };
    let response = cors::allow(response, &visit, app.as_deref());
    Ok(possession::with_nonce(&door, &visit, response))
}

/// `pushing` is the application, once it is known: also of a request that is refused, which its script may read.
async fn push(
    door: &Door,
    visit: &Visit,
    body: &[u8],
    pushing: &mut Option<Arc<App>>,
    trail: &mut Trail,
) -> Result<Pushed, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let app = client::authenticated(door, visit, &snapshot, &form, &mut trail.steps).await?;
    *pushing = Some(Arc::clone(&app));
    trail.app(&app.client_id);
    if form.find("request_uri").is_some() {
        let detail = "expected no `request_uri` in a pushed request (RFC 9126 §2.1)";
        return Err(Refusal::response(&catalogue::PARAMETER_MALFORMED, detail).into());
    }
    let (parameters, mut origin) = requests::of_form(door, visit, &app, &form).await?;
    let call = Call {
        method: "POST",
        path: path::PAR,
        access_token: None,
        is_demanded: false,
    };
    let shown = possession::shown(door, visit, Some(&app), call, &mut trail.steps)?;
    let parameters = bound(parameters, shown.confirmation.jkt.as_deref())?;
    fits(&parameters)?;
    let request = AuthorizationRequest::parse(&parameters)?;
    let ticket = Ticket::new(visit.now, &*door.random);
    origin.pushed = Some(ticket.id());
    let keys = door.keys.current().await.map_err(Trouble::from)?;
    authorize::check(&request, &origin, Some(&app), &door.server, &keys, &mut trail.steps)
        .map_err(|found| found.refusal)?;
    // A public client is anybody, and so is one that registered itself; what is stored is a row.
    let is_anybody = app.kind == AppKind::Public || app.grants.registered;
    if is_anybody && door.strangers.pay_attempt(visit.client.address, visit.now).is_err() {
        return Err(Refusal::response(&PUSHED_TOO_OFTEN, "the budget of this address is spent").into());
    }
    let stored = requests::stored(door, &app, (&parameters, origin.signed), &ticket, visit.now)?;
    let request_uri = requests::name(&ticket);
    let claimed = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            let mut steps = Steps::new();
            let refusal = shown.claim_once(tx, &mut steps)?;
            if refusal.is_none() {
                stored.insert(tx, &ticket)?;
            }
            Ok((steps, refusal))
        })
        .await
        .map_err(Failure::from)?;
    trail.steps.extend(claimed.0);
    if let Some(refusal) = claimed.1 {
        return Err(refusal.into());
    }
    Ok(Pushed {
        request_uri,
        expires_in: requests::LIFETIME.as_secs(),
    })
}

/// Each is a row that stays for more than an hour.
fn fits(parameters: &Parameters) -> Result<(), Refusal> {
    let bytes: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let detail = format!("expected at most {MAX_BYTES} bytes in a pushed request, got {bytes}");
    Err(Refusal::response(&catalogue::REQUEST_TOO_LARGE, detail))
}

/// The request bound to the key whose proof came with it, as if it had named that key itself (RFC 9449 §10.1).
fn bound(parameters: Parameters, jkt: Option<&str>) -> Result<Parameters, Refusal> {
    let Some(jkt) = jkt else { return Ok(parameters) };
    match parameters.find("dpop_jkt") {
        Some(named) if named == jkt => Ok(parameters),
        Some(_) => Err(dpop::invalid(
            "dpop_jkt names another key than the one that the proof was made with".to_owned(),
        )),
        None => {
            let pairs = parameters.iter().chain([("dpop_jkt", jkt)]);
            Parameters::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_request_is_as_large_as_a_request_object_at_most() {
        let of = |bytes: usize| {
            let half = "x".repeat(bytes / 2 - 1);
            Parameters::from_pairs([("a".to_owned(), half.clone()), ("b".to_owned(), half)]).unwrap()
        };
        assert!(fits(&of(MAX_BYTES)).is_ok());
        assert_eq!(
            fits(&of(MAX_BYTES + 2)).unwrap_err().kind,
            &catalogue::REQUEST_TOO_LARGE
        );
    }
}
