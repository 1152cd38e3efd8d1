//! Followers see each event once, also those that become visible late.

use std::time::Duration;

use doorward_audit::{Actor, Event, EventFilter, EventFollower, Reference, Step, TraceFilter, Tracer, Visit};
use doorward_jose::SystemRandom;
use doorward_store::testing::engines;

use crate::at;
use crate::events::record;

fn event(name: &'static str) -> Event {
    Event::new(name, Actor::system())
}

async fn next(follower: &mut EventFollower) -> Vec<String> {
    let fresh = follower.next().await.unwrap();
    fresh.into_iter().map(|event| event.event.action.into_owned()).collect()
}

#[tokio::test]
async fn a_follower_gets_what_comes_after_it_began() {
    for store in engines().await {
        record(&store, 0, event("before")).await;
        let mut follower = EventFollower::from_now(store.clone(), EventFilter::default(), at(1000));
        assert!(next(&mut follower).await.is_empty());
        record(&store, 1000, event("one")).await;
        record(&store, 2000, event("two")).await;
        assert_eq!(next(&mut follower).await, ["one", "two"], "{}", store.engine);
        assert!(next(&mut follower).await.is_empty());
    }
}

#[tokio::test]
async fn an_event_that_becomes_visible_after_a_later_one_is_not_missed() {
    for store in engines().await {
        let mut follower = EventFollower::from_now(store.clone(), EventFilter::default(), at(0));
        record(&store, 9000, event("committed first")).await;
        assert_eq!(next(&mut follower).await, ["committed first"]);
        // Its unit began four seconds earlier and was held up.
        record(&store, 5000, event("committed later")).await;
        assert_eq!(next(&mut follower).await, ["committed later"], "{}", store.engine);
        assert!(next(&mut follower).await.is_empty());
    }
}

#[tokio::test]
async fn a_follower_goes_on_where_another_stopped() {
    for store in engines().await {
        record(&store, 0, event("long ago")).await;
        let last = record(&store, 60_000, event("seen")).await;
        record(&store, 61_000, event("new")).await;
        let mut follower = EventFollower::after(store.clone(), EventFilter::default(), last);
        assert_eq!(next(&mut follower).await, ["new"], "{}", store.engine);
    }
}

#[tokio::test]
async fn more_events_than_a_page_are_all_delivered() {
    for store in engines().await {
        let mut follower = EventFollower::from_now(store.clone(), EventFilter::default(), at(0));
        store
            .write(at(10), |tx| {
                for number in 0..1800 {
                    doorward_audit::events::record(tx, &Event::new(format!("n.{number}"), Actor::system()))?;
                }
                Ok::<_, doorward_store::StoreError>(())
            })
            .await
            .unwrap();
        let mut seen = Vec::new();
        loop {
            let fresh = next(&mut follower).await;
            if fresh.is_empty() {
                break;
            }
            seen.extend(fresh);
        }
        let expected: Vec<_> = (0..1800).map(|number| format!("n.{number}")).collect();
        assert_eq!(seen, expected, "{}", store.engine);
    }
}

#[tokio::test]
async fn a_trace_is_followed_step_by_step() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let old = tracer.begin(at(0));
        note(&tracer, old, 0, "authorize", "history");
        tracer.flush(at(0)).await.unwrap();

        let mut follower = tracer.follow(TraceFilter::default(), at(1000));
        let mut seen = Vec::new();
        let new = tracer.begin(at(1100));
        note(&tracer, new, 1100, "authorize", "one");
        seen.extend(steps(&mut follower, 1200).await);
        note(&tracer, new, 1300, "token", "two");
        note(&tracer, old, 1300, "login", "three");
        seen.extend(steps(&mut follower, 1400).await);
        seen.extend(steps(&mut follower, 1600).await);
        // Another node's clock is behind, and its flush comes late.
        let other = Tracer::new(store.clone(), &SystemRandom);
        note(&other, new, 200, "userinfo", "four");
        other.flush(at(200)).await.unwrap();
        seen.extend(steps(&mut follower, 1700).await);
        seen[1..3].sort();
        assert_eq!(seen, ["one", "three", "two", "four"], "{}", store.engine);
    }
}

#[tokio::test]
async fn steps_are_written_by_themselves_within_moments() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn({
            let tracer = tracer.clone();
            async move { tracer.run(|| at(300), async { drop(stopped.await) }).await }
        });
        let reference = tracer.begin(at(0));
        note(&tracer, reference, 0, "authorize", "one");
        let other = Tracer::new(store.clone(), &SystemRandom);
        let mut tries = 0;
        while other.find(reference, at(0)).await.unwrap().is_none() {
            tries += 1;
            assert!(tries < 100, "not written after two seconds");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // What is noted last is written on the way out.
        note(&tracer, reference, 250, "token", "two");
        stop.send(()).unwrap();
        running.await.unwrap();
        assert_eq!(other.find(reference, at(300)).await.unwrap().unwrap().steps.len(), 2);
    }
}

fn note(tracer: &Tracer, reference: Reference, millis: i64, request: &'static str, check: &'static str) {
    let mut visit = Visit::new(request);
    visit.steps.push(Step::ok(check, ""));
    tracer.note(reference, at(millis), visit);
}

async fn steps(follower: &mut doorward_audit::TraceFollower, millis: i64) -> Vec<String> {
    let fresh = follower.next(at(millis)).await.unwrap();
    fresh
        .into_iter()
        .flat_map(|trace| trace.steps)
        .map(|step| step.check.into_owned())
        .collect()
}
