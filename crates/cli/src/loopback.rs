//! Where the browser comes back to after a login: an address of this machine on which nobody but this command listens, for as
//! long as the login takes (RFC 8252 §7.3, §8.3).

use std::{
    convert::Infallible,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use clap::ValueEnum;
use doorward_oidc::Parameters;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};

use crate::failure::Failure;

/// How long one request of the browser may take, the questions to the provider included.
const REQUEST: Duration = Duration::from_mins(1);
/// How long the browser may take to read the last page.
const LAST_PAGE: Duration = Duration::from_secs(3);

/// The name under which this machine is registered at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Host {
    /// As RFC 8252 §8.3 recommends
    #[default]
    #[value(name = "127.0.0.1")]
    Address,
    /// For providers that know this name only
    #[value(name = "localhost")]
    Name,
}

impl Host {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

/// An address that is listened on.
pub(crate) struct Loopback {
    listeners: Vec<TcpListener>,
    pub(crate) host: Host,
    pub(crate) port: u16,
    path: String,
}

/// Somebody who came back, waiting for a page.
pub(crate) struct Visit {
    /// What the provider says.
    pub(crate) answer: Parameters,
    page: oneshot::Sender<Page>,
    read: oneshot::Receiver<()>,
}

/// A page for the browser.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    pub(crate) text: String,
}

impl Visit {
    /// Shows the page, and waits until the browser has it: the command may end after that.
    pub(crate) async fn show(self, page: Page) {
        if self.page.send(page).is_ok() {
            // A browser that does not read has lost interest.
            let _ = tokio::time::timeout(LAST_PAGE, self.read).await;
        }
    }
}

impl Loopback {
    /// Listens on that port, or on one that is free.
    pub(crate) async fn listen(host: Host, port: Option<u16>, path: &str) -> Result<Self, Failure> {
        let taken = |port: u16, error: &std::io::Error| {
            Failure::usage_with(
                format!("cannot listen on port {port} of this machine: {error}"),
                "another --port, or none for one that is free",
            )
        };
        let wanted = port.unwrap_or(0);
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
            .await
            .map_err(|error| taken(wanted, &error))?;
        let port = first.local_addr()?.port();
        let mut listeners = vec![first];
        if host == Host::Name {
            // Browsers may take `localhost` for ::1, where somebody else must not be listening. Without IPv6 nobody is.
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(second) => listeners.push(second),
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(taken(port, &error)),
                Err(_) => {}
            }
        }
        Ok(Self {
            listeners,
            host,
            port,
            path: path.to_owned(),
        })
    }

    /// `http://127.0.0.1:8250`
    pub(crate) fn origin(&self) -> String {
        format!("http://{}:{}", self.host.as_str(), self.port)
    }

    /// The redirect URI.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// Answers the browser until it is dropped; who comes back with an answer is in the channel.
    pub(crate) fn serve(self) -> mpsc::Receiver<Visit> {
        let (visits, received) = mpsc::channel(4);
        for listener in self.listeners {
            let visits = visits.clone();
            let path = self.path.clone();
            let port = self.port;
            tokio::spawn(async move {
                loop {
                    // Ends with whoever listens: the next login may want the same port.
                    let accepted = tokio::select! {
                        accepted = listener.accept() => accepted,
                        () = visits.closed() => return,
                    };
                    match accepted {
                        Ok((stream, peer)) => {
                            tokio::spawn(connection(stream, peer, visits.clone(), path.clone(), port));
                        }
                        // Out of descriptors: others may give some back.
                        Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                    }
                }
            });
        }
        received
    }
}

/// One request on one connection, so that the command knows when the page has gone.
async fn connection(stream: TcpStream, peer: SocketAddr, visits: mpsc::Sender<Visit>, path: String, port: u16) {
    if !peer.ip().is_loopback() {
        return;
    }
    let (read, waiting) = oneshot::channel();
    let waiting = std::sync::Mutex::new(Some(waiting));
    let service = service_fn(|request: Request<Incoming>| {
        let waiting = waiting.lock().ok().and_then(|mut waiting| waiting.take());
        let (visits, path) = (visits.clone(), path.as_str());
        async move { Ok::<_, Infallible>(respond(&request, waiting, visits, path, port).await) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(REQUEST, connection).await;
    let _ = read.send(());
}

async fn respond(
    request: &Request<Incoming>,
    read: Option<oneshot::Receiver<()>>,
    visits: mpsc::Sender<Visit>,
    path: &str,
    port: u16,
) -> Response<Full<Bytes>> {
    let refused = |status: StatusCode, text: &str| {
        rendered(&Page {
            status,
            title: "Not here".to_owned(),
            text: text.to_owned(),
        })
    };
    if !is_for_us(request.headers(), port) {
        return refused(
            StatusCode::MISDIRECTED_REQUEST,
            "This address is for one login on this machine.",
        );
    }
    if request.uri().path() != path {
        return refused(StatusCode::NOT_FOUND, "Nothing else is here than the end of one login.");
    }
    if request.method() != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "A login comes back by GET.");
    }
    let query = request.uri().query().unwrap_or_default();
    let (Ok(answer), Some(read)) = (Parameters::parse(query.as_bytes()), read) else {
        return refused(StatusCode::BAD_REQUEST, "This is no answer of a provider.");
    };
    let (page, shown) = oneshot::channel();
    if visits.send(Visit { answer, page, read }).await.is_err() {
        return refused(StatusCode::GONE, "The login is over.");
    }
    match shown.await {
        Ok(page) => rendered(&page),
        Err(_) => refused(StatusCode::GONE, "The login is over."),
    }
}

/// A page elsewhere cannot reach this by a name of its own that leads to this machine.
fn is_for_us(headers: &HeaderMap, port: u16) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| {
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(&format!("{name}:{port}")))
    })
}

fn rendered(page: &Page) -> Response<Full<Bytes>> {
    let (title, text) = (escaped(&page.title), escaped(&page.text));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><h1>{title}</h1><p>{text}</p></html>\n"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = page.status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn get(target: &str, host: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")
    }

    #[tokio::test]
    async fn only_the_callback_of_this_machine_is_answered() {
        let loopback = Loopback::listen(Host::Address, None, "/callback").await.unwrap();
        let port = loopback.port;
        assert_eq!(loopback.redirect_uri(), format!("http://127.0.0.1:{port}/callback"));
        let mut visits = loopback.serve();
        let here = format!("127.0.0.1:{port}");
        for (request, status) in [
            (get("/callback?code=1&state=2", "evil.example"), "421"),
            (get("/callback?code=1&state=2", "127.0.0.1"), "421"),
            ("GET /callback?code=1 HTTP/1.0\r\n\r\n".to_owned(), "421"),
            (get("/favicon.ico", &here), "404"),
            (get("/callback/?code=1", &here), "404"),
            (get("/callback?code=1&code=2", &here), "400"),
            (
                format!("POST /callback HTTP/1.1\r\nHost: {here}\r\nContent-Length: 0\r\n\r\n"),
                "405",
            ),
        ] {
            let answer = ask(port, &request).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")) || answer.starts_with(&format!("HTTP/1.0 {status}")),
                "{request}\n{answer}"
            );
        }
        assert!(visits.try_recv().is_err(), "none of them is an answer");
    }

    #[tokio::test]
    async fn who_comes_back_gets_a_page_without_scripts_in_which_nothing_foreign_is_markup() {
        let loopback = Loopback::listen(Host::Name, None, "/oidc/callback").await.unwrap();
        let port = loopback.port;
        assert_eq!(
            loopback.redirect_uri(),
            format!("http://localhost:{port}/oidc/callback")
        );
        let mut visits = loopback.serve();
        let page = tokio::spawn(async move {
            ask(
                port,
                &get("/oidc/callback?code=c&state=s", &format!("localhost:{port}")),
            )
            .await
        });
        let visit = visits.recv().await.unwrap();
        assert_eq!(visit.answer.find("code"), Some("c"));
        visit
            .show(Page {
                status: StatusCode::OK,
                title: "<script>".to_owned(),
                text: "\"&".to_owned(),
            })
            .await;
        let page = page.await.unwrap();
        assert!(
            page.contains("<title>&lt;script&gt;</title>") && page.contains("<p>&quot;&amp;</p>"),
            "{page}"
        );
        assert!(
            page.contains("default-src 'none'") && page.contains("no-store"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named_with_what_to_do() {
        let first = Loopback::listen(Host::Address, None, "/callback").await.unwrap();
        let Err(Failure::Usage { text, remedy }) = Loopback::listen(Host::Address, Some(first.port), "/callback").await
        else {
            panic!("it is taken");
        };
        assert!(text.contains(&first.port.to_string()), "{text}");
        assert!(remedy.unwrap().contains("--port"));
    }
}
