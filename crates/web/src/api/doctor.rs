//! The doctor: what is wrong with the logins into an application, on which side, and what to type.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{App, Preset, presets};
use doorward_audit::{Event, TraceFilter, TraceSummary, Verdict, conclude};
use doorward_directory::Right;
use doorward_doctor::{Cause, Finding, Looked, NoLook, Patient, Side, Weight, evidence, token};
use doorward_oidc::RedirectUri;
use doorward_provider::{KeyRing, path};
use doorward_store::StoreError;
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    fixes,
    input::{Body, Names},
    lookup, preview, snippet,
    state::ApiState,
    traces,
};

/// Look at an application as a browser would: its login, what it really sends, its clock, a token as it would get it, where it
/// takes logouts, its last login. Nothing is changed here or there; it takes some ten seconds.
#[utoipa::path(post, path = "/api/v1/apps/{app}/doctor", tag = "apps",
    params(("app" = String, Path, description = "Client id.")), request_body = api::DoctorRequest,
    responses((status = 200, body = api::Diagnosis, description = "What was found, the likeliest cause first.")))]
pub(super) async fn look_at_app(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Body(request): Body<api::DoctorRequest>,
) -> ApiResult<Json<api::Diagnosis>> {
    // The server goes to addresses that somebody has registered: whoever may register them may send it there.
    caller.require(Right::ChangeApps)?;
    let snapshot = state.apps.snapshot().await?;
    let app = snapshot.require(&client_id)?;
    let preset = presets().find(&app.preset);
    let now = state.now();
    let private_ca = if state.certificates.is_private() {
        Some(snippet::render(&state, app, None, None)?.private_ca)
    } else {
        None
    };
    let other = |client_id: &str| snapshot.find(client_id).map(|app| app.name.clone());
    note(&state, &caller, app).await?;
    let looked = state
        .doctor
        .look(&Patient {
            app,
            preset,
            server: &state.server,
            // Nothing that an application sends before a login is signed by us.
            keys: &KeyRing::new([]).map_err(|error| ApiError::internal(&error))?,
            authorize: state.server.urls(path::AUTHORIZE),
            other: &other,
            private_ca: private_ca.as_deref(),
            now,
        })
        .await
        .map_err(not_looked)?;
    let Looked {
        visits,
        sent,
        clock,
        mut findings,
    } = looked;
    let last = last_login(&state, app, now).await?;
    let person = request
        .user
        .or_else(|| last.as_ref().and_then(|login| login.user.clone()));
    findings.extend(token(&state, &caller, app, preset, person.as_deref()).await?);
    if let Some(login) = last {
        let said = evidence(&state, app, &login, &findings).await?;
        findings.extend(said);
    }
    let findings = doorward_doctor::conclude(findings);
    Ok(Json(api::Diagnosis {
        sent: sent.map(shown_request),
        visits: visits
            .into_iter()
            .map(|visit| api::DoctorVisit {
                posted: visit.posted,
                url: visit.url,
                status: visit.status,
            })
            .collect(),
        clock_offset_ms: clock.map(|clock| clock.offset_ms),
        clock_accuracy_ms: clock.map(|clock| clock.accuracy_ms),
        ..diagnosis(findings, Some(app))
    }))
}

/// What was found, in order, and what it comes to. `app` is whose it is, if it is an application's.
pub(super) fn diagnosis(findings: Vec<Finding>, app: Option<&App>) -> api::Diagnosis {
    let worst = findings.first().filter(|finding| finding.weight == Weight::Problem);
    api::Diagnosis {
        usable: worst.is_none(),
        conclusion: worst.map(|finding| sentence(finding, app.map_or("applications", |app| &app.name))),
        findings: findings.into_iter().map(|finding| shown(finding, app)).collect(),
        sent: None,
        visits: Vec::new(),
        clock_offset_ms: None,
        clock_accuracy_ms: None,
    }
}

/// Keeps where the server is sent, and by whom, before it goes: whoever closes the connection does not undo that.
async fn note(state: &ApiState, caller: &Caller, app: &App) -> ApiResult<()> {
    let uris = app.redirect_uris.iter().map(RedirectUri::as_str);
    let addresses = [app.url.as_str()].into_iter().chain(uris);
    let origins: BTreeSet<String> = addresses
        .chain(app.start_url.as_deref())
        .chain(app.logout.backchannel_uri.as_deref())
        .filter_map(|address| Url::parse(address).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(|url| url.origin().ascii_serialization())
        .collect();
    let event = Event::new("app.doctor", caller.author())
        .about("app", Some(app.id), &app.client_id)
        .with_data(json!({ "to": origins }));
    let noted: Result<(), StoreError> = state
        .store
        .write(state.now(), move |tx| {
            doorward_audit::events::record(tx, &event).map(|_| ())
        })
        .await;
    Ok(noted?)
}

/// Why nobody looked, for whoever asked.
pub(super) fn not_looked(no: NoLook) -> ApiError {
    match no {
        NoLook::Busy => ApiError::busy("four looks of the doctor are under way, and none ended in time", 15),
        NoLook::Setting(error) => ApiError::internal(&error),
    }
}

async fn last_login(state: &ApiState, app: &App, now: Timestamp) -> ApiResult<Option<TraceSummary>> {
    let filter = TraceFilter {
        app: Some(app.client_id.clone()),
        ..TraceFilter::default()
    };
    Ok(state.tracer.recent(filter, None, 1, now).await?.into_iter().next())
}

async fn evidence(state: &ApiState, app: &App, login: &TraceSummary, seen: &[Finding]) -> ApiResult<Option<Finding>> {
    let now = state.now();
    let Some(trace) = state.tracer.find(login.reference, now).await? else {
        return Ok(None);
    };
    let conclusion = conclude(&trace, &traces::expectations(state, Some(app), now), now);
    let finding = evidence::judge(&conclusion, &login.reference.to_string(), seen);
    // What was changed since may be what was wrong.
    let is_old = conclusion.verdict == Verdict::Bad && login.started < app.changed;
    Ok(finding.map(|finding| {
        if is_old {
            let received = format!("before its settings were changed here: {}", finding.received);
            Finding {
                remedies: finding.remedies,
                ..Finding::advice(Cause::LastLogin, finding.expected, received)
            }
        } else {
            finding
        }
    }))
}

async fn token(
    state: &ApiState,
    caller: &Caller,
    app: &App,
    preset: Option<&Preset>,
    person: Option<&str>,
) -> ApiResult<Vec<Finding>> {
    let sees_people = caller.0.has(Right::ReadPeople);
    let Some(name) = person.filter(|_| sees_people) else {
        let received = if sees_people {
            "nobody has logged in yet"
        } else {
            "looking at people needs the right `read-people`"
        };
        let finding = Finding::advice(Cause::Token, "somebody whose token could be looked at", received);
        return Ok(vec![
            finding.here(format!("doorward doctor app {} --user NAME", app.client_id)),
        ]);
    };
    let user = lookup::person(state, name).await?;
    let Some(facts) = state.directory.facts(user.id).await? else {
        return Ok(Vec::new());
    };
    Ok(match preview::drafted(state, app, &facts, &app.scopes)? {
        Ok(drafted) => token::judge(&drafted, app, preset, name),
        Err(refusal) => {
            let finding = Finding::problem(Cause::Access, format!("{name} may use {}", app.name), refusal.detail);
            vec![match refusal.remedy {
                Some(remedy) => finding.here(remedy),
                None => finding,
            }]
        }
    })
}

fn sentence(finding: &Finding, name: &str) -> String {
    let what = format!(
        "{}: expected {}, got {}",
        finding.code, finding.expected, finding.received
    );
    match finding.remedies.first() {
        Some(remedy) if remedy.side == Side::Here => format!("{what}. On this server: {}", remedy.text),
        Some(remedy) => format!("{what}. On the side of {name}: {}", remedy.text),
        None => what,
    }
}

fn shown(finding: Finding, app: Option<&App>) -> api::DoctorFinding {
    api::DoctorFinding {
        code: finding.code.to_owned(),
        weight: match finding.weight {
            Weight::Problem => api::DoctorWeight::Problem,
            Weight::Advice => api::DoctorWeight::Advice,
            Weight::Good => api::DoctorWeight::Good,
        },
        expected: finding.expected,
        received: finding.received,
        remedies: finding
            .remedies
            .into_iter()
            .map(|remedy| api::DoctorRemedy {
                side: match remedy.side {
                    Side::Here => api::DoctorSide::Here,
                    Side::Application => api::DoctorSide::Application,
                },
                text: remedy.text,
            })
            .collect(),
        fix: finding.fix.and_then(|fix| fixes::shown(fix, app)).map(Box::new),
    }
}

fn shown_request(sent: doorward_doctor::request::Sent) -> api::DoctorSent {
    api::DoctorSent {
        endpoint: sent.endpoint,
        client_id: sent.client_id,
        redirect_uri: sent.redirect_uri,
        response_type: sent.response_type,
        response_mode: sent.response_mode,
        scope: sent.scope,
        pkce: sent.pkce,
        state: sent.state,
        nonce: sent.nonce,
        elsewhere: sent.elsewhere,
    }
}
