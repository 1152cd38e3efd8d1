//! Many callers at once, one winner.

use std::{sync::Arc, time::Duration};

use doorward_jose::{Secret, SystemRandom};
use doorward_store::codes::TakeCode;
use doorward_store::grants::Offline;
use doorward_store::refresh::Rotate;
use doorward_store::testing::{START, engines};
use doorward_store::{
    MasterKey, Store, StoreError, Ticket, Tx, attempts, codes, grants, refresh, replay, sessions, turns,
};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::protocol::{after, code, grant, id, log_in, ticket};

const CALLERS: usize = 64;

/// What each of 64 callers gets, all at once.
async fn at_once<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
) -> Vec<T> {
    let work = Arc::new(work);
    let barrier = Arc::new(tokio::sync::Barrier::new(CALLERS));
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let (store, work, barrier) = (store.clone(), Arc::clone(&work), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            store.write(START, move |tx| work(tx)).await.unwrap()
        });
    }
    tasks.join_all().await
}

fn count<T>(answers: &[T], wanted: impl Fn(&T) -> bool) -> usize {
    answers.iter().filter(|answer| wanted(answer)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_callers_one_takes_the_code_and_the_others_see_a_replay() {
    for store in engines().await {
        for _ in 0..5 {
            let ticket = ticket();
            let (code, inserting) = (code(id()), ticket.clone());
            let grant_id = code.grant_id;
            store
                .write(START, move |tx| codes::insert(tx, &inserting, &code))
                .await
                .unwrap();
            let answers = at_once(&store, move |tx| codes::take(tx, &ticket)).await;
            assert_eq!(
                count(&answers, |answer| matches!(answer, TakeCode::Taken(_))),
                1,
                "{}",
                store.engine
            );
            assert_eq!(
                count(&answers, |answer| *answer == TakeCode::Replayed(grant_id)),
                CALLERS - 1
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_callers_one_rotates_and_the_others_get_the_same_successor() {
    let key = MasterKey::from_bytes(&Secret::new([4; 32]));
    for store in engines().await {
        let first = ticket();
        let next = first.successor(&key);
        let (starting, grant_id) = (first.clone(), id());
        store
            .write(START, move |tx| {
                refresh::start(tx, &starting, grant_id, after(60), after(600))
            })
            .await
            .unwrap();
        let grace = SignedDuration::from_secs(5);
        let answers = at_once(&store, move |tx| refresh::rotate(tx, &first, &next, grace, after(60))).await;
        assert_eq!(
            count(&answers, |answer| *answer == Rotate::Rotated { grant_id }),
            1,
            "{}",
            store.engine
        );
        assert_eq!(
            count(&answers, |answer| *answer == Rotate::GraceRotated { grant_id }),
            CALLERS - 1
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_callers_one_claims_a_key() {
    for store in engines().await {
        let answers = at_once(&store, |tx| replay::claim(tx, "assertion", "jti", after(60))).await;
        assert_eq!(count(&answers, |claimed| *claimed), 1, "{}", store.engine);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_callers_one_takes_the_attempt() {
    for store in engines().await {
        let ticket = ticket();
        let creating = ticket.clone();
        store
            .write(START, move |tx| {
                attempts::create(tx, &creating, "{}", &[0; 32], None, after(60))
            })
            .await
            .unwrap();
        let answers = at_once(&store, move |tx| attempts::take(tx, &ticket)).await;
        assert_eq!(count(&answers, Option::is_some), 1, "{}", store.engine);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_callers_one_has_the_turn() {
    for store in engines().await {
        let answers = at_once(&store, |tx| {
            let holder = Ticket::new(START, &SystemRandom).id();
            turns::take(tx, "sweep", holder, after(60))
        })
        .await;
        assert_eq!(count(&answers, |taken| *taken), 1, "{}", store.engine);
    }
}

/// Increments are lost if units do not exclude each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_increment_of_64_callers_is_lost() {
    for store in engines().await {
        store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO turns (name, holder, until_at) VALUES ('n', $1, 0)",
                    &[id().into()],
                )
            })
            .await
            .unwrap();
        let answers = at_once(&store, |tx| {
            tx.one(
                "UPDATE turns SET until_at = until_at + 1 WHERE name = 'n' RETURNING until_at",
                &[],
                |row| row.get::<i64>(0),
            )
        })
        .await;
        let mut numbers: Vec<i64> = answers.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=64).collect::<Vec<i64>>(), "{}", store.engine);
    }
}

/// Whoever ends a session waits for the unit that opens something in it, and then finds what was opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_grant_that_is_being_written_ends_with_the_session_that_is_being_ended() {
    for store in engines().await {
        let (user, session) = (id(), ticket());
        let (session_id, creating) = (session.id(), session.clone());
        store.write(START, move |tx| log_in(tx, &creating, user)).await.unwrap();
        let grant = grant(Some(user), id(), Some(session_id));
        let grant_id = grant.id;
        let (held, is_held) = tokio::sync::oneshot::channel();
        let issuing = {
            let store = (*store).clone();
            tokio::spawn(async move {
                let work = move |tx: &mut Tx<'_>| {
                    let lives = sessions::hold(tx, session_id)?.is_some();
                    let _ = held.send(());
                    std::thread::sleep(Duration::from_millis(300));
                    grants::create(tx, &grant)?;
                    Ok::<_, StoreError>(lives)
                };
                store.write(START, work).await.unwrap()
            })
        };
        is_held.await.unwrap();
        let ended = store
            .write(START, move |tx| {
                sessions::end_with_grants(tx, session_id, Offline::Keep)
            })
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{failure}"));
        assert_eq!((issuing.await.unwrap(), ended), (true, true), "{}", store.engine);
        let (lives, held) = store
            .write::<_, StoreError>(after(1), move |tx| {
                Ok((
                    grants::is_live(tx, grant_id, after(1))?,
                    sessions::hold(tx, session_id)?,
                ))
            })
            .await
            .unwrap();
        assert!(!lives, "{}: the grant outlived its session", store.engine);
        assert_eq!(held, None, "{}: an ended session cannot be held", store.engine);
    }
}
