//! A keep-alive HTTP/1.1 client, one connection per worker, that costs as little as it can.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    /// Connects to `host:port`.
    pub(crate) async fn connect(authority: &str) -> Result<Self> {
        let stream = TcpStream::connect(authority)
            .await
            .with_context(|| format!("cannot reach {authority}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: authority.to_owned(),
        })
    }

    /// Sends one request and reads the answer.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let response: Response<_> = self.sender.send_request(request.body(Full::new(body))?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    /// GET.
    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send("GET", path, headers, Bytes::new()).await
    }

    /// POST of a form.
    pub(crate) async fn post(&mut self, path: &str, headers: &[(&str, &str)], form: &str) -> Result<Answer> {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send("POST", path, &all, Bytes::copy_from_slice(form.as_bytes()))
            .await
    }
}

impl Answer {
    /// Fails unless the status is the expected one, showing the answer.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        if self.status != status {
            bail!(
                "expected {status}, received {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        Ok(self)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("the answer is no JSON")
    }

    /// The `Location`.
    pub(crate) fn location(&self) -> Result<&str> {
        let location = self
            .headers
            .get(header::LOCATION)
            .context("the answer redirects nowhere")?;
        Ok(location.to_str()?)
    }

    /// Adds the cookies that this answer sets to `jar`, replacing older ones of the same name.
    pub(crate) fn keep_cookies(&self, jar: &mut Vec<(String, String)>) {
        for cookie in self.headers.get_all(header::SET_COOKIE) {
            let Some((name, value)) = cookie.to_str().ok().and_then(|c| c.split(';').next()?.split_once('=')) else {
                continue;
            };
            jar.retain(|(kept, _)| kept != name);
            if !value.is_empty() {
                jar.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

/// The `Cookie` header for a jar.
pub(crate) fn cookie_header(jar: &[(String, String)]) -> String {
    jar.iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ")
}

impl Answer {
    /// Where a 302 or 303 leads.
    pub(crate) fn expect_redirect(&self) -> Result<String> {
        if !matches!(self.status, 302 | 303) {
            bail!(
                "expected a redirect, received {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        self.location().map(str::to_owned)
    }
}
