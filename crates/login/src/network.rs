//! The port to the network: one request, one bounded answer, no redirects.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION};
use url::{Host, Url};

use crate::LoginError;
use crate::addresses::{Addresses, NotAllowed, Reach, environment_proxies};
use crate::error::shown;

/// A future in a box, so that ports can be trait objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is sent to the provider. It holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct HttpRequest {
    /// Where to.
    pub url: String,
    /// The value of `Authorization`.
    pub authorization: Option<String>,
    /// A form body makes it a POST; without one it is a GET.
    pub form: Option<String>,
    /// A JSON body, in place of a form.
    pub json: Option<String>,
    /// Most bytes of the answer that are read.
    pub max_bytes: usize,
    /// Further headers; `Accept` is `application/json` unless it is among them.
    pub headers: HeaderMap,
    /// A redirect is an answer like any other, for whoever wants to know where it leads. Without, it is an error.
    pub redirects: bool,
}

/// What came back. It may hold tokens, so it cannot be printed.
#[derive(Default)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// The media type, lower case and without parameters; empty when there is none.
    pub fn content_type(&self) -> String {
        let media_type = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default();
        media_type.trim().to_ascii_lowercase()
    }

    /// The value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Sends requests to the provider. An implementation follows no redirects, gives up in a few seconds, and reads no more
/// than it is told.
pub trait Http: Send + Sync + 'static {
    /// Sends one request.
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>>;
}

/// Limits of [`Network`].
pub(crate) struct Limits {
    /// Until there is a connection.
    pub(crate) connect: Duration,
    /// Between two pieces of an answer.
    pub(crate) answer: Duration,
    /// For all of it.
    pub(crate) whole: Duration,
    pub(crate) reach: Reach,
}

/// [`Http`] over `reqwest` and rustls, with the machine's certificates and, if given, those of a private CA.
pub(crate) struct Network {
    client: reqwest::Client,
    addresses: Addresses,
    whole: Duration,
}

impl Network {
    pub(crate) fn new(ca_pem: Option<&[u8]>, limits: &Limits) -> Result<Self, LoginError> {
        let is_near = limits.reach > Reach::Public;
        let addresses = Addresses {
            reach: limits.reach,
            // Where none is used, the name of one is no way to this machine either.
            proxies: if is_near { Vec::new() } else { environment_proxies() },
        };
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limits.connect.min(limits.whole))
            .read_timeout(limits.answer.min(limits.whole))
            .timeout(limits.whole)
            .dns_resolver(std::sync::Arc::new(addresses.clone()))
            .user_agent(concat!("doorward-login/", env!("CARGO_PKG_VERSION")));
        if is_near {
            // What is near is not reached through a proxy, whose own machine it would be looked for on.
            builder = builder.no_proxy();
        }
        let trusted = certificates(ca_pem)?;
        if !trusted.is_empty() {
            builder = builder.tls_certs_merge(trusted);
        }
        Ok(Self {
            client: builder.build().map_err(|error| setting(chain(&error)))?,
            addresses,
            whole: limits.whole,
        })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpAnswer, LoginError> {
        let url = request.url;
        self.may_be_asked(&url)?;
        let failed = |error: &reqwest::Error| self.failure(&url, error);
        let form = request.form.map(|form| (form, "application/x-www-form-urlencoded"));
        let mut builder = match form.or_else(|| request.json.map(|json| (json, "application/json"))) {
            Some((body, media_type)) => self.client.post(&url).header(CONTENT_TYPE, media_type).body(body),
            None => self.client.get(&url),
        };
        if !request.headers.contains_key(ACCEPT) {
            builder = builder.header(ACCEPT, "application/json");
        }
        if let Some(authorization) = request.authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        let mut answer = builder
            .headers(request.headers)
            .send()
            .await
            .map_err(|error| failed(&error))?;
        if answer.status().is_redirection() && !request.redirects {
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            return Err(LoginError::Redirected {
                location: shown(location.unwrap_or_default()),
                url,
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > request.max_bytes {
                return Err(LoginError::TooLarge {
                    url,
                    limit: request.max_bytes,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer {
            status: answer.status().as_u16(),
            headers: std::mem::take(answer.headers_mut()),
            body,
        })
    }

    /// A host that is written as an address is never resolved, so it is judged here.
    fn may_be_asked(&self, url: &str) -> Result<(), LoginError> {
        let parsed = Url::parse(url).map_err(|error| LoginError::Unreachable {
            url: shown(url),
            detail: format!("that is no address: {error}"),
        })?;
        let address = match parsed.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            _ => return Ok(()),
        };
        self.addresses
            .check(&address.to_string(), address)
            .map_err(|refused| private(url, &refused))
    }

    fn failure(&self, url: &str, error: &reqwest::Error) -> LoginError {
        if let Some(refused) = cause::<NotAllowed>(error) {
            return private(url, refused);
        }
        let url = url.to_owned();
        if let Some(tls) = cause::<rustls::Error>(error) {
            return LoginError::Tls {
                url,
                detail: shown(&certificate_problem(tls)),
            };
        }
        if error.is_timeout() && !error.is_connect() {
            return LoginError::TooSlow {
                url,
                milliseconds: u64::try_from(self.whole.as_millis()).unwrap_or(u64::MAX),
            };
        }
        LoginError::Unreachable {
            url,
            detail: chain(error),
        }
    }
}

impl Http for Network {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        Box::pin(self.exchange(request))
    }
}

/// The certificates in a PEM file, of which there is at least one.
fn certificates(ca_pem: Option<&[u8]>) -> Result<Vec<reqwest::Certificate>, LoginError> {
    let Some(pem) = ca_pem else { return Ok(Vec::new()) };
    let certificates = reqwest::Certificate::from_pem_bundle(pem)
        .map_err(|error| setting(format!("expected PEM certificates: {error}")))?;
    if certificates.is_empty() {
        return Err(setting("expected at least one PEM certificate, got none".to_owned()));
    }
    Ok(certificates)
}

/// Fails where the certificates are none, which shows when a client is made of them: that is later than at the start otherwise.
pub(crate) fn require_usable(ca_pem: Option<&[u8]>) -> Result<(), LoginError> {
    let trusted = certificates(ca_pem)?;
    if trusted.is_empty() {
        return Ok(());
    }
    let made = reqwest::Client::builder().tls_certs_only(trusted).build();
    made.map(drop).map_err(|error| setting(chain(&error)))
}

fn setting(detail: String) -> LoginError {
    LoginError::Setting {
        setting: "ca_pem",
        detail,
    }
}

fn private(url: &str, refused: &NotAllowed) -> LoginError {
    LoginError::PrivateAddress {
        url: url.to_owned(),
        received: refused.address.to_string(),
    }
}

/// What is wrong with the other side's certificate, in words that name the remedy.
fn certificate_problem(error: &rustls::Error) -> String {
    use rustls::CertificateError as Problem;
    let rustls::Error::InvalidCertificate(problem) = error else {
        return error.to_string();
    };
    match problem {
        Problem::UnknownIssuer => {
            "unknown issuer: the chain ends at a CA that is not trusted here (a private CA?), or the server leaves out an \
             intermediate certificate"
                .to_owned()
        }
        Problem::Expired | Problem::ExpiredContext { .. } => format!("expired: {error}"),
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => format!("not valid yet: {error}"),
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => format!("another name: {error}"),
        _ => error.to_string(),
    }
}

/// An error of this type among the causes. I/O errors hide theirs from `source`.
fn cause<'e, T: std::error::Error + 'static>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(one) = next {
        if let Some(found) = one.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(inner) = one.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref)
            && let Some(found) = cause::<T>(inner)
        {
            return Some(found);
        }
        next = one.source();
    }
    None
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
