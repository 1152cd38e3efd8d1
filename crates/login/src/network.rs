//! The port to the network: one request, one bounded answer, no redirects.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::LoginError;
use crate::error::shown;

/// A future in a box, so that ports can be trait objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is sent to the provider.
pub struct HttpRequest {
    /// Where to.
    pub url: String,
    /// The value of `Authorization`.
    pub authorization: Option<String>,
    /// A form body makes it a POST; without one it is a GET.
    pub form: Option<String>,
    /// Most bytes of the answer that are read.
    pub max_bytes: usize,
}

/// What came back.
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// The media type, lower case and without parameters.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends requests to the provider. An implementation follows no redirects, gives up in a few seconds, and reads no more
/// than it is told.
pub trait Http: Send + Sync + 'static {
    /// Sends one request.
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>>;
}

/// [`Http`] over `reqwest` and rustls, with the machine's certificates and, if given, those of a private CA.
pub(crate) struct Network(reqwest::Client);

impl Network {
    pub(crate) fn new(ca_pem: Option<&[u8]>, timeout: Duration, local: bool) -> Result<Self, LoginError> {
        let setting = |detail: String| LoginError::Setting {
            setting: "ca_pem",
            detail,
        };
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeout)
            .timeout(timeout)
            .user_agent(concat!("doorward-login/", env!("CARGO_PKG_VERSION")));
        if local {
            builder = builder.no_proxy();
        }
        if let Some(pem) = ca_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| setting(format!("expected PEM certificates: {error}")))?;
            if certificates.is_empty() {
                return Err(setting("expected at least one PEM certificate, got none".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        builder.build().map(Self).map_err(|error| setting(chain(&error)))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpAnswer, LoginError> {
        let url = request.url;
        let failed = |error: &reqwest::Error| LoginError::Unreachable {
            url: url.clone(),
            detail: chain(error),
        };
        let mut builder = match request.form {
            Some(form) => self
                .0
                .post(&url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            None => self.0.get(&url),
        };
        builder = builder.header("accept", "application/json");
        if let Some(authorization) = request.authorization {
            builder = builder.header("authorization", authorization);
        }
        let mut answer = builder.send().await.map_err(|error| failed(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > request.max_bytes {
                return Err(LoginError::TooLarge {
                    url: url.clone(),
                    limit: request.max_bytes,
                });
            }
            body.extend_from_slice(&chunk);
        }
        let content_type = answer
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        Ok(HttpAnswer {
            status: answer.status().as_u16(),
            content_type: media_type.trim().to_ascii_lowercase(),
            body,
        })
    }
}

impl Http for Network {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        Box::pin(self.exchange(request))
    }
}

/// An error with its causes; the outermost one alone says only "error sending request".
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    shown(&words)
}
