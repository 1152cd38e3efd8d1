//! What comes in: bodies, queries and names, each bounded, each refused in the API's own words.

use axum::extract::{FromRequest, FromRequestParts, Path as AxumPath, Request};
use bytes::Bytes;
use doorward_api::{DEFAULT_LIMIT, MAX_LIMIT};
use http::{StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;

use doorward_directory::Right;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
};

/// No request of this API is larger, unless an operation says so.
const MAX_BODY: usize = 256 * 1024;
/// But for a document of another provider, with what quoting it as JSON adds.
const MAX_DOCUMENT: usize = doorward_api::DOCUMENT_BYTES / 2 * 3;

/// A JSON body of at most `MOST` bytes.
pub(super) struct Body<T, const MOST: usize = MAX_BODY>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> ApiResult<Self> {
        json(request, MOST).await.map(Self)
    }
}

async fn json<T: DeserializeOwned>(request: Request, most: usize) -> ApiResult<T> {
    // Nothing else, so that no form of another site's page can be one of our requests.
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
    if !is_json {
        return Err(ApiError::unreadable(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "expected Content-Type: application/json",
        ));
    }
    let body = read(request, most).await?;
    serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))
}

/// A JSON body that holds a whole document of another provider, or all files of the state. It is read for nobody who may not
/// carry it out.
pub(super) struct Document<T, const MOST: usize = MAX_DOCUMENT>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> FromRequest<S> for Document<T, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        after(request, state, &[Right::Full], MOST).await.map(Self)
    }
}

/// A JSON body that is read for nobody who may not see everything that files say.
pub(super) struct Standing<T, const MOST: usize>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync, const MOST: usize> FromRequest<S> for Standing<T, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> ApiResult<Self> {
        let rights = [Right::ReadSettings, Right::ReadApps, Right::ReadPeople];
        after(request, state, &rights, MOST).await.map(Self)
    }
}

/// A body that is read once the caller has these rights.
async fn after<T: DeserializeOwned, S: Send + Sync>(
    request: Request,
    state: &S,
    rights: &[Right],
    most: usize,
) -> ApiResult<T> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, state).await?;
    for right in rights {
        caller.require(*right)?;
    }
    json(Request::from_parts(parts, body), most).await
}

async fn read(request: Request, most: usize) -> ApiResult<Bytes> {
    match Limited::new(request.into_body(), most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(ApiError::unreadable(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("expected at most {most} bytes"),
        )),
        Err(error) => Err(ApiError::unreadable(
            StatusCode::BAD_REQUEST,
            format!("it broke off: {error}"),
        )),
    }
}

/// The query.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(|error| ApiError::invalid(format!("in the query: {error}")))
    }
}

/// The names in the path.
pub(super) struct Names<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Names<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(names)) => Ok(Self(names)),
            Err(error) => Err(ApiError::invalid(format!("in the path: {}", error.body_text()))),
        }
    }
}

/// Entries per page, within bounds.
pub(super) fn limit(asked: Option<u32>) -> ApiResult<u32> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        limit => Err(ApiError::invalid(format!(
            "limit: expected 1 to {MAX_LIMIT}, received {limit}"
        ))),
    }
}

/// A cursor that is an id.
pub(super) fn id_cursor<T: std::str::FromStr>(cursor: Option<&str>) -> ApiResult<Option<T>> {
    cursor
        .map(|text| {
            text.parse()
                .map_err(|_| ApiError::invalid("cursor: expected `next` of the page before"))
        })
        .transpose()
}
