//! Old things go.

use doorward_audit::{Actor, Event, EventFilter, Retention, Step, Swept, TraceFilter, Tracer, Visit, events, sweep};
use doorward_jose::SystemRandom;
use doorward_store::StoreError;
use doorward_store::testing::engines;
use jiff::SignedDuration;

use crate::at;
use crate::events::record;

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn what_is_older_than_the_setting_is_deleted_and_nothing_else() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        for hour in 0..10 {
            record(&store, hour * HOUR, Event::new("login", Actor::system())).await;
            let mut visit = Visit::new("authorize");
            visit.steps.push(Step::ok("client", ""));
            tracer.note(tracer.begin(at(hour * HOUR)), at(hour * HOUR), visit);
        }
        tracer.flush(at(9 * HOUR)).await.unwrap();
        let keep = Retention {
            events: SignedDuration::from_hours(6),
            traces: SignedDuration::from_hours(2),
        };
        let swept = sweep(&store, keep, at(9 * HOUR)).await.unwrap();
        assert_eq!(swept, Swept { events: 3, traces: 7 }, "{}", store.engine);
        assert_eq!(sweep(&store, keep, at(9 * HOUR)).await.unwrap(), Swept::default());
        let left = store
            .scan(|tx| events::list(tx, &EventFilter::default(), None, 100))
            .await;
        assert_eq!(
            left.map_err(|error: StoreError| error).unwrap().last().unwrap().at,
            at(3 * HOUR)
        );
        let left = tracer
            .recent(TraceFilter::default(), None, 100, at(9 * HOUR))
            .await
            .unwrap();
        assert_eq!(left.last().unwrap().started, at(7 * HOUR));
    }
}

#[tokio::test]
async fn many_rows_are_deleted_in_one_call() {
    for store in engines().await {
        store
            .write(at(0), |tx| {
                for _ in 0..2500 {
                    events::record(tx, &Event::new("login", Actor::system()))?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let keep = Retention {
            events: SignedDuration::from_secs(1),
            traces: SignedDuration::from_secs(1),
        };
        assert_eq!(
            sweep(&store, keep, at(HOUR)).await.unwrap().events,
            2500,
            "{}",
            store.engine
        );
    }
}
