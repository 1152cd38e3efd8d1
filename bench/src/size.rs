//! How large a database with 100,000 people is, made through the same code that the server runs.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use doorward_directory::{Actor, Directory, Hasher, HasherSettings, NewGroup, NewUser};
use doorward_jose::{Random, Secret, SystemRandom};
use doorward_store::{Location, Store, StoreError};
use jiff::Timestamp;

const PEOPLE: usize = 100_000;
const GROUPS: usize = 100;
/// Everybody's.
pub(crate) const PASSWORD: &str = "correct-horse-battery";
/// Units of work that wait for one commit.
const AT_ONCE: usize = 256;

/// Prints the size. Each person has a name, a full name, an address, a password and two groups; each has left the event
/// of their being added.
#[allow(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
pub(crate) async fn report() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("doorward.db");
    let took = fill(&path, PEOPLE).await?;
    let bytes = std::fs::metadata(&path)?.len();
    println!(
        "{PEOPLE} people in {GROUPS} groups, added in {:.0} s: {:.1} MiB, which is {:.0} bytes a person.",
        took.as_secs_f64(),
        bytes as f64 / 1024.0 / 1024.0,
        bytes as f64 / PEOPLE as f64,
    );
    Ok(())
}

/// Adds so many people to the database at `path`, through the same code that the server runs, and returns how long that took.
pub(crate) async fn fill(path: &Path, people: usize) -> Result<Duration> {
    let now = Timestamp::from_second(1_800_000_000)?;
    let store = Store::open(&Location::Sqlite(path.to_owned()), now).await?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let hasher = Hasher::start(&HasherSettings::default())?;
    let directory = Directory::new(store.clone(), hasher.clone(), random);
    let started = Instant::now();
    for number in 0..GROUPS {
        let group = NewGroup {
            name: format!("team-{number:03}"),
            ..NewGroup::default()
        };
        directory.add_group(&Actor::server(), group, now).await?;
    }
    let mut adding = tokio::task::JoinSet::new();
    for number in 0..people {
        if adding.len() >= AT_ONCE {
            adding.join_next().await.context("nobody is being added")???;
        }
        let directory = directory.clone();
        adding.spawn(async move { directory.add_user(&Actor::server(), person(number), now).await });
    }
    while let Some(added) = adding.join_next().await {
        added??;
    }
    let took = started.elapsed();
    // One hash for all: computing each would take most of an hour, and they are equally long.
    let phc = hasher.hash(Secret::new(PASSWORD.to_owned()), [7; 16]).await?;
    store
        .write::<_, StoreError>(now, move |tx| {
            tx.execute(
                "INSERT INTO passwords (user_id, phc, prepared, set_at) SELECT id, $1, 1, created_at FROM users \
                 WHERE NOT EXISTS (SELECT 1 FROM passwords WHERE user_id = users.id)",
                &[(&phc).into()],
            )
        })
        .await?;
    store.close().await;
    Ok(took)
}

fn person(number: usize) -> NewUser {
    let group = |offset: usize| format!("team-{:03}", (number + offset) % GROUPS);
    NewUser {
        name: format!("person.{number:06}"),
        display_name: Some(format!("Person Number {number:06}")),
        email: Some(format!("person.{number:06}@example.com")),
        email_verified: true,
        groups: vec![group(0), group(37)],
        ..NewUser::default()
    }
}
