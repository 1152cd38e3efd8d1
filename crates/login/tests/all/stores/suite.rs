use std::sync::Arc;

use doorward_login::{Ending, Key, SessionStore, Stored};

use super::engines::{Engine, engines};

const NOW: i64 = 1_800_000_000;

fn key(number: u8) -> Key {
    Key::from_bytes([number; 32])
}

fn session(subject: u8, provider_session: Option<u8>) -> Stored {
    Stored {
        sealed: vec![0, 255, subject],
        version: 0,
        subject: key(subject),
        provider_session: provider_session.map(key),
        issued: NOW,
        expires: NOW + 100,
    }
}

fn ending(whose: u8, at: i64) -> Ending {
    Ending {
        whose: key(whose),
        at,
        until: NOW + 3600,
    }
}

/// Runs `test` on each store twice over: with what one process sees, and with what another one sees of it.
async fn each<F: Future<Output = ()>>(test: impl Fn(Arc<dyn SessionStore>, Arc<dyn SessionStore>) -> F) {
    for engine in engines().await {
        let one = engine.open().await;
        let other = engine.open_again(&one).await;
        test(one, other).await;
    }
}

#[tokio::test]
async fn a_login_under_way_is_given_once_and_in_time() {
    each(|one, other| async move {
        one.begin(key(1), vec![1, 2, 3], NOW + 600, NOW).await.unwrap();
        one.begin(key(2), vec![4], NOW + 600, NOW).await.unwrap();
        assert_eq!(other.take(key(1), NOW + 599).await.unwrap(), Some(vec![1, 2, 3]));
        assert_eq!(one.take(key(1), NOW).await.unwrap(), None, "taken");
        assert_eq!(one.take(key(2), NOW + 600).await.unwrap(), None, "over");
        assert_eq!(one.take(key(2), NOW).await.unwrap(), None, "too late takes it too");
        assert_eq!(one.take(key(3), NOW).await.unwrap(), None, "never begun");
    })
    .await;
}

#[tokio::test]
async fn of_many_who_take_a_login_at_once_one_gets_it() {
    each(|one, other| async move {
        for round in 0..20 {
            one.begin(key(round), vec![round], NOW + 600, NOW).await.unwrap();
            let takers = (0..8).map(|taker| {
                let store = Arc::clone(if taker % 2 == 0 { &one } else { &other });
                tokio::spawn(async move { store.take(key(round), NOW).await.unwrap() })
            });
            let takers: Vec<_> = takers.collect();
            let mut taken = 0;
            for taker in takers {
                taken += usize::from(taker.await.unwrap().is_some());
            }
            assert_eq!(taken, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_is_found_until_it_is_over() {
    each(|one, other| async move {
        assert!(one.insert(key(1), session(10, Some(20)), NOW).await.unwrap());
        assert!(one.insert(key(2), session(10, None), NOW).await.unwrap());
        assert!(other.find(key(1), NOW + 99).await.unwrap() == Some(session(10, Some(20))));
        assert!(other.find(key(2), NOW + 99).await.unwrap() == Some(session(10, None)));
        assert!(other.find(key(1), NOW + 100).await.unwrap().is_none());
        assert!(other.find(key(3), NOW).await.unwrap().is_none());
        one.extend(key(1), NOW + 200).await.unwrap();
        assert_eq!(other.find(key(1), NOW + 199).await.unwrap().unwrap().expires, NOW + 200);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_once() {
    each(|one, other| async move {
        one.insert(key(1), session(10, None), NOW).await.unwrap();
        one.insert(key(2), session(10, None), NOW).await.unwrap();
        assert!(one.end(key(1), NOW).await.unwrap() == Some(session(10, None)));
        assert!(one.end(key(1), NOW).await.unwrap().is_none());
        assert!(other.find(key(1), NOW).await.unwrap().is_none());
        assert!(other.find(key(2), NOW).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn of_two_who_replace_a_session_one_does() {
    each(|one, other| async move {
        one.insert(key(1), session(10, Some(20)), NOW).await.unwrap();
        let mut newer = session(10, Some(20));
        newer.sealed = vec![9; 5000];
        newer.expires = NOW + 500;
        assert!(one.replace(key(1), newer.clone()).await.unwrap());
        assert!(
            !other.replace(key(1), newer.clone()).await.unwrap(),
            "of an older version"
        );
        newer.version = 1;
        assert!(other.find(key(1), NOW + 499).await.unwrap() == Some(newer.clone()));
        assert!(other.replace(key(1), newer.clone()).await.unwrap());
        newer.version = 2;
        one.end(key(1), NOW).await.unwrap();
        assert!(
            !one.replace(key(1), newer).await.unwrap(),
            "what has ended does not come back"
        );
        assert!(one.find(key(1), NOW).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn one_at_a_time_has_the_right_to_refresh() {
    each(|one, other| async move {
        one.insert(key(1), session(10, None), NOW).await.unwrap();
        assert!(one.lease(key(1), NOW + 60, NOW).await.unwrap());
        assert!(!other.lease(key(1), NOW + 60, NOW + 59).await.unwrap());
        assert!(
            other.lease(key(1), NOW + 120, NOW + 60).await.unwrap(),
            "who had it is gone"
        );
        other.release(key(1)).await.unwrap();
        assert!(one.lease(key(1), NOW + 60, NOW).await.unwrap());
        assert!(one.replace(key(1), session(10, None)).await.unwrap());
        assert!(
            other.lease(key(1), NOW + 60, NOW).await.unwrap(),
            "replacing gives it back"
        );
        assert!(!one.lease(key(2), NOW + 60, NOW).await.unwrap(), "of no session");
        let askers: Vec<_> = (0..8)
            .map(|asker| {
                let store = Arc::clone(if asker % 2 == 0 { &one } else { &other });
                tokio::spawn(async move { store.lease(key(1), NOW + 200, NOW + 100).await.unwrap() })
            })
            .collect();
        let mut given = 0;
        for asker in askers {
            given += usize::from(asker.await.unwrap());
        }
        assert_eq!(given, 1);
    })
    .await;
}

#[tokio::test]
async fn sessions_end_by_person_and_by_session_of_the_provider() {
    each(|one, other| async move {
        for (number, subject, sid) in [(1, 10, Some(20)), (2, 10, Some(21)), (3, 10, None), (4, 11, Some(22))] {
            one.insert(key(number), session(subject, sid), NOW).await.unwrap();
        }
        assert_eq!(one.end_all(ending(21, NOW), NOW).await.unwrap(), 1);
        assert!(other.find(key(2), NOW).await.unwrap().is_none());
        assert!(other.find(key(1), NOW).await.unwrap().is_some());
        assert_eq!(other.end_all(ending(10, NOW), NOW).await.unwrap(), 2);
        assert!(one.find(key(1), NOW).await.unwrap().is_none());
        assert!(one.find(key(3), NOW).await.unwrap().is_none());
        assert!(one.find(key(4), NOW).await.unwrap().is_some());
        assert_eq!(one.end_all(ending(99, NOW), NOW).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_ended_never_begins() {
    each(|one, other| async move {
        one.end_all(ending(10, NOW), NOW).await.unwrap();
        one.end_all(ending(20, NOW - 50), NOW).await.unwrap();
        one.end_all(ending(10, NOW - 10), NOW).await.unwrap();
        assert!(
            !other.insert(key(1), session(10, None), NOW).await.unwrap(),
            "the login was under way"
        );
        assert!(other.find(key(1), NOW).await.unwrap().is_none());
        assert!(
            !other.insert(key(2), session(11, Some(20)), NOW).await.unwrap(),
            "a session of the provider ends for good"
        );
        let later = Stored {
            issued: NOW + 1,
            ..session(10, Some(21))
        };
        assert!(
            other.insert(key(3), later, NOW + 1).await.unwrap(),
            "the person logs in anew"
        );
        one.end_all(ending(10, NOW), NOW + 1).await.unwrap();
        assert!(
            other.find(key(3), NOW + 1).await.unwrap().is_some(),
            "an order from before does not concern it"
        );
    })
    .await;
}

#[tokio::test]
async fn an_ending_that_is_not_to_be_remembered_ends_what_is_there_and_nothing_later() {
    each(|one, other| async move {
        let passing = |whose| Ending {
            until: NOW,
            ..ending(whose, NOW)
        };
        one.insert(key(1), session(10, Some(20)), NOW).await.unwrap();
        assert_eq!(other.end_all(passing(20), NOW).await.unwrap(), 1);
        assert!(one.find(key(1), NOW).await.unwrap().is_none());
        assert_eq!(other.end_all(passing(21), NOW).await.unwrap(), 0);
        assert!(
            one.insert(key(2), session(10, Some(21)), NOW).await.unwrap(),
            "a name that somebody made up keeps nobody out"
        );
        assert!(one.insert(key(3), session(10, Some(20)), NOW).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn no_session_slips_through_between_a_login_and_its_end() {
    each(|one, other| async move {
        for round in 0..40 {
            let inserting = {
                let store = Arc::clone(&one);
                tokio::spawn(async move { store.insert(key(round), session(100, Some(200)), NOW).await.unwrap() })
            };
            let (ending_, store) = (ending(if round % 2 == 0 { 100 } else { 200 }, NOW), Arc::clone(&other));
            let ending = tokio::spawn(async move { store.end_all(ending_, NOW).await.unwrap() });
            let (inserted, ended) = (inserting.await.unwrap(), ending.await.unwrap());
            assert!(one.find(key(round), NOW).await.unwrap().is_none(), "{inserted} {ended}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_is_new_once() {
    each(|one, other| async move {
        assert!(one.is_first_use(key(1), NOW + 60, NOW).await.unwrap());
        assert!(!other.is_first_use(key(1), NOW + 60, NOW + 59).await.unwrap());
        assert!(
            other.is_first_use(key(1), NOW + 120, NOW + 60).await.unwrap(),
            "it is forgotten by then"
        );
        assert!(!one.is_first_use(key(1), NOW + 120, NOW + 61).await.unwrap());
        let askers: Vec<_> = (0..8)
            .map(|asker| {
                let store = Arc::clone(if asker % 2 == 0 { &one } else { &other });
                tokio::spawn(async move { store.is_first_use(key(2), NOW + 60, NOW).await.unwrap() })
            })
            .collect();
        let mut first = 0;
        for asker in askers {
            first += usize::from(asker.await.unwrap());
        }
        assert_eq!(first, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_leaves_a_database() {
    for engine in engines().await {
        let one = engine.open().await;
        one.begin(key(1), vec![1], NOW + 600, NOW).await.unwrap();
        one.insert(key(1), session(10, Some(20)), NOW).await.unwrap();
        one.end_all(ending(30, NOW), NOW).await.unwrap();
        one.begin(key(2), vec![2], NOW + 9000, NOW + 5000).await.unwrap();
        assert_eq!(one.take(key(2), NOW + 5000).await.unwrap(), Some(vec![2]));
        if !matches!(engine, Engine::Memory) {
            // A clock that goes backwards would show what is hidden only.
            assert!(one.find(key(1), NOW).await.unwrap().is_none(), "{}", engine.name());
            assert_eq!(one.take(key(1), NOW).await.unwrap(), None, "{}", engine.name());
            assert!(
                one.insert(key(3), session(30, None), NOW).await.unwrap(),
                "{}",
                engine.name()
            );
        }
    }
}

#[tokio::test]
async fn a_store_in_memory_is_bounded() {
    let store = doorward_login::Memory::new();
    let name = |number: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Key::from_bytes(bytes)
    };
    for number in 0..30_000 {
        store
            .begin(name(number), vec![1], NOW + i64::from(number), NOW)
            .await
            .unwrap();
    }
    assert_eq!(store.take(name(5), NOW).await.unwrap(), None, "the oldest went");
    assert_eq!(store.take(name(29_999), NOW).await.unwrap(), Some(vec![1]));
}

#[tokio::test]
async fn a_restart_forgets_nothing_that_is_in_a_database() {
    for engine in engines().await {
        if matches!(engine, Engine::Memory) {
            continue;
        }
        let store = engine.open().await;
        store.begin(key(1), vec![1], NOW + 600, NOW).await.unwrap();
        store.insert(key(2), session(10, Some(20)), NOW).await.unwrap();
        store.is_first_use(key(3), NOW + 60, NOW).await.unwrap();
        store.end_all(ending(11, NOW), NOW).await.unwrap();
        drop(store);
        let store = engine.open().await;
        assert_eq!(
            store.take(key(1), NOW).await.unwrap(),
            Some(vec![1]),
            "{}",
            engine.name()
        );
        assert!(store.find(key(2), NOW).await.unwrap() == Some(session(10, Some(20))));
        assert!(!store.is_first_use(key(3), NOW + 60, NOW).await.unwrap());
        assert!(!store.insert(key(4), session(11, None), NOW).await.unwrap());
    }
}
