use std::time::Duration;

use doorward_directory::{LinkKind, NewUser, Origin, Role, RoleHolder, User, UserEdit};
use doorward_jose::SystemRandom;
use doorward_store::Ticket;

use crate::house::{House, PASSWORD, at, code, from, houses, secret};

const HOUR: Duration = Duration::from_hours(1);

pub(crate) async fn link(house: &House, user: &User, kind: LinkKind) -> String {
    house
        .directory
        .create_link(&house.root, user.id, kind, HOUR, at(1))
        .await
        .unwrap()
        .ticket
        .expose()
        .clone()
}

fn here() -> Origin {
    from("192.0.2.1")
}

#[tokio::test]
async fn a_person_enrols_once_and_can_log_in_from_then_on() {
    for house in houses().await {
        let user = house.person("alice").await;
        let ticket = link(&house, &user, LinkKind::Enrol).await;
        let purpose = house.directory.link(&ticket, at(2)).await.unwrap();
        assert_eq!(
            (purpose.kind, purpose.user, purpose.expires),
            (LinkKind::Enrol, Some(user.clone()), at(3601))
        );
        let weak = house.directory.redeem(&ticket, secret("short"), &here(), at(2)).await;
        assert_eq!(code(weak), "weak_password", "and the link is not used up by it");
        let verified = house
            .directory
            .redeem(&ticket, secret(PASSWORD), &here(), at(2))
            .await
            .unwrap();
        assert!(verified.facts.user.has_password);
        assert_eq!(verified.facts.user.last_login, Some(at(2)));
        assert!(
            verified.browser.set_cookie.is_some(),
            "the browser is known from now on"
        );
        assert_eq!(code(house.directory.link(&ticket, at(3)).await), "link_ended");
        assert_eq!(
            code(
                house
                    .directory
                    .redeem(&ticket, secret("again, later"), &here(), at(3))
                    .await
            ),
            "link_ended"
        );
        house
            .directory
            .verify_password("alice", secret(PASSWORD), &here(), at(3))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn of_many_who_use_a_link_at_once_one_succeeds() {
    for house in houses().await {
        let user = house.person("alice").await;
        let ticket = link(&house, &user, LinkKind::Enrol).await;
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let (directory, ticket) = (house.directory.clone(), ticket.clone());
                tokio::spawn(async move {
                    directory
                        .redeem(&ticket, secret(&format!("password {number}")), &here(), at(2))
                        .await
                })
            })
            .collect();
        let mut won = Vec::new();
        for (number, one) in tries.into_iter().enumerate() {
            match one.await.unwrap() {
                Ok(_) => won.push(number),
                refused => assert_eq!(code(refused), "link_ended"),
            }
        }
        assert_eq!(won.len(), 1);
        let password = format!("password {}", won[0]);
        house
            .directory
            .verify_password("alice", secret(&password), &here(), at(3))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_link_ends_with_its_time_with_a_newer_one_and_with_a_new_password() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let directory = &house.directory;
        let first = link(&house, &user, LinkKind::Reset).await;
        assert_eq!(code(directory.link(&first, at(3601)).await), "link_ended");
        assert_eq!(
            code(directory.redeem(&first, secret(PASSWORD), &here(), at(3601)).await),
            "link_ended"
        );
        let second = link(&house, &user, LinkKind::Reset).await;
        assert_eq!(code(directory.link(&first, at(2)).await), "link_ended");
        assert!(directory.link(&second, at(2)).await.is_ok());
        directory
            .set_password(&house.root, user.id, secret("another one"), at(2))
            .await
            .unwrap();
        assert_eq!(
            code(directory.redeem(&second, secret(PASSWORD), &here(), at(3)).await),
            "link_ended"
        );
        let third = link(&house, &user, LinkKind::Reset).await;
        directory
            .edit_user(
                &house.root,
                user.id,
                UserEdit {
                    disabled: Some(true),
                    ..UserEdit::default()
                },
                at(2),
            )
            .await
            .unwrap();
        assert_eq!(
            code(directory.redeem(&third, secret(PASSWORD), &here(), at(3)).await),
            "link_ended"
        );
    }
}

#[tokio::test]
async fn a_reset_replaces_the_password() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let ticket = link(&house, &user, LinkKind::Reset).await;
        house
            .directory
            .redeem(&ticket, secret("the new password"), &here(), at(2))
            .await
            .unwrap();
        assert!(
            house
                .directory
                .verify_password("alice", secret(PASSWORD), &here(), at(3))
                .await
                .is_err()
        );
        house
            .directory
            .verify_password("alice", secret("the new password"), &here(), at(3))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_is_not_a_link_of_ours_is_refused_without_any_computing() {
    for house in houses().await {
        let user = house.person("alice").await;
        let good = link(&house, &user, LinkKind::Enrol).await;
        let id = Ticket::parse(&good).unwrap().id();
        let guessed = Ticket::for_id(id, &SystemRandom).encode();
        let runs = house.directory.hasher().runs();
        for bad in ["", "x", &"A".repeat(64), &"A".repeat(100_000), &guessed, &good[..63]] {
            assert_eq!(code(house.directory.link(bad, at(2)).await), "link_ended");
            assert_eq!(
                code(house.directory.redeem(bad, secret(PASSWORD), &here(), at(2)).await),
                "link_ended"
            );
            let first = house
                .directory
                .redeem_first_admin(bad, NewUser::default(), secret(PASSWORD), &here(), at(2))
                .await;
            assert_eq!(code(first), "link_ended");
        }
        let person = NewUser {
            name: "mallory".to_owned(),
            ..NewUser::default()
        };
        let wrong_kind = house
            .directory
            .redeem_first_admin(&good, person, secret(PASSWORD), &here(), at(2))
            .await;
        assert_eq!(
            code(wrong_kind),
            "link_ended",
            "an enrolment link makes nobody administrator"
        );
        assert_eq!(house.directory.hasher().runs(), runs);
    }
}

#[tokio::test]
async fn links_fit_their_purpose() {
    for house in houses().await {
        let (enrolled, robot, fresh) = (
            house.enrolled("alice").await,
            house.service("robot").await,
            house.person("bob").await,
        );
        let create =
            |user: &User, kind, lifetime| house.directory.create_link(&house.root, user.id, kind, lifetime, at(1));
        assert_eq!(code(create(&enrolled, LinkKind::Enrol, HOUR).await), "already_enrolled");
        assert_eq!(code(create(&robot, LinkKind::Enrol, HOUR).await), "not_a_person");
        assert_eq!(code(create(&fresh, LinkKind::FirstAdmin, HOUR).await), "invalid_link");
        for lifetime in [
            Duration::ZERO,
            Duration::from_secs(59),
            Duration::from_hours(31 * 24),
            Duration::MAX,
        ] {
            assert_eq!(
                code(create(&fresh, LinkKind::Enrol, lifetime).await),
                "invalid_lifetime"
            );
        }
        assert!(create(&fresh, LinkKind::Reset, HOUR).await.is_ok());
    }
}

#[tokio::test]
async fn the_first_administrator_names_themselves_once() {
    for house in houses().await {
        let directory = &house.directory;
        let early = directory.first_admin_link(HOUR, at(0)).await.unwrap().unwrap();
        let ticket = directory
            .first_admin_link(HOUR, at(1))
            .await
            .unwrap()
            .unwrap()
            .ticket
            .expose()
            .clone();
        assert_eq!(
            code(directory.link(early.ticket.expose(), at(2)).await),
            "link_ended",
            "a restart makes a new one"
        );
        let purpose = directory.link(&ticket, at(2)).await.unwrap();
        assert_eq!((purpose.kind, purpose.user), (LinkKind::FirstAdmin, None));
        assert_eq!(
            code(directory.redeem(&ticket, secret(PASSWORD), &here(), at(2)).await),
            "link_ended"
        );
        let person = |name: &str| NewUser {
            name: name.to_owned(),
            ..NewUser::default()
        };
        let bad = directory
            .redeem_first_admin(&ticket, person("a b"), secret(PASSWORD), &here(), at(2))
            .await;
        assert_eq!(code(bad), "invalid_user_name");
        let verified = directory
            .redeem_first_admin(&ticket, person("root"), secret(PASSWORD), &here(), at(2))
            .await
            .unwrap();
        assert_eq!(verified.facts.roles, [Role::Full]);
        let again = directory
            .redeem_first_admin(&ticket, person("second"), secret(PASSWORD), &here(), at(3))
            .await;
        assert_eq!(code(again), "link_ended");
        assert!(
            directory.first_admin_link(HOUR, at(4)).await.unwrap().is_none(),
            "there is one now"
        );
        directory
            .verify_password("root", secret(PASSWORD), &here(), at(4))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_first_link_is_worth_nothing_once_there_is_an_administrator() {
    for house in houses().await {
        let ticket = house
            .directory
            .first_admin_link(HOUR, at(0))
            .await
            .unwrap()
            .unwrap()
            .ticket
            .expose()
            .clone();
        let user = house.enrolled("alice").await;
        house.grant(Role::Full, RoleHolder::User(user.id)).await;
        let person = NewUser {
            name: "mallory".to_owned(),
            ..NewUser::default()
        };
        let late = house
            .directory
            .redeem_first_admin(&ticket, person, secret(PASSWORD), &here(), at(2))
            .await;
        assert_eq!(code(late), "link_ended");
        assert_eq!(house.directory.find_user("mallory").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_link_of_a_lesser_administrator_does_not_open_an_account_that_gained_a_role() {
    for house in houses().await {
        let lesser = house.administrator("lesser", Role::People).await;
        let (by_lesser, by_full) = (house.person("alice").await, house.person("bob").await);
        let theirs = house
            .directory
            .create_link(&lesser, by_lesser.id, LinkKind::Enrol, HOUR, at(1))
            .await
            .unwrap();
        let ours = link(&house, &by_full, LinkKind::Enrol).await;
        for user in [&by_lesser, &by_full] {
            house.grant(Role::Full, RoleHolder::User(user.id)).await;
        }
        let taken_over = house
            .directory
            .redeem(theirs.ticket.expose(), secret(PASSWORD), &here(), at(2))
            .await;
        assert_eq!(code(taken_over), "link_ended");
        house
            .directory
            .redeem(&ours, secret(PASSWORD), &here(), at(2))
            .await
            .unwrap();
    }
}
