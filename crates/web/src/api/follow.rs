//! Answers without an end: JSON lines as things happen.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use doorward_store::StoreError;
use http::{HeaderValue, header};
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;

use super::{
    error::{ApiError, ApiResult},
    state::ApiState,
};

/// How often the follower looks.
const LOOK: Duration = Duration::from_millis(300);
/// Looks after which an empty line shows both ends that the connection is alive.
const LOOKS_PER_BEAT: u32 = 30;

/// Something that gives what is new since it was last asked.
pub(super) trait Follower: Send + 'static {
    /// What a line holds.
    type Line: Serialize + Send;

    /// What is new.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Self::Line>, StoreError>> + Send;
}

/// Answers with JSON lines until the client leaves or the server stops.
pub(super) fn answer(state: &ApiState, mut follower: impl Follower) -> ApiResult<Response> {
    let Some(permit) = state.follower() else {
        return Err(ApiError::busy("too many clients follow already", 10));
    };
    let shutdown = state.shutdown.clone();
    let (lines, body) = mpsc::channel(16);
    tokio::spawn(async move {
        let _permit = permit;
        tokio::select! {
            () = shutdown.requested() => {}
            () = pump(&mut follower, &lines) => {}
        }
    });
    let mut response = Body::new(Lines(body)).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

async fn pump(follower: &mut impl Follower, lines: &mpsc::Sender<Bytes>) {
    let mut quiet = 0;
    loop {
        match follower.next().await {
            Ok(new) if new.is_empty() => quiet += 1,
            Ok(new) => {
                quiet = 0;
                if lines.send(text(&new)).await.is_err() {
                    return;
                }
            }
            // Nothing is lost by it: the next look gives it.
            Err(error) => tracing::warn!(%error, "a follower could not look for what is new"),
        }
        if quiet >= LOOKS_PER_BEAT {
            quiet = 0;
            if lines.send(Bytes::from_static(b"\n")).await.is_err() {
                return;
            }
        }
        tokio::select! {
            () = lines.closed() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn text<T: Serialize>(new: &[T]) -> Bytes {
    let mut text = Vec::new();
    for line in new {
        // Plain data with text keys: it always has a JSON form.
        if serde_json::to_writer(&mut text, line).is_ok() {
            text.push(b'\n');
        }
    }
    text.into()
}

/// A body of lines as they come.
pub(crate) struct Lines(mpsc::Receiver<Bytes>);

impl Lines {
    /// What this channel brings.
    pub(crate) fn new(lines: mpsc::Receiver<Bytes>) -> Self {
        Self(lines)
    }
}

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(cx)
            .map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}
