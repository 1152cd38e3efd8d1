//! What is over although nobody ended it.

use std::time::Duration;

use doorward_apps::{App, Edit};
use doorward_audit::{Actor as Author, EventFilter, events};
use doorward_directory::{Actor, NewGroup, NewUser, User, UserKind};
use doorward_logout::watch::{Access, end_expired};
use doorward_store::app_sessions::Cause;
use doorward_store::logouts::{self, Delivery, State};
use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, sessions};
use uuid::Uuid;

use crate::house::{House, RelyingParty};

const NOWHERE: &str = "https://netbox.invalid/logout";

async fn deliveries(house: &House, session: Uuid) -> Vec<Delivery> {
    house
        .store
        .read(move |tx| logouts::of_session(tx, session))
        .await
        .unwrap()
}

/// Or for ten seconds, and then whoever asked finds none.
async fn wait_for_delivery(house: &House, session: Uuid) {
    for _ in 0..200 {
        if !deliveries(house, session).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_session_that_expires_ends_at_the_applications_and_one_in_use_does_not() {
    for store in engines().await {
        let house = House::new(store);
        let app = house.app("netbox", NOWHERE).await;
        let idle = house.session(Uuid::from_u128(7), &[&app]).await;
        house.later(3000);
        let used = house.session(Uuid::from_u128(8), &[&app]).await;
        house.later(700);
        assert_eq!(end_expired(&house.store, house.now()).await.unwrap(), 1);
        let told = deliveries(&house, idle).await;
        assert_eq!(
            (told.len(), told[0].cause),
            (1, Cause::Expired),
            "{}",
            house.store.engine
        );
        assert_eq!(deliveries(&house, used).await, []);
        let ended = house
            .store
            .read(move |tx| sessions::by_id(tx, idle))
            .await
            .unwrap()
            .unwrap();
        assert!(ended.ended_at.is_some(), "it cannot come back to life");
        assert_eq!(end_expired(&house.store, house.now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_session_whose_row_is_gone_is_told_too() {
    for store in engines().await {
        let house = House::new(store);
        let app = house.app("netbox", NOWHERE).await;
        let session = house.session(Uuid::from_u128(7), &[&app]).await;
        house
            .store
            .write::<_, StoreError>(house.now(), move |tx| {
                tx.execute("DELETE FROM sessions WHERE id = $1", &[session.into()])
                    .map(|_| ())
            })
            .await
            .unwrap();
        assert_eq!(end_expired(&house.store, house.now()).await.unwrap(), 1);
        assert_eq!(deliveries(&house, session).await.len(), 1, "{}", house.store.engine);
    }
}

async fn person(house: &House, name: &str, groups: &[&str]) -> User {
    let new = NewUser {
        name: name.to_owned(),
        kind: UserKind::Person,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..NewUser::default()
    };
    house
        .directory
        .add_user(&Actor::local("root"), new, START)
        .await
        .unwrap()
}

async fn let_in(house: &House, app: &App, group: &str) {
    let by = Author::system();
    house.apps.allow(&by, &app.client_id, group, None, START).await.unwrap();
}

#[tokio::test]
async fn whoever_loses_the_last_group_that_lets_them_in_is_logged_out_there_and_nowhere_else() {
    for store in engines().await {
        let house = House::new(store);
        let group = |name: &str| NewGroup {
            name: name.to_owned(),
            ..NewGroup::default()
        };
        let mut groups = Vec::new();
        for name in ["staff", "netbox_users"] {
            groups.push(
                house
                    .directory
                    .add_group(&Actor::local("root"), group(name), START)
                    .await
                    .unwrap(),
            );
        }
        let netbox = house.app("netbox", NOWHERE).await;
        let wiki = house.app("wiki", "https://wiki.invalid/logout").await;
        let_in(&house, &netbox, "staff").await;
        let_in(&house, &netbox, "netbox_users").await;
        let_in(&house, &wiki, "everyone").await;
        let anna = person(&house, "anna", &["staff", "netbox_users"]).await;
        let ben = person(&house, "ben", &["staff"]).await;
        let hers = house.session(anna.id, &[&netbox, &wiki]).await;
        let his = house.session(ben.id, &[&netbox]).await;

        let access = Access::new(
            house.store.clone(),
            house.directory.clone(),
            house.apps.snapshots().clone(),
        );
        let watching = tokio::spawn(async move { access.run(|| START).await });
        let by = Actor::local("root");
        house
            .directory
            .remove_member(&by, groups[0].id, anna.id, START)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(deliveries(&house, hers).await, [], "another group lets her in");

        house
            .directory
            .remove_member(&by, groups[1].id, anna.id, START)
            .await
            .unwrap();
        wait_for_delivery(&house, hers).await;
        let told = deliveries(&house, hers).await;
        assert_eq!(told.len(), 1, "{}: {told:?}", house.store.engine);
        assert_eq!((told[0].app_id, told[0].cause), (netbox.id, Cause::NoAccess));

        house.directory.remove_group(&by, groups[0].id, START).await.unwrap();
        wait_for_delivery(&house, his).await;
        assert_eq!(deliveries(&house, his).await.len(), 1, "{}", house.store.engine);
        watching.abort();
    }
}

#[tokio::test]
async fn that_somebody_has_lost_access_is_written_once_of_several_sessions_and_several_nodes() {
    for store in engines().await {
        let house = House::new(store);
        let staff = NewGroup {
            name: "staff".to_owned(),
            ..NewGroup::default()
        };
        let by = Actor::local("root");
        house.directory.add_group(&by, staff, START).await.unwrap();
        let netbox = house.app("netbox", NOWHERE).await;
        let_in(&house, &netbox, "staff").await;
        let ben = person(&house, "ben", &[]).await;
        let (first, second) = (
            house.session(ben.id, &[&netbox]).await,
            house.session(ben.id, &[&netbox]).await,
        );
        let node = || {
            let (store, directory) = (house.store.clone(), house.directory.clone());
            let access = Access::new(store, directory, house.apps.snapshots().clone());
            tokio::spawn(async move { access.run(|| START).await })
        };
        let nodes = [node(), node()];
        for session in [first, second] {
            wait_for_delivery(&house, session).await;
            assert_eq!(deliveries(&house, session).await[0].cause, Cause::NoAccess);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let filter = EventFilter {
            action: Some("app.access_lost".to_owned()),
            ..EventFilter::default()
        };
        let written = house.store.read(move |tx| events::list(tx, &filter, None, 10)).await;
        assert_eq!(written.unwrap().len(), 1, "{}", house.store.engine);
        for node in nodes {
            node.abort();
        }
    }
}

#[tokio::test]
async fn an_application_that_is_disabled_is_told_that_everybodys_session_is_over() {
    for store in engines().await {
        let house = House::new(store);
        let party = RelyingParty::start().await;
        let netbox = house.app("netbox", &party.uri()).await;
        let wiki = house.app("wiki", NOWHERE).await;
        let sessions = [
            house.session(Uuid::from_u128(7), &[&netbox, &wiki]).await,
            house.session(Uuid::from_u128(8), &[&netbox]).await,
        ];
        let _courier = house.courier();
        let disable = vec![Edit::Disabled(true)];
        house
            .apps
            .edit(&Author::system(), "netbox", disable, START)
            .await
            .unwrap();
        for session in sessions {
            let told = house.until(session, |delivery| delivery.state == State::Told).await;
            assert_eq!(
                (told.app_id, told.cause),
                (netbox.id, Cause::NoApp),
                "{}",
                house.store.engine
            );
            assert_eq!(deliveries(&house, session).await.len(), 1, "the others go on");
        }
        assert_eq!(party.taken().len(), 2);
    }
}
