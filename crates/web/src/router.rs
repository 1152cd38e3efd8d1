//! Every address that the server answers, and what surrounds each answer.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts, MatchedPath, Path, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, options, post},
};
use doorward_provider::path as protocol_path;
use http::{HeaderValue, StatusCode, header};

use crate::{
    Door, account, answer, arrived, assets, deadline, decoupled,
    failure::FailureReference,
    health, login,
    pages::{self, Chrome, Fault, Lang, path},
    plain,
    protocol::{self, alias::CountedAs},
    server::{Front, Peer},
    telemetry, upstream,
    visit::Visit,
};

/// No request of ours is larger; the API has a bound of its own.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// What connections are served with: the routes, and before them the documents that everybody fetches.
pub fn front(door: Arc<Door>, api: Router) -> Front {
    let published = protocol::published::Published::new(Arc::clone(&door));
    Front::new(router(door, api), Arc::new(published))
}

/// All routes but the API, which is merged in by the caller.
pub fn router(door: Arc<Door>, api: Router) -> Router {
    let endpoints = clients()
        .route(protocol_path::JWKS, get(protocol::metadata::jwks))
        .route(protocol_path::CHECK_SESSION, get(protocol::check_session::frame))
        .with_state(Arc::clone(&door));
    let elsewhere = move |State(door): State<Arc<Door>>, request: Request| elsewhere(door, endpoints, request);
    Router::new()
        .merge(people())
        .merge(programs())
        .fallback(elsewhere)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::clone(&door))
        .merge(api)
        .layer(middleware::from_fn_with_state(deadline::BODY, deadline::bodies))
        .layer(middleware::from_fn_with_state(door, surround))
}

/// What the listener serves that asks for certificates (RFC 8705 §5): what clients call, and no page, because a browser would
/// show people a question there.
pub fn for_certificates(door: Arc<Door>) -> Router {
    clients()
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::clone(&door))
        .layer(middleware::from_fn_with_state(deadline::BODY, deadline::bodies))
        .layer(middleware::from_fn_with_state(door, surround))
}

/// What people meet in a browser.
fn people() -> Router<Arc<Door>> {
    Router::new()
        .route(path::START, get(account::start::show))
        .route(path::LOGIN, get(login::password::show).post(login::password::submit))
        .route(path::LOGIN_PASSKEY, post(login::passkey::submit))
        .route(path::LOGIN_PASSKEY_OPTIONS, post(login::passkey::options))
        .route(path::FORGOT, get(login::forgotten::show).post(login::forgotten::ask))
        .route(
            path::REGISTER,
            get(account::register::show).post(account::register::ask),
        )
        .route(
            account::register::LINK,
            get(account::register::join_form).post(account::register::join),
        )
        .route("/login/cancel", get(login::password::cancel))
        .route(
            "/login/account",
            get(login::account::choose).post(login::account::chosen),
        )
        .route(
            login::second::PATH,
            get(login::second::ask::show).post(login::second::ask::submit),
        )
        .route(
            login::second::ENROL,
            get(login::second::enrol::show).post(login::second::enrol::submit),
        )
        .route(
            login::second::enrol_passkey::OPTIONS,
            post(login::second::enrol_passkey::options),
        )
        .route(
            login::second::enrol_passkey::PATH,
            post(login::second::enrol_passkey::submit),
        )
        .route(login::second::passkey::OPTIONS, post(login::second::passkey::options))
        .route(login::second::passkey::PATH, post(login::second::passkey::submit))
        .route(login::second::enrol::LATER_PATH, post(login::second::enrol::later))
        .route(login::second::enrol::ON, get(login::second::enrol::on))
        .route(upstream::begin::PATH, get(upstream::begin::go))
        .route(
            upstream::callback::PATH,
            get(upstream::callback::query).post(upstream::callback::form),
        )
        .route(upstream::preview::PATH, get(upstream::preview::begin))
        .route(upstream::logout::FRONTCHANNEL, get(upstream::logout::frontchannel))
        .route(upstream::keys::PATH, get(upstream::keys::show))
        .route(upstream::ended::PATH, get(upstream::ended::back))
        .route(path::LOGINS, get(upstream::connect::show))
        .route(path::LOGIN_CONNECT, post(upstream::connect::begin))
        .route(upstream::connect::GO, get(upstream::connect::go))
        .route(path::LOGIN_CONFIRM, post(upstream::confirm::answer))
        .route(path::LOGIN_REMOVE, post(upstream::connect::remove))
        .route(protocol_path::DEVICE, get(decoupled::page::device))
        .route(decoupled::page::ASKED, get(decoupled::page::asked))
        .route(decoupled::page::ANSWER, post(decoupled::page::answer))
        .route("/consent", get(login::consent::ask).post(login::consent::answer))
        .route(path::TERMS, get(login::terms::show).post(login::terms::answer))
        .route(
            account::link::PATH,
            get(account::link::show).post(account::link::redeem),
        )
        .route(path::PROFILE, get(account::profile::show).post(account::profile::save))
        .route(path::ACTIVITY, get(account::activity::show))
        .route(
            path::DELETE,
            get(account::deletion::ask).post(account::deletion::delete),
        )
        .route(path::EXPORT, get(account::export::download))
        .route(path::PROFILE_EMAIL, post(account::profile::ask_for_email))
        .route(
            account::profile::CONFIRM,
            get(account::profile::confirmation).post(account::profile::confirm),
        )
        .route(path::GRANTS, get(account::grants::show))
        .route(path::GRANTS_WITHDRAW, post(account::grants::withdraw))
        .route(path::SESSIONS, get(account::sessions::show))
        .route(path::SESSION_END, post(account::sessions::end))
        .route(path::SESSIONS_END_OTHERS, post(account::sessions::end_others))
        .route(
            path::PASSWORD,
            get(account::password::show).post(account::password::change),
        )
        .route(path::PASSKEYS, get(account::passkeys::show))
        .route(path::PASSKEY_OPTIONS, post(account::passkeys::options))
        .route(path::PASSKEY_ADD, post(account::passkeys::add))
        .route(path::PASSKEY_RENAME, post(account::passkeys::rename))
        .route(path::PASSKEY_REMOVE, post(account::passkeys::remove))
        .route(path::FACTORS, get(account::factors::show))
        .route(
            path::FACTORS_APP,
            get(account::factors::app).post(account::factors::add_app),
        )
        .route(path::FACTORS_APP_REMOVE, post(account::factors::remove_app))
        .route(path::FACTORS_RECOVERY, post(account::factors::recovery))
        .route("/logout/confirm", post(protocol::logout::confirm))
        .route("/assets/{*file}", get(asset))
}

/// What applications and programs call.
fn programs() -> Router<Arc<Door>> {
    use protocol::{authorize, check_session, logout, metadata};
    let discovery = get(metadata::of_the_server);
    let own = get(metadata::of_an_app);
    clients()
        .route(protocol_path::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(protocol_path::CHECK_SESSION, get(check_session::frame))
        .route(protocol_path::LOGOUT, get(logout::get).post(logout::post))
        .route(upstream::logout::BACKCHANNEL, post(upstream::logout::backchannel))
        .route(arrived::PATH, get(arrived::show))
        .route(protocol_path::JWKS, get(metadata::jwks))
        .route(protocol_path::DISCOVERY, discovery.clone())
        // Applications that append the path to an address that has it already, or end it with a slash, are served too.
        .route("/.well-known/openid-configuration/", discovery.clone())
        .route(
            "/.well-known/openid-configuration/.well-known/openid-configuration",
            discovery.clone(),
        )
        .route(protocol_path::OAUTH_METADATA, discovery)
        .route("/.well-known/oauth-authorization-server/apps/{client_id}", own.clone())
        .route("/.well-known/openid-configuration/apps/{client_id}", own.clone())
        .route("/apps/{client_id}/.well-known/openid-configuration", own.clone())
        .route("/apps/{client_id}/.well-known/openid-configuration/", own.clone())
        .route("/apps/{client_id}/.well-known/oauth-authorization-server", own.clone())
        .route(
            "/apps/{client_id}/.well-known/openid-configuration/.well-known/openid-configuration",
            own,
        )
        .route(plain::CHALLENGE, get(plain::challenge))
        .route("/status", get(health::status))
        .route(
            "/healthz",
            get(health::healthz).merge(options(|| async { StatusCode::NO_CONTENT })),
        )
        .route("/metrics", get(health::metrics))
}

/// What clients call that prove who they are, or that their tokens are theirs.
fn clients() -> Router<Arc<Door>> {
    use protocol::{cors, introspect, par, registration, revoke, token, userinfo};
    Router::new()
        .route(protocol_path::PAR, post(par::post).options(cors::preflight))
        .route(protocol_path::TOKEN, post(token::post).options(cors::preflight))
        .route(
            protocol_path::USERINFO,
            get(userinfo::answer).post(userinfo::answer).options(cors::preflight),
        )
        .route(protocol_path::INTROSPECT, post(introspect::post))
        .route(protocol_path::REVOKE, post(revoke::post).options(cors::preflight))
        .route(protocol_path::DEVICE_AUTHORIZATION, post(decoupled::begin::device))
        .route(
            protocol_path::BACKCHANNEL_AUTHENTICATION,
            post(decoupled::begin::backchannel),
        )
        .route(protocol_path::REGISTRATION, post(registration::register))
        .route(
            registration::CLIENT,
            get(registration::show)
                .put(registration::update)
                .delete(registration::remove),
        )
}

async fn asset(State(door): State<Arc<Door>>, visit: Visit, Path(file): Path<String>) -> Response {
    match assets::respond(&file, &door.brand) {
        Some(response) => response,
        None => not_found(&door, &visit),
    }
}

/// An address that no route of ours has: one at the issuer of an earlier provider, or none.
async fn elsewhere(door: Arc<Door>, endpoints: Router, request: Request) -> Response {
    match protocol::alias::answer(&door, endpoints, request).await {
        Ok(answer) => answer.into_response(),
        Err(request) => {
            let (mut parts, _) = request.into_parts();
            match Visit::from_request_parts(&mut parts, &door).await {
                Ok(visit) => not_found(&door, &visit),
                Err(never) => match never {},
            }
        }
    }
}

fn not_found(door: &Door, visit: &Visit) -> Response {
    answer::page(
        StatusCode::NOT_FOUND,
        pages::fault(&Fault::NotFound, &visit.chrome(door, None)),
        &[],
    )
}

/// The method as a label; a stranger can invent methods, and each would be a series of its own.
fn counted(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}

/// The language of a page, when the request wants one and not a program's answer.
fn page_language(headers: &http::HeaderMap) -> Option<Lang> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let wants_page = text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    wants_page.then(|| Lang::choose(None, text(header::ACCEPT_LANGUAGE)))
}

/// The socket, where nobody is asked for a credential, has the API and no page: a proxy that is pointed at it by mistake
/// has nothing to show, so that the mistake is found before the world calls the API through it.
fn is_served_here(request: &Request) -> bool {
    let is_local = matches!(request.extensions().get::<Peer>(), Some(Peer::Local { .. }));
    let path = request.uri().path();
    !is_local || path.starts_with("/api/") || matches!(path, "/healthz" | "/status" | "/metrics")
}

/// Counts, adds the headers that every answer has, and dresses a failure as a page when a person asked.
async fn surround(
    State(door): State<Arc<Door>>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let method = counted(request.method());
    let began = std::time::Instant::now();
    let page_language = page_language(request.headers());
    let mut response = if is_served_here(&request) {
        next.run(request).await
    } else {
        let text = "the socket is for the API; send a reverse proxy to the server's address instead\n";
        (StatusCode::NOT_FOUND, text).into_response()
    };
    let elsewhere = response
        .extensions()
        .get::<CountedAs>()
        .map_or("other", |route| route.0);
    let route = matched.as_ref().map_or(elsewhere, MatchedPath::as_str).to_owned();
    if let (Some(lang), Some(FailureReference(reference))) =
        (page_language, response.extensions().get::<FailureReference>().cloned())
    {
        let fault = Fault::Internal {
            reference: Some(&reference),
        };
        let chrome = Chrome {
            lang,
            brand: &door.brand,
            base: "",
            viewer: None,
            theme: None,
            has_upstreams: false,
            has_mail: false,
        };
        let html = pages::fault(&fault, &chrome);
        response = answer::page(StatusCode::INTERNAL_SERVER_ERROR, html, &[]).into_response();
    }
    telemetry::requests(route.clone(), method, response.status()).increment(1);
    telemetry::duration(route).record(began.elapsed().as_secs_f64());
    answer::add_everywhere(response.headers_mut(), &door);
    response
}
