//! The doctor for the installation itself: everything that a look from outside and inside shows, the gravest first.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{RegistrationMode, weakened as weakened_app};
use doorward_directory::{Right, User, UserKind, UserQuery};
use doorward_doctor::{Cause, Finding, Fix, installation};
use doorward_jose::Algorithm;
use doorward_store::{Condition, StoreError};
use doorward_upstreams::weakened as weakened_upstream;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    caller::Caller,
    doctor,
    error::{ApiError, ApiResult},
    overview,
    state::ApiState,
    state_files,
};

/// Service accounts that are read at a time.
const PAGE: u32 = 200;
/// Pages that are read: a look is no export.
const MOST_PAGES: usize = 50;
/// Where an authority for certificates says what time it is.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Look at the installation: its address from outside in, certificate, proxies and what they make of headers, clock, disk, database,
/// backups, keys, mail, what ends soon, and every weakened setting. It takes a few seconds and changes nothing.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "server",
    responses((status = 200, body = api::Diagnosis, description = "What was found, the gravest first.")))]
pub(super) async fn look_at_installation(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::Diagnosis>> {
    caller.require(Right::ReadSettings)?;
    let now = state.now();
    let tls = state.certificates.status(&caller.0).await?;
    let certificate = installation::Certificate {
        source: tls.source,
        not_after: tls.served.map(|served| served.not_after),
        problem: tls.problem.map(|problem| (problem.detail, problem.remedy)),
    };
    let reference = reference(&state, tls.directory).await?;
    let seen = state
        .doctor
        .installation(
            state.server.public_url(),
            &certificate,
            reference.as_deref(),
            state.random.as_ref(),
            now,
        )
        .await;
    let mut findings = seen.map_err(doctor::not_looked)?;
    let began = Instant::now();
    let (waiting, given_up) = state.store.read(doorward_mail::count).await?;
    let took = began.elapsed();
    // It may read the whole database.
    let turn = state.doctor.turn().await.map_err(doctor::not_looked)?;
    let condition: Result<Condition, StoreError> = state.store.scan(doorward_store::condition).await;
    drop(turn);
    findings.extend(installation::database(took, &condition?, now));
    findings.push(mail(&state, waiting, given_up));
    findings.extend(keys(&state).await?);
    findings.extend(ending(&state, &caller, now).await?);
    findings.extend(weakened(&state, &caller).await?);
    findings.extend(registration(&state).await?);
    findings.extend(state_files::drifted(&state, &caller).await?);
    findings.extend(attention(&state, caller).await?);
    let findings = doorward_doctor::conclude(findings);
    Ok(Json(doctor::diagnosis(findings, None)))
}

/// A server of other people, whose clock is compared with ours.
async fn reference(state: &ApiState, directory: Option<String>) -> ApiResult<Option<String>> {
    if directory.is_some() {
        return Ok(directory);
    }
    let snapshot = state.upstreams.snapshot().await?;
    let upstreams = snapshot.list();
    let first = upstreams
        .iter()
        .find(|upstream| upstream.enabled && upstream.issuer.starts_with("https://"));
    Ok(first.map(|upstream| format!("{}{DISCOVERY}", upstream.issuer)))
}

fn mail(state: &ApiState, waiting: u64, given_up: u64) -> Finding {
    if !state.outbox.is_on() {
        let finding = Finding::advice(Cause::Mail, "a mail server", "none: nobody can be sent a link");
        return finding.here("[mail] in the configuration; until then doorward user link NAME prints links");
    }
    if given_up > 0 {
        let finding = Finding::advice(
            Cause::Mail,
            "letters that arrive",
            format!("{given_up} were given up, {waiting} wait"),
        );
        return finding.here("doorward mail queue says why");
    }
    Finding::good(Cause::Mail, format!("{waiting} letters wait"))
}

/// Each algorithm that an application is signed with has a key that signs.
async fn keys(state: &ApiState) -> ApiResult<Vec<Finding>> {
    let ring = state
        .keys
        .current()
        .await
        .map_err(|_| ApiError::internal(&"the signing keys cannot be had"))?;
    let snapshot = state.apps.snapshot().await?;
    let mut used: Vec<Algorithm> = Vec::new();
    for app in snapshot.list() {
        for algorithm in [
            Some(app.id_token_alg),
            Some(app.access_token_alg),
            app.userinfo_signed_alg,
        ]
        .into_iter()
        .flatten()
        {
            if !used.contains(&algorithm) {
                used.push(algorithm);
            }
        }
    }
    let missing: Vec<&str> = used
        .iter()
        .filter(|one| ring.active(**one).is_err())
        .map(|one| one.name())
        .collect();
    if missing.is_empty() {
        return Ok(vec![Finding::good(
            Cause::Keys,
            format!("a key signs for each of {} algorithms", used.len()),
        )]);
    }
    let finding = Finding::problem(
        Cause::Keys,
        "a key that signs for each algorithm in use",
        format!("none for {}", missing.join(", ")),
    );
    Ok(vec![finding.here("doorward key rotate")])
}

/// Tokens and accounts of programs that end, as far as the caller may see them.
async fn ending(state: &ApiState, caller: &Caller, now: Timestamp) -> ApiResult<Vec<Finding>> {
    if !caller.0.has(Right::ReadPeople) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let query = UserQuery {
            kind: Some(UserKind::Service),
            limit: PAGE,
            after: after.take(),
            ..UserQuery::default()
        };
        let page = state.directory.list_users(query).await?;
        for service in page.items {
            found.extend(ending_of(state, &service, now).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if after.is_some() {
        let received = format!("the first {MOST_PAGES} times {PAGE} were looked at");
        let finding = Finding::advice(Cause::Expires, "all service accounts", received);
        found.push(finding.here("doorward service list --json for the rest"));
    }
    if found.is_empty() {
        let words = "no token and no account of a program ends within a month";
        found.push(Finding::good(Cause::Expires, words));
    }
    Ok(found)
}

async fn ending_of(state: &ApiState, service: &User, now: Timestamp) -> ApiResult<Vec<Finding>> {
    let name = &service.name;
    let mut found = Vec::new();
    found.extend(service.expires.and_then(|ends| {
        let remedy = format!("doorward service edit {name} --expires DATE");
        installation::ending(&format!("the service account {name}"), ends, now, remedy)
    }));
    for token in state.directory.api_tokens(service.id).await? {
        found.extend(token.expires.and_then(|ends| {
            let remedy = format!("doorward service token add {name} makes the next one");
            installation::ending(&format!("a token {} of {name}", token.label), ends, now, remedy)
        }));
    }
    Ok(found)
}

/// Whether anybody may register applications, and with what.
async fn registration(state: &ApiState) -> ApiResult<Vec<Finding>> {
    let (policy, _) = state.apps.client_registration().await?;
    let now = state.now();
    let mut found = Vec::new();
    if policy.mode == RegistrationMode::Open {
        let finding = Finding::advice(
            Cause::Weakened,
            "the strict setting for the registration of clients",
            "weaken-open: anybody who reaches this server registers an application, whose name and addresses nobody has seen",
        );
        let undo = "doorward app registration set --mode token";
        found.push(finding.here(undo).fix(Fix::CloseRegistration));
    }
    if policy.mode == RegistrationMode::Token {
        for token in state.apps.initial_access_tokens().await? {
            // One that is used up or over has done what it was made for.
            if token.uses_left != Some(0) && token.expires > now {
                let what = format!("the initial access token {}", token.label);
                let remedy = "doorward app registration token add --label TEXT makes the next one".to_owned();
                found.extend(installation::ending(&what, token.expires, now, remedy));
            }
        }
    }
    Ok(found)
}

/// Every setting of applications and upstreams that is weaker than the default; nothing is called well that the caller may not see.
async fn weakened(state: &ApiState, caller: &Caller) -> ApiResult<Vec<Finding>> {
    let mut found = Vec::new();
    let mut push = |subject: &str, name: &str, meaning: String, undo: String, fix: Option<Fix>| {
        let finding = Finding::advice(
            Cause::Weakened,
            format!("the strict setting for {subject}"),
            format!("{name}: {meaning}"),
        );
        found.push(Finding {
            fix,
            ..finding.here(undo)
        });
    };
    let sees_apps = caller.0.has(Right::ReadApps);
    if sees_apps {
        for app in state.apps.snapshot().await?.list() {
            for one in weakened_app(app) {
                let fix = Fix::Strict {
                    client_id: app.client_id.clone(),
                    name: one.name,
                };
                push(&app.client_id, one.name, one.meaning, one.undo, Some(fix));
            }
        }
    }
    let role_groups = state.upstreams.role_groups().await?;
    for upstream in state.upstreams.snapshot().await?.list() {
        for one in weakened_upstream(upstream, &role_groups) {
            push(&upstream.name, one.name, one.meaning, one.undo, None);
        }
    }
    if found.is_empty() && sees_apps {
        let words = "no setting of an application or an upstream is weaker than the default";
        found.push(Finding::good(Cause::Weakened, words));
    }
    Ok(found)
}

/// What the overview says wants attention, except what is said already.
async fn attention(state: &ApiState, caller: Caller) -> ApiResult<Vec<Finding>> {
    let Json(overview) = overview::show_overview(State(state.clone()), caller).await?;
    let rest = overview
        .attention
        .into_iter()
        .filter(|item| item.code != "app_weakened");
    Ok(rest
        .map(|item| {
            let subject = item.subject.unwrap_or_default();
            let finding = Finding::advice(Cause::Attention, "", format!("{subject}: {}", item.sentence));
            let finding = Finding {
                expected: finding.received.clone(),
                ..finding
            };
            match item.remedy {
                Some(remedy) => finding.here(remedy),
                None => finding,
            }
        })
        .collect())
}
