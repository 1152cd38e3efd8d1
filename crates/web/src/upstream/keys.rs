//! The public key with which this server proves itself at an upstream (RFC 7523 §2.2): for providers that take the address of a
//! key set, so that a new key needs nothing there.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;

use crate::{Door, answer, failure::Answer};

/// Where an upstream finds it.
pub(crate) const PATH: &str = "/upstream/{name}/jwks";

/// GET: a key set (RFC 7517 §5), empty where this server proves itself otherwise.
pub(crate) async fn show(State(door): State<Arc<Door>>, Path(name): Path<String>) -> Answer {
    let snapshot = door.upstreams.snapshot().await?;
    let Some(upstream) = snapshot.find(&name) else {
        let detail = serde_json::json!({ "error": "not_found" });
        return Ok(answer::json(StatusCode::NOT_FOUND, &detail));
    };
    let keys = door.upstreams.client_keys(upstream)?;
    Ok(answer::json(StatusCode::OK, &serde_json::to_value(keys)?))
}
