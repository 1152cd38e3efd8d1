//! An application made with the `login` library as anybody would make one: it shows who is logged in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{Html, Response},
    routing::get,
};
use doorward_login::{Builder, Clock, Login, SystemClock, User};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    process::free_port,
    rigs::Registration,
};

/// The application, served while it lives.
pub struct Portal {
    /// Where people open it.
    pub url: String,
    served: tokio::task::JoinHandle<()>,
    clock: Arc<Ahead>,
}

/// A clock that can be put forward.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> i64 {
        SystemClock.now() + self.0.load(Ordering::Relaxed)
    }
}

/// The place of an application that is not there yet: a provider wants to know its addresses first.
#[derive(Debug, Clone)]
pub struct Place {
    port: u16,
    /// Where people will open it.
    pub url: String,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// A free one, under another host than the providers: no cookie of one reaches the other.
    pub fn new() -> Self {
        let port = free_port();
        Self {
            port,
            url: format!("http://localhost:{port}"),
        }
    }

    /// Where the provider sends the browser.
    pub fn redirect_uri(&self) -> String {
        format!("{}/auth/callback", self.url)
    }

    /// Where the provider sends the browser after a logout.
    pub fn after_logout(&self) -> String {
        format!("{}/auth/logged-out", self.url)
    }

    /// Where the provider tells that a session has ended.
    pub fn backchannel_logout(&self) -> String {
        // By number: what calls it need not know that `localhost` is IPv4 here.
        format!("http://127.0.0.1:{}/auth/backchannel-logout", self.port)
    }
}

impl Portal {
    /// Opens it at that place for that registration; `tune` makes further settings.
    pub async fn open(place: &Place, registration: &Registration, tune: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Arc::new(Ahead::default());
        let builder = Login::builder(&registration.issuer, &registration.client_id)
            .secret(&registration.secret)
            .base_url(&place.url)
            .after_logout("/")
            .clock(Arc::clone(&clock) as _)
            .scopes("profile email")
            .expect("scopes");
        let login = tune(builder).build().expect("the settings are right");
        let app = Router::new()
            .route("/", get(who))
            .route("/private", get(private))
            .route("/door", get(door))
            .route("/token", get(token))
            .merge(login.routes())
            .layer(axum::middleware::from_fn(tell))
            .with_state(login);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", place.port))
            .await
            .expect("its port is free");
        let served = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self {
            url: place.url.clone(),
            served,
            clock,
        }
    }

    /// Ends it, so that another one can be opened at its place: a restart.
    pub async fn close(mut self) {
        self.served.abort();
        let _ = (&mut self.served).await;
    }

    /// Puts its clock forward.
    pub fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Opens a page for which one must be logged in.
    pub async fn begin(&self, browser: &mut Browser) -> Page {
        browser.get(&format!("{}/private", self.url)).await
    }

    /// Whom it takes the browser for: the claims, or null.
    pub async fn who(&self, browser: &mut Browser) -> Value {
        browser.get(&format!("{}/", self.url)).await.json()
    }

    /// Waits until it takes the browser for nobody: providers tell in their own time.
    pub async fn forgets(&self, browser: &mut Browser) {
        for _ in 0..200 {
            if self.who(browser).await.is_null() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the session is still there after 20 s");
    }

    /// Logs out, here and at the provider.
    pub async fn log_out(&self, browser: &mut Browser) -> Page {
        let page = browser.get(&format!("{}/door", self.url)).await;
        browser.submit(&page, "/auth/logout", &[]).await
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.served.abort();
    }
}

/// What it refuses is on the test's output: a provider that is refused keeps it to itself.
async fn tell(request: Request, next: Next) -> Response {
    let what = format!("{} {}", request.method(), request.uri().path());
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("it is in memory");
    if parts.status.is_client_error() || parts.status.is_server_error() {
        eprintln!("portal: {what}: {} {}", parts.status, String::from_utf8_lossy(&body));
    }
    Response::from_parts(parts, Body::from(body))
}

async fn who(user: Option<User>) -> Json<Value> {
    Json(user.map_or(Value::Null, |user| Value::Object(user.claims().clone())))
}

async fn private(user: User) -> Json<Value> {
    Json(json!({ "sub": user.sub(), "groups": user.groups() }))
}

/// Something that needs an access token: its end, which tells one from the next.
async fn token(user: User) -> Result<String, (StatusCode, &'static str)> {
    match user.access_token().await {
        Ok(token) => Ok(token.expose().chars().rev().take(12).collect()),
        Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, error.code())),
    }
}

async fn door(State(login): State<Login>) -> Html<String> {
    let action = login.logout_path();
    Html(format!(
        "<form method=\"post\" action=\"{action}\"><button>Log out</button></form>"
    ))
}
