//! Requests at the issuer of an earlier provider: the ones that browsers bring are sent on to the public URL, where the session is;
//! those of applications are answered by the endpoint that they mean.
//!
//! Reached when no route of ours has the address, so that everything else costs what it cost before.

use std::sync::Arc;

use axum::{
    Router,
    body::{self, Body},
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use data_encoding::BASE64;
use doorward_apps::{AliasAddress, App, Snapshot};
use doorward_audit::TraceOutcome;
use doorward_jose::Algorithm;
use doorward_oidc::{Parameters, Refusal, encode};
use doorward_provider::{
    alias::{self, Below, ISSUER_OF_ANOTHER},
    path,
};
use http::{HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery};
use serde_json::json;
use tower::ServiceExt as _;

use super::metadata;
use crate::{
    Door,
    answer::{self, see_other},
    failure::{Answer, Failure},
    login::refused_page,
    router::MAX_BODY,
    server::Peer,
    session,
    trail::Trail,
    visit::Visit,
};

/// What a request asked, for the endpoint that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedIssuer {
    /// The alias.
    address: AliasAddress,
    /// The application whose issuer it is, where each has its own and the address names it.
    client_id: Option<String>,
}

impl AskedIssuer {
    /// Whether this is the issuer of `app`.
    pub(crate) fn is_of(&self, app: &App) -> bool {
        alias::of(app) == Some(&self.address) && self.client_id.as_ref().is_none_or(|named| *named == app.client_id)
    }

    /// The issuer that tokens of the application with this client id name here.
    pub(crate) fn issuer(&self, client_id: &str) -> String {
        let named = self.client_id.as_deref().unwrap_or(client_id);
        self.address.issuer(named).into_owned()
    }

    /// What an application of another issuer has done.
    pub(crate) fn detail(&self, app: &App) -> String {
        let asked = self.issuer(&app.client_id);
        format!("{} was sent to {asked} and has another issuer", app.client_id)
    }

    /// Why an application of another issuer is not served.
    fn refusal(&self, app: &App) -> Refusal {
        Refusal::page(&ISSUER_OF_ANOTHER, self.detail(app))
            .with_remedy(format!("doorward app edit {} --issuer {}", app.client_id, self.address))
    }
}

/// The route under which an answer is counted, where the router has not found one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CountedAs(pub(crate) &'static str);

/// The answer, or the request back when it is at no alias. `endpoints` are those that applications call.
pub(crate) async fn answer(door: &Arc<Door>, endpoints: Router, request: Request) -> Result<Answer, Request> {
    if !alias::may_be_below(request.uri().path()) {
        return Err(request);
    }
    let snapshot = match door.snapshots.current().await {
        Ok(snapshot) => snapshot,
        Err(error) => return Ok(Err(error.into())),
    };
    let asked = request.uri().path().to_owned();
    let Some((address, below)) = find(door, &snapshot, &request, &asked) else {
        return Err(request);
    };
    let answer = at(door, &snapshot, (address, below), endpoints, request).await;
    Ok(answer.map(|mut response| {
        response.extensions_mut().insert(CountedAs(counted(below)));
        response
    }))
}

fn counted(below: Below<'_>) -> &'static str {
    match below {
        Below::Endpoint(path) | Below::EndpointOf(path, _) => path,
        Below::Realm(_) => "/realms/{realm}",
        Below::Account | Below::Registration => "other",
    }
}

/// The alias whose host and path these are, and what is there.
fn find<'a>(
    door: &Door,
    snapshot: &'a Snapshot,
    request: &Request,
    asked: &'a str,
) -> Option<(&'a AliasAddress, Below<'a>)> {
    let peer = request.extensions().get::<Peer>().copied();
    let hosts = door.proxies.hosts(peer, request.uri(), request.headers());
    let hosts: Vec<&str> = hosts.collect();
    let is_here = |address: &&AliasAddress| hosts.iter().any(|host| address.is_at(host));
    let mut aliases = snapshot.aliases().iter().filter(is_here);
    aliases.find_map(|address| Some((address, alias::below(address, asked)?)))
}

async fn at(
    door: &Arc<Door>,
    snapshot: &Snapshot,
    (address, below): (&AliasAddress, Below<'_>),
    endpoints: Router,
    request: Request,
) -> Answer {
    let (endpoint, client_id) = match below {
        Below::Endpoint(endpoint) => (endpoint, None),
        Below::EndpointOf(endpoint, client_id) => (endpoint, Some(client_id.to_owned())),
        Below::Realm(realm) => return realm_document(door, address, realm).await,
        Below::Account => return Ok(see_other(&door.server.url("/"))),
        Below::Registration => return Ok(registration(door)),
    };
    let asked = AskedIssuer {
        address: address.clone(),
        client_id,
    };
    if let Some(client_id) = &asked.client_id
        && !snapshot.find(client_id).is_some_and(|app| asked.is_of(app))
    {
        return Ok(nobody(&asked.issuer(client_id)));
    }
    match endpoint {
        path::DISCOVERY | path::OAUTH_METADATA => match &asked.client_id {
            Some(client_id) => metadata::of_an_app_at_alias(door, client_id, request.headers()).await,
            None => metadata::of_an_alias(door, address, request.headers()).await,
        },
        path::AUTHORIZE => authorize(door, snapshot, &asked, request).await,
        path::LOGOUT => logout(door, asked, endpoints, request).await,
        path::DEVICE => Ok(onward(door, path::DEVICE, request.uri().query().unwrap_or_default())),
        endpoint => forward(endpoints, asked, endpoint, request).await,
    }
}

/// To the public URL, with all that the request said.
fn onward(door: &Door, path: &str, query: &str) -> Response {
    let address = door.server.url(path);
    see_other(&if query.is_empty() {
        address
    } else {
        format!("{address}?{query}")
    })
}

/// The form of a POST.
async fn form(request: Request) -> Result<Option<Parameters>, Failure> {
    let body = body::to_bytes(request.into_body(), MAX_BODY).await?;
    Ok(Parameters::parse(&body).ok())
}

/// The session is a cookie of the public URL's host. What is sent on there is the request as it came, and the answer names the
/// issuer that the application has.
async fn authorize(door: &Arc<Door>, snapshot: &Snapshot, asked: &AskedIssuer, request: Request) -> Answer {
    let (mut parts, body) = request.into_parts();
    let visit = match Visit::from_request_parts(&mut parts, door).await {
        Ok(visit) => visit,
        Err(never) => match never {},
    };
    let (query, parameters) = if parts.method == Method::POST {
        let parameters = form(Request::new(body)).await?;
        let query = parameters.as_ref().map(|sent| encode(sent.iter())).unwrap_or_default();
        (query, parameters)
    } else {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let parameters = Parameters::parse(query.as_bytes()).ok();
        (query, parameters)
    };
    let app = parameters
        .as_ref()
        .and_then(|sent| sent.find("client_id"))
        .and_then(|client_id| snapshot.find(client_id));
    if let Some(app) = app.filter(|app| !asked.is_of(app)) {
        let refusal = asked.refusal(app);
        let mut trail = Trail::begin(door, &visit, "authorize");
        trail.app(&app.client_id);
        trail.refused("authorize.issuer", &refusal);
        let reference = trail.reference;
        trail.close(door, &visit, TraceOutcome::Refused);
        let who = session::current(door, &visit).await?;
        return Ok(refused_page(
            door,
            &visit,
            &refusal,
            Some(app),
            reference,
            who.as_ref(),
            None,
        ));
    }
    Ok(onward(door, path::AUTHORIZE, &query))
}

/// Browsers go to the public URL. Keycloak's adapters post a refresh token with their client's credentials instead: what they
/// mean is that it ends.
async fn logout(door: &Door, asked: AskedIssuer, endpoints: Router, request: Request) -> Answer {
    if request.method() != Method::POST {
        return Ok(onward(door, path::LOGOUT, request.uri().query().unwrap_or_default()));
    }
    let (parts, body) = request.into_parts();
    let Some(sent) = form(Request::new(body)).await? else {
        return Ok(onward(door, path::LOGOUT, ""));
    };
    if sent.find("refresh_token").is_none() {
        return Ok(onward(door, path::LOGOUT, &encode(sent.iter())));
    }
    let form = sent.iter().map(|(name, value)| match name {
        "refresh_token" => ("token", value),
        name => (name, value),
    });
    let mut request = Request::from_parts(parts, Body::from(encode(form)));
    request.headers_mut().remove(header::CONTENT_LENGTH);
    let mut response = forward(endpoints, asked, path::REVOKE, request).await?;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    Ok(response)
}

/// The endpoint answers, and knows which issuer was asked.
async fn forward(endpoints: Router, asked: AskedIssuer, endpoint: &'static str, mut request: Request) -> Answer {
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(match request.uri().query() {
        Some(query) => PathAndQuery::try_from(format!("{endpoint}?{query}"))?,
        None => PathAndQuery::from_static(endpoint),
    });
    *request.uri_mut() = Uri::from_parts(parts)?;
    request.extensions_mut().insert(asked);
    match endpoints.oneshot(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// What Keycloak says of a realm: some applications take the key from there.
async fn realm_document(door: &Door, address: &AliasAddress, realm: &str) -> Answer {
    let keys = door.keys.current().await?;
    let key = keys.active(Algorithm::RS256)?.public_der().unwrap_or_default();
    let mut response = answer::json(
        StatusCode::OK,
        &json!({
            "realm": realm,
            "public_key": BASE64.encode(&key),
            "token-service": format!("{address}/protocol/openid-connect"),
            "account-service": format!("{address}/account"),
            "tokens-not-before": 0,
        }),
    );
    let all = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, all);
    Ok(response)
}

fn registration(door: &Door) -> Response {
    let described = format!(
        "Applications do not register themselves at this issuer. An administrator adds them, or opens the registration at {}.",
        door.server.url(path::REGISTRATION)
    );
    let body = json!({ "error": "access_denied", "error_description": described });
    answer::json(StatusCode::FORBIDDEN, &body)
}

fn nobody(issuer: &str) -> Response {
    let described = format!("No application has the issuer {issuer} here.");
    let body = json!({ "error": "not_found", "error_description": described });
    answer::json(StatusCode::NOT_FOUND, &body).into_response()
}
