//! The way to an ACME authority: one request, one bounded answer.

use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use doorward_oidc::Refusal;
use http::Request;
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use crate::refusals;

/// The longest chain of certificates is a few kilobytes.
const LONGEST_ANSWER: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTPS client with the machine's certificates and, if given, those of a private CA.
pub(super) struct Network(reqwest::Client);

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct NoAnswer {
    pub(super) is_untrusted: bool,
    text: String,
}

impl Network {
    pub(super) fn new(ca: Option<&[u8]>) -> Result<Self, Refusal> {
        let refused = |why: String| {
            Refusal::response(&refusals::ACME_UNTRUSTED, format!("acme_ca: {why}"))
                .with_remedy("[tls] acme_ca names a file with PEM certificates of the authority's own CA")
        };
        let mut builder = reqwest::Client::builder()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(PATIENCE)
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = ca {
            let certificates =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|error| refused(error.to_string()))?;
            if certificates.is_empty() {
                return Err(refused("expected at least one PEM certificate, found none".to_owned()));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self(builder.build().map_err(|error| refused(error.to_string()))?))
    }
}

impl HttpClient for Network {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            exchange(&client, request)
                .await
                .map_err(|error| Error::Other(Box::new(error)))
        })
    }
}

async fn exchange(client: &reqwest::Client, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, NoAnswer> {
    let (parts, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    };
    let mut answer = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body)
        .send()
        .await
        .map_err(|error| failed(&error))?;
    let mut read = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| failed(&error))? {
        if read.len().saturating_add(piece.len()) > LONGEST_ANSWER {
            return Err(NoAnswer {
                is_untrusted: false,
                text: format!("its answer is longer than {LONGEST_ANSWER} bytes"),
            });
        }
        read.extend_from_slice(&piece);
    }
    let mut response = http::Response::new(Full::new(read.freeze()));
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(BytesResponse::from(response))
}

/// The whole chain of causes: the outermost says nothing that helps.
fn failed(error: &reqwest::Error) -> NoAnswer {
    let mut text = error.to_string();
    let mut is_untrusted = false;
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        is_untrusted |= said.contains("certificate");
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = inner.source();
    }
    NoAnswer { is_untrusted, text }
}
