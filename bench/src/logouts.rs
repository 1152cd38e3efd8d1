//! Deliveries of back-channel logouts: a person with a thousand sessions is logged out, and applications are told of each.

use std::{
    collections::HashSet,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use bytes::Bytes;
use doorward_jose::SystemRandom;
use doorward_store::{
    Location, Store, StoreError, Ticket, app_sessions,
    sessions::{self, NewSession},
};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};
use uuid::Uuid;

use crate::target::{self, Home, Target};

const SESSIONS: usize = 1_000;
/// Longest that the deliveries may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Prints deliveries per second: all to one application, then to the three of them.
pub(crate) async fn report() -> Result<()> {
    for apps in [1, 3] {
        told(apps).await?;
    }
    Ok(())
}

/// Logs somebody with [`SESSIONS`] sessions out, in which so many applications got tokens.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
async fn told(apps: usize) -> Result<()> {
    let home = Home::new()?;
    let ours = target::doorward(&home).await?;
    let taken = Arc::new(Taken::default());
    let uri = listen(Arc::clone(&taken)).await?;
    let names: Vec<&str> = [&ours.es256.id, &ours.rs256.id, &ours.mixed.id]
        .into_iter()
        .take(apps)
        .map(String::as_str)
        .collect();
    let mut ids = Vec::new();
    for name in &names {
        home.ask(&["app", "edit", name, "--backchannel-logout-uri", &uri])?;
        ids.push(id(&home.ask(&["app", "show", name])?)?);
    }
    let user = id(&home.ask(&["user", "show", &ours.person.name])?)?;
    let person = ours.person.name.clone();
    ours.server.stop()?;
    open(&home, user, &ids).await?;

    let ours = target::doorward_again(&home).await?;
    let expected = SESSIONS * apps;
    let cpu_before = ours.server.cpu_seconds()?;
    let started = Instant::now();
    home.ask(&["user", "end-sessions", &person])?;
    let all = taken.reach(expected);
    tokio::time::timeout(PATIENCE, all)
        .await
        .with_context(|| format!("{} of {expected} logouts arrived", taken.count()))?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = ours.server.cpu_seconds()? - cpu_before;
    settled(&home, &names).await?;
    println!(
        "{expected} logouts of {SESSIONS} sessions at {apps} application{}: all told in {seconds:.2} s, {:.0} a second, {:.0} per \
         core-second; {:.0} MiB resident.",
        if apps == 1 { "" } else { "s" },
        expected as f64 / seconds,
        expected as f64 / cpu.max(0.001),
        ours.server.resident_mib()?,
    );
    stop(ours)
}

fn stop(ours: Target) -> Result<()> {
    ours.server.stop()
}

fn id(shown: &Value) -> Result<Uuid> {
    let id = shown.get("id").and_then(Value::as_str).context("no id shown")?;
    Ok(id.parse()?)
}

/// Sessions as logins leave them, through the code that the server runs.
async fn open(home: &Home, user: Uuid, apps: &[Uuid]) -> Result<()> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the server that ends these sessions reads the same clock"
    )]
    let now = Timestamp::now();
    let store = Store::open(&Location::Sqlite(home.data().join("doorward.db")), now).await?;
    let (apps, expires) = (apps.to_vec(), now.checked_add(10.hours())?);
    store
        .write::<_, StoreError>(now, move |tx| {
            for _ in 0..SESSIONS {
                let ticket = Ticket::new(now, &SystemRandom);
                let new = NewSession {
                    user_id: user,
                    expires,
                    idle_seconds: 36_000,
                    auth_time: now,
                    amr: &["pwd".to_owned()],
                    acr: None,
                    address: "127.0.0.1",
                    user_agent: "bench",
                };
                sessions::create(tx, &ticket, &new)?;
                for app in &apps {
                    app_sessions::note(tx, ticket.id(), *app, "alice")?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Every delivery is accounted for, once.
async fn settled(home: &Home, names: &[&str]) -> Result<()> {
    for name in names {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let shown = home.ask(&["app", "logouts", name])?;
            let count = |member: &str| shown.get(member).and_then(Value::as_u64).unwrap_or_default();
            if count("told") == SESSIONS as u64 && count("waiting") == 0 {
                break;
            }
            anyhow::ensure!(Instant::now() < deadline, "{name} was told of {}", count("told"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

/// The tokens that came, each once.
#[derive(Default)]
struct Taken {
    tokens: Mutex<HashSet<Bytes>>,
    more: Notify,
}

impl Taken {
    fn take(&self, token: Bytes) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token);
        self.more.notify_one();
    }

    fn count(&self) -> usize {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn reach(&self, count: usize) {
        while self.count() < count {
            self.more.notified().await;
        }
    }
}

/// An application that takes logout tokens at once; its address.
async fn listen(taken: Arc<Taken>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let taken = Arc::clone(&taken);
            tokio::spawn(async move {
                let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
                    let taken = Arc::clone(&taken);
                    async move {
                        if let Ok(body) = request.into_body().collect().await {
                            taken.take(body.to_bytes());
                        }
                        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                    }
                });
                let _ = Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(format!("http://{address}/backchannel-logout"))
}
