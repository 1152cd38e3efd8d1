//! The server's certificate: which it is, and why the next one does not come.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_certificates::Status;
use doorward_directory::Right;
use http::StatusCode;

use super::{caller::Caller, error::ApiResult, state::ApiState};

/// Show the server's certificate.
#[utoipa::path(get, path = "/api/v1/tls", tag = "certificates",
    responses((status = 200, body = api::Tls, description = "The certificate, and what keeps the next one from coming.")))]
pub(super) async fn show_tls(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Tls>> {
    Ok(Json(view(state.certificates.status(&caller.0).await?)))
}

/// Get a new certificate now.
#[utoipa::path(post, path = "/api/v1/tls/renew", tag = "certificates",
    responses((status = 202, description = "It is being fetched; show says what becomes of it.")))]
pub(super) async fn renew_tls(State(state): State<ApiState>, caller: Caller) -> ApiResult<StatusCode> {
    caller.require(Right::Full)?;
    state.certificates.renew(&caller.0, state.now()).await?;
    Ok(StatusCode::ACCEPTED)
}

fn view(status: Status) -> api::Tls {
    api::Tls {
        source: status.source.to_owned(),
        directory: status.directory,
        host: status.host,
        certificate: status.served.map(|served| api::TlsCertificate {
            names: served.names,
            issuer: served.issuer,
            not_before: served.not_before,
            not_after: served.not_after,
            renews_at: served.renews_at,
            fingerprint: served.fingerprint,
        }),
        problem: status.problem.map(|problem| api::TlsProblem {
            code: problem.code,
            detail: problem.detail,
            remedy: problem.remedy,
            at: problem.at,
            next_try: problem.next_try,
        }),
    }
}
