//! The way to the API: its own router, in this process, with the rights of whoever looks at the page.

use axum::{Router, body::Body};
use bytes::Bytes;
use doorward_api::{BASE, ErrorBody};
use doorward_directory::Actor;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::{Serialize, de::DeserializeOwned};
use tower::ServiceExt;

use crate::{failure::Failure, pages::console::segment};

/// No answer of the API is larger.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// One request to the API.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// The operation's path as the API's document has it: `/users/{user}/links`.
    pub(super) operation: &'static str,
    /// What stands in the braces.
    pub(super) names: &'a [&'a str],
    pub(super) query: Option<String>,
    pub(super) body: Option<Vec<u8>>,
}

/// What the API says against a request.
pub(super) struct Denied {
    pub(super) status: StatusCode,
    pub(super) error: Box<ErrorBody>,
}

impl Call<'_> {
    fn path(&self) -> String {
        let mut path = String::from(BASE);
        let mut names = self.names.iter();
        for part in self.operation.split('/').skip(1) {
            path.push('/');
            if part.starts_with('{') {
                path.push_str(&segment(names.next().copied().unwrap_or_default()));
            } else {
                path.push_str(part);
            }
        }
        if let Some(query) = self.query.as_deref().filter(|query| !query.is_empty()) {
            path.push('?');
            path.push_str(query);
        }
        path
    }

    /// Asks, and reads the answer.
    pub(super) async fn send<T: DeserializeOwned>(
        self,
        api: &Router,
        actor: &Actor,
    ) -> Result<Result<T, Denied>, Failure> {
        let (status, body) = self.answer(api, actor).await?;
        if status.is_success() {
            let text: &[u8] = if body.is_empty() { b"null" } else { &body };
            return Ok(Ok(serde_json::from_slice(text)?));
        }
        let error = Box::new(serde_json::from_slice(&body)?);
        Ok(Err(Denied { status, error }))
    }

    async fn answer(self, api: &Router, actor: &Actor) -> Result<(StatusCode, Bytes), Failure> {
        let mut request = Request::builder().method(self.method.clone()).uri(self.path());
        if self.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .extension(actor.clone())
            .body(Body::from(self.body.unwrap_or_default()))?;
        let response = api.clone().oneshot(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await?;
        Ok((status, body.to_bytes()))
    }
}

/// A query as the API reads it.
pub(super) fn query(query: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_urlencoded::to_string(query)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_lead_to_another_operation() {
        let call = Call {
            method: Method::GET,
            operation: "/users/{user}/grants/{app}",
            names: &["a/../../settings?x", "n b"],
            query: Some("limit=5".to_owned()),
            body: None,
        };
        assert_eq!(
            call.path(),
            "/api/v1/users/a%2F..%2F..%2Fsettings%3Fx/grants/n%20b?limit=5"
        );
    }
}
