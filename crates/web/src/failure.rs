//! The machine failed while a handler worked: logged under a reference, answered with 500 and that reference.

use axum::response::{IntoResponse, Response};
use data_encoding::BASE32_NOPAD;
use doorward_jose::{Random, SystemRandom};
use http::StatusCode;

use crate::answer;

/// A failure of the machine, not of the request. Converts from any error, so that handlers use `?`.
#[derive(Debug)]
pub struct Failure {
    error: Box<dyn std::error::Error + Send + Sync>,
}

/// Marks a response that the page layer dresses as a page; holds what to tell the administrator.
#[derive(Debug, Clone)]
pub(crate) struct FailureReference(pub(crate) String);

/// The result of a handler.
pub(crate) type Answer = Result<Response, Failure>;

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut name = [0; 5];
        SystemRandom.fill(&mut name);
        let reference = BASE32_NOPAD.encode(&name);
        tracing::error!(%reference, error = %self.error, "a request could not be answered");
        let body = serde_json::json!({
            "error": "server_error",
            "error_description": format!("The server failed; its log says why under {reference}."),
        });
        let mut response = answer::json(StatusCode::INTERNAL_SERVER_ERROR, &body);
        response.extensions_mut().insert(FailureReference(reference));
        response
    }
}
