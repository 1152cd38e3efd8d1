//! The service over each engine, as one node or two.

use std::future::Future;
use std::sync::Arc;

use doorward_audit::{EventFilter, RecordedEvent, events};
use doorward_certificates::{Certificates, Name, Source};
use doorward_jose::{Secret, SystemRandom};
use doorward_store::testing::{START, TestStore, engines};
use doorward_store::{MasterKey, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// Runs the same test on every engine.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(test: impl Fn(TestStore) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for store in engines().await {
            println!("on {}", store.engine);
            test(store).await;
        }
    });
}

/// A node for `https://sso.home.lan`.
pub(crate) fn node(store: &Store, source: Source) -> Certificates {
    let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
    let host = Name::parse("sso.home.lan").unwrap();
    Certificates::new(store.clone(), master, Arc::new(SystemRandom), host, source, START)
}

/// That many days after the tests began.
pub(crate) fn day(days: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_hours(days * 24)).unwrap()
}

/// Events of that action, the latest first.
pub(crate) async fn recorded(store: &Store, action: &'static str) -> Vec<RecordedEvent> {
    let filter = EventFilter {
        action: Some(action.into()),
        ..EventFilter::default()
    };
    let read = store.scan::<_, StoreError>(move |tx| events::list(tx, &filter, None, 100));
    read.await.unwrap()
}
