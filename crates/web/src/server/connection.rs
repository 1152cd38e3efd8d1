//! One connection, from its first byte to its last.

use std::{convert::Infallible, pin::pin, sync::Arc, task::Poll, time::Duration};

use axum::Router;
use bytes::Bytes;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tower::{ServiceExt, util::Oneshot};

use super::{
    Front, Peer, Shutdown,
    patience::{Answer, Body, Patience, Watched},
};

/// An HTTP/2 peer that answers no ping for this long is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long a connection that is told to go may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves a connection until it ends, patience ends, or a stop was asked for and its open requests are answered.
pub(super) async fn converse<S>(stream: S, peer: Peer, front: Front, patience: Arc<Patience>, shutdown: &Shutdown)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(Watched {
        stream,
        patience: Arc::clone(&patience),
    });
    let requests = Arc::clone(&patience);
    let service = service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
        let under_way = requests.begin(request.version());
        let answer = if let Some(answer) = front.prepared(peer, &request) {
            Asked::Prepared(answer)
        } else {
            request.extensions_mut().insert(peer);
            if let Some(certificate) = &front.certificate {
                request.extensions_mut().insert(certificate.clone());
            }
            Asked::Routed(front.router.clone().oneshot(request.map(axum::body::Body::new)))
        };
        async move {
            let answer = match answer {
                Asked::Prepared(answer) => answer.map(Body::Prepared),
                Asked::Routed(answer) => answer.await?.map(Body::Routed),
            };
            Ok::<_, Infallible>(answer.map(|body| Answer { body, under_way }))
        }
    });
    let builder = builder();
    let mut connection = pin!(builder.serve_connection(stream, service));
    let mut stop = pin!(shutdown.requested());
    let mut is_stopping = false;
    let mut alarm = pin!(sleep_until(patience.deadline()));
    let is_over = std::future::poll_fn(|cx| {
        if !is_stopping && stop.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(true);
        }
        loop {
            let deadline = patience.deadline();
            if deadline < alarm.deadline() {
                alarm.as_mut().reset(deadline);
            }
            std::task::ready!(alarm.as_mut().poll(cx));
            if deadline <= Instant::now() {
                return Poll::Ready(false);
            }
            alarm.as_mut().reset(deadline);
        }
    })
    .await;
    if !is_over {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(FAREWELL, connection).await;
    }
}

enum Asked {
    Prepared(http::Response<Bytes>),
    Routed(Oneshot<Router, http::Request<axum::body::Body>>),
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // It would also end idle connections, sooner than the proxies that reuse them expect.
        .header_read_timeout(None)
        .max_buf_size(64 * 1024)
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_EVERY)
        .max_concurrent_streams(100)
        .max_header_list_size(64 * 1024);
    builder
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::{super::patience::Limits, *};

    const SHORT: Limits = Limits {
        head: Duration::from_millis(200),
        idle: Duration::from_millis(600),
    };
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    /// Preface, empty SETTINGS, and a HEADERS frame with :method GET, :scheme http, :path /, :authority x.
    const REQUEST2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\
        \x00\x00\x06\x01\x05\x00\x00\x00\x01\x82\x86\x84\x41\x01x";

    /// An answer that never has a byte and never ends.
    fn silence() -> axum::body::Body {
        struct Silence;
        impl hyper::body::Body for Silence {
            type Data = bytes::Bytes;
            type Error = Infallible;
            fn poll_frame(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Infallible>>> {
                Poll::Pending
            }
        }
        axum::body::Body::new(Silence)
    }

    fn open() -> DuplexStream {
        open_for(Shutdown::default())
    }

    fn open_for(shutdown: Shutdown) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(256);
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/long", get(async || "x".repeat(100_000)))
            .route("/silence", get(async || silence()));
        let peer = Peer::Tcp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        tokio::spawn(async move { converse(theirs, peer, router.into(), Patience::new(SHORT), &shutdown).await });
        ours
    }

    /// How long the server kept the connection, which is read meanwhile.
    async fn kept(client: &mut DuplexStream) -> Duration {
        let began = Instant::now();
        let all = timeout(Duration::from_secs(10), client.read_to_end(&mut Vec::new())).await;
        all.expect("the server never let go").unwrap();
        began.elapsed()
    }

    async fn hello(client: &mut DuplexStream) {
        client.write_all(REQUEST).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0, "the connection ended");
        }
    }

    #[tokio::test]
    async fn whoever_sends_no_request_is_cut_off_before_the_protocol_is_known() {
        for begun in [&b""[..], b"PRI * HT", b"G", b"GET / HTTP/1.1\r\nHos"] {
            let mut client = open();
            client.write_all(begun).await.unwrap();
            let kept = kept(&mut client).await;
            assert!(
                kept >= SHORT.head && kept < Duration::from_secs(5),
                "{begun:?}: {kept:?}"
            );
        }
    }

    #[tokio::test]
    async fn bytes_one_by_one_buy_no_time() {
        let mut client = open();
        let began = Instant::now();
        while client.write_all(b"G").await.is_ok() {
            assert!(began.elapsed() < Duration::from_secs(5));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn a_connection_may_rest_between_requests_but_not_for_ever() {
        let mut client = open();
        hello(&mut client).await;
        tokio::time::sleep(SHORT.head + Duration::from_millis(100)).await;
        hello(&mut client).await;
        let kept = kept(&mut client).await;
        assert!(kept >= SHORT.head && kept < Duration::from_secs(5), "{kept:?}");
    }

    #[tokio::test]
    async fn a_later_head_has_the_time_of_a_first_one() {
        let mut client = open();
        hello(&mut client).await;
        client.write_all(b"GET / HT").await.unwrap();
        let kept = kept(&mut client).await;
        assert!(kept < SHORT.idle, "{kept:?}");
    }

    #[tokio::test]
    async fn an_idle_connection_of_http_2_ends() {
        for frames in [&REQUEST2[..33], REQUEST2] {
            let mut client = open();
            client.write_all(frames).await.unwrap();
            let kept = kept(&mut client).await;
            assert!(kept >= SHORT.head, "{kept:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_is_given_up() {
        let mut client = open();
        client
            .write_all(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        // Longer than idle time and farewell together.
        tokio::time::sleep(SHORT.idle + FAREWELL + Duration::from_millis(500)).await;
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert!(answer.len() < 1000, "{} bytes", answer.len());
    }

    #[tokio::test]
    async fn a_slow_reader_gets_its_whole_answer() {
        let mut client = open();
        client
            .write_all(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let (mut answer, began) = (0, Instant::now());
        let mut part = [0; 4000];
        while answer < 100_000 {
            let read = client.read(&mut part).await.unwrap();
            assert_ne!(read, 0, "cut off after {answer} bytes");
            answer += read;
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        assert!(began.elapsed() > SHORT.idle, "this shows nothing");
    }

    #[tokio::test]
    async fn a_stop_ends_a_silent_connection_at_once() {
        let shutdown = Shutdown::default();
        let mut client = open_for(shutdown.clone());
        hello(&mut client).await;
        shutdown.stop();
        assert!(kept(&mut client).await < SHORT.idle);
    }

    #[tokio::test]
    async fn an_answer_without_a_sign_of_life_ends() {
        let mut client = open();
        client
            .write_all(b"GET /silence HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        assert!(kept(&mut client).await >= SHORT.idle);
    }
}
