//! The way to a login, through applications that lead there in every way, and in none.

use std::net::SocketAddr;

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use doorward_doctor::{
    Ways,
    walk::{End, Walked, to_login},
};
use serde_json::Value;

use crate::netbox;

const AUTHORIZE: &str = "https://sso.example.com/authorize";

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn walk(router: Router) -> Walked {
    let url = serve(router).await;
    walk_at(&url).await
}

async fn walk_at(url: &str) -> Walked {
    let mut app = netbox(url);
    "generic".clone_into(&mut app.preset);
    app.start_url = Some(format!("{url}/login/"));
    // At home on the very machine of the server.
    app.logout.weaken_private_address = true;
    let ways = Ways::new(None).unwrap();
    to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await
}

#[track_caller]
fn asked(walked: &Walked) -> &str {
    match &walked.end {
        End::Asked(url) => url.as_str(),
        other => panic!("{other:?}: {:?}", walked.visits),
    }
}

fn to_us() -> Redirect {
    Redirect::to(&format!("{AUTHORIZE}?client_id=netbox&response_type=code"))
}

#[tokio::test]
async fn a_form_with_a_field_against_forgery_is_sent_with_its_cookie_and_its_origin() {
    async fn begin(headers: HeaderMap, Form(form): Form<Value>) -> Response {
        let has = |name: header::HeaderName, value: &str| {
            headers
                .get(name)
                .is_some_and(|sent| sent.to_str().unwrap().contains(value))
        };
        let is_sound = has(header::COOKIE, "csrftoken=abc") && has(header::REFERER, "/login/") && form["csrf"] == "abc";
        if is_sound {
            to_us().into_response()
        } else {
            StatusCode::FORBIDDEN.into_response()
        }
    }
    let page = "<form method=post action=/password><input name=user><input type=password name=p></form>\
                <form method=post action=/begin/oidc/><input type=hidden name=csrf value=abc><button>SSO</button></form>";
    let router = Router::new()
        .route(
            "/login/",
            get(move || async move { ([(header::SET_COOKIE, "csrftoken=abc; Path=/")], Html(page)) }),
        )
        .route("/begin/oidc/", post(begin));
    let walked = walk(router).await;
    assert!(asked(&walked).starts_with(AUTHORIZE));
    assert!(walked.visits.iter().any(|visit| visit.posted), "{:?}", walked.visits);
}

#[tokio::test]
async fn redirects_are_followed_and_the_request_itself_is_never_sent_on() {
    let router = Router::new()
        .route("/login/", get(|| async { Redirect::to("/a") }))
        .route("/a", get(|| async { Redirect::permanent("b?next=/") }))
        .route("/b", get(|| async { to_us() }));
    let walked = walk(router).await;
    assert_eq!(walked.visits.len(), 3, "{:?}", walked.visits);
    assert!(
        walked.visits.iter().all(|visit| !visit.url.contains('?')),
        "{:?}",
        walked.visits
    );
    assert!(asked(&walked).starts_with(AUTHORIZE));
}

#[tokio::test]
async fn a_link_among_many_is_found_and_a_logout_is_not_pressed() {
    async fn left(State(()): State<()>) -> StatusCode {
        panic!("nobody presses this");
    }
    let page = "<a href=/logout/sso>Log out of single sign-on</a><a href=/docs>Docs</a><a href=/go>Log in with SSO</a>";
    let router = Router::new()
        .route("/login/", get(move || async move { Html(page) }))
        .route("/logout/sso", get(left))
        .route("/go", get(|| async { to_us() }))
        .with_state(());
    assert!(asked(&walk(router).await).starts_with(AUTHORIZE));
}

#[tokio::test]
async fn nobody_else_is_asked_in_the_name_of_an_application() {
    let stranger = serve(Router::new().fallback(|| async { to_us() })).await;
    let elsewhere = format!("{stranger}/latest/meta-data");
    let router = Router::new().route("/login/", get(move || async move { Redirect::to(&elsewhere) }));
    let walked = walk(router).await;
    let End::Elsewhere(other) = &walked.end else {
        panic!("{walked:?}")
    };
    assert_eq!(other.origin, stranger);
}

#[tokio::test]
async fn a_login_that_fails_is_told_from_one_that_is_not_there() {
    let router = Router::new().route("/login/", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
    assert!(matches!(walk(router).await.end, End::Broken { status: Some(500), .. }));
    let router = Router::new().route("/", get(|| async { Html("<p>Hello</p>") }));
    assert!(matches!(walk(router).await.end, End::NoWay));
    let gone = serve(Router::new()).await;
    // A port on which nobody listens.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    drop(gone);
    assert!(matches!(
        walk_at(&format!("http://{closed}")).await.end,
        End::Unreachable { .. }
    ));
}

#[tokio::test]
async fn a_button_that_leads_back_is_a_login_that_fails() {
    let router = Router::new()
        .route(
            "/login/",
            get(|| async { Html("<a href=/oauth/login/oidc/>Single sign-on</a>") }),
        )
        .route("/oauth/login/oidc/", get(|| async { Redirect::to("/trouble") }))
        .route("/trouble", get(|| async { Html("<p>It did not work.</p>") }));
    let End::Returned { url } = walk(router).await.end else {
        panic!("it came back")
    };
    assert!(url.ends_with("/oauth/login/oidc/"), "{url}");
}

#[tokio::test]
async fn a_login_page_is_looked_for_where_they_usually_are() {
    let url = serve(
        Router::new()
            .route("/", get(|| async { "{}" }))
            .route("/accounts/login/", get(|| async { to_us() })),
    )
    .await;
    let mut app = netbox(&url);
    "generic".clone_into(&mut app.preset);
    app.logout.weaken_private_address = true;
    let walked = to_login(&Ways::new(None).unwrap(), &app, None, &[AUTHORIZE.to_owned()]).await;
    assert!(asked(&walked).starts_with(AUTHORIZE));
}

#[tokio::test]
async fn circles_and_endless_answers_end() {
    let router = Router::new().route("/login/", get(|| async { Redirect::to("/login/") }));
    assert!(matches!(walk(router).await.end, End::NoWay));
    let router = Router::new().fallback(|uri: http::Uri| async move { Redirect::to(&format!("{}x", uri.path())) });
    let walked = walk(router).await;
    assert!(matches!(walked.end, End::TooLong), "{walked:?}");
    assert!(walked.visits.len() <= 14);
    let endless = "<a href=/sso>".repeat(200_000);
    let router = Router::new().route("/login/", get(move || async move { Html(endless) }));
    assert!(matches!(walk(router).await.end, End::TooLarge { .. }));
}

#[tokio::test]
async fn a_page_that_begins_logins_in_a_script_says_so_and_what_it_is_set_up_with() {
    let page = "<div id=app></div><script src=/main.js></script><script src=/config.js></script><script src=//elsewhere.example/x.js>\
                </script>";
    let settings = "window.oidc = { authority: 'https://sso.example.com', client_id: 'netbx' }";
    let router = Router::new()
        .route("/login/", get(move || async move { Html(page) }))
        .route("/config.js", get(move || async move { settings }))
        .route("/main.js", get(|| async { "document.body.append('SSO')" }));
    let End::Script { url, configured } = walk(router).await.end else {
        panic!("a script")
    };
    assert!(url.ends_with("/login/"), "{url}");
    assert_eq!(configured.client_ids, ["netbx"]);
    assert_eq!(configured.issuers, ["https://sso.example.com"]);
    // A page without any script is no login that a script begins.
    let router = Router::new().route("/login/", get(|| async { Html("<p>Nothing") }));
    assert!(matches!(walk(router).await.end, End::NoWay));
}

#[tokio::test]
async fn an_interface_for_scripts_that_answers_with_the_address_is_read() {
    let answer =
        serde_json::json!({ "data": { "auth_url": format!("{AUTHORIZE}?client_id=netbox&response_type=code") } });
    let router = Router::new().route("/login/", get(move || async move { axum::Json(answer) }));
    assert!(asked(&walk(router).await).starts_with(AUTHORIZE));
    let other = serde_json::json!({ "data": ["https://sso.example.com/", 1, null, "x"] });
    let router = Router::new().route("/login/", get(move || async move { axum::Json(other) }));
    assert!(matches!(walk(router).await.end, End::NoWay));
}

#[tokio::test]
async fn of_a_private_network_that_nobody_has_named_no_status_and_no_reason_is_told() {
    // A name that looks private, at a port where nobody listens and at one where somebody does not want to.
    let mut app = netbox("https://[fd00::1]:9");
    "generic".clone_into(&mut app.preset);
    let ways = Ways::new(None).unwrap();
    let walked = to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await;
    assert!(walked.visits.iter().all(|visit| visit.status.is_none()), "{walked:?}");
    assert!(matches!(walked.end, End::Unreachable { error: None, .. }), "{walked:?}");
    app.logout.weaken_private_address = true;
    let walked = to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await;
    assert!(
        matches!(walked.end, End::Unreachable { error: Some(_), .. }),
        "{walked:?}"
    );
}

/// Counts what arrives.
async fn trap() -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let hits = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = hits.clone();
    let router = Router::new().fallback(move || async move {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        "here"
    });
    (serve(router).await, hits)
}

fn count(hits: &std::sync::atomic::AtomicUsize) -> usize {
    hits.load(std::sync::atomic::Ordering::SeqCst)
}

#[tokio::test]
async fn a_loopback_redirect_uri_of_a_command_line_opens_nothing_of_this_machine() {
    let (url, hits) = trap().await;
    let port = url.rsplit(':').next().unwrap();
    let ways = Ways::new(None).unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.8.8.8",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "a.localhost",
    ] {
        for allow_private in [false, true] {
            let mut app = netbox("https://netbox.invalid");
            app.url.clear();
            let own = format!("http://{host}:{port}");
            if let Ok(uris) = doorward_oidc::RedirectUris::register([format!("{own}/callback").as_str()]) {
                app.redirect_uris = uris;
            }
            // As a page that redirects there would have it.
            app.start_url = Some(format!("{own}/sso"));
            app.logout.weaken_private_address = allow_private;
            let walked = to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await;
            assert!(
                !walked.visits.iter().any(|visit| visit.url.contains(port)),
                "{host}: {walked:?}"
            );
        }
    }
    assert_eq!(count(&hits), 0);
}

#[tokio::test]
async fn an_application_of_this_machine_is_asked_at_its_own_port_and_only_when_somebody_says_so() {
    let (url, hits) = trap().await;
    let (other, others) = trap().await;
    let mut app = netbox(&url);
    "generic".clone_into(&mut app.preset);
    app.start_url = Some(format!("{other}/login"));
    app.redirect_uris = doorward_oidc::RedirectUris::register([format!("{other}/callback").as_str()]).unwrap();
    let ways = Ways::new(None).unwrap();
    let walked = to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await;
    let End::Unreachable { error: Some(error), .. } = &walked.end else {
        panic!("{walked:?}")
    };
    assert_eq!(error.code(), "address_not_allowed");
    assert_eq!(count(&hits), 0);
    app.logout.weaken_private_address = true;
    to_login(&ways, &app, None, &[AUTHORIZE.to_owned()]).await;
    assert!(count(&hits) > 0);
    assert_eq!(count(&others), 0, "another port than its own");
}

#[tokio::test]
async fn a_form_is_sent_to_nobody_but_whose_page_it_is() {
    // Its own port by a name that is registered: asked by a link, never by a form.
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = format!(
        "<form method=post action=http://localhost:{port}/sso><input type=hidden name=a value=b><button>SSO</button></form>"
    );
    let router = Router::new()
        .route("/login/", get(move || async move { Html(page) }))
        .route("/sso", post(|| async { to_us() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let url = format!("http://127.0.0.1:{port}");
    let mut app = netbox(&url);
    "generic".clone_into(&mut app.preset);
    app.start_url = Some(format!("{url}/login/"));
    // At home on the very machine of the server.
    app.logout.weaken_private_address = true;
    app.redirect_uris =
        doorward_oidc::RedirectUris::register([format!("http://localhost:{port}/cb").as_str()]).unwrap();
    let walked = to_login(&Ways::new(None).unwrap(), &app, None, &[AUTHORIZE.to_owned()]).await;
    assert!(!walked.visits.iter().any(|visit| visit.posted), "{walked:?}");
}
