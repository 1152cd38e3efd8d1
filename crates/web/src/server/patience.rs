//! How long a connection may keep us waiting, whatever protocol it turns out to speak.
//!
//! hyper's own clock starts once it knows the protocol and one kind of waiting looks to it like another, so this one is
//! read by the task that owns the connection.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// How long is too long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For the TLS handshake and the first request head together, and for each later head from its first byte on.
    pub(super) head: Duration,
    /// Between two requests, and for an answer of which nothing could be handed over.
    ///
    /// One value for both, so that the end of an answer never brings the deadline nearer: over HTTP/2 it happens in a
    /// task that does not wake the connection's.
    pub(super) idle: Duration,
}

impl Limits {
    /// What the server grants. Reverse proxies reuse connections for 60 s; they, not we, should be the first to close.
    pub(super) const SERVER: Self = Self {
        head: Duration::from_secs(15),
        idle: Duration::from_secs(75),
    };
}

/// What a connection is waited for, and since when.
#[derive(Debug)]
pub(super) struct Patience {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    since: Instant,
    waiting: Waiting,
    /// HTTP/2, where bytes between requests need not be a request's.
    is_multiplexed: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Waiting {
    Head,
    Idle,
    Answers(usize),
}

impl Patience {
    /// Begins to wait for the first request head.
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            state: Mutex::new(State {
                since: Instant::now(),
                waiting: Waiting::Head,
                is_multiplexed: false,
            }),
        })
    }

    /// When it ends, as things are now.
    pub(super) fn deadline(&self) -> Instant {
        let state = self.state();
        match state.waiting {
            Waiting::Head => state.since + self.limits.head,
            Waiting::Idle | Waiting::Answers(_) => state.since + self.limits.idle,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn received(&self) {
        let mut state = self.state();
        if state.waiting == Waiting::Idle && !state.is_multiplexed {
            state.waiting = Waiting::Head;
            state.since = Instant::now();
        }
    }

    fn sent(&self) {
        let mut state = self.state();
        // Over HTTP/2 it may be a ping, which says nothing of the answers.
        if matches!(state.waiting, Waiting::Answers(_)) && !state.is_multiplexed {
            state.since = Instant::now();
        }
    }

    /// A request head is complete; the answer is under way while the value lives.
    pub(super) fn begin(self: &Arc<Self>, version: http::Version) -> UnderWay {
        let mut state = self.state();
        state.is_multiplexed = version == http::Version::HTTP_2;
        state.since = Instant::now();
        state.waiting = match state.waiting {
            Waiting::Answers(others) => Waiting::Answers(others.saturating_add(1)),
            Waiting::Head | Waiting::Idle => Waiting::Answers(1),
        };
        UnderWay(Arc::clone(self))
    }
}

/// An answer that is not finished.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Patience>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.since = Instant::now();
        state.waiting = match state.waiting {
            Waiting::Answers(answers) if answers > 1 => Waiting::Answers(answers - 1),
            _ => Waiting::Idle,
        };
    }
}

/// An answer's body, which counts as under way until it is gone.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) under_way: UnderWay,
}

/// What is sent.
pub(super) enum Body {
    /// Bytes that were there already; empty once they are handed over.
    Prepared(Bytes),
    /// What the router answered with.
    Routed(axum::body::Body),
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = match &mut self.body {
            Body::Prepared(bytes) if bytes.is_empty() => None,
            Body::Prepared(bytes) => Some(Ok(Frame::data(std::mem::take(bytes)))),
            Body::Routed(body) => std::task::ready!(Pin::new(body).poll_frame(cx)),
        };
        self.under_way.0.state().since = Instant::now();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Body::Prepared(bytes) => bytes.is_empty(),
            Body::Routed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Body::Prepared(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::Routed(body) => body.size_hint(),
        }
    }
}

/// A stream that tells the patience what moves.
pub(super) struct Watched<S> {
    pub(super) stream: S,
    pub(super) patience: Arc<Patience>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.patience.received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> Watched<S> {
    fn note(&self, written: Poll<std::io::Result<usize>>) -> Poll<std::io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.patience.sent();
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
