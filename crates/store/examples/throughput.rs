//! What the store alone costs per login, per refresh and per check of a token: `cargo run --release -p doorward-store
//! --example throughput --features testing -- DIRECTORY|postgres://… [SECONDS]`. Prints operations per second and per
//! second of CPU time of this process.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program that measures and prints"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use doorward_jose::{Secret, SystemRandom};
use doorward_store::codes::{Code, TakeCode};
use doorward_store::grants::Grant;
use doorward_store::refresh::Rotate;
use doorward_store::testing::START;
use doorward_store::{Location, MasterKey, Store, StoreError, Ticket, codes, grants, new_id, refresh};
use jiff::{SignedDuration, Timestamp, ToSpan};
use tokio::task::JoinSet;
use uuid::Uuid;

const TASKS: usize = 64;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().unwrap_or_else(|| ".".to_owned());
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let location = if place.starts_with("postgres:") {
        Location::Postgres(place)
    } else {
        Location::Sqlite(format!("{place}/throughput.db").into())
    };
    let store = Store::open(&location, START).await.unwrap();
    let key = Arc::new(MasterKey::from_bytes(&Secret::new([1; 32])));
    let users: Arc<Vec<Uuid>> = Arc::new((0..1000).map(|_| new_id(START, &SystemRandom)).collect());
    let time = Duration::from_secs(seconds);

    measure("login (grant, code; take, family)", time, &store, {
        let users = Arc::clone(&users);
        move |store, number| {
            let user = users[usize::try_from(number).unwrap() % users.len()];
            async move { login(&store, user).await.map(drop) }
        }
    })
    .await;

    let mut families = Vec::new();
    for user in users.iter().take(TASKS) {
        families.push(login(&store, *user).await.unwrap());
    }
    let families = Arc::new(Mutex::new(families));
    measure("refresh (rotate, grant)", time, &store, move |store, _| {
        let (families, key) = (Arc::clone(&families), Arc::clone(&key));
        async move {
            let ticket = families.lock().unwrap().pop().unwrap();
            let next = ticket.successor(&key);
            let successor = next.clone();
            store
                .write(START, move |tx| {
                    let outcome = refresh::rotate(tx, &ticket, &successor, SignedDuration::ZERO, late())?;
                    let Rotate::Rotated { grant_id } = outcome else {
                        return Err(StoreError::Damaged(format!("{outcome:?}")));
                    };
                    grants::find(tx, grant_id)
                })
                .await?;
            families.lock().unwrap().push(next);
            Ok(())
        }
    })
    .await;

    let grant = grant(users[0]);
    let id = grant.id;
    let created: Result<(), StoreError> = store.write(START, move |tx| grants::create(tx, &grant)).await;
    created.unwrap();
    measure(
        "check (grant lives, token not revoked)",
        time,
        &store,
        move |store, _| async move {
            let live: bool = store
                .read(move |tx| grants::is_live_for(tx, id, "0199a7a0-0000-7000-8000-000000000000", START))
                .await?;
            assert!(live);
            // The executor gets a chance, as it does in a server.
            tokio::task::yield_now().await;
            Ok(())
        },
    )
    .await;
    store.close().await;
}

fn late() -> Timestamp {
    START + 24.hours()
}

fn grant(user: Uuid) -> Grant {
    Grant {
        id: new_id(START, &SystemRandom),
        user_id: Some(user),
        app_id: user,
        session_id: Some(user),
        scope: "openid profile email groups".to_owned(),
        claims: None,
        extent: None,
        auth_time: Some(START),
        amr: vec!["pwd".to_owned()],
        acr: Some("1".to_owned()),
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        offline: false,
        trace: Some("7K3Q-9FZM".to_owned()),
        created: START,
        expires: late(),
        revoked_at: None,
    }
}

async fn login(store: &Store, user: Uuid) -> Result<Ticket, StoreError> {
    let grant = grant(user);
    let (ticket, family) = (now_ticket(), now_ticket());
    let code = Code {
        grant_id: grant.id,
        app_id: user,
        redirect_uri: "https://netbox.example.org/oauth/complete/oidc/".to_owned(),
        code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
        dpop_jkt: None,
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        expires: late(),
    };
    let inserted = ticket.clone();
    store
        .write(START, move |tx| {
            grants::create(tx, &grant)?;
            codes::insert(tx, &inserted, &code)
        })
        .await?;
    let started = family.clone();
    store
        .write(START, move |tx| {
            let TakeCode::Taken(code) = codes::take(tx, &ticket)? else {
                return Err(StoreError::Damaged("a fresh code".to_owned()));
            };
            grants::find(tx, code.grant_id)?;
            refresh::start(tx, &started, code.grant_id, late(), late())
        })
        .await?;
    Ok(family)
}

/// Ids must go up with time, as they do in a server.
fn now_ticket() -> Ticket {
    static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let passed = STARTED.get_or_init(Instant::now).elapsed();
    Ticket::new(START + SignedDuration::try_from(passed).unwrap(), &SystemRandom)
}

async fn measure<F, W>(name: &str, time: Duration, store: &Store, work: W)
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
    W: Fn(Store, u64) -> F + Send + Sync + 'static,
{
    let work = Arc::new(work);
    let done = Arc::new(AtomicU64::new(0));
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (store, work, done) = (store.clone(), Arc::clone(&work), Arc::clone(&done));
        tasks.spawn(async move {
            while started.elapsed() < time {
                let number = done.fetch_add(1, Ordering::Relaxed);
                work(store.clone(), number).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let done = done.load(Ordering::Relaxed) as f64;
    println!("{name}: {:.0}/s, {:.0} per second of CPU", done / wall, done / cpu);
}

/// User and system time of this process (`/proc/self/stat`, in hundredths of a second).
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = text.rsplit(") ").next().unwrap();
    let ticks: f64 = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum();
    ticks / 100.0
}
