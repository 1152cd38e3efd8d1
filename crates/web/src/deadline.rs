//! A request's body comes within a time, or the request is over.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// From the end of the head to the end of the body. The largest body is a second's work of a poor line.
pub(crate) const BODY: Duration = Duration::from_secs(15);

/// What takes whole documents of other providers or all files of the state, and reads them for those alone who may do or see all of
/// that.
const BULKY: &[&str] = &[
    "/api/v1/imports",
    "/admin/import",
    "/admin/settings/files/plan-all",
    "/admin/settings/files/apply",
    "/api/v1/state/export",
    "/api/v1/state/plan",
    "/api/v1/state/apply",
];
/// How long such a body may take.
const BULK: Duration = Duration::from_mins(5);

/// Answers 408 when the body does not come in time. The time of the answer is not limited: some have no end.
pub(crate) async fn bodies(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let is_late = Arc::new(AtomicBool::new(false));
    let limit = if BULKY.contains(&request.uri().path()) {
        limit.max(BULK)
    } else {
        limit
    };
    let request = request.map(|body| {
        Body::new(Timed {
            body,
            end: Box::pin(sleep(limit)),
            is_late: Arc::clone(&is_late),
        })
    });
    let response = next.run(request).await;
    if !is_late.load(Ordering::Relaxed) {
        return response;
    }
    let text = format!("expected the request's body within {} s\n", limit.as_secs());
    let mut response = (StatusCode::REQUEST_TIMEOUT, text).into_response();
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

struct Timed {
    body: Body,
    end: Pin<Box<Sleep>>,
    is_late: Arc<AtomicBool>,
}

impl hyper::body::Body for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // First, so that a byte now and then buys no time.
        if self.end.as_mut().poll(cx).is_ready() {
            self.is_late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("the body is late"))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{Router, middleware, routing::post};
    use tower::ServiceExt;

    use super::*;

    /// A body that never ends: silent, or with a byte now and then.
    struct Endless(Option<Pin<Box<Sleep>>>);

    const PAUSE: Duration = Duration::from_millis(10);

    impl hyper::body::Body for Endless {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(pause) = &mut self.0 else { return Poll::Pending };
            std::task::ready!(pause.as_mut().poll(cx));
            *pause = Box::pin(sleep(PAUSE));
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    async fn send(body: Body) -> Response {
        let router = Router::new()
            .route("/", post(async |body: Bytes| body))
            .layer(middleware::from_fn_with_state(Duration::from_millis(200), bodies));
        let request = http::Request::post("/").body(body).unwrap();
        tokio::time::timeout(Duration::from_secs(5), router.oneshot(request))
            .await
            .expect("waits for ever")
            .unwrap()
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_ends_the_request() {
        for body in [Endless(None), Endless(Some(Box::pin(sleep(PAUSE))))] {
            let response = send(Body::new(body)).await;
            assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
            assert_eq!(response.headers()[header::CONNECTION], "close");
        }
    }

    #[tokio::test]
    async fn a_body_in_time_passes() {
        assert_eq!(send(Body::from("hello")).await.status(), StatusCode::OK);
        assert_eq!(send(Body::empty()).await.status(), StatusCode::OK);
    }
}
