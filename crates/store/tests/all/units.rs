//! Units of work.

use std::sync::Arc;
use std::time::Duration;

use doorward_store::testing::{START, engines, sqlite};
use doorward_store::{Row, Store, StoreError, Tx, Value};
use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;

pub(crate) async fn with_things(store: &Store) {
    store
        .write(START, |tx| {
            tx.execute(
                "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE, size BIGINT CHECK (size >= 0))",
                &[],
            )
        })
        .await
        .unwrap();
}

pub(crate) fn insert(tx: &mut Tx<'_>, id: i64, name: &str) -> Result<u64, StoreError> {
    tx.execute(
        "INSERT INTO things (id, name) VALUES ($1, $2)",
        &[id.into(), name.into()],
    )
}

pub(crate) async fn ids(store: &Store) -> Vec<i64> {
    store
        .read(|tx| tx.all("SELECT id FROM things ORDER BY id", &[], |row| row.get(0)))
        .await
        .unwrap_or_else(|failure: StoreError| panic!("{failure}"))
}

/// A refusal of the caller's own, as the subjects have them.
#[derive(Debug, PartialEq)]
enum Refused {
    ByRule,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(failure: StoreError) -> Self {
        Self::Store(failure)
    }
}

#[tokio::test]
async fn what_a_unit_wrote_is_there_when_it_returns() {
    for store in engines().await {
        with_things(&store).await;
        assert_eq!(store.write(START, |tx| insert(tx, 7, "seven")).await, Ok(1));
        let name = store
            .read(|tx| {
                tx.one("SELECT name FROM things WHERE id = $1", &[7.into()], |row| {
                    row.get::<String>(0)
                })
            })
            .await;
        assert_eq!(name, Ok(Some("seven".to_owned())), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_refused_unit_leaves_nothing_behind() {
    for store in engines().await {
        with_things(&store).await;
        let refused = store
            .write(START, |tx| {
                insert(tx, 1, "one")?;
                Err::<(), _>(Refused::ByRule)
            })
            .await;
        assert_eq!(refused, Err(Refused::ByRule));
        assert_eq!(ids(&store).await, [0_i64; 0], "{}", store.engine);
    }
}

#[tokio::test]
async fn a_panicking_unit_is_an_error_of_its_own_and_leaves_nothing_behind() {
    for store in engines().await {
        with_things(&store).await;
        let result = store
            .write(START, |tx| {
                insert(tx, 1, "one")?;
                assert!(tx.now() != START, "the unit gives up");
                Ok::<_, StoreError>(())
            })
            .await;
        assert_eq!(result, Err(StoreError::Panicked("the unit gives up".to_owned())));
        assert_eq!(store.write(START, |tx| insert(tx, 2, "two")).await, Ok(1));
        assert_eq!(ids(&store).await, [2], "{}", store.engine);
    }
}

#[tokio::test]
async fn a_panicking_read_is_an_error_of_its_own() {
    for store in engines().await {
        with_things(&store).await;
        let result = store
            .read(|tx| {
                assert!(tx.now() != Timestamp::MAX, "the read gives up");
                Ok::<_, StoreError>(())
            })
            .await;
        assert_eq!(result, Err(StoreError::Panicked("the read gives up".to_owned())));
        assert_eq!(ids(&store).await, [0_i64; 0], "{}", store.engine);
    }
}

#[tokio::test]
async fn units_that_fail_do_not_touch_those_committed_with_them() {
    for store in engines().await {
        with_things(&store).await;
        let shared: Arc<Store> = Arc::new(store.clone());
        let mut tasks = JoinSet::new();
        for id in 0..60_i64 {
            let store = Arc::clone(&shared);
            tasks.spawn(async move {
                let outcome = store
                    .write(START, move |tx| {
                        insert(tx, id, &format!("thing {id}"))?;
                        match id % 3 {
                            0 => Ok(()),
                            1 => Err(Refused::ByRule),
                            _ => panic!("unit {id} gives up"),
                        }
                    })
                    .await;
                (id, outcome)
            });
        }
        while let Some(done) = tasks.join_next().await {
            let (id, outcome) = done.unwrap();
            match id % 3 {
                0 => assert_eq!(outcome, Ok(())),
                1 => assert_eq!(outcome, Err(Refused::ByRule)),
                _ => assert!(matches!(outcome, Err(Refused::Store(StoreError::Panicked(_))))),
            }
        }
        let expected: Vec<i64> = (0..60).filter(|id| id % 3 == 0).collect();
        assert_eq!(ids(&store).await, expected, "{}", store.engine);
    }
}

#[tokio::test]
async fn a_duplicate_is_told_apart_from_other_constraints() {
    for store in engines().await {
        with_things(&store).await;
        store.write(START, |tx| insert(tx, 1, "one")).await.unwrap();
        let by_key = store.write(START, |tx| insert(tx, 1, "other")).await.unwrap_err();
        assert!(by_key.is_duplicate(), "{}: {by_key:?}", store.engine);
        let by_name = store.write(START, |tx| insert(tx, 2, "one")).await.unwrap_err();
        assert!(by_name.is_duplicate(), "{}: {by_name:?}", store.engine);
        let negative = store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO things (id, size) VALUES ($1, $2)",
                    &[3.into(), (-1).into()],
                )
            })
            .await
            .unwrap_err();
        assert!(
            matches!(negative, StoreError::Constraint(_)),
            "{}: {negative:?}",
            store.engine
        );
        assert_eq!(ids(&store).await, [1]);
    }
}

#[tokio::test]
async fn after_a_failed_statement_the_unit_is_lost_even_if_it_goes_on() {
    for store in engines().await {
        with_things(&store).await;
        store.write(START, |tx| insert(tx, 1, "one")).await.unwrap();
        let result = store
            .write(START, |tx| {
                insert(tx, 2, "two")?;
                assert!(insert(tx, 1, "again").is_err());
                assert_eq!(insert(tx, 3, "three"), Err(StoreError::Aborted));
                Ok::<_, StoreError>(())
            })
            .await;
        assert_eq!(result, Err(StoreError::Aborted), "{}", store.engine);
        assert_eq!(ids(&store).await, [1], "{}", store.engine);
        let careless = |tx: &mut Tx<'_>| {
            assert!(tx.execute("SELECT nothing FROM nowhere", &[]).is_err());
            Ok::<_, StoreError>(())
        };
        assert_eq!(store.scan(careless).await, Err(StoreError::Aborted), "{}", store.engine);
        assert_eq!(store.read(careless).await, Err(StoreError::Aborted), "{}", store.engine);
    }
}

#[tokio::test]
async fn parameters_go_by_their_number_not_by_their_place() {
    for store in engines().await {
        with_things(&store).await;
        store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO things (name, id, size) VALUES ($2, $1, $1)",
                    &[5.into(), "five".into()],
                )
            })
            .await
            .unwrap();
        let row = store
            .read(|tx| {
                tx.one(
                    "SELECT id, name, size FROM things WHERE name = $2 AND id = $1",
                    &[5.into(), "five".into()],
                    |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?)),
                )
            })
            .await;
        assert_eq!(row, Ok(Some((5, "five".to_owned(), 5))), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_an_error() {
    for store in engines().await {
        with_things(&store).await;
        let too_few = vec![Value::Int(1)];
        let too_many = vec![Value::Int(1), Value::Text("x"), Value::Int(2)];
        for params in [too_few, too_many] {
            let result = store
                .write(START, move |tx| {
                    tx.execute("INSERT INTO things (id, name) VALUES ($1, $2)", &params)
                })
                .await;
            assert!(
                matches!(result, Err(StoreError::Parameter(_))),
                "{}: {result:?}",
                store.engine
            );
        }
    }
}

#[tokio::test]
async fn a_parameter_of_the_wrong_type_is_an_error() {
    for store in engines().await {
        let result = store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO settings (name, value) VALUES ($1, $2)",
                    &["a".into(), Value::Bytes(b"\xff\x00")],
                )
            })
            .await;
        assert!(result.is_err(), "{}", store.engine);
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    let id = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
    let at = Timestamp::from_millisecond(1_767_225_600_123).unwrap();
    for store in engines().await {
        let bytes_type = if store.engine == "postgres" { "BYTEA" } else { "BLOB" };
        let sql = format!(
            "CREATE TABLE kinds (n BIGINT, t TEXT, b {bytes_type}, u {bytes_type}, at BIGINT, yes BIGINT, missing TEXT)"
        );
        store.write(START, move |tx| tx.execute(&sql, &[])).await.unwrap();
        store
            .write(START, move |tx| {
                tx.execute(
                    "INSERT INTO kinds (n, t, b, u, at, yes, missing) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[
                        i64::MIN.into(),
                        "Zoë 🚪\n'quoted'".into(),
                        (&[0_u8, 255, 7]).into(),
                        id.into(),
                        at.into(),
                        true.into(),
                        None::<&str>.into(),
                    ],
                )
            })
            .await
            .unwrap();
        let read = move |row: &Row<'_>| {
            assert_eq!(row.get::<i64>(0)?, i64::MIN);
            assert_eq!(row.get::<String>(1)?, "Zoë 🚪\n'quoted'");
            assert_eq!(row.get::<Vec<u8>>(2)?, [0, 255, 7]);
            assert_eq!(row.get::<[u8; 3]>(2)?, [0, 255, 7]);
            assert_eq!(row.get::<Option<Uuid>>(3)?, Some(id));
            assert_eq!(row.get::<Timestamp>(4)?, at);
            assert!(row.get::<bool>(5)?);
            assert_eq!(row.get::<Option<String>>(6)?, None);
            Ok(())
        };
        let all = store.scan(move |tx| tx.all("SELECT * FROM kinds", &[], read)).await;
        assert_eq!(all, Ok(vec![()]), "{}", store.engine);
        for wrong in [
            store
                .read(|tx| tx.one("SELECT t FROM kinds", &[], |row| row.get::<i64>(0).map(drop)))
                .await,
            store
                .read(|tx| tx.one("SELECT missing FROM kinds", &[], |row| row.get::<String>(0).map(drop)))
                .await,
            store
                .read(|tx| tx.one("SELECT b FROM kinds", &[], |row| row.get::<Uuid>(0).map(drop)))
                .await,
            store
                .read(|tx| tx.one("SELECT n FROM kinds", &[], |row| row.get::<bool>(0).map(drop)))
                .await,
            store
                .read(|tx| tx.one("SELECT n FROM kinds", &[], |row| row.get::<i64>(1).map(drop)))
                .await,
        ] {
            assert!(
                matches!(wrong, Err(StoreError::Column { .. })),
                "{}: {wrong:?}",
                store.engine
            );
        }
    }
}

#[tokio::test]
async fn values_of_megabytes_survive() {
    for store in engines().await {
        let text: String = "Doorward ".repeat(500_000);
        let expected = text.clone();
        store
            .write(START, move |tx| {
                tx.execute(
                    "INSERT INTO settings (name, value) VALUES ($1, $2)",
                    &["big".into(), (&text).into()],
                )
            })
            .await
            .unwrap();
        let read = store
            .read(|tx| {
                tx.one("SELECT value FROM settings WHERE name = $1", &["big".into()], |row| {
                    row.get::<String>(0)
                })
            })
            .await;
        assert!(read == Ok(Some(expected)), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_question_for_one_row_refuses_two() {
    for store in engines().await {
        with_things(&store).await;
        let result = store
            .write(START, |tx| {
                insert(tx, 1, "one")?;
                insert(tx, 2, "two")?;
                tx.one("SELECT id FROM things", &[], |row| row.get::<i64>(0))
            })
            .await;
        assert_eq!(result, Err(StoreError::MoreThanOne), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_returning_statement_gives_its_rows() {
    for store in engines().await {
        with_things(&store).await;
        let names = store
            .write(START, |tx| {
                insert(tx, 1, "one")?;
                insert(tx, 2, "two")?;
                tx.one(
                    "INSERT INTO things (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name \
                     RETURNING name",
                    &[1.into(), "eins".into()],
                    |row| row.get::<String>(0),
                )?;
                tx.all("DELETE FROM things RETURNING name", &[], |row| row.get::<String>(0))
            })
            .await
            .map(|mut names| {
                names.sort();
                names
            });
        assert_eq!(names, Ok(vec!["eins".to_owned(), "two".to_owned()]), "{}", store.engine);
        assert_eq!(ids(&store).await, [0_i64; 0]);
    }
}

#[tokio::test]
async fn reading_units_cannot_write_and_have_no_time() {
    for store in engines().await {
        with_things(&store).await;
        assert_eq!(
            store.read(|tx| insert(tx, 1, "one")).await,
            Err(StoreError::ReadOnly),
            "{}",
            store.engine
        );
        assert_eq!(store.scan(|tx| insert(tx, 1, "one")).await, Err(StoreError::ReadOnly));
        assert_eq!(store.read(|tx| Ok::<_, StoreError>(tx.now())).await, Ok(Timestamp::MAX));
        assert_eq!(ids(&store).await, [0_i64; 0], "{}", store.engine);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_sees_one_state_while_others_write() {
    for store in engines().await {
        with_things(&store).await;
        let (started, wait) = std::sync::mpsc::channel();
        let (written, go_on) = std::sync::mpsc::channel();
        let scanning = store.clone();
        let scan = tokio::spawn(async move {
            scanning
                .scan(move |tx| {
                    let count = |tx: &mut Tx<'_>| tx.one("SELECT count(*) FROM things", &[], |row| row.get::<i64>(0));
                    let before = count(tx)?;
                    started.send(()).unwrap();
                    go_on.recv_timeout(Duration::from_secs(10)).unwrap();
                    Ok::<_, StoreError>((before, count(tx)?))
                })
                .await
        });
        tokio::task::spawn_blocking(move || wait.recv_timeout(Duration::from_secs(10)).unwrap())
            .await
            .unwrap();
        store.write(START, |tx| insert(tx, 1, "one")).await.unwrap();
        written.send(()).unwrap();
        assert_eq!(scan.await.unwrap(), Ok((Some(0), Some(0))), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_unit_whose_caller_stopped_waiting_still_happens() {
    for store in engines().await {
        with_things(&store).await;
        {
            let writing = store.write(START, |tx| {
                std::thread::sleep(Duration::from_millis(50));
                insert(tx, 1, "one")
            });
            let _ = tokio::time::timeout(Duration::from_millis(25), writing).await;
        }
        let mut found = Vec::new();
        for _ in 0..100 {
            found = ids(&store).await;
            if !found.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(found, [1], "{}", store.engine);
    }
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for store in engines().await {
        with_things(&store).await;
        store.close().await;
        assert_eq!(
            store.write(START, |tx| insert(tx, 1, "one")).await,
            Err(StoreError::Closed),
            "{}",
            store.engine
        );
        assert_eq!(store.read(|tx| insert(tx, 1, "one")).await, Err(StoreError::Closed));
    }
}

#[tokio::test]
async fn what_was_queued_before_closing_is_committed() {
    let store = sqlite().await;
    with_things(&store).await;
    let mut tasks = JoinSet::new();
    for id in 0..100 {
        let store = store.clone();
        tasks.spawn(async move { store.write(START, move |tx| insert(tx, id, &id.to_string())).await });
    }
    tokio::task::yield_now().await;
    store.close().await;
    let mut committed = 0;
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => committed += 1,
            Err(failure) => assert_eq!(failure, StoreError::Closed),
        }
    }
    let again = Store::open(&store.location, START).await.unwrap();
    assert_eq!(ids(&again).await.len(), committed);
    assert!(committed > 0);
}
