//! What a login through an upstream would come to, shown to an administrator; nothing is created.

use std::sync::Arc;

use axum::extract::{Path, State};
use doorward_audit::TraceOutcome;
use doorward_directory::Right;
use doorward_login::BeginOptions;
use doorward_oidc::{Prompt, PromptSet};
use doorward_upstreams::{Arrival, Preview, Upstream};
use http::StatusCode;
use uuid::Uuid;

use super::{Purpose, begin, turned_away};
use crate::{
    Door,
    account::log_in_first,
    answer,
    failure::Answer,
    pages::{self, Fault, Judgement, UpstreamPreview, path},
    session::{self, LoggedIn},
    trail::Trail,
    visit::Visit,
};

/// Where a preview begins: `/upstream/corp/preview`.
pub(crate) const PATH: &str = "/upstream/{name}/preview";

/// The path at which the preview of an upstream begins.
pub(crate) fn place(upstream: &str) -> String {
    format!("/upstream/{upstream}/preview")
}

/// The upstream whose preview begins at `path`; `None` for any other path, and for what is no name of an upstream.
pub(crate) fn upstream_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("/upstream/")?.strip_suffix("/preview")?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// GET: to the upstream, for whoever logs in there. For administrators who may read people: it shows what the upstream says.
pub(crate) async fn begin(State(door): State<Arc<Door>>, visit: Visit, Path(name): Path<String>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, &place(&name)));
    };
    if !may(&who) {
        let html = pages::fault(&Fault::NotFound, &visit.chrome(&door, Some(who.viewer())));
        return Ok(answer::page(StatusCode::NOT_FOUND, html, &[]));
    }
    let mut trail = Trail::begin(&door, &visit, "upstream-preview");
    trail.user(&who.facts.user.name);
    let mut options = BeginOptions::new(Purpose::Preview(who.session.id).encode());
    // The administrator may want to see somebody else than who is logged in there.
    options.prompt = Some([Prompt::SelectAccount].into_iter().collect::<PromptSet>());
    begin::to_upstream(&door, &visit, &name, options, trail).await
}

fn may(who: &LoggedIn) -> bool {
    who.facts.roles.iter().any(|role| role.brings(Right::ReadPeople))
}

/// Back from the upstream: the page.
pub(super) async fn finish(
    door: &Door,
    visit: &Visit,
    upstream: &Arc<Upstream>,
    arrival: Arrival,
    session: Uuid,
    mut trail: Trail,
) -> Answer {
    let who = session::current(door, visit).await?;
    let Some(who) = who.filter(|who| who.session.id == session && may(who)) else {
        return Ok(log_in_first(door, visit, path::START));
    };
    trail.user(&who.facts.user.name);
    let preview = match door.upstreams.preview(&arrival).await {
        Ok(preview) => preview,
        Err(error) => {
            let purpose = Some(Purpose::Preview(session));
            return turned_away::by_service(door, visit, upstream, error, purpose, trail).await;
        }
    };
    trail.steps.info(
        "upstream.preview",
        format!("a login through {} was shown", upstream.name),
    );
    trail.close(door, visit, TraceOutcome::Ok);
    Ok(answer::page(
        StatusCode::OK,
        page(door, visit, &who, upstream, &preview),
        &[],
    ))
}

fn page(door: &Door, visit: &Visit, who: &LoggedIn, upstream: &Upstream, preview: &Preview) -> String {
    let claims = serde_json::to_string_pretty(&preview.claims).unwrap_or_default();
    let reasons: Vec<String> = preview
        .evaluation
        .iter()
        .flat_map(|evaluation| &evaluation.reasons)
        .map(ToString::to_string)
        .collect();
    let changes = preview
        .evaluation
        .as_ref()
        .and_then(|evaluation| evaluation.outcome.as_ref().ok())
        .and_then(|changes| serde_json::to_string_pretty(changes).ok());
    let judgement = match &preview.outcome {
        Ok((how, user)) => Judgement::In {
            how: how.as_str(),
            user,
        },
        Err(refusal) => Judgement::Out(refusal),
    };
    let view = UpstreamPreview {
        upstream: &upstream.title,
        subject: preview.subject.as_deref(),
        judgement,
        reasons: &reasons,
        changes: changes.as_deref(),
        claims: &claims,
    };
    pages::upstream_preview(&view, &visit.chrome(door, Some(who.viewer())))
}
