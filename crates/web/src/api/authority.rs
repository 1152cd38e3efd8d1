//! The private authority.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_certificates::{Authority, NewAuthority, NewCertificate, install};
use doorward_directory::Right;
use http::StatusCode;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Body,
    state::ApiState,
};

/// Show the private authority, and what hosts must install.
#[utoipa::path(get, path = "/api/v1/ca", tag = "certificates",
    responses((status = 200, body = api::Authority, description = "The authority's certificate, and how hosts learn to trust it.")))]
pub(super) async fn show_authority(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Authority>> {
    caller.require(Right::ReadSettings)?;
    let authority =
        state.certificates.authority().await?.ok_or_else(|| {
            ApiError::not_found("no authority was made on this server yet").remedy("doorward ca init")
        })?;
    Ok(Json(view(authority)))
}

/// Make the private authority.
#[utoipa::path(post, path = "/api/v1/ca", tag = "certificates", request_body = api::NewAuthority,
    responses((status = 201, body = api::Authority, description = "The authority.")))]
pub(super) async fn make_authority(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewAuthority>,
) -> ApiResult<(StatusCode, Json<api::Authority>)> {
    caller.require(Right::Full)?;
    let new = NewAuthority {
        permitted: new.permit,
        name: new.name,
        days: new.days,
        replace: new.replace,
    };
    let made = state.certificates.make_authority(&caller.0, new, state.now()).await?;
    Ok((StatusCode::CREATED, Json(view(made))))
}

/// Issue a certificate to another host.
#[utoipa::path(post, path = "/api/v1/ca/certificates", tag = "certificates", request_body = api::NewCertificate,
    responses((status = 201, body = api::CertificateIssued, description = "The certificate; its key is shown only now.")))]
pub(super) async fn issue_certificate(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewCertificate>,
) -> ApiResult<(StatusCode, Json<api::CertificateIssued>)> {
    caller.require(Right::Full)?;
    let new = NewCertificate {
        names: new.names,
        days: new.days,
        request: new.csr,
    };
    let issued = state.certificates.issue(&caller.0, new, state.now()).await?;
    let shown = api::CertificateIssued {
        names: issued.names,
        certificate: issued.certificate,
        key: issued.key.map(|key| key.expose().clone()),
        fingerprint: issued.fingerprint,
        not_after: issued.not_after,
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

fn view(authority: Authority) -> api::Authority {
    api::Authority {
        name: authority.name,
        certificate: authority.certificate,
        fingerprint: authority.fingerprint,
        permitted: authority.permitted,
        created: authority.created,
        not_after: authority.not_after,
        install: install()
            .iter()
            .map(|step| api::AuthorityInstall {
                name: step.name.to_owned(),
                title: step.title.to_owned(),
                text: step.text.to_owned(),
            })
            .collect(),
    }
}
