//! Refusals and failures as the API answers them: one body, and a status that follows from the code.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use data_encoding::BASE32_NOPAD;
use doorward_api::{ErrorBody, codes};
use doorward_apps::AppsError;
use doorward_certificates::CertificatesError;
use doorward_directory::DirectoryError;
use doorward_jose::{Random, SystemRandom};
use doorward_oidc::Refusal;
use doorward_store::StoreError;
use doorward_unit::UnitError;
use doorward_upstreams::UpstreamsError;
use http::{HeaderValue, StatusCode, header};

use crate::keys::KeysError;

/// Why a request of the API was not carried out.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    // Boxed, because every handler's result carries the room for it.
    body: Box<ErrorBody>,
    retry_after: Option<u64>,
}

pub(super) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn new(status: StatusCode, code: &str, message: &str) -> Self {
        let body = ErrorBody {
            code: code.to_owned(),
            message: message.to_owned(),
            detail: None,
            remedy: None,
            reference: None,
        };
        Self {
            status,
            body: Box::new(body),
            retry_after: None,
        }
    }

    /// What the request says is not what the operation reads.
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            codes::INVALID,
            "The request was not understood.",
        )
        .detail(detail)
    }

    /// The body is not one that is read at all.
    pub(super) fn unreadable(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::new(status, codes::INVALID, "The request's body cannot be read.").detail(detail)
    }

    /// Nothing of that name.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, codes::NOT_FOUND, "There is no such thing.").detail(detail)
    }

    /// No credential, or none that holds.
    pub(super) fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, codes::UNAUTHENTICATED, "Say who you are.").detail(detail)
    }

    /// The path exists, with another method.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            codes::INVALID,
            "This cannot be done to it.",
        )
        .detail("the path exists, but not with this method; see /api/v1/openapi.json")
    }

    /// Not now.
    pub(super) fn busy(detail: impl Into<String>, retry_after: u64) -> Self {
        let busy = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            codes::BUSY,
            "The server is busy. Try again in a moment.",
        );
        Self {
            retry_after: Some(retry_after.max(1)),
            ..busy
        }
        .detail(detail)
    }

    /// The machine failed: its cause is for the log, under a name for the caller.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        let mut name = [0; 5];
        SystemRandom.fill(&mut name);
        let reference = BASE32_NOPAD.encode(&name);
        tracing::error!(%reference, %error, "a request of the API could not be answered");
        let mut internal = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            codes::INTERNAL,
            "The server failed. Its log says why, under this reference.",
        );
        internal.body.reference = Some(reference);
        internal
    }

    /// What was expected and what came.
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.body.detail = Some(detail.into());
        self
    }

    /// What to type instead.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.body.remedy = Some(remedy.into());
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let error = Self::new(status(refusal.kind.code), refusal.kind.code, refusal.kind.public).detail(refusal.detail);
        match refusal.remedy {
            Some(remedy) => error.remedy(remedy),
            None => error,
        }
    }
}

/// What a refusal of a subject means to a program. What is not here is the caller's request: 400.
fn status(code: &str) -> StatusCode {
    match code {
        "invalid_api_token" => StatusCode::UNAUTHORIZED,
        "missing_right" | "protected_by_role" | "profile_closed" | "deletion_not_offered" => StatusCode::FORBIDDEN,
        "no_such_user"
        | "no_such_group"
        | "no_such_role_grant"
        | "no_such_api_token"
        | "no_such_passkey"
        | "no_such_terms"
        | "app_unknown"
        | "alias_unknown"
        | "no_secret"
        | "authority_missing"
        | "no_such_letter"
        | "no_such_registration"
        | "upstream_unknown"
        | "upstream_preset_unknown"
        | "no_such_key"
        | "identity_unknown" => StatusCode::NOT_FOUND,
        "id_taken"
        | "name_taken"
        | "app_exists"
        | "alias_exists"
        | "alias_in_use"
        | "last_administrator"
        | "group_cycle"
        | "nesting_too_deep"
        | "already_enrolled"
        | "user_disabled"
        | "upstream_exists"
        | "upstream_in_use"
        | "authority_exists"
        | "certificate_not_ours"
        | "link_refused"
        | "mail_is_off"
        | "no_email_address"
        | "key_exists"
        | "master_key_elsewhere"
        | "master_keys_full"
        | "state_moved"
        | "state_not_planned"
        | "not_being_deleted" => StatusCode::CONFLICT,
        "mail_not_sent" => StatusCode::BAD_GATEWAY,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::busy(error.to_string(), 1),
            error => Self::internal(&error),
        }
    }
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => refusal.into(),
            DirectoryError::Busy { retry_after } => {
                Self::busy("the queue of password checks is full", retry_after.as_secs())
            }
            error => Self::internal(&error),
        }
    }
}

impl From<UpstreamsError> for ApiError {
    fn from(error: UpstreamsError) -> Self {
        match error {
            UpstreamsError::Refused(refusal) => refusal.into(),
            UpstreamsError::Store(error) => error.into(),
            error @ (UpstreamsError::Seal(_) | UpstreamsError::Directory(_)) => Self::internal(&error),
        }
    }
}

impl From<CertificatesError> for ApiError {
    fn from(error: CertificatesError) -> Self {
        match error {
            CertificatesError::Refused(refusal) => refusal.into(),
            CertificatesError::Store(error) => error.into(),
            error => Self::internal(&error),
        }
    }
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Refused(refusal) => refusal.into(),
            KeysError::Store(error) => error.into(),
            error @ KeysError::Failed(_) => Self::internal(&error),
        }
    }
}

impl From<UnitError> for ApiError {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::Refused(refusal) => refusal.into(),
            UnitError::Store(error) => error.into(),
            error @ UnitError::Failed(_) => Self::internal(&error),
        }
    }
}

impl From<AppsError> for ApiError {
    fn from(error: AppsError) -> Self {
        match error {
            AppsError::Refused(refusal) => refusal.into(),
            AppsError::Store(error) => error.into(),
            error @ AppsError::Seal(_) => Self::internal(&error),
        }
    }
}
