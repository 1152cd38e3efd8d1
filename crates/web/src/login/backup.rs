//! People whose group logs in through an upstream, and came with a password: they are shown the way, and administrators get in
//! at `/login?backup=1` when the upstream cannot let them.

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::{Event, TraceOutcome, events};
use doorward_directory::Facts;
use doorward_oidc::Refusal;
use doorward_store::StoreError;
use doorward_upstreams::Upstream;
use http::StatusCode;

use super::OpenAttempt;
use crate::{
    Door, answer,
    failure::Failure,
    pages::{self, Refused},
    telemetry,
    trail::Trail,
    upstream,
    visit::Visit,
};

/// What becomes of a right password.
pub(super) enum Standing {
    /// It lets its owner in.
    In,
    /// It would not, but this is an administrator at the backup door: to be recorded when they are in.
    Backup,
    /// The person's group logs in elsewhere.
    Elsewhere(Arc<Upstream>, Refusal),
}

/// Asked after the password was right, so that a stranger learns nothing of anybody's groups.
pub(super) async fn standing(door: &Door, facts: &Facts, is_backup: bool) -> Result<Standing, Failure> {
    let snapshot = door.upstreams.snapshot().await?;
    Ok(match snapshot.password_refusal(facts) {
        None => Standing::In,
        Some(_) if is_backup && !facts.roles.is_empty() => Standing::Backup,
        Some((upstream, refusal)) => Standing::Elsewhere(Arc::clone(upstream), refusal),
    })
}

/// The page that names the upstream, with the way to it.
pub(super) async fn elsewhere(
    door: &Door,
    visit: &Visit,
    attempt: &OpenAttempt,
    facts: &Facts,
    (upstream, refusal): (&Upstream, &Refusal),
    mut trail: Trail,
) -> Result<Response, Failure> {
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    trail.refused("login.password", refusal);
    let user = &facts.user;
    let by = doorward_audit::Actor::new(user.id, user.name.to_string(), "login");
    let event = Event::new("login", by)
        .refused(refusal.kind.code)
        .from_address(visit.client.address.to_string())
        .in_trace(Some(trail.reference));
    door.store
        .write::<_, StoreError>(visit.now, move |tx| events::record(tx, &event).map(|_| ()))
        .await?;
    let reference = trail.reference.to_string();
    trail.close(door, visit, TraceOutcome::InProgress);
    let href = upstream::begin::href(upstream, &attempt.value());
    let view = Refused {
        refusal,
        app: None,
        reference: Some(&reference),
        operator: false,
        difference: None,
        retry: Some(&href),
        retry_with: Some(&upstream.title),
        back: None,
    };
    let html = pages::refused(&view, &visit.chrome(door, None));
    Ok(answer::page(StatusCode::FORBIDDEN, html, &[]))
}
