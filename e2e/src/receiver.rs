//! An application's back-channel: takes logout tokens, and answers as a test wants.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Form, State},
    http::StatusCode,
    routing::post,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::process::free_port;

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// At once, that it is done.
    Done,
    /// The same after a while.
    Late(Duration),
    /// That it will not.
    Refusing,
}

/// A running back-channel.
pub struct Receiver {
    port: u16,
    kept: Arc<Kept>,
    running: Option<JoinHandle<()>>,
}

struct Kept {
    answering: Answering,
    tokens: Mutex<Vec<String>>,
}

impl Receiver {
    /// One that listens.
    pub async fn start(answering: Answering) -> Self {
        let mut receiver = Self::down(answering);
        receiver.listen().await;
        receiver
    }

    /// One that has an address and does not listen yet.
    pub fn down(answering: Answering) -> Self {
        Self {
            port: free_port(),
            kept: Arc::new(Kept {
                answering,
                tokens: Mutex::default(),
            }),
            running: None,
        }
    }

    /// Begins to listen.
    pub async fn listen(&mut self) {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", self.port)).await;
        let listener = listener.expect("the port is free");
        let router = Router::new()
            .route("/backchannel-logout", post(take))
            .with_state(Arc::clone(&self.kept));
        self.running = Some(tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        }));
    }

    /// Its address.
    pub fn uri(&self) -> String {
        format!("http://127.0.0.1:{}/backchannel-logout", self.port)
    }

    /// What it has taken.
    pub fn tokens(&self) -> Vec<String> {
        self.kept.tokens.lock().expect("nobody panicked").clone()
    }

    /// Waits until it has taken so many.
    pub async fn takes(&self, count: usize) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let tokens = self.tokens();
            if tokens.len() >= count {
                return tokens;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {count} logout tokens came",
                tokens.len()
            );
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

async fn take(State(kept): State<Arc<Kept>>, Form(form): Form<Vec<(String, String)>>) -> StatusCode {
    assert_eq!(form.len(), 1, "{form:?}");
    assert_eq!(form[0].0, "logout_token");
    kept.tokens.lock().expect("nobody panicked").push(form[0].1.clone());
    match kept.answering {
        Answering::Done => StatusCode::OK,
        Answering::Late(by) => {
            tokio::time::sleep(by).await;
            StatusCode::OK
        }
        Answering::Refusing => StatusCode::BAD_REQUEST,
    }
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a token has three parts");
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}
