//! Errors as programs receive them (RFC 6749 §5.2, RFC 6750 §3).

use axum::response::{IntoResponse, Response};
use doorward_jose::Algorithm;
use doorward_oidc::{ErrorResponse, Refusal};
use http::{HeaderValue, StatusCode, header};

use crate::{
    answer::{self, with_header},
    failure::Failure,
};

/// Why an endpoint does not answer with success: the request's fault, or the machine's.
pub(crate) enum Trouble {
    /// Refused.
    Refused(Refusal),
    /// Failed.
    Failed(Failure),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<doorward_store::StoreError> for Trouble {
    fn from(error: doorward_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<doorward_jose::JoseError> for Trouble {
    fn from(error: doorward_jose::JoseError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<doorward_directory::DirectoryError> for Trouble {
    fn from(error: doorward_directory::DirectoryError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<doorward_provider::Failure> for Trouble {
    fn from(failure: doorward_provider::Failure) -> Self {
        match failure {
            doorward_provider::Failure::Refused(refusal) => Self::Refused(refusal),
            doorward_provider::Failure::Machine(error) => Self::Failed(error.into()),
        }
    }
}

/// The body and status of a refusal at an endpoint that authenticates clients. `basic`: the client tried the
/// `Authorization` header, so a 401 names the scheme (RFC 6749 §5.2).
pub(crate) fn refused(refusal: &Refusal, basic: bool) -> Response {
    let body = ErrorResponse::from(refusal);
    let status = StatusCode::from_u16(body.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let response = answer::json(status, &body);
    if status == StatusCode::UNAUTHORIZED && basic {
        return with_header(
            response,
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"doorward\""),
        );
    }
    response
}

/// The refusal of an access token, with its challenge (RFC 6750 §3; RFC 9449 §7.1, where a proof that does not hold is
/// a reason to authenticate anew too).
pub(crate) fn token_refused(refusal: &Refusal, uses_dpop: bool) -> Response {
    let body = ErrorResponse::from(refusal);
    let is_about_the_proof = matches!(body.error.as_str(), "invalid_dpop_proof" | "use_dpop_nonce");
    let status = if is_about_the_proof {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::from_u16(body.status()).unwrap_or(StatusCode::BAD_REQUEST)
    };
    let challenge = HeaderValue::try_from(if uses_dpop || is_about_the_proof {
        body.dpop_challenge(&proof_algorithms())
    } else {
        body.bearer_challenge("doorward")
    });
    let response = answer::json(status, &body);
    match challenge {
        Ok(challenge) => with_header(response, header::WWW_AUTHENTICATE, challenge),
        Err(_) => response,
    }
}

/// The challenges to a request without a token, which name no error (RFC 6750 §3.1, RFC 9449 §7.1).
pub(crate) fn challenged() -> Response {
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let headers = response.headers_mut();
    let bearer = HeaderValue::from_static("Bearer realm=\"doorward\"");
    headers.append(header::WWW_AUTHENTICATE, bearer);
    if let Ok(dpop) = HeaderValue::try_from(format!("DPoP algs=\"{}\"", proof_algorithms())) {
        headers.append(header::WWW_AUTHENTICATE, dpop);
    }
    response
}

fn proof_algorithms() -> String {
    let names: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    names.join(" ")
}
