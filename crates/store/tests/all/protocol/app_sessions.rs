//! Which applications are told of the end of a session, and the queue of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorward_store::app_sessions::{self, Cause, TRIED_FOR};
use doorward_store::grants::{self, Offline};
use doorward_store::logouts::{self, Counts, Outcome, State};
use doorward_store::testing::{START, TestStore, engines};
use doorward_store::{StoreError, Topic, sessions};
use uuid::Uuid;

use super::{after, grant, id, log_in, ticket};

const NOBODY: [Uuid; 0] = [];

/// Applications; the last one cannot be told.
async fn apps(store: &TestStore) -> [Uuid; 3] {
    let mut apps = [id(), id(), id()];
    apps.sort();
    unit!(store, START, move |tx| {
        for (place, app) in apps.iter().enumerate() {
            tx.execute(
                "INSERT INTO apps (id, client_id, client_key, disabled, document, created_at, changed_at, backchannel) \
                 VALUES ($1, $2, $3, 0, '{}', 0, 0, $4)",
                &[
                    app.into(),
                    (&app.to_string()).into(),
                    app.as_bytes().as_slice().into(),
                    (place < 2).into(),
                ],
            )?;
        }
        Ok(())
    });
    apps
}

/// A session of a user in which these applications got tokens.
async fn session(store: &TestStore, user: Uuid, apps: &[Uuid]) -> Uuid {
    let (ticket, apps) = (ticket(), apps.to_vec());
    let session = ticket.id();
    unit!(store, START, move |tx| {
        log_in(tx, &ticket, user)?;
        for app in apps {
            app_sessions::note(tx, session, app, "anna")?;
        }
        Ok(())
    });
    session
}

async fn waiting(store: &TestStore, session: Uuid) -> Vec<(Uuid, Cause)> {
    read!(store, move |tx| logouts::of_session(tx, session))
        .into_iter()
        .filter(|delivery| delivery.state == State::Waiting)
        .map(|delivery| (delivery.app_id, delivery.cause))
        .collect()
}

#[tokio::test]
async fn whatever_ends_a_session_makes_the_applications_due_that_got_tokens_in_it_and_can_be_told() {
    for store in engines().await {
        let [first, second, deaf] = apps(&store).await;
        let user = id();
        let one = session(&store, user, &[first, deaf]).await;
        let two = session(&store, user, &[first, second]).await;
        let untouched = session(&store, id(), &[first]).await;
        unit!(store, after(1), move |tx| {
            assert_eq!(app_sessions::open(tx, one)?, [first, deaf]);
            assert!(sessions::end_with_grants(tx, one, Offline::Keep)?);
            assert!(!sessions::end(tx, one)?, "it ended a moment ago");
            Ok(())
        });
        assert_eq!(waiting(&store, one).await, [(first, Cause::Ended)], "{}", store.engine);
        unit!(store, after(2), move |tx| sessions::end_by_user(tx, user, None));
        assert_eq!(
            waiting(&store, two).await,
            [(first, Cause::Ended), (second, Cause::Ended)],
            "{}",
            store.engine
        );
        assert_eq!(waiting(&store, untouched).await, [], "{}", store.engine);
    }
}

#[tokio::test]
async fn whoever_tells_applications_hears_of_a_logout_when_there_is_one_to_tell() {
    for store in engines().await {
        let [first, _, deaf] = apps(&store).await;
        let user = id();
        let silent = session(&store, user, &[deaf]).await;
        let told = session(&store, user, &[first, deaf]).await;
        let heard = Arc::new(AtomicUsize::default());
        let ear = Arc::clone(&heard);
        store.on_change(Arc::new(move |change| {
            ear.fetch_add(usize::from(change.topic == Topic::Logouts), Ordering::SeqCst);
        }));
        unit!(store, after(1), move |tx| sessions::end(tx, silent));
        unit!(store, after(1), move |tx| grants::revoke_by_user_app(
            tx,
            user,
            deaf,
            Cause::Revoked
        ));
        assert_eq!(heard.load(Ordering::SeqCst), 0, "{}", store.engine);
        unit!(store, after(2), move |tx| sessions::end(tx, told));
        assert_eq!(heard.load(Ordering::SeqCst), 1, "{}", store.engine);
    }
}

#[tokio::test]
async fn an_application_without_tokens_in_a_session_is_not_told() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let session = session(&store, id(), &[]).await;
        unit!(store, after(1), move |tx| sessions::end(tx, session));
        assert_eq!(waiting(&store, session).await, []);
        let gone = id();
        unit!(store, after(1), move |tx| app_sessions::note(tx, gone, first, "anna"));
        assert_eq!(
            read!(store, move |tx| app_sessions::open(tx, gone)),
            NOBODY,
            "there is no such session"
        );
    }
}

#[tokio::test]
async fn what_a_person_takes_back_ends_their_sessions_at_that_application_alone() {
    for store in engines().await {
        let [first, second, _] = apps(&store).await;
        let user = id();
        let session = session(&store, user, &[first, second]).await;
        unit!(store, after(1), move |tx| grants::revoke_by_user_app(
            tx,
            user,
            first,
            Cause::Revoked
        ));
        assert_eq!(
            waiting(&store, session).await,
            [(first, Cause::Revoked)],
            "{}",
            store.engine
        );
        unit!(store, after(2), move |tx| sessions::end(tx, session));
        assert_eq!(
            waiting(&store, session).await,
            [(first, Cause::Revoked), (second, Cause::Ended)],
            "{}",
            store.engine
        );
    }
}

#[tokio::test]
async fn whoever_logs_in_again_is_not_logged_out_by_what_came_before() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let user = id();
        let session = session(&store, user, &[first]).await;
        unit!(store, after(1), move |tx| grants::revoke_by_user_app(
            tx,
            user,
            first,
            Cause::Revoked
        ));
        unit!(store, after(2), move |tx| app_sessions::note(
            tx, session, first, "anna"
        ));
        assert_eq!(waiting(&store, session).await, [], "{}", store.engine);
        assert_eq!(read!(store, move |tx| app_sessions::open(tx, session)), [first]);
    }
}

#[tokio::test]
async fn of_several_nodes_one_tells_and_one_that_was_killed_holds_nobody_up_for_long() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let session = session(&store, id(), &[first]).await;
        unit!(store, after(1), move |tx| sessions::end(tx, session));
        let (me, other) = (id(), id());
        let mine = unit!(store, after(1), move |tx| logouts::claim(tx, first, me, 9));
        assert_eq!((mine.len(), mine[0].tries), (1, 1), "{}", store.engine);
        let theirs = unit!(store, after(1), move |tx| logouts::claim(tx, first, other, 9));
        assert!(theirs.is_empty(), "it is claimed");
        let late = unit!(store, after(40), move |tx| logouts::claim(tx, first, other, 9));
        assert_eq!(
            (late.len(), late[0].tries),
            (1, 2),
            "the claim is over: {}",
            store.engine
        );
        let stale = mine[0].clone();
        let counts = unit!(store, after(41), move |tx| {
            assert!(
                !logouts::settle(tx, &stale, me, &Outcome::Told)?,
                "it is the other's now"
            );
            assert!(logouts::settle(tx, &late[0], other, &Outcome::Told)?);
            assert!(!logouts::settle(tx, &late[0], other, &Outcome::Told)?, "once");
            logouts::count(tx, first)
        });
        let told = Counts {
            told: 1,
            ..Counts::default()
        };
        assert_eq!(counts, told, "{}", store.engine);
    }
}

#[tokio::test]
async fn a_failure_waits_and_what_was_given_up_can_be_tried_again() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let session = session(&store, id(), &[first]).await;
        unit!(store, after(1), move |tx| sessions::end(tx, session));
        let me = id();
        let mine = unit!(store, after(1), move |tx| logouts::claim(tx, first, me, 9));
        let again = Outcome::Again {
            at: after(60),
            problem: "no".to_owned(),
        };
        let delivery = mine[0].clone();
        unit!(store, after(2), move |tx| logouts::settle(tx, &delivery, me, &again));
        assert_eq!(read!(store, move |tx| logouts::due(tx, after(59))), NOBODY);
        assert_eq!(read!(store, logouts::next_due), Some(after(60)));
        let mine = unit!(store, after(60), move |tx| logouts::claim(tx, first, me, 9));
        assert_eq!((mine[0].tries, mine[0].problem.as_deref()), (2, Some("no")));
        let given_up = Outcome::GivenUp {
            problem: "still no".to_owned(),
        };
        unit!(store, after(61), move |tx| logouts::settle(tx, &mine[0], me, &given_up));
        assert_eq!(read!(store, logouts::next_due), None);
        let retried = unit!(store, after(70), move |tx| logouts::retry(tx, first));
        assert_eq!(retried, 1, "{}", store.engine);
        let found = read!(store, move |tx| logouts::of_app(tx, first, 10));
        assert_eq!((found[0].state, found[0].due), (State::Waiting, after(70)));
        assert_eq!(found[0].give_up, after(70).checked_add(TRIED_FOR).unwrap());
    }
}

#[tokio::test]
async fn sessions_that_are_over_without_anybody_having_ended_them_are_found() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let idle = session(&store, id(), &[first]).await;
        assert_eq!(
            read!(store, move |tx| app_sessions::over(tx, after(3599), None, 9)),
            NOBODY
        );
        assert_eq!(
            read!(store, move |tx| app_sessions::over(tx, after(3600), None, 9)),
            [idle]
        );
        unit!(store, after(3600), move |tx| app_sessions::end(
            tx,
            idle,
            Cause::Expired
        ));
        assert_eq!(
            read!(store, move |tx| app_sessions::over(tx, after(3600), None, 9)),
            NOBODY
        );
        assert_eq!(
            waiting(&store, idle).await,
            [(first, Cause::Expired)],
            "{}",
            store.engine
        );
        let swept = unit!(store, after(3601), logouts::sweep);
        assert_eq!(swept, 0, "what waits is never forgotten");
    }
}

#[tokio::test]
async fn what_was_told_is_forgotten_after_a_day_and_what_was_given_up_after_two_weeks() {
    for store in engines().await {
        let [first, second, deaf] = apps(&store).await;
        let session = session(&store, id(), &[first, second, deaf]).await;
        unit!(store, START, move |tx| sessions::end(tx, session));
        let me = id();
        unit!(store, START, move |tx| {
            let given_up = Outcome::GivenUp {
                problem: "no".to_owned(),
            };
            for (app, outcome) in [(first, Outcome::Told), (second, given_up)] {
                let mine = logouts::claim(tx, app, me, 9)?;
                assert!(logouts::settle(tx, &mine[0], me, &outcome)?);
            }
            Ok(())
        });
        let hour = 3600;
        for (seconds, swept, left) in [
            (2 * hour - 1, 0, vec![first, second, deaf]),
            (2 * hour, 1, vec![first, second]),
            (24 * hour, 1, vec![second]),
            (14 * 24 * hour - 1, 0, vec![second]),
            (14 * 24 * hour, 1, vec![]),
        ] {
            assert_eq!(unit!(store, after(seconds), logouts::sweep), swept, "{}", store.engine);
            let known: Vec<Uuid> = read!(store, move |tx| logouts::of_session(tx, session))
                .iter()
                .map(|delivery| delivery.app_id)
                .collect();
            assert_eq!(known, left, "{}, after {seconds} s", store.engine);
        }
    }
}

#[tokio::test]
async fn a_rollback_leaves_the_session_and_its_applications_as_they_were() {
    for store in engines().await {
        let [first, ..] = apps(&store).await;
        let session = session(&store, id(), &[first]).await;
        let failed: Result<(), StoreError> = store
            .write(after(1), move |tx| {
                sessions::end(tx, session)?;
                Err(StoreError::Damaged("on purpose".to_owned()))
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(read!(store, move |tx| app_sessions::open(tx, session)), [first]);
        assert_eq!(read!(store, move |tx| logouts::due(tx, after(9))), NOBODY);
    }
}

#[tokio::test]
async fn sessions_that_are_over_are_walked_through_page_by_page() {
    for store in engines().await {
        let [first, second, _] = apps(&store).await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(session(&store, id(), &[first, second]).await);
        }
        all.sort();
        let (mut found, mut behind) = (Vec::new(), None);
        loop {
            let page = read!(store, move |tx| app_sessions::over(tx, after(3600), behind, 2));
            behind = page.last().copied();
            found.extend(page.iter().copied());
            if page.len() < 2 {
                break;
            }
        }
        assert_eq!(found, all, "{}", store.engine);
    }
}

#[tokio::test]
async fn a_stolen_token_ends_the_session_at_its_application_once_and_no_other() {
    for store in engines().await {
        let [first, second, _] = apps(&store).await;
        let user = id();
        let session = session(&store, user, &[first, second]).await;
        let given = grant(Some(user), first, Some(session));
        let key = given.id;
        unit!(store, START, move |tx| grants::create(tx, &given));
        let ended = unit!(store, after(1), move |tx| grants::revoke_stolen(tx, key));
        assert_eq!(ended.map(|grant| grant.id), Some(key));
        assert_eq!(
            waiting(&store, session).await,
            [(first, Cause::Stolen)],
            "{}",
            store.engine
        );
        assert_eq!(read!(store, move |tx| app_sessions::open(tx, session)), [second]);
        // The person is back, and the thief comes once more.
        unit!(store, after(2), move |tx| app_sessions::note(
            tx, session, first, "anna"
        ));
        assert_eq!(unit!(store, after(3), move |tx| grants::revoke_stolen(tx, key)), None);
        assert_eq!(waiting(&store, session).await, [], "{}", store.engine);
    }
}

#[tokio::test]
async fn an_application_that_is_none_any_more_loses_its_grants_and_its_sessions() {
    for store in engines().await {
        let [first, second, _] = apps(&store).await;
        let (anna, ben) = (id(), id());
        let hers = session(&store, anna, &[first, second]).await;
        let his = session(&store, ben, &[first]).await;
        let given = grant(Some(anna), first, Some(hers));
        unit!(store, START, move |tx| grants::create(tx, &given));
        let ended = unit!(store, after(1), move |tx| grants::revoke_by_app(tx, first));
        assert_eq!((ended.grants, ended.sessions), (1, 2), "{}", store.engine);
        for session in [hers, his] {
            assert_eq!(
                waiting(&store, session).await,
                [(first, Cause::NoApp)],
                "{}",
                store.engine
            );
        }
        let again = unit!(store, after(2), move |tx| grants::revoke_by_app(tx, first));
        assert_eq!((again.grants, again.sessions), (0, 0));
    }
}
