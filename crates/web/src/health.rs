//! `/status` for people and clocks, `/healthz` for proxies, `/metrics` for Prometheus.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_store::{StoreError, settings};
use http::{StatusCode, header};

use crate::{
    Door, answer,
    pages::{self, Check, Status},
    visit::Visit,
};

/// Whether the database answers and there are keys to sign with.
async fn look(door: &Door) -> [(&'static str, bool); 2] {
    let database = door
        .store
        .read::<_, StoreError>(|tx| settings::get(tx, "issuer"))
        .await
        .is_ok();
    let keys = door
        .keys
        .current()
        .await
        .is_ok_and(|ring| !ring.algorithms().is_empty());
    [("database", database), ("signing_keys", keys)]
}

/// GET `/status`: a page for people, JSON for programs. Its `Date` header and body tell this server's clock, which is
/// what a login that fails with `iat` has to be compared with.
pub(crate) async fn status(State(door): State<Arc<Door>>, visit: Visit) -> Response {
    let found = look(&door).await;
    let works = found.iter().all(|(_, ok)| *ok);
    let status = if works {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let accepts = visit
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !accepts.contains("text/html") {
        let checks: serde_json::Map<_, _> = found
            .iter()
            .map(|(name, ok)| ((*name).to_owned(), (*ok).into()))
            .collect();
        return answer::json(
            status,
            &serde_json::json!({ "ok": works, "now": visit.now, "checks": checks }),
        );
    }
    let checks: Vec<Check<'_>> = found
        .iter()
        .map(|(name, ok)| Check {
            name,
            ok: *ok,
            detail: "",
        })
        .collect();
    let view = Status {
        checks: &checks,
        now: visit.now,
        version: "",
    };
    answer::page(status, pages::status(&view, &visit.chrome(&door, None)), &[])
}

/// GET `/healthz`: 200 when this node can serve, 503 when not.
pub(crate) async fn healthz(State(door): State<Arc<Door>>) -> Response {
    if look(&door).await.iter().all(|(_, ok)| *ok) {
        (StatusCode::OK, "ok\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// GET `/metrics`. Names routes, codes and counts; no person and no secret.
pub(crate) async fn metrics(State(door): State<Arc<Door>>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        door.metrics.render(),
    )
        .into_response()
}
