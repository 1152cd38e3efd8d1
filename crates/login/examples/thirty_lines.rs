//! An application that logs people in. Register the two addresses that it prints at your provider, then:
//! `ISSUER=https://sso.example.org CLIENT_ID=my-app CLIENT_SECRET=… cargo run -p doorward-login --example thirty_lines`
#![allow(clippy::print_stdout, reason = "it says where it is")]

use std::env;

use axum::response::Html;
use axum::{Router, routing::get};
use doorward_login::{Login, LoginLayer, User};

async fn home(user: Option<User>) -> Html<String> {
    Html(match user {
        None => r#"<a href="/auth/login">Log in</a>"#.to_owned(),
        Some(_) => {
            r#"<a href="/me">Who am I?</a> <form method="post" action="/auth/logout"><button>Log out</button></form>"#
                .to_owned()
        }
    })
}

async fn me(user: User) -> String {
    format!("{} ({}) in {:?}", user.display_name(), user.sub(), user.groups())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let login = Login::builder(env::var("ISSUER")?, env::var("CLIENT_ID")?)
        .secret(env::var("CLIENT_SECRET")?)
        .base_url("http://localhost:8000")
        .scopes("profile email groups")?
        .build()?;
    println!("redirect URI {}", login.redirect_uri());
    println!("post-logout redirect URI {}", login.post_logout_redirect_uri());
    let admins = LoginLayer::new(&login).require_group("admins");
    let app = Router::new()
        .route("/admin", get(|| async { "for admins" }).layer(admins))
        .route("/", get(home))
        .route("/me", get(me))
        .merge(login.routes())
        .with_state(login);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    Ok(axum::serve(listener, app).await?)
}
