//! An application whose sessions survive a restart: in a SQLite file, with tokens that are refreshed while people work. The
//! end-to-end tests run it. Settings come from the environment: `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `PORT`, `SESSIONS`
//! (a file), and `GROUP`, which the page `/staff` is for.
#![allow(clippy::print_stdout, reason = "it says where it is")]

use std::env;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use doorward_login::{Claims, Login, LoginLayer, User, open_sqlite};

/// The claims that this application wants to know.
#[derive(serde::Deserialize, serde::Serialize)]
struct Person {
    sub: String,
    email: String,
}

async fn home(user: Option<User>) -> Html<String> {
    Html(match user {
        None => r#"<h1>Nobody is logged in</h1><a href="/auth/login">Log in</a>"#.to_owned(),
        Some(user) => format!(
            "<h1>Hello, {}</h1><form method=post action=/auth/logout><button>Log out</button></form>",
            user.display_name().replace('<', "&lt;")
        ),
    })
}

/// Asks the provider something as the person who is logged in: here only for the token to do it with.
async fn token(user: User) -> Response {
    match user.access_token().await {
        Ok(token) => (StatusCode::OK, format!("{} bytes", token.expose().len())).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.code()).into_response(),
    }
}

/// Locks the person who asks out of this application, in every browser.
async fn out_everywhere(State(login): State<Login>, user: User) -> Response {
    match login.end_all_of(user.sub()).await {
        Ok(count) => count.to_string().into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.code()).into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = env::var("PORT")?.parse()?;
    let login = Login::builder(env::var("ISSUER")?, env::var("CLIENT_ID")?)
        .secret(env::var("CLIENT_SECRET")?)
        .base_url(format!("http://localhost:{port}"))
        .scopes("profile email groups offline_access")?
        .sessions(open_sqlite(env::var("SESSIONS")?).await?)
        .idle_lifetime(Duration::from_hours(1))
        .build()?;
    let staff = LoginLayer::new(&login).require_group(env::var("GROUP")?);
    let app = Router::new()
        .route("/", get(home))
        .route("/person", get(|Claims(person): Claims<Person>| async { Json(person) }))
        .route("/token", get(token))
        .route("/out-everywhere", post(out_everywhere))
        .route("/staff", get(|| async { "for staff" }).layer(staff))
        .merge(login.routes())
        .with_state(login);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on port {port}");
    Ok(axum::serve(listener, app).await?)
}
