//! Events are kept with what they tell of.

use doorward_audit::{Actor, Event, EventFilter, Outcome, RecordedEvent, events};
use doorward_store::testing::{TestStore, engines};
use doorward_store::{Store, StoreError};
use serde_json::json;
use uuid::Uuid;

use crate::at;

pub(crate) async fn record(store: &Store, millis: i64, event: Event) -> Uuid {
    store
        .write(at(millis), move |tx| events::record(tx, &event))
        .await
        .unwrap()
}

async fn list(store: &TestStore, filter: EventFilter) -> Vec<RecordedEvent> {
    store
        .scan(move |tx| events::list(tx, &filter, None, 100))
        .await
        .map_err(|error: StoreError| error)
        .unwrap()
}

fn actions(events: &[RecordedEvent]) -> Vec<&str> {
    events.iter().map(|event| event.event.action.as_ref()).collect()
}

fn ada() -> Actor {
    Actor::new(Uuid::from_u128(1), "ada", "session")
}

#[tokio::test]
async fn an_event_comes_back_whole() {
    for store in engines().await {
        let event = Event::new("app.secret.show", ada())
            .about("app", Some(Uuid::from_u128(2)), "netbox")
            .refused("missing_right")
            .from_address("192.0.2.7")
            .in_trace(Some("7K3Q-9FZM".parse().unwrap()))
            .with_data(json!({ "right": "apps", "tries": 3 }));
        let id = record(&store, 1234, event.clone()).await;
        let found = list(&store, EventFilter::default()).await;
        assert_eq!(
            found,
            [RecordedEvent {
                id,
                at: at(1234),
                event
            }],
            "{}",
            store.engine
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&found[0].json_line()).unwrap(),
            json!({
                "id": id, "at": "2026-01-01T00:00:01.234Z", "action": "app.secret.show",
                "actor": { "id": Uuid::from_u128(1), "name": "ada", "via": "session" },
                "subject": { "kind": "app", "id": Uuid::from_u128(2), "name": "netbox" },
                "outcome": "refused", "reason": "missing_right", "address": "192.0.2.7", "trace": "7K3Q-9FZM",
                "data": { "right": "apps", "tries": 3 },
            })
        );
        let least = Event::new("start", Actor::system());
        record(&store, 2000, least.clone()).await;
        assert_eq!(list(&store, EventFilter::default()).await[0].event, least);
    }
}

#[tokio::test]
async fn a_unit_that_fails_leaves_no_event() {
    for store in engines().await {
        let failed: Result<(), StoreError> = store
            .write(at(0), |tx| {
                events::record(tx, &Event::new("user.add", ada()))?;
                Err(StoreError::Busy("on purpose".to_owned()))
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(list(&store, EventFilter::default()).await, [], "{}", store.engine);
    }
}

#[tokio::test]
async fn events_of_one_unit_keep_their_order() {
    for store in engines().await {
        let names: Vec<String> = (0..50).map(|number| format!("step.{number}")).collect();
        let recorded = names.clone();
        store
            .write(at(5), move |tx| {
                for name in recorded {
                    events::record(tx, &Event::new(name, ada()))?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let mut found = list(&store, EventFilter::default()).await;
        found.reverse();
        assert_eq!(actions(&found), names, "{}", store.engine);
        assert!(
            found
                .iter()
                .all(|event| event.at == at(5) && event.id.get_version_num() == 7)
        );
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    for store in engines().await {
        let trace = "00000001".parse().unwrap();
        record(&store, 1, Event::new("app.add", ada()).about("app", None, "netbox")).await;
        record(&store, 2, Event::new("app", ada()).about("app", None, "grafana")).await;
        record(&store, 3, Event::new("apple.eat", Actor::system())).await;
        let refused = Event::new("login", Actor::named("bob", "login")).refused("wrong_password");
        record(&store, 4, refused.in_trace(Some(trace))).await;
        for (filter, expected) in [
            (EventFilter::default(), &["login", "apple.eat", "app", "app.add"][..]),
            (
                EventFilter {
                    action: Some("app".into()),
                    ..Default::default()
                },
                &["app", "app.add"],
            ),
            (
                EventFilter {
                    action: Some("app.add".into()),
                    ..Default::default()
                },
                &["app.add"],
            ),
            (
                EventFilter {
                    action: Some("ap".into()),
                    ..Default::default()
                },
                &[],
            ),
            (
                EventFilter {
                    action: Some("a%".into()),
                    ..Default::default()
                },
                &[],
            ),
            (
                EventFilter {
                    actor: Some("ada".into()),
                    ..Default::default()
                },
                &["app", "app.add"],
            ),
            (
                EventFilter {
                    subject: Some("netbox".into()),
                    ..Default::default()
                },
                &["app.add"],
            ),
            (
                EventFilter {
                    trace: Some(trace),
                    ..Default::default()
                },
                &["login"],
            ),
            (
                EventFilter {
                    refused_only: true,
                    ..Default::default()
                },
                &["login"],
            ),
            (
                EventFilter {
                    refused_only: true,
                    actor: Some("ada".into()),
                    ..Default::default()
                },
                &[],
            ),
        ] {
            assert_eq!(
                actions(&list(&store, filter.clone()).await),
                expected,
                "{}: {filter:?}",
                store.engine
            );
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for store in engines().await {
        for number in 0..25 {
            record(&store, number / 3, Event::new(format!("n.{number}"), ada())).await;
        }
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page: Vec<RecordedEvent> = store
                .scan(move |tx| events::list(tx, &EventFilter::default(), before, 10))
                .await
                .map_err(|error: StoreError| error)
                .unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            seen.extend(page.iter().map(|event| event.event.action.to_string()));
        }
        let expected: Vec<_> = (0..25).rev().map(|number| format!("n.{number}")).collect();
        assert_eq!(seen, expected, "{}", store.engine);
    }
}

#[tokio::test]
async fn secrets_are_not_kept_even_when_a_caller_passes_them() {
    for store in engines().await {
        let secret = "s3cr3t-".repeat(8);
        let event = Event::new("app.secret.rotate", Actor::named(format!("x {secret}"), "login"))
            .about("app", None, secret.clone())
            .with_data(json!({
                "password": "hunter2", "Client_Secret": "short", "note": format!("it is {secret}"),
                "list": [{ "code": "abc", "deep": secret }], "password_changed": true,
            }));
        record(&store, 0, event).await;
        let line = list(&store, EventFilter::default()).await[0].json_line();
        for leaked in ["hunter2", "short", "abc", secret.as_str()] {
            assert!(!line.contains(leaked), "{}: {line}", store.engine);
        }
        assert!(line.contains(r#""password_changed":true"#));
        assert_eq!(list(&store, EventFilter::default()).await[0].event.outcome, Outcome::Ok);
    }
}
