//! Sessions and login attempts.

use doorward_jose::SystemRandom;
use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, Ticket, attempts, sessions};
use jiff::Timestamp;
use uuid::Uuid;

use super::{after, id, log_in, ticket};

#[tokio::test]
async fn a_session_is_found_by_its_ticket_until_it_ends() {
    for store in engines().await {
        let (user, ticket) = (id(), ticket());
        let (key, wrong) = (ticket.id(), Ticket::for_id(ticket.id(), &SystemRandom));
        let creating = ticket.clone();
        unit!(store, START, move |tx| log_in(tx, &creating, user));
        let finding = ticket.clone();
        let session = read!(store, move |tx| sessions::find(tx, &finding, after(10))).unwrap();
        assert_eq!(session.user_id, user);
        assert_eq!(session.amr, ["pwd"]);
        assert_eq!(session.acr.as_deref(), Some("1"));
        assert_eq!((session.created, session.last_seen), (START, START));
        assert_eq!(session.address, "192.0.2.7");
        assert_eq!(read!(store, move |tx| sessions::find(tx, &wrong, START)), None);
        assert!(unit!(store, after(5), move |tx| sessions::end(tx, key)));
        assert!(!unit!(store, after(6), move |tx| sessions::end(tx, key)));
        assert_eq!(read!(store, move |tx| sessions::find(tx, &ticket, after(10))), None);
        let ended = read!(store, move |tx| sessions::by_id(tx, key)).unwrap();
        assert_eq!(ended.ended_at, Some(after(5)));
    }
}

#[tokio::test]
async fn a_session_rests_and_ends_by_itself() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        let creating = ticket.clone();
        unit!(store, START, move |tx| log_in(tx, &creating, id()));
        let alive = async |at: Timestamp| {
            let ticket = ticket.clone();
            read!(store, move |tx| sessions::find(tx, &ticket, at)).is_some()
        };
        assert!(alive(after(3599)).await);
        assert!(!alive(after(3600)).await, "idle for an hour");
        assert!(unit!(store, after(3599), move |tx| sessions::touch(tx, key)));
        assert!(alive(after(7198)).await);
        for at in (7000..36_000).step_by(3000) {
            assert!(unit!(store, after(at), move |tx| sessions::touch(tx, key)));
        }
        assert!(alive(after(35_999)).await);
        assert!(!alive(after(36_000)).await, "the absolute end");
    }
}

#[tokio::test]
async fn a_session_is_touched_at_most_once_a_minute() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        unit!(store, START, move |tx| log_in(tx, &ticket, id()));
        assert!(!unit!(store, after(59), move |tx| sessions::touch(tx, key)));
        assert!(unit!(store, after(60), move |tx| sessions::touch(tx, key)));
        assert!(!unit!(store, after(119), move |tx| sessions::touch(tx, key)));
        let session = read!(store, move |tx| sessions::by_id(tx, key)).unwrap();
        assert!(!sessions::needs_touch(&session, after(119)));
        assert!(sessions::needs_touch(&session, after(120)));
    }
}

#[tokio::test]
async fn proving_oneself_again_ends_the_old_cookie() {
    for store in engines().await {
        let old = ticket();
        let new = Ticket::for_id(old.id(), &SystemRandom);
        let (creating, renewing) = (old.clone(), new.clone());
        unit!(store, START, move |tx| log_in(tx, &creating, id()));
        let amr = ["pwd".to_owned(), "otp".to_owned()];
        assert!(unit!(store, after(100), move |tx| {
            sessions::reauthenticate(tx, &renewing, after(100), &amr, None)
        }));
        assert_eq!(read!(store, move |tx| sessions::find(tx, &old, after(100))), None);
        let session = read!(store, move |tx| sessions::find(tx, &new, after(100))).unwrap();
        assert_eq!(session.auth_time, after(100));
        assert_eq!(session.amr, ["pwd", "otp"]);
        assert_eq!(session.acr, None);
    }
}

#[tokio::test]
async fn a_user_lists_sessions_and_ends_all_but_this_one() {
    for store in engines().await {
        let user = id();
        let tickets = [ticket(), ticket(), ticket()];
        let keys: Vec<Uuid> = tickets.iter().map(Ticket::id).collect();
        unit!(store, START, move |tx| {
            for ticket in &tickets {
                log_in(tx, ticket, user)?;
            }
            log_in(tx, &Ticket::new(START, &SystemRandom), id())
        });
        let listed = read!(store, move |tx| sessions::of_user(tx, user, START));
        assert_eq!(listed.len(), 3);
        let mine = keys[1];
        let mut ended = unit!(store, after(1), move |tx| sessions::end_by_user(tx, user, Some(mine)));
        ended.sort();
        let mut expected = vec![keys[0], keys[2]];
        expected.sort();
        assert_eq!(ended, expected, "{}", store.engine);
        let left = read!(store, move |tx| sessions::of_user(tx, user, after(1)));
        assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [mine]);
        assert_eq!(
            unit!(store, after(2), move |tx| sessions::end_by_user(tx, user, None)),
            [mine]
        );
    }
}

#[tokio::test]
async fn an_attempt_goes_on_until_it_is_taken_or_expires() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        let creating = ticket.clone();
        unit!(store, START, move |tx| attempts::create(
            tx,
            &creating,
            r#"{"step":1}"#,
            &[9; 32],
            Some("7K3Q-9FZM"),
            after(600)
        ));
        assert!(unit!(store, after(1), move |tx| attempts::update(
            tx,
            key,
            r#"{"step":2}"#
        )));
        let finding = ticket.clone();
        let found = read!(store, move |tx| attempts::find(tx, &finding, after(2))).unwrap();
        assert_eq!(found.request, r#"{"step":2}"#);
        assert_eq!(found.browser_hash, [9; 32]);
        assert_eq!(found.trace.as_deref(), Some("7K3Q-9FZM"));
        let late = ticket.clone();
        assert_eq!(read!(store, move |tx| attempts::find(tx, &late, after(600))), None);
        assert!(!unit!(store, after(600), move |tx| attempts::update(tx, key, "late")));
        let wrong = Ticket::for_id(key, &SystemRandom);
        assert_eq!(unit!(store, after(3), move |tx| attempts::take(tx, &wrong)), None);
        let (taking, again) = (ticket.clone(), ticket);
        assert_eq!(
            unit!(store, after(3), move |tx| attempts::take(tx, &taking)),
            Some(found)
        );
        assert_eq!(unit!(store, after(3), move |tx| attempts::take(tx, &again)), None);
    }
}
