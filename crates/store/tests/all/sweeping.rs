//! Removing what has ended.

use doorward_store::sessions::NewSession;
use doorward_store::sweep::{BATCH, Swept, sweep};
use doorward_store::testing::{START, TestStore, engines};
use doorward_store::{StoreError, attempts, codes, grants, refresh, replay, revoked_tokens, sessions};
use jiff::Timestamp;
use uuid::Uuid;

use crate::protocol::{after, code, grant, id, ticket};

async fn fill(store: &TestStore, rows: usize, expires: Timestamp) {
    store
        .write(START, move |tx| {
            for number in 0..rows {
                let new = NewSession {
                    user_id: Uuid::nil(),
                    expires,
                    idle_seconds: 60,
                    auth_time: START,
                    amr: &[],
                    acr: None,
                    address: "",
                    user_agent: "",
                };
                sessions::create(tx, &ticket(), &new)?;
                attempts::create(tx, &ticket(), "{}", &[0; 32], None, expires)?;
                let mut grant = grant(None, id(), None);
                grant.expires = expires;
                grants::create(tx, &grant)?;
                let mut code = code(grant.id);
                code.expires = expires;
                codes::insert(tx, &ticket(), &code)?;
                refresh::start(tx, &ticket(), grant.id, expires, expires)?;
                replay::claim(tx, "sweep", &format!("{number} {expires}"), expires)?;
                revoked_tokens::revoke(tx, &format!("{number} {expires}"), expires)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

async fn count(store: &TestStore) -> Vec<(&'static str, i64)> {
    store
        .scan(|tx| {
            [
                "sessions",
                "attempts",
                "grants",
                "codes",
                "refresh_families",
                "replay",
                "revoked_tokens",
            ]
            .into_iter()
            .map(|table| {
                let rows = tx.one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.get(0))?;
                Ok::<_, StoreError>((table, rows.unwrap_or(0)))
            })
            .collect()
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_has_ended_goes_and_what_has_not_stays() {
    for store in engines().await {
        fill(&store, 3, after(100)).await;
        fill(&store, 2, after(10_000)).await;
        let none = store.write(after(99), |tx| sweep(tx, after(99))).await.unwrap();
        assert_eq!(none, Swept::default(), "{}", store.engine);
        let swept = store.write(after(100), |tx| sweep(tx, after(100))).await.unwrap();
        assert_eq!(swept, Swept { rows: 18, more: false }, "{}", store.engine);
        for (table, rows) in count(&store).await {
            // Codes are remembered for an hour, so that a replay is recognised.
            assert_eq!(
                rows,
                if table == "codes" { 5 } else { 2 },
                "{table} on {}",
                store.engine
            );
        }
        let swept = store.write(after(3700), |tx| sweep(tx, after(3700))).await.unwrap();
        assert_eq!(swept.rows, 3, "{}", store.engine);
    }
}

#[tokio::test]
async fn one_call_removes_a_bounded_number_and_says_whether_there_is_more() {
    for store in engines().await {
        let batch = usize::try_from(BATCH).unwrap();
        fill(&store, batch + 1, after(10)).await;
        let far = after(100_000);
        let first = store.write(far, move |tx| sweep(tx, far)).await.unwrap();
        assert_eq!(first.rows, 7 * BATCH.unsigned_abs(), "{}", store.engine);
        assert!(first.more);
        let second = store.write(far, move |tx| sweep(tx, far)).await.unwrap();
        assert_eq!(second, Swept { rows: 7, more: false }, "{}", store.engine);
        assert!(count(&store).await.iter().all(|(_, rows)| *rows == 0));
    }
}
