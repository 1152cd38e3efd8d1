//! A browser without pictures: cookies, one application, and the way to the provider and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use doorward_login::{Builder, Login, LoginLayer, User};
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request, StatusCode};
use tower::ServiceExt;

use crate::stub::{CLIENT, SECRET, Stub};

pub(crate) fn builder(stub: &Stub) -> Builder {
    Login::builder(&stub.issuer, CLIENT)
        .secret(SECRET)
        .base_url("http://localhost:8000")
        .clock(Arc::clone(&stub.clock) as Arc<_>)
}

async fn home(user: Option<User>) -> String {
    user.map_or_else(|| "stranger".to_owned(), |user| user.display_name().to_owned())
}

async fn private(user: User) -> String {
    let claims = serde_json::to_string(user.claims()).unwrap();
    format!(
        "{}|{:?}|{:?}|{}|{claims}",
        user.sub(),
        user.email(),
        user.groups(),
        user.is_email_verified()
    )
}

pub(crate) fn app(login: &Login) -> Router {
    let layered = Router::new()
        .route("/layered", get(|| async { "inside" }))
        .layer(LoginLayer::new(login).require_login());
    Router::new()
        .route("/", get(home))
        .route("/private", get(private).post(private))
        .merge(layered)
        .merge(login.routes())
        .with_state(login.clone())
}

#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) app: Router,
    pub(crate) jar: BTreeMap<String, String>,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) set_cookies: Vec<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn at(login: &Login) -> Self {
        Self {
            app: app(login),
            jar: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, "text/html").await
    }

    /// A form, as a program sends it.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Seen {
        self.exchange(Method::POST, path, "*/*", form).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, accept: &str) -> Seen {
        self.exchange(method, path, accept, "").await
    }

    async fn exchange(&mut self, method: Method, path: &str, accept: &str, form: &str) -> Seen {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(ACCEPT, accept)
            .header(COOKIE, cookies.join("; "))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (answer, body) = response.into_parts();
        let text = |name: http::HeaderName| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let set = answer
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned());
        let set_cookies: Vec<String> = set.collect();
        let (location, cache_control) = (text(LOCATION), text(http::header::CACHE_CONTROL));
        for cookie in &set_cookies {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Seen {
            status: answer.status,
            location,
            set_cookies,
            cache_control,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// From "log in" to the answer of the provider: the path and query of the callback.
    pub(crate) async fn answer(&mut self, from: &str) -> String {
        let begun = self.get(from).await;
        let location = begun
            .location
            .unwrap_or_else(|| panic!("no redirect: {} {}", begun.status, begun.body));
        callback_of(&location).await
    }

    pub(crate) async fn log_in(&mut self) -> Seen {
        let callback = self.answer("/auth/login").await;
        self.get(&callback).await
    }
}

/// What the provider answers to an authorization request, as path and query.
pub(crate) async fn callback_of(location: &str) -> String {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let response = client.get(location).send().await.unwrap();
    let callback = response.headers()[LOCATION].to_str().unwrap();
    callback.strip_prefix("http://localhost:8000").unwrap().to_owned()
}

pub(crate) async fn setup() -> (Arc<Stub>, Browser) {
    let stub = Stub::start().await;
    let login = builder(&stub).build().unwrap();
    (stub, Browser::at(&login))
}
