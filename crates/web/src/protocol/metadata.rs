//! Discovery, OAuth metadata and the published keys: public documents, made once per change, cheap to ask again.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use doorward_apps::Snapshot;
use doorward_provider::{
    KeyRing,
    metadata::{Document, of_app, of_server},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    Door,
    failure::{Answer, Failure},
    pages::Lang,
};

/// Applications refetch on an unknown key id; a key is published a day before it signs, so minutes are safe.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The server's own documents, as of one snapshot and one key ring.
#[derive(Default)]
pub struct Documents(ArcSwapOption<Made>);

struct Made {
    snapshot: Arc<Snapshot>,
    keys: Arc<KeyRing>,
    discovery: Ready,
    jwks: Ready,
}

/// A document with its headers.
#[derive(Clone)]
struct Ready {
    body: Bytes,
    etag: HeaderValue,
}

impl Ready {
    fn new(json: &str, etag: &str) -> Self {
        Self {
            body: Bytes::copy_from_slice(json.as_bytes()),
            etag: HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }

    fn respond(&self, request: &HeaderMap) -> Response {
        let is_known = request
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known == self.etag);
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(self.body.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, MAX_AGE);
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}

fn languages() -> Vec<&'static str> {
    Lang::ALL.iter().map(|lang| lang.tag()).collect()
}

async fn made(door: &Door) -> Result<Arc<Made>, Failure> {
    let snapshot = door.snapshots.current().await?;
    let keys = door.keys.current().await?;
    if let Some(made) = &*door.documents.0.load()
        && Arc::ptr_eq(&made.snapshot, &snapshot)
        && Arc::ptr_eq(&made.keys, &keys)
    {
        return Ok(Arc::clone(made));
    }
    let apps = snapshot.list().into_iter().map(|app| &**app);
    let discovery = Document::new(&of_server(&door.server, &keys, apps, &languages()));
    let made = Arc::new(Made {
        discovery: Ready::new(&discovery.json, &discovery.etag),
        jwks: Ready::new(keys.jwks_json(), keys.jwks_etag()),
        snapshot,
        keys,
    });
    door.documents.0.store(Some(Arc::clone(&made)));
    Ok(made)
}

/// `/.well-known/openid-configuration` and RFC 8414 metadata of the server.
pub(crate) async fn of_the_server(State(door): State<Arc<Door>>, request: HeaderMap) -> Answer {
    Ok(made(&door).await?.discovery.respond(&request))
}

/// The same of an application that is an issuer of its own.
pub(crate) async fn of_an_app(
    State(door): State<Arc<Door>>,
    Path(client_id): Path<String>,
    request: HeaderMap,
) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let keys = door.keys.current().await?;
    let metadata = snapshot
        .find(&client_id)
        .and_then(|app| of_app(&door.server, &keys, app, &languages()));
    let Some(metadata) = metadata else {
        let body = serde_json::json!({
            "error": "not_found",
            "error_description": format!(
                "There is no issuer at /apps/{client_id}. If the application exists, use {} or give it an issuer of its \
                 own: doorward app edit {client_id} --issuer own",
                door.server.public_url()
            ),
        });
        return Ok(crate::answer::json(StatusCode::NOT_FOUND, &body));
    };
    let document = Document::new(&metadata);
    Ok(Ready::new(&document.json, &document.etag).respond(&request))
}

/// The published keys.
pub(crate) async fn jwks(State(door): State<Arc<Door>>, request: HeaderMap) -> Answer {
    Ok(made(&door).await?.jwks.respond(&request))
}
