use doorward_directory::{NewUser, Proof, UserEdit, WrongCredentials, is_enabled};
use doorward_jose::SystemRandom;
use doorward_store::{StoreError, Ticket, grants, new_id, sessions};
use uuid::Uuid;

use crate::{
    house::{House, PASSWORD, at, code, from, houses, secret},
    logins::{attempt, reason, with_cookie},
};

fn new_session(user: Uuid) -> sessions::NewSession<'static> {
    sessions::NewSession {
        user_id: user,
        expires: at(100_000),
        idle_seconds: 100_000,
        auth_time: at(1),
        amr: &[],
        acr: None,
        address: "192.0.2.1",
        user_agent: "test",
    }
}

/// A session and a grant of the user, as the server would write them.
pub(crate) async fn logged_in(house: &House, user: Uuid) -> (Uuid, Uuid) {
    logged_in_with(house, user, false).await
}

async fn logged_in_with(house: &House, user: Uuid, offline: bool) -> (Uuid, Uuid) {
    let ticket = Ticket::new(at(1), &SystemRandom);
    let (session, grant) = (ticket.id(), new_id(at(1), &SystemRandom));
    house
        .store
        .write::<_, StoreError>(at(1), move |tx| {
            sessions::create(tx, &ticket, &new_session(user))?;
            grants::create(
                tx,
                &grants::Grant {
                    id: grant,
                    user_id: Some(user),
                    app_id: Uuid::nil(),
                    session_id: Some(session),
                    scope: "openid".to_owned(),
                    claims: None,
                    extent: None,
                    auth_time: Some(at(1)),
                    amr: Vec::new(),
                    acr: None,
                    nonce: None,
                    offline,
                    trace: None,
                    created: at(1),
                    expires: at(100_000),
                    revoked_at: None,
                },
            )
        })
        .await
        .unwrap();
    (session, grant)
}

async fn live(house: &House, (session, grant): (Uuid, Uuid)) -> (bool, bool) {
    house
        .store
        .read::<_, StoreError>(move |tx| {
            let session = sessions::by_id(tx, session)?.is_some_and(|session| session.is_live(at(2)));
            Ok((session, grants::is_live(tx, grant, at(2))?))
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn disabling_a_user_ends_what_is_open_in_the_same_moment() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let open = logged_in(&house, user.id).await;
        assert_eq!(live(&house, open).await, (true, true));
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, user.id, edit, at(2))
            .await
            .unwrap();
        assert_eq!(live(&house, open).await, (false, false));
        assert!(
            house.directory.facts(user.id).await.unwrap().unwrap().user.disabled,
            "and the cache knows"
        );
    }
}

#[tokio::test]
async fn a_password_set_by_an_administrator_ends_what_was_open_and_forgets_browsers() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let open = logged_in(&house, user.id).await;
        let verified = attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
        let mine = with_cookie("192.0.2.1", &verified);
        house
            .directory
            .set_password(&house.root, user.id, secret("another one, longer"), at(2))
            .await
            .unwrap();
        assert_eq!(live(&house, open).await, (false, false));
        assert_eq!(
            reason(attempt(&house, "alice", PASSWORD, &mine).await),
            WrongCredentials::WrongPassword
        );
        attempt(&house, "alice", "another one, longer", &mine).await.unwrap();
    }
}

#[tokio::test]
async fn a_person_changes_their_own_password_and_stays_where_they_are() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let (here, elsewhere) = (logged_in(&house, user.id).await, logged_in(&house, user.id).await);
        let change = |current: &str, new: &str| {
            let (current, new) = (secret(current), secret(new));
            house
                .directory
                .change_password(user.id, current, new, Some(here.0), at(2))
        };
        let wrong = change("not the one", "another one, longer").await.unwrap_err();
        assert_eq!(wrong.refusal().unwrap().kind.code, "wrong_credentials");
        let weak = change(PASSWORD, "short").await.unwrap_err();
        assert_eq!(weak.refusal().unwrap().kind.code, "weak_password");
        assert_eq!(
            live(&house, elsewhere).await,
            (true, true),
            "a refused change ends nothing"
        );
        change(PASSWORD, "another one, longer").await.unwrap();
        assert_eq!(live(&house, here).await, (true, true));
        assert_eq!(live(&house, elsewhere).await, (false, false));
        attempt(&house, "alice", "another one, longer", &from("192.0.2.1"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn changing_the_own_password_ends_what_was_granted_for_absence_in_any_session() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let kept = logged_in(&house, user.id).await;
        let stolen = logged_in_with(&house, user.id, true).await;
        house
            .store
            .write::<_, StoreError>(at(2), move |tx| {
                // The thief logged out: their grant was meant to stay, their session is in no list.
                sessions::end_with_grants(tx, stolen.0, grants::Offline::Keep)
            })
            .await
            .unwrap();
        assert_eq!(live(&house, stolen).await, (false, true));
        let (current, new) = (secret(PASSWORD), secret("another one, longer"));
        house
            .directory
            .change_password(user.id, current, new, Some(kept.0), at(2))
            .await
            .unwrap();
        assert_eq!(live(&house, kept).await, (true, true));
        assert_eq!(live(&house, stolen).await, (false, false));
    }
}

#[tokio::test]
async fn a_password_that_anybody_would_try_first_is_refused() {
    for house in houses().await {
        let new = NewUser {
            name: "administrator".to_owned(),
            email: Some("admin@example.com".to_owned()),
            ..NewUser::default()
        };
        let user = house.directory.add_user(&house.root, new, at(0)).await.unwrap();
        for bad in ["", "7 chars", "Administrator", "ADMIN@example.com", &"x".repeat(1_025)] {
            let outcome = house
                .directory
                .set_password(&house.root, user.id, secret(bad), at(1))
                .await;
            assert_eq!(code(outcome), "weak_password", "{bad:?}");
        }
        house
            .directory
            .set_password(&house.root, user.id, secret("acht Zeichen"), at(1))
            .await
            .unwrap();
        let robot = house.service("robot").await;
        let outcome = house
            .directory
            .set_password(&house.root, robot.id, secret(PASSWORD), at(1))
            .await;
        assert_eq!(code(outcome), "not_a_person");
    }
}

#[tokio::test]
async fn a_proof_holds_until_the_password_is_replaced_or_the_user_disabled() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let holds = |proof: Proof| house.store.write::<_, StoreError>(at(3), move |tx| proof.holds(tx));
        let enabled = |id| house.store.write::<_, StoreError>(at(3), move |tx| is_enabled(tx, id));
        let disabled = |disabled| UserEdit {
            disabled: Some(disabled),
            ..UserEdit::default()
        };
        let proof = attempt(&house, "alice", PASSWORD, &from("192.0.2.1"))
            .await
            .unwrap()
            .proof;
        assert!(holds(proof).await.unwrap() && enabled(user.id).await.unwrap());
        house
            .directory
            .edit_user(&house.root, user.id, disabled(true), at(2))
            .await
            .unwrap();
        assert!(!holds(proof).await.unwrap() && !enabled(user.id).await.unwrap());
        house
            .directory
            .edit_user(&house.root, user.id, disabled(false), at(2))
            .await
            .unwrap();
        house
            .directory
            .set_password(&house.root, user.id, secret("another one, longer"), at(2))
            .await
            .unwrap();
        assert!(!holds(proof).await.unwrap(), "also when it is the same person");
        house
            .directory
            .delete_user(&house.root, user.id, true, at(2))
            .await
            .unwrap();
        assert!(!holds(proof).await.unwrap());
    }
}

#[tokio::test]
async fn a_session_that_begins_while_everything_ends_does_not_survive() {
    for house in houses().await {
        for round in 0..10 {
            let user = house.enrolled(&format!("user{round}")).await;
            let name = user.name.to_string();
            let proof = attempt(&house, &name, PASSWORD, &from("192.0.2.1"))
                .await
                .unwrap()
                .proof;
            let ticket = Ticket::new(at(2), &SystemRandom);
            let (session, id, store) = (ticket.id(), user.id, (*house.store).clone());
            let begins = tokio::spawn(async move {
                store
                    .write::<_, StoreError>(at(2), move |tx| {
                        if proof.holds(tx)? {
                            sessions::create(tx, &ticket, &new_session(id))?;
                        }
                        Ok(())
                    })
                    .await
            });
            let (directory, root) = (house.directory.clone(), house.root.clone());
            let ends = tokio::spawn(async move {
                let edit = UserEdit {
                    disabled: Some(true),
                    ..UserEdit::default()
                };
                directory.edit_user(&root, id, edit, at(2)).await
            });
            begins.await.unwrap().unwrap();
            ends.await.unwrap().unwrap();
            let live = house.store.read::<_, StoreError>(move |tx| {
                Ok(sessions::by_id(tx, session)?.is_some_and(|session| session.is_live(at(3))))
            });
            assert!(!live.await.unwrap());
        }
    }
}
