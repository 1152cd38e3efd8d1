//! A login through an upstream that did not succeed: the page, the trace and the event say why, and whose turn it is.

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::TraceOutcome;
use doorward_login::LoginError;
use doorward_oidc::Refusal;
use doorward_upstreams::{Context, Upstream, UpstreamsError, refusal_of};
use http::StatusCode;

use super::Purpose;
use crate::{
    Door, answer,
    failure::{Answer, Failure},
    login::with_operator,
    pages::{self, Refused},
    session, telemetry,
    trail::Trail,
    visit::Visit,
};

/// For the event of a login.
pub(super) fn context(visit: &Visit, trail: &Trail) -> Context {
    Context {
        address: Some(visit.client.address.to_string()),
        trace: Some(trail.reference),
    }
}

/// The library refused what the upstream said, or could not ask it.
pub(super) async fn by_library(
    door: &Door,
    visit: &Visit,
    upstream: &Arc<Upstream>,
    error: &LoginError,
    purpose: Option<Purpose>,
    trail: Trail,
) -> Answer {
    let refusal = refusal_of(upstream, error);
    if is_of_nobody(error) {
        return answered(door, visit, &refusal, purpose.as_ref(), trail).await;
    }
    by_rule(door, visit, upstream, &refusal, purpose, trail).await
}

/// Whether the answer belongs to no login that this browser has under way. Anybody can send such a thing at any rate: it gets
/// a trace within the budget of strangers, and no event, which is kept for years.
fn is_of_nobody(error: &LoginError) -> bool {
    matches!(
        error,
        LoginError::Attempt { .. } | LoginError::AttemptIssuer { .. } | LoginError::Browser | LoginError::Response(_)
    )
}

/// The rules of this server refused the person, or the machine failed.
pub(super) async fn by_service(
    door: &Door,
    visit: &Visit,
    upstream: &Arc<Upstream>,
    error: UpstreamsError,
    purpose: Option<Purpose>,
    trail: Trail,
) -> Answer {
    match error {
        UpstreamsError::Refused(refusal) => by_rule(door, visit, upstream, &refusal, purpose, trail).await,
        other => Err(other.into()),
    }
}

/// A refusal with its event.
pub(super) async fn by_rule(
    door: &Door,
    visit: &Visit,
    upstream: &Arc<Upstream>,
    refusal: &Refusal,
    purpose: Option<Purpose>,
    trail: Trail,
) -> Answer {
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    door.upstreams
        .record_refusal(upstream, refusal, &context(visit, &trail), visit.now)
        .await?;
    answered(door, visit, refusal, purpose.as_ref(), trail).await
}

/// The page, with the refusal in the trace.
async fn answered(
    door: &Door,
    visit: &Visit,
    refusal: &Refusal,
    purpose: Option<&Purpose>,
    mut trail: Trail,
) -> Answer {
    trail.refused("upstream.login", refusal);
    let reference = trail.reference.to_string();
    let response = page(door, visit, refusal, purpose, &reference).await?;
    trail.close(door, visit, TraceOutcome::Refused);
    Ok(response)
}

async fn page(
    door: &Door,
    visit: &Visit,
    refusal: &Refusal,
    purpose: Option<&Purpose>,
    reference: &str,
) -> Result<Response, Failure> {
    let who = session::current(door, visit).await?;
    let retry = match purpose {
        Some(Purpose::Login(attempt)) => format!("/login?attempt={attempt}"),
        Some(Purpose::Connect(_) | Purpose::Preview(_)) => pages::path::LOGINS.to_owned(),
        None => "/login".to_owned(),
    };
    let view = Refused {
        refusal,
        app: None,
        reference: Some(reference),
        operator: with_operator(who.as_ref()),
        difference: None,
        retry: Some(&retry),
        retry_with: None,
        back: None,
    };
    let chrome = visit.chrome(door, who.as_ref().map(session::LoggedIn::viewer));
    Ok(answer::page(StatusCode::FORBIDDEN, pages::refused(&view, &chrome), &[]))
}
