//! Requests that a person answers somewhere else.

use doorward_store::decoupled::{self, Kind, NewDecoupled, Poll, State};
use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, Ticket, Tx};
use jiff::ToSpan;
use uuid::Uuid;

use super::{after, id, ticket};

const APP: Uuid = Uuid::from_u128(5);

fn create(tx: &mut Tx<'_>, ticket: &Ticket, hash: u8) -> Result<bool, StoreError> {
    let new = NewDecoupled {
        kind: Kind::Device,
        app_id: APP,
        code_hash: Some([hash; 32]),
        user_id: None,
        request: "{}",
        interval: 5,
        expires: after(900),
    };
    decoupled::create(tx, ticket, &new)
}

#[tokio::test]
async fn what_was_approved_is_fetched_once() {
    for store in engines().await {
        let (ticket, user, grant) = (ticket(), id(), id());
        let mine = ticket.clone();
        assert!(unit!(store, START, move |tx| create(tx, &mine, 1)));
        let other = super::ticket();
        assert!(
            !unit!(store, START, move |tx| create(tx, &other, 1)),
            "the code is in use"
        );
        let found = read!(store, move |tx| decoupled::by_code(tx, &[1; 32], after(1))).unwrap();
        assert_eq!((found.id, found.state), (ticket.id(), State::Waiting));
        assert_eq!(
            read!(store, move |tx| decoupled::by_code(tx, &[1; 32], after(900))),
            None
        );

        let request = found.id;
        assert!(unit!(store, after(2), move |tx| decoupled::approve(
            tx, request, user, grant
        )));
        assert!(!unit!(store, after(2), move |tx| decoupled::approve(
            tx, request, user, grant
        )));
        assert!(!unit!(store, after(2), move |tx| decoupled::deny(tx, request, user)));
        assert_eq!(read!(store, move |tx| decoupled::by_code(tx, &[1; 32], after(3))), None);

        let mine = ticket.clone();
        let polled = unit!(store, after(3), move |tx| decoupled::poll(tx, &mine, Kind::Device, APP));
        let Poll::Approved(approved) = polled else {
            panic!("{polled:?}")
        };
        assert_eq!((approved.grant_id, approved.user_id), (Some(grant), Some(user)));
        for first in [true, false] {
            let mine = ticket.clone();
            assert_eq!(unit!(store, after(4), move |tx| decoupled::take(tx, &mine)), first);
        }
        let polled = unit!(store, after(5), move |tx| decoupled::poll(
            tx,
            &ticket,
            Kind::Device,
            APP
        ));
        assert!(matches!(polled, Poll::Taken(_)), "{polled:?}");
    }
}

#[tokio::test]
async fn who_asks_too_often_waits_longer_and_a_stranger_learns_nothing() {
    for store in engines().await {
        let ticket = ticket();
        let mine = ticket.clone();
        unit!(store, START, move |tx| create(tx, &mine, 2));
        let at = async |seconds: i64, kind: Kind, app: Uuid, ticket: &Ticket| {
            let ticket = ticket.clone();
            unit!(store, after(seconds), move |tx| decoupled::poll(tx, &ticket, kind, app))
        };
        assert_eq!(at(0, Kind::Device, APP, &ticket).await, Poll::Waiting);
        assert_eq!(at(1, Kind::Device, APP, &ticket).await, Poll::TooEarly(10));
        assert_eq!(at(6, Kind::Device, APP, &ticket).await, Poll::TooEarly(15));
        assert_eq!(at(21, Kind::Device, APP, &ticket).await, Poll::Waiting);
        assert_eq!(at(22, Kind::Device, Uuid::from_u128(6), &ticket).await, Poll::Unknown);
        assert_eq!(at(22, Kind::Ciba, APP, &ticket).await, Poll::Unknown);
        let forged = Ticket::for_id(ticket.id(), &doorward_jose::SystemRandom);
        assert_eq!(at(22, Kind::Device, APP, &forged).await, Poll::Unknown);
        let expired = at(900, Kind::Device, APP, &ticket).await;
        assert!(matches!(expired, Poll::Expired(_)), "{expired:?}");
        let late = ticket.id();
        assert!(!unit!(store, after(900), move |tx| decoupled::approve(
            tx,
            late,
            id(),
            id()
        )));
    }
}

#[tokio::test]
async fn what_nobody_has_to_note_is_told_by_reading_alone() {
    for store in engines().await {
        let ticket = ticket();
        let mine = ticket.clone();
        unit!(store, START, move |tx| create(tx, &mine, 3));
        // A unit that reads is refused every write.
        let peek = async |millis: i64, ticket: &Ticket| {
            let (ticket, at) = (ticket.clone(), START + millis.milliseconds());
            read!(store, move |tx| decoupled::peek(tx, &ticket, Kind::Device, APP, at))
        };
        assert_eq!(peek(0, &ticket).await, None, "that it asks at all is noted");
        let mine = ticket.clone();
        unit!(store, START, move |tx| decoupled::poll(tx, &mine, Kind::Device, APP));
        assert_eq!(peek(999, &ticket).await, Some(Poll::TooEarly(5)));
        assert_eq!(peek(1000, &ticket).await, None);
        let forged = Ticket::for_id(ticket.id(), &doorward_jose::SystemRandom);
        assert_eq!(peek(1000, &forged).await, Some(Poll::Unknown));
        let request = ticket.id();
        unit!(store, after(2), move |tx| decoupled::approve(tx, request, id(), id()));
        let told = peek(2000, &ticket).await;
        assert!(matches!(told, Some(Poll::Approved(_))), "{told:?}");
    }
}

#[tokio::test]
async fn a_named_person_alone_answers_what_they_are_asked() {
    for store in engines().await {
        let (ticket, alice, mallory) = (ticket(), id(), id());
        let mine = ticket.clone();
        unit!(store, START, move |tx| {
            let new = NewDecoupled {
                kind: Kind::Ciba,
                app_id: APP,
                code_hash: None,
                user_id: Some(alice),
                request: "{}",
                interval: 5,
                expires: after(300),
            };
            decoupled::create(tx, &mine, &new)
        });
        let waiting = read!(store, move |tx| decoupled::waiting_for(tx, alice, after(1)));
        assert_eq!(waiting.len(), 1);
        assert_eq!(
            read!(store, move |tx| decoupled::waiting_for(tx, mallory, after(1))).len(),
            0
        );
        assert_eq!(
            read!(store, move |tx| decoupled::waiting_for(tx, alice, after(300))).len(),
            0
        );
        let request = ticket.id();
        assert!(!unit!(store, after(1), move |tx| decoupled::approve(
            tx,
            request,
            mallory,
            id()
        )));
        assert!(!unit!(store, after(1), move |tx| decoupled::deny(tx, request, mallory)));
        assert!(unit!(store, after(1), move |tx| decoupled::deny(tx, request, alice)));
        let waiting = read!(store, move |tx| decoupled::waiting_for(tx, alice, after(2)));
        assert_eq!(waiting.len(), 0);
        let polled = unit!(store, after(2), move |tx| decoupled::poll(tx, &ticket, Kind::Ciba, APP));
        assert!(matches!(polled, Poll::Denied(_)), "{polled:?}");
    }
}

#[tokio::test]
async fn who_is_asked_in_vain_was_asked_also_when_they_said_no_or_nothing() {
    for store in engines().await {
        let alice = id();
        let ask = async |at: i64, app: Uuid| {
            let ticket = ticket();
            let request = ticket.id();
            unit!(store, after(at), move |tx| {
                let new = NewDecoupled {
                    kind: Kind::Ciba,
                    app_id: app,
                    code_hash: None,
                    user_id: Some(alice),
                    request: "{}",
                    interval: 5,
                    expires: after(at + 30),
                };
                decoupled::create(tx, &ticket, &new)
            });
            request
        };
        let in_vain = async |at: i64| unit!(store, after(at), move |tx| decoupled::asked_in_vain(tx, alice, APP));
        let (denied, approved) = (ask(0, APP).await, ask(1, APP).await);
        ask(2, APP).await;
        ask(3, Uuid::from_u128(6)).await;
        assert_eq!(in_vain(4).await, 3);
        assert!(unit!(store, after(5), move |tx| decoupled::deny(tx, denied, alice)));
        assert!(unit!(store, after(5), move |tx| decoupled::approve(
            tx,
            approved,
            alice,
            id()
        )));
        assert_eq!(in_vain(6).await, 2, "the denied one, and the one that waits");
        // What has ended is kept for as long as it counts.
        let at = after(100);
        unit!(store, at, move |tx| doorward_store::sweep::sweep(tx, at));
        assert_eq!(in_vain(100).await, 2, "nobody has answered the last one");
        assert_eq!(in_vain(700).await, 0);
        let at = after(700);
        unit!(store, at, move |tx| doorward_store::sweep::sweep(tx, at));
        assert_eq!(read!(store, move |tx| decoupled::by_id(tx, denied)), None);
    }
}
