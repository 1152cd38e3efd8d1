use std::{net::IpAddr, sync::Arc, time::Duration};

use doorward_directory::{Asked, Facts, LinkKind, NewUser, Role, RoleHolder, Settings, User, UserEdit};
use doorward_jose::{Secret, SystemRandom};
use doorward_mail::{House as Sender, Lang, Outbox, queue};
use doorward_store::MasterKey;

use crate::{
    house::{House, PASSWORD, at, code, from, houses, houses_with, secret},
    links::link,
};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

pub(crate) async fn with_mail() -> Vec<House> {
    with_mail_and(Settings::default()).await
}

pub(crate) async fn with_mail_and(settings: Settings) -> Vec<House> {
    let sender = Sender {
        name: "Acme".to_owned(),
        url: "https://sso.example.com".to_owned(),
        contact: None,
        accent: "#2f6f5e".to_owned(),
        on_accent: "#ffffff".to_owned(),
    };
    let master = MasterKey::from_bytes(&Secret::new([7; 32]));
    houses_with(Settings {
        outbox: Outbox::new(sender, Arc::new(master), Arc::new(SystemRandom)),
        ..settings
    })
    .await
}

pub(crate) async fn with_address(house: &House, name: &str) -> User {
    let new = NewUser {
        name: name.to_owned(),
        email: Some(format!("{name}@example.com")),
        ..NewUser::default()
    };
    house.directory.add_user(&house.root, new, at(0)).await.unwrap()
}

/// What waits in the queue: kind and address.
pub(crate) async fn letters(house: &House) -> Vec<(String, String)> {
    let queued = house.store.read(|tx| queue(tx, None, 100)).await.unwrap();
    queued
        .into_iter()
        .map(|letter| (letter.kind, letter.recipient))
        .collect()
}

async fn noted(house: &House) -> i64 {
    house
        .store
        .read(|tx| tx.one("SELECT COUNT(*) FROM password_requests", &[], |row| row.get(0)))
        .await
        .unwrap()
        .unwrap()
}

async fn ask(house: &House, typed: &str, seconds: i64) -> Asked {
    house
        .directory
        .forgot_password(typed, Lang::En, HERE, at(seconds))
        .await
        .unwrap()
}

async fn answer_all(house: &House, seconds: i64) {
    let nowhere = |_: &Facts| None;
    while house.directory.answer_forgotten(nowhere, at(seconds)).await.unwrap() {}
}

#[tokio::test]
async fn asking_writes_the_same_for_every_name_and_only_the_owner_of_an_address_hears_of_it() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        house
            .directory
            .set_password(&house.root, alice.id, secret(PASSWORD), at(0))
            .await
            .unwrap();
        let before = letters(&house).await.len();
        for (count, typed) in ["alice", "nobody", "ALICE@example.com", "x@example.com"]
            .into_iter()
            .enumerate()
        {
            assert_eq!(ask(&house, typed, 10).await, Asked::Noted, "{typed}");
            assert_eq!(noted(&house).await, i64::try_from(count).unwrap() + 1, "{typed}");
        }
        answer_all(&house, 11).await;
        assert_eq!(noted(&house).await, 0);
        let to_alice = ("password-reset".to_owned(), "alice@example.com".to_owned());
        assert_eq!(
            letters(&house).await[before..],
            [to_alice.clone(), to_alice],
            "{}",
            house.store.engine
        );
    }
}

#[tokio::test]
async fn nobody_can_have_somebody_else_flooded_with_letters() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let password = secret(PASSWORD);
        house
            .directory
            .set_password(&house.root, alice.id, password, at(0))
            .await
            .unwrap();
        let before = letters(&house).await.len();
        for _ in 0..10 {
            assert_eq!(ask(&house, "alice", 10).await, Asked::Noted, "and says nothing of it");
        }
        answer_all(&house, 11).await;
        assert_eq!(letters(&house).await.len(), before + 3);
        let mut later = None;
        for number in 0..40 {
            if let Asked::Later { retry_after } = ask(&house, &format!("other{number}"), 12).await {
                later.get_or_insert((number, retry_after));
            }
        }
        let (number, wait) = later.expect("one address cannot ask without end");
        assert!((15..=25).contains(&number), "{number}");
        assert!(wait <= Duration::from_secs(20) && wait > Duration::ZERO, "{wait:?}");
    }
}

#[tokio::test]
async fn administrators_get_no_link_by_mail_and_the_disabled_get_nothing() {
    for house in with_mail().await {
        let root = with_address(&house, "root").await;
        house.grant(Role::Full, RoleHolder::User(root.id)).await;
        let gone = with_address(&house, "gone").await;
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, gone.id, edit, at(0))
            .await
            .unwrap();
        house.person("mute").await;
        for typed in ["root", "gone", "mute"] {
            ask(&house, typed, 10).await;
        }
        answer_all(&house, 11).await;
        assert_eq!(
            letters(&house).await,
            [("not-by-mail".to_owned(), "root@example.com".to_owned())]
        );
        let links: Option<i64> = house
            .store
            .read(|tx| tx.one("SELECT COUNT(*) FROM enrolment_links", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(links, Some(0));
    }
}

#[tokio::test]
async fn whoever_logs_in_through_an_upstream_is_told_so_instead() {
    for house in with_mail().await {
        with_address(&house, "alice").await;
        ask(&house, "alice", 10).await;
        let company = |_: &Facts| Some("Company account".to_owned());
        assert!(house.directory.answer_forgotten(company, at(11)).await.unwrap());
        assert_eq!(letters(&house).await[0].0, "log-in-elsewhere");
    }
}

#[tokio::test]
async fn asking_gives_nobody_a_first_password_and_does_not_end_the_link_that_an_administrator_gave() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let ticket = link(&house, &alice, LinkKind::Enrol).await;
        ask(&house, "alice", 10).await;
        answer_all(&house, 11).await;
        assert_eq!(letters(&house).await, [], "there is no password yet to replace");
        house.directory.link(&ticket, at(12)).await.unwrap();
        let redeemed = house
            .directory
            .redeem(&ticket, secret(PASSWORD), &from("192.0.2.1"), at(12))
            .await;
        assert!(redeemed.is_ok(), "{redeemed:?}");
    }
}

#[tokio::test]
async fn without_mail_nothing_is_noted() {
    for house in houses().await {
        let asked = house.directory.forgot_password("alice", Lang::En, HERE, at(1)).await;
        assert_eq!(code(asked), "mail_is_off");
        assert_eq!(noted(&house).await, 0);
    }
}

#[tokio::test]
async fn people_are_told_of_a_new_password_and_of_a_new_address_at_the_old_one() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let root = &house.root;
        house
            .directory
            .set_password(root, alice.id, secret(PASSWORD), at(1))
            .await
            .unwrap();
        house
            .directory
            .change_password(alice.id, secret(PASSWORD), secret("another good one"), None, at(2))
            .await
            .unwrap();
        let edit = UserEdit {
            email: Some("new@example.com".to_owned()),
            ..UserEdit::default()
        };
        house.directory.edit_user(root, alice.id, edit, at(3)).await.unwrap();
        let old = |kind: &str| (kind.to_owned(), "alice@example.com".to_owned());
        assert_eq!(
            letters(&house).await,
            [old("password-changed"), old("password-changed"), old("address-changed")]
        );
    }
}

#[tokio::test]
async fn an_invitation_is_sent_with_the_person_or_nobody_is_added() {
    for house in with_mail().await {
        let new = |email: Option<&str>| NewUser {
            name: "alice".to_owned(),
            email: email.map(ToOwned::to_owned),
            ..NewUser::default()
        };
        let day = Duration::from_hours(24);
        let invited = house.directory.invite_person(&house.root, new(None), day, at(1)).await;
        assert_eq!(code(invited), "no_email_address");
        assert_eq!(house.directory.find_user("alice").await.unwrap(), None);
        let alice = new(Some("alice@example.com"));
        house
            .directory
            .invite_person(&house.root, alice, day, at(1))
            .await
            .unwrap();
        assert_eq!(
            letters(&house).await,
            [("invitation".to_owned(), "alice@example.com".to_owned())]
        );
    }
}
