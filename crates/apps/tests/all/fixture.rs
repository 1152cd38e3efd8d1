//! A service over each engine, and groups to map.

use std::future::Future;
use std::sync::Arc;

use doorward_apps::{App, Apps, AppsError, Created, NewApp};
use doorward_audit::Actor;
use doorward_jose::{Secret, SystemRandom};
use doorward_oidc::Refusal;
use doorward_store::testing::{START, TestStore, engines};
use doorward_store::{Change, MasterKey, StoreError, Topic, new_id};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) struct Fixture {
    pub(crate) apps: Apps,
    pub(crate) store: TestStore,
}

/// Runs the same test on every engine.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(test: impl Fn(Arc<Fixture>) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for store in engines().await {
            println!("on {}", store.engine);
            // Shared, so that a test which uses one field of it keeps the whole alive.
            test(Arc::new(Fixture::new(store, 7))).await;
        }
    });
}

impl Fixture {
    fn new(store: TestStore, key: u8) -> Self {
        Self {
            apps: service(&store, key),
            store,
        }
    }

    pub(crate) async fn add(&self, preset: &str, url: &str) -> Created {
        self.apps.add(&by(), new(preset, url), START).await.unwrap()
    }

    pub(crate) async fn group(&self, name: &str) -> Uuid {
        let id = new_id(START, &SystemRandom);
        let name = name.to_owned();
        self.store
            .write(START, move |tx| {
                tx.execute(
                    "INSERT INTO user_groups (id, name, name_key, description, created_at, updated_at)
                     VALUES ($1, $2, $3, '', $4, $4)",
                    &[
                        id.into(),
                        (&name).into(),
                        name.to_ascii_lowercase().as_bytes().into(),
                        START.into(),
                    ],
                )?;
                tx.announce(Change::of(Topic::Groups, id));
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        id
    }

    pub(crate) async fn rename_group(&self, id: Uuid, name: &'static str) {
        self.store
            .write(START, move |tx| {
                tx.execute(
                    "UPDATE user_groups SET name = $2, name_key = $3 WHERE id = $1",
                    &[id.into(), name.into(), name.as_bytes().into()],
                )?;
                tx.announce(Change::of(Topic::Groups, id));
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }

    pub(crate) async fn execute(&self, sql: &'static str, id: Uuid) {
        self.store
            .write(START, move |tx| {
                tx.execute(sql, &[id.into()])?;
                tx.announce(Change::of(Topic::Groups, id));
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
}

/// A service over the same store, with a master key of its own.
pub(crate) fn service(store: &TestStore, key: u8) -> Apps {
    let master = MasterKey::from_bytes(&Secret::new([key; 32]));
    Apps::new((**store).clone(), Arc::new(master), Arc::new(SystemRandom))
}

pub(crate) fn by() -> Actor {
    Actor::named("root", "socket")
}

pub(crate) fn new(preset: &str, url: &str) -> NewApp {
    NewApp {
        preset: preset.to_owned(),
        url: url.to_owned(),
        ..NewApp::default()
    }
}

/// An application as it would be added, without a store.
pub(crate) fn built(preset: &str) -> App {
    new(preset, "https://app.example.com")
        .build(Uuid::nil(), START)
        .unwrap()
}

pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, AppsError>) -> Refusal {
    match outcome.unwrap_err() {
        AppsError::Refused(refusal) => refusal,
        other => panic!("expected a refusal, got {other}"),
    }
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    START + SignedDuration::from_secs(seconds)
}
