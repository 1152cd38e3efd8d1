//! Where a command goes: the Unix socket of the server on this machine, or HTTPS with a token to one elsewhere.

use std::{io::ErrorKind, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::{
    failure::Failure,
    local,
    remotes::{LOCAL, Remote, Remotes},
};

/// No answer of this API is larger.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How to reach the server.
pub(crate) enum Connection {
    /// The server on this machine.
    Socket(PathBuf),
    /// A server elsewhere.
    Remote {
        name: String,
        remote: Box<Remote>,
        client: reqwest::Client,
    },
}

/// What the server answered.
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its body, as it came.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Chooses the server: `--remote`, `--data`, `$DOORWARD_DATA`, the configured default, the local one, in this order.
    pub(crate) fn choose(remote: Option<&str>, data: Option<PathBuf>) -> Result<Self, Failure> {
        let named = data.is_some();
        let data = data.or_else(|| {
            std::env::var_os("DOORWARD_DATA")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        });
        match remote {
            Some(LOCAL) => Ok(Self::Socket(local::socket(data)?)),
            Some(_) if named => Err(Failure::usage("--remote and --data name two servers; give one of them")),
            Some(name) => Self::to_remote(name, Remotes::load()?.find(name)?.clone()),
            None if data.is_some() => Ok(Self::Socket(local::socket(data)?)),
            None => {
                let remotes = Remotes::load()?;
                match &remotes.default {
                    Some(name) => Self::to_remote(name, remotes.find(name)?.clone()),
                    None => Ok(Self::Socket(local::socket(None)?)),
                }
            }
        }
    }

    /// A connection to that server.
    pub(crate) fn to_remote(name: &str, remote: Remote) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .https_only(!is_loopback(&remote.url))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        if let Some(file) = &remote.ca_file {
            let pem = std::fs::read(file)
                .map_err(|error| Failure::usage(format!("cannot read the CA file {}: {error}", file.display())))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .ok()
                .filter(|list| !list.is_empty())
                .ok_or_else(|| Failure::usage(format!("{} holds no certificate in PEM", file.display())))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder
            .build()
            .map_err(|error| Failure::Local(anyhow::Error::new(error).context("cannot prepare HTTPS")))?;
        Ok(Self::Remote {
            name: name.to_owned(),
            remote: Box::new(remote),
            client,
        })
    }

    /// For messages: which server this is.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Socket(path) => path.display().to_string(),
            Self::Remote { name, remote, .. } => format!("{} ({name})", remote.url),
        }
    }

    /// One request, one answer.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Answer, Failure> {
        let mut stream = self.open(method, path, body).await?;
        let mut collected = Vec::new();
        while let Some(chunk) = stream.chunk().await? {
            if collected.len() + chunk.len() > MAX_ANSWER {
                return Err(Failure::not_doorward(format!(
                    "{} answered more than {MAX_ANSWER} bytes",
                    self.describe()
                )));
            }
            collected.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: stream.status,
            body: collected,
        })
    }

    /// One request whose answer is read as it comes.
    pub(crate) async fn open(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Stream, Failure> {
        match self {
            Self::Socket(socket) => open_socket(socket, method, path, body).await,
            Self::Remote { remote, client, .. } => {
                let mut request = client
                    .request(method, format!("{}{path}", remote.url))
                    .bearer_auth(&remote.token)
                    .header(header::ACCEPT, "*/*");
                if let Some(body) = body {
                    request = request.header(header::CONTENT_TYPE, "application/json").body(body);
                }
                let answer = request.send().await.map_err(|error| self.not_reached(&error))?;
                Ok(Stream {
                    status: answer.status(),
                    from: Source::Remote(answer),
                })
            }
        }
    }

    fn not_reached(&self, error: &reqwest::Error) -> Failure {
        let mut causes = Vec::new();
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
        while let Some(inner) = cause {
            causes.push(inner.to_string());
            cause = inner.source();
        }
        let cause = causes.pop().unwrap_or_else(|| error.to_string());
        let text = format!("cannot reach {}: {cause}", self.describe());
        if cause.contains("UnknownIssuer") || cause.contains("certificate") {
            let name = if let Self::Remote { name, .. } = self {
                name.as_str()
            } else {
                LOCAL
            };
            return Failure::unreachable(text, format!("doorward remote add {name} <url> --ca-file <ca.pem>"));
        }
        // rustls' word for bytes that are no TLS at all.
        if cause.contains("InvalidContentType") {
            return Failure::not_doorward(format!("{text}: it does not speak TLS there"));
        }
        Failure::Unreachable { text, remedy: None }
    }
}

/// An answer whose body is still coming.
pub(crate) struct Stream {
    /// Its status.
    pub(crate) status: StatusCode,
    from: Source,
}

enum Source {
    Socket(Box<hyper::body::Incoming>),
    Remote(reqwest::Response),
}

impl Stream {
    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let broken = |error: &dyn std::fmt::Display| Failure::not_doorward(format!("the answer broke off: {error}"));
        match &mut self.from {
            Source::Remote(answer) => answer.chunk().await.map_err(|error| broken(&error)),
            Source::Socket(body) => loop {
                match body.frame().await {
                    None => return Ok(None),
                    Some(Err(error)) => return Err(broken(&error)),
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Ok(Some(data));
                        }
                    }
                }
            },
        }
    }
}

async fn open_socket(socket: &PathBuf, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Stream, Failure> {
    let stream = match tokio::time::timeout(CONNECT, UnixStream::connect(socket)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(no_socket(socket, &error)),
        Err(_) => return Err(no_socket(socket, &ErrorKind::TimedOut.into())),
    };
    let failed = |error: hyper::Error| Failure::not_doorward(format!("{} does not answer: {error}", socket.display()));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    tokio::spawn(async move {
        // The request itself reports what went wrong with the connection.
        let _ = connection.await;
    });
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost");
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let request = request
        .body(Full::new(Bytes::from(body.unwrap_or_default())))
        .map_err(|error| Failure::usage(format!("this cannot be asked for: {error}")))?;
    let (parts, body) = sender.send_request(request).await.map_err(failed)?.into_parts();
    Ok(Stream {
        status: parts.status,
        from: Source::Socket(Box::new(body)),
    })
}

fn no_socket(socket: &std::path::Path, error: &std::io::Error) -> Failure {
    let directory = socket.parent().unwrap_or(socket).display();
    let text = format!("no server answers at {}: {error}", socket.display());
    match error.kind() {
        ErrorKind::PermissionDenied => Failure::unreachable(
            text,
            format!(
                "the owner of {directory} may use it: sudo -u <owner> doorward …, or doorward remote add <name> <url>"
            ),
        ),
        _ => Failure::unreachable(
            text,
            format!("doorward serve --data {directory}, or name the directory of the running server with --data"),
        ),
    }
}

/// Plain HTTP is for a server on this machine only.
pub(crate) fn is_loopback(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    })
}
