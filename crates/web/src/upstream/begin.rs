//! On the way to an upstream.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use doorward_audit::TraceOutcome;
use doorward_login::BeginOptions;
use doorward_oidc::{Prompt, PromptSet, Refusal};
use doorward_upstreams::{AUTHENTICATION_TOO_OLD, UPSTREAM_UNKNOWN, Upstream};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{Purpose, turned_away};
use crate::{
    Door,
    answer::{self, see_other, with_header},
    cookies::Kind,
    failure::{Answer, Failure},
    login::{Errand, OpenAttempt},
    pages::{self, Onward},
    session,
    trail::Trail,
    visit::Visit,
};

/// Where a login through an upstream begins.
pub(crate) const PATH: &str = "/login/upstream";

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct BeginQuery {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    upstream: String,
    /// The address that the person typed, so that they need not type it again there.
    hint: Option<String>,
}

/// Longest hint that is passed on: nobody's address is longer (RFC 5321 §4.5.3.1).
const LONGEST_HINT: usize = 320;

/// The address at which the login of `attempt` goes on through `upstream`.
pub(crate) fn href(upstream: &Upstream, attempt: &str) -> String {
    format!("{PATH}?upstream={}&attempt={attempt}", upstream.name)
}

/// The same for somebody who typed their address.
pub(crate) fn href_for(upstream: &Upstream, attempt: &str, typed: &str) -> String {
    let hint: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    format!("{}&hint={hint}", href(upstream, attempt))
}

/// The page that leads there, as the answer to a form: our policy lets no form lead to another site.
pub(crate) fn onward(door: &Door, visit: &Visit, upstream: &Upstream, href: &str) -> Response {
    let view = Onward {
        title: &upstream.title,
        href,
    };
    answer::page(StatusCode::OK, pages::onward(&view, &visit.chrome(door, None)), &[])
}

/// GET `/login/upstream`: to the upstream, with a login that only this browser can finish.
pub(crate) async fn go(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<BeginQuery>) -> Answer {
    let Some(attempt) = OpenAttempt::find(&door, &visit, &query.attempt).await? else {
        return Ok(see_other("/login"));
    };
    if let Err(wait) = door.strangers.pay_attempt(visit.client.address, visit.now)
        && !door.directory.knows_browser(visit.cookie(&door, Kind::Browser)).await?
    {
        return Ok(crate::login::flow::too_many(&door, &visit, wait));
    }
    let trail = attempt.trail("upstream");
    let mut options = options(&attempt);
    if session::of_browser(&door, &visit).await?.is_some() && attempt.errand.request().is_none() {
        // Whoever is logged in already comes here to prove it again.
        options.prompt = Some([Prompt::Login].into_iter().collect());
    }
    if options
        .prompt
        .as_ref()
        .is_some_and(|prompt| prompt.contains(Prompt::Login))
    {
        // The word of an upstream that it asked is its `auth_time`: without one, `prompt=login` would be a silent redirect.
        options.max_age = Some(0);
    }
    let demanded = freshness(&door, &visit, &attempt, &query.upstream).await?;
    options.max_age = match (options.max_age, demanded) {
        (Some(asked), Some(demanded)) => Some(asked.min(demanded)),
        (asked, demanded) => asked.or(demanded),
    };
    options.login_hint = query
        .hint
        .or(options.login_hint)
        .filter(|hint| hint.len() <= LONGEST_HINT);
    to_upstream(&door, &visit, &query.upstream, options, trail).await
}

/// How fresh policy wants logins into the application to be. Not asked of upstreams that cannot say: their word counts from
/// the moment at which it came.
async fn freshness(door: &Door, visit: &Visit, attempt: &OpenAttempt, name: &str) -> Result<Option<u32>, Failure> {
    let Errand::App { request, .. } = &attempt.errand else {
        return Ok(None);
    };
    let upstreams = door.upstreams.snapshot().await?;
    if upstreams.find(name).is_none_or(|upstream| upstream.is_oauth_only()) {
        return Ok(None);
    }
    let apps = door.snapshots.current().await?;
    let app = apps.find(&request.client_id).map(|app| app.id);
    // Who comes is not known yet; what their groups demand is asked afterwards.
    let demand = door.directory.policies().await?.demand(&[], app, visit.now);
    Ok(demand.fresh_seconds)
}

/// What the application asked for is asked of the upstream: it is there that the person authenticates.
fn options(attempt: &OpenAttempt) -> BeginOptions {
    let mut options = BeginOptions::new(Purpose::Login(attempt.value()).encode());
    if let Errand::App { request, .. } = &attempt.errand {
        options.login_hint.clone_from(&request.login_hint);
        options.max_age = request
            .max_age
            .map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
        // `none` was answered before this page; `consent` is asked here.
        let passed_on = [Prompt::Login, Prompt::SelectAccount];
        let asked: PromptSet = passed_on
            .into_iter()
            .filter(|prompt| request.prompt.contains(*prompt))
            .collect();
        options.prompt = (!asked.is_empty()).then_some(asked);
    }
    options
}

/// Begins a login at the upstream of this name and sends the browser there.
pub(crate) async fn to_upstream(
    door: &Door,
    visit: &Visit,
    name: &str,
    options: BeginOptions,
    mut trail: Trail,
) -> Answer {
    let snapshot = door.upstreams.snapshot().await?;
    let Some(upstream) = snapshot.find(name).filter(|upstream| upstream.enabled) else {
        let refusal = Refusal::page(&UPSTREAM_UNKNOWN, "the upstream of the address is not there");
        trail.refused("upstream.begin", &refusal);
        trail.close(door, visit, TraceOutcome::Refused);
        return Ok(see_other("/login"));
    };
    if upstream.is_oauth_only() && options.max_age.is_some() {
        let detail = format!(
            "{} does not say when a person authenticated: it has no ID tokens",
            upstream.name
        );
        let refusal = Refusal::page(&AUTHENTICATION_TOO_OLD, detail)
            .with_remedy("Who must prove again who they are needs a password here, or another upstream.");
        let purpose = Purpose::decode(&options.return_to);
        return turned_away::by_rule(door, visit, upstream, &refusal, purpose, trail).await;
    }
    let login = match door.upstreams.login(upstream) {
        Ok(login) => login,
        Err(error) => return turned_away::by_service(door, visit, upstream, error, None, trail).await,
    };
    let (binding, cookie) = crate::login::binding(door, visit);
    let retry = Purpose::decode(&options.return_to);
    match login.begin_in(options, binding).await {
        Ok(begun) => {
            trail.steps.info("upstream.begin", format!("on to {}", upstream.name));
            trail.close(door, visit, TraceOutcome::InProgress);
            let response = see_other(&begun.location);
            Ok(match cookie {
                Some(cookie) => with_header(response, header::SET_COOKIE, cookie),
                None => response,
            })
        }
        Err(error) => turned_away::by_library(door, visit, upstream, &error, retry, trail).await,
    }
}
