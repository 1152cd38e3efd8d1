//! Discovery, OAuth metadata and the published keys: public documents, made once per change, cheap to ask again.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
};
use doorward_apps::{AliasAddress, RegistrationMode, Snapshot};
use doorward_provider::{
    KeyRing,
    alias::{self, Below},
    metadata::{Document, of_alias, of_app, of_app_at_alias, of_server},
    path,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    Door, answer,
    failure::{Answer, Failure},
    pages::Lang,
};

/// Applications refetch on an unknown key id; a key is published a day before it signs, so minutes are safe.
const MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The server's own documents, as of one snapshot and one key ring.
#[derive(Default)]
pub struct Documents(ArcSwapOption<Made>);

/// What was made, and of what.
pub(super) struct Made {
    snapshot: Arc<Snapshot>,
    keys: Arc<KeyRing>,
    pub(super) discovery: Ready,
    pub(super) jwks: Ready,
    /// Of the aliases that are one issuer for all applications there.
    at_aliases: Vec<(AliasAddress, Ready)>,
}

impl Made {
    /// The documents of the alias at one of these hosts that has this path: discovery, or the keys.
    pub(super) fn at_alias(&self, hosts: &[&str], asked: &str) -> Option<&Ready> {
        let is_here = |address: &AliasAddress| hosts.iter().any(|host| address.is_at(host));
        let mut here = self.at_aliases.iter().filter(|(address, _)| is_here(address));
        here.find_map(|(address, discovery)| match alias::below(address, asked)? {
            Below::Endpoint(path::DISCOVERY) => Some(discovery),
            Below::Endpoint(path::JWKS) => Some(&self.jwks),
            _ => None,
        })
    }
}

impl Documents {
    /// The documents as they are, unless something changed since they were made.
    pub(super) fn current(&self, door: &Door) -> Option<Arc<Made>> {
        let made = self.0.load();
        let made = made.as_ref()?;
        let is_current = door.snapshots.is_current(&made.snapshot) && door.keys.is_current(&made.keys);
        is_current.then(|| Arc::clone(made))
    }
}

/// A document with its headers.
pub(super) struct Ready {
    body: Bytes,
    headers: HeaderMap,
}

impl Ready {
    fn new(door: &Door, json: &str, etag: &str) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, MAX_AGE);
        headers.insert(
            header::ETAG,
            HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\"")),
        );
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        answer::add_everywhere(&mut headers, door);
        Self {
            body: Bytes::copy_from_slice(json.as_bytes()),
            headers,
        }
    }

    /// The document, or that it is the one that the client has.
    pub(super) fn respond(&self, request: &HeaderMap) -> http::Response<Bytes> {
        let is_known = request
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| Some(known) == self.headers.get(header::ETAG));
        let mut response = http::Response::default();
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            *response.body_mut() = self.body.clone();
        }
        *response.headers_mut() = self.headers.clone();
        response
    }
}

fn languages() -> Vec<&'static str> {
    Lang::ALL.iter().map(|lang| lang.tag()).collect()
}

async fn made(door: &Door) -> Result<Arc<Made>, Failure> {
    if let Some(made) = door.documents.current(door) {
        return Ok(made);
    }
    let snapshot = door.snapshots.current().await?;
    let keys = door.keys.current().await?;
    let apps = snapshot.list().into_iter().map(|app| &**app);
    let mut metadata = of_server(&door.server, &keys, apps, &languages());
    // Clients that register themselves see the server's own issuer, so only its document says where.
    if snapshot.client_registration().mode != RegistrationMode::Off {
        metadata.registration_endpoint = Some(door.server.url(path::REGISTRATION));
    }
    let at_aliases = snapshot.aliases().iter().filter_map(|address| {
        let apps = snapshot.at_alias(address).into_iter().map(|app| &**app);
        let metadata = of_alias(&door.server, &keys, address, apps, &languages())?;
        let document = Document::new(&metadata);
        Some((address.clone(), Ready::new(door, &document.json, &document.etag)))
    });
    let at_aliases = at_aliases.collect();
    let discovery = Document::new(&metadata);
    let made = Arc::new(Made {
        discovery: Ready::new(door, &discovery.json, &discovery.etag),
        jwks: Ready::new(door, keys.jwks_json(), keys.jwks_etag()),
        at_aliases,
        snapshot,
        keys,
    });
    door.documents.0.store(Some(Arc::clone(&made)));
    Ok(made)
}

/// `/.well-known/openid-configuration` and RFC 8414 metadata of the server.
pub(crate) async fn of_the_server(State(door): State<Arc<Door>>, request: HeaderMap) -> Answer {
    Ok(made(&door).await?.discovery.respond(&request).map(Body::from))
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
        return Ok(answer::json(StatusCode::NOT_FOUND, &body));
    };
    let document = Document::new(&metadata);
    Ok(Ready::new(&door, &document.json, &document.etag)
        .respond(&request)
        .map(Body::from))
}

/// The same of an alias that is one issuer for all applications there.
pub(super) async fn of_an_alias(door: &Door, address: &AliasAddress, request: &HeaderMap) -> Answer {
    let made = made(door).await?;
    let found = made.at_aliases.iter().find(|(known, _)| known == address);
    let (_, document) = found.ok_or("an alias that is in the snapshot has no document")?;
    Ok(document.respond(request).map(Body::from))
}

/// The same of an application that has an issuer of its own at an alias.
pub(super) async fn of_an_app_at_alias(door: &Door, client_id: &str, request: &HeaderMap) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let keys = door.keys.current().await?;
    let metadata = snapshot
        .find(client_id)
        .and_then(|app| of_app_at_alias(&door.server, &keys, app, &languages()))
        .ok_or("an application at an alias has no document")?;
    let document = Document::new(&metadata);
    Ok(Ready::new(door, &document.json, &document.etag)
        .respond(request)
        .map(Body::from))
}

/// The published keys.
pub(crate) async fn jwks(State(door): State<Arc<Door>>, request: HeaderMap) -> Answer {
    Ok(made(&door).await?.jwks.respond(&request).map(Body::from))
}
