//! Moving in from another provider.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::AliasAddress;
use doorward_moving::{Kind, Mode, Outcome, Report, csv, keycloak, ldif};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Document,
    state::ApiState,
};

/// Import people, groups, applications and upstreams from another provider's document, or try it.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", request_body = api::NewImport,
    responses((status = 200, body = api::ImportReport, description = "What comes of it, and whether it was written.")))]
pub(super) async fn import_document(
    State(state): State<ApiState>,
    caller: Caller,
    Document(new): Document<api::NewImport>,
) -> ApiResult<Json<api::ImportReport>> {
    let mode = match (new.dry_run, new.skip_conflicts) {
        (true, _) => Mode::DryRun,
        (false, true) => Mode::SkipConflicts,
        (false, false) => Mode::All,
    };
    let issuer = new.issuer.as_deref().map(AliasAddress::parse).transpose()?;
    if issuer.is_some() && new.format != api::ImportFormat::Keycloak {
        return Err(ApiError::invalid(
            "expected `issuer` with a realm of Keycloak, got it with a document without applications".to_owned(),
        ));
    }
    let (format, document) = (new.format, new.document);
    // Some seconds for the largest: not on a thread that answers others.
    let read = tokio::task::spawn_blocking(move || match format {
        api::ImportFormat::Keycloak => keycloak::read(document.as_bytes()),
        api::ImportFormat::Csv => csv::read(document.as_bytes()),
        api::ImportFormat::Ldif => ldif::read(document.as_bytes()),
    })
    .await
    .map_err(|error| ApiError::internal(&error))?;
    let mut intake = read.map_err(|error| ApiError::invalid(error.to_string()))?;
    if let Some(issuer) = issuer {
        intake = intake.keeping(issuer);
    }
    let report = state.importer.run(&caller.0, intake, mode, state.now()).await?;
    Ok(Json(view(report)))
}

fn view(report: Report) -> api::ImportReport {
    let remarks = report.remarks.into_iter().map(|remark| api::ImportRemark {
        outcome: match remark.outcome {
            Outcome::Conflict => api::ImportOutcome::Conflict,
            Outcome::Left => api::ImportOutcome::Left,
            Outcome::Translated => api::ImportOutcome::Translated,
            Outcome::Already => api::ImportOutcome::Already,
            Outcome::AsIs => api::ImportOutcome::AsIs,
        },
        kind: word(remark.kind).to_owned(),
        what: remark.what,
        remedy: remark.remedy,
        names: remark.names,
        count: remark.count,
    });
    let counts = report.counts.into_iter().map(|count| api::ImportCount {
        kind: word(count.kind).to_owned(),
        added: count.added,
        already: count.already,
        conflicts: count.conflicts,
    });
    api::ImportReport {
        written: report.written,
        counts: counts.collect(),
        remarks: remarks.collect(),
        more_remarks: report.more,
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "user",
        Kind::Group => "group",
        Kind::App => "app",
        Kind::Upstream => "upstream",
        Kind::Realm => "realm",
    }
}
