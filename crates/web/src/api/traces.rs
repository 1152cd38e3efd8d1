//! Traces of logins.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use doorward_api as api;
use doorward_apps::{App, Unchecked, presets};
use doorward_audit::{
    Conclusion, Expectations, Reference, Step, StepOutcome, Trace, TraceFilter, TraceFollower, TraceOutcome,
    TraceSummary, Verdict, conclude,
};
use doorward_directory::Right;
use doorward_store::StoreError;
use jiff::Timestamp;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    follow::{self, Follower},
    input::{Names, Query, id_cursor, limit},
    state::ApiState,
};

/// List logins, the latest first.
#[utoipa::path(get, path = "/api/v1/traces", tag = "traces", params(api::TraceQuery),
    responses((status = 200, body = api::List<api::TraceSummary>, description = "A page of logins.")))]
pub(super) async fn list_traces(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::TraceQuery>,
) -> ApiResult<Json<api::List<api::TraceSummary>>> {
    caller.require(Right::ReadAudit)?;
    let before: Option<Reference> = id_cursor(query.cursor.as_deref())?;
    let limit = limit(query.limit)?;
    let mut found = state
        .tracer
        .recent(filter(query), before, limit.saturating_add(1), state.now())
        .await?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > asked;
    found.truncate(asked);
    let next = if more {
        found.last().map(|trace| trace.reference.to_string())
    } else {
        None
    };
    Ok(Json(api::List {
        items: found.into_iter().map(summary).collect(),
        next,
    }))
}

/// Show a login: each check, and what they mean together.
#[utoipa::path(get, path = "/api/v1/traces/{reference}", tag = "traces",
    params(("reference" = String, Path, description = "What the page shows: 7K3Q-9FZM.")),
    responses((status = 200, body = api::Trace, description = "The login.")))]
pub(super) async fn show_trace(
    State(state): State<ApiState>,
    caller: Caller,
    Names(text): Names<String>,
) -> ApiResult<Json<api::Trace>> {
    caller.require(Right::ReadAudit)?;
    let reference: Reference = text
        .parse()
        .map_err(|error| ApiError::invalid(format!("reference: {error}")))?;
    let now = state.now();
    let Some(trace) = state.tracer.find(reference, now).await? else {
        return Err(
            ApiError::not_found(format!("there is no trace {reference}, or not any more")).remedy("doorward trace"),
        );
    };
    let apps = state.apps.snapshot().await?;
    let app = trace.summary.app.as_deref().and_then(|client_id| apps.find(client_id));
    let conclusion = conclude(&trace, &expectations(&state, app.map(|app| &**app), now), now);
    Ok(Json(view(trace, conclusion)))
}

/// What is known of an application besides its trace.
pub(super) fn expectations(state: &ApiState, app: Option<&App>, now: Timestamp) -> Expectations {
    let Some(app) = app else { return Expectations::default() };
    let preset = presets().find(&app.preset);
    let ignores = |what| preset.is_some_and(|preset| preset.doctor.unchecked.contains(&what));
    let clock = state.doctor.clock_of(app.id, now);
    Expectations {
        userinfo: app.expects_userinfo,
        clock: clock.map(|clock| (clock.offset_ms, clock.accuracy_ms)),
        leeway: preset.and_then(|preset| preset.doctor.leeway),
        ignores_iat: ignores(Unchecked::Iat),
        refuses_by: preset
            .map(|preset| preset.doctor.refuses_by.clone())
            .unwrap_or_default(),
        algorithm: Some(app.id_token_alg.name().to_owned()),
        // As it is printed for it: another one has to be told to it.
        accepts: preset
            .iter()
            .filter(|_| !ignores(Unchecked::Signature))
            .map(|preset| preset.id_token_alg.name().to_owned())
            .collect(),
        private_authority: state.certificates.is_private(),
    }
}

/// Follow the checks of logins as JSON lines; an empty line now and then shows that the connection is alive.
#[utoipa::path(get, path = "/api/v1/traces/follow", tag = "traces", params(api::TraceQuery),
    responses((status = 200, body = api::TraceLine, content_type = "application/x-ndjson", description = "One check a line, without an end.")))]
pub(super) async fn follow_traces(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::TraceQuery>,
) -> ApiResult<Response> {
    caller.require(Right::ReadAudit)?;
    let follower = state.tracer.follow(filter(query), state.now());
    follow::answer(
        &state,
        Lines {
            follower,
            state: state.clone(),
        },
    )
}

struct Lines {
    follower: TraceFollower,
    state: ApiState,
}

impl Follower for Lines {
    type Line = api::TraceLine;

    async fn next(&mut self) -> Result<Vec<api::TraceLine>, StoreError> {
        let new = self.follower.next(self.state.now()).await?;
        let mut lines: Vec<_> = new.into_iter().flat_map(lines).collect();
        lines.sort_by_key(|line| line.step.at);
        Ok(lines)
    }
}

fn lines(trace: Trace) -> impl Iterator<Item = api::TraceLine> {
    let TraceSummary {
        reference, app, user, ..
    } = trace.summary;
    trace.steps.into_iter().map(move |each| api::TraceLine {
        reference: reference.to_string(),
        app: app.clone(),
        user: user.clone(),
        step: step(each),
    })
}

fn filter(query: api::TraceQuery) -> TraceFilter {
    TraceFilter {
        app: query.app,
        user: query.user,
        refused_only: query.refused.unwrap_or(false),
    }
}

fn view(trace: Trace, conclusion: Conclusion) -> api::Trace {
    api::Trace {
        summary: summary(trace.summary),
        steps: trace.steps.into_iter().map(step).collect(),
        conclusion: api::Conclusion {
            code: conclusion.code.to_owned(),
            verdict: match conclusion.verdict {
                Verdict::Good => "good",
                Verdict::Bad => "bad",
                Verdict::Open => "open",
            }
            .to_owned(),
            sentence: conclusion.sentence,
            remedy: conclusion.remedy,
        },
    }
}

fn summary(summary: TraceSummary) -> api::TraceSummary {
    api::TraceSummary {
        reference: summary.reference.to_string(),
        started: summary.started,
        updated: summary.updated,
        app: summary.app,
        user: summary.user,
        address: summary.address,
        outcome: match summary.outcome {
            TraceOutcome::InProgress => api::TraceOutcome::InProgress,
            TraceOutcome::Ok => api::TraceOutcome::Ok,
            TraceOutcome::Refused => api::TraceOutcome::Refused,
        },
        last: summary.last.map(step),
    }
}

fn step(step: Step) -> api::TraceStep {
    api::TraceStep {
        at: step.at,
        request: step.request.into_owned(),
        check: step.check.into_owned(),
        outcome: match step.outcome {
            StepOutcome::Ok => api::StepOutcome::Ok,
            StepOutcome::Refused => api::StepOutcome::Refused,
            StepOutcome::Info => api::StepOutcome::Info,
        },
        detail: Some(step.detail.into_owned()).filter(|detail| !detail.is_empty()),
        remedy: step.remedy,
        received: step.received,
    }
}
