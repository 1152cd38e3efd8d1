//! Accounts that end: at a date, and by being deleted with days of grace.

use doorward_audit::{EventFilter, events};
use doorward_directory::{
    Deletion, ExpiryEdit, LinkKind, LoginRefusal, NewUser, Role, RoleHolder, User, UserEdit, UserKind, Via,
    set_deletion_grace_days, set_may_delete_own, within,
};
use doorward_store::{StoreError, sessions};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    forgotten::{letters, with_address, with_mail},
    house::{House, PASSWORD, at, code, from, houses, secret},
    logins::{Outcome, try_at},
    passwords::logged_in,
};

const DAY: i64 = 24 * 3_600;

fn until(at: Timestamp) -> UserEdit {
    UserEdit {
        expires: ExpiryEdit::At(at),
        ..UserEdit::default()
    }
}

/// The code of a login that was refused after the password was found right.
fn closed(outcome: Outcome) -> &'static str {
    match outcome {
        Err(LoginRefusal::Closed { refusal, .. }) => refusal.kind.code,
        other => panic!("not closed: {other:?}"),
    }
}

impl House {
    pub(crate) async fn edit(&self, user: &User, edit: UserEdit, seconds: i64) -> User {
        self.directory
            .edit_user(&self.root, user.id, edit, at(seconds))
            .await
            .unwrap()
    }

    async fn live_sessions(&self, user: &User) -> usize {
        let id = user.id;
        self.store
            .read::<_, StoreError>(move |tx| sessions::of_user(tx, id, at(10)))
            .await
            .unwrap()
            .len()
    }

    async fn actions_about(&self, user: &User) -> Vec<(String, String)> {
        let filter = EventFilter {
            subject: Some(user.name.to_string()),
            ..EventFilter::default()
        };
        let mut found = self
            .store
            .read(move |tx| events::list(tx, &filter, None, 100))
            .await
            .unwrap();
        found.reverse();
        found
            .into_iter()
            .map(|recorded| (recorded.event.action.into_owned(), recorded.event.actor.name))
            .collect()
    }

    pub(crate) async fn set<F>(&self, work: F)
    where
        F: FnOnce(&mut doorward_store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        self.store.write(at(0), work).await.unwrap();
    }
}

#[tokio::test]
async fn an_account_is_closed_from_its_date_on_and_only_who_knows_the_password_reads_why() {
    for house in houses().await {
        let alice = house.enrolled("alice").await;
        let edited = house.edit(&alice, until(at(100)), 1).await;
        assert_eq!(edited.expires, Some(at(100)), "{}", house.store.engine);
        try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 99).await.unwrap();
        assert_eq!(
            closed(try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 100).await),
            "account_expired"
        );
        let wrong = try_at(&house, "alice", "not the password", &from("192.0.2.1"), 101).await;
        assert!(matches!(wrong, Err(LoginRefusal::Wrong { .. })), "{wrong:?}");
        // What is asked in the units that open something.
        let open = |seconds| {
            let (store, id) = ((*house.store).clone(), alice.id);
            async move {
                store
                    .write::<_, StoreError>(at(seconds), move |tx| {
                        Ok((doorward_directory::is_enabled(tx, id)?, within::lock_enabled(tx, id)?))
                    })
                    .await
                    .unwrap()
            }
        };
        assert_eq!((open(99).await, open(100).await), ((true, true), (false, false)));
        let link = house
            .directory
            .create_link(
                &house.root,
                alice.id,
                LinkKind::Reset,
                std::time::Duration::from_hours(1),
                at(101),
            )
            .await;
        assert_eq!(code(link), "account_expired");
        // Another date, or none, opens it again.
        house.edit(&alice, until(at(500)), 200).await;
        try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 201)
            .await
            .unwrap();
        let never = UserEdit {
            expires: ExpiryEdit::Never,
            ..UserEdit::default()
        };
        assert_eq!(house.edit(&alice, never, 202).await.expires, None);
        try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 900)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_date_that_has_passed_is_refused_unless_it_is_there_already() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let refused = house
            .directory
            .edit_user(&house.root, alice.id, until(at(5)), at(5))
            .await;
        assert_eq!(code(refused), "invalid_lifetime");
        let new = NewUser {
            name: "bob".to_owned(),
            expires: Some(at(1)),
            ..NewUser::default()
        };
        assert_eq!(
            code(house.directory.add_user(&house.root, new, at(2)).await),
            "invalid_lifetime"
        );
        house.edit(&alice, until(at(9)), 6).await;
        house.edit(&alice, until(at(9)), 10).await;
    }
}

#[tokio::test]
async fn what_somebody_has_ends_with_the_account_and_they_are_told_once_a_week_before() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let end = 10 * DAY;
        house.edit(&alice, until(at(end)), 1).await;
        house.session(&alice).await;
        house.directory.sweep(at(2 * DAY)).await.unwrap();
        assert_eq!(letters(&house).await, [], "not yet");
        for seconds in [4 * DAY, 4 * DAY + 60, 9 * DAY] {
            house.directory.sweep(at(seconds)).await.unwrap();
        }
        let told = ("account-expires".to_owned(), "alice@example.com".to_owned());
        assert_eq!(letters(&house).await, std::slice::from_ref(&told), "once");
        // Another date is told anew.
        house.edit(&alice, until(at(12 * DAY)), 9 * DAY + 1).await;
        house.directory.sweep(at(9 * DAY + 2)).await.unwrap();
        assert_eq!(letters(&house).await, [told.clone(), told]);
        assert_eq!(house.live_sessions(&alice).await, 1);
        house.directory.sweep(at(12 * DAY)).await.unwrap();
        assert_eq!(house.live_sessions(&alice).await, 0);
        house.directory.sweep(at(12 * DAY + 60)).await.unwrap();
        let expired: Vec<_> = house
            .actions_about(&alice)
            .await
            .into_iter()
            .filter(|(action, _)| action == "user.expire")
            .collect();
        assert_eq!(
            expired,
            [("user.expire".to_owned(), "doorward".to_owned())],
            "once, by the server"
        );
        assert!(
            house.directory.user(alice.id).await.unwrap().is_some(),
            "nothing is deleted"
        );
    }
}

#[tokio::test]
async fn api_tokens_end_with_their_service_account() {
    for house in houses().await {
        let new = NewUser {
            name: "robot".to_owned(),
            kind: UserKind::Service,
            expires: Some(at(100)),
            ..NewUser::default()
        };
        let robot = house.directory.add_user(&house.root, new, at(0)).await.unwrap();
        let token = house
            .directory
            .create_api_token(&house.root, robot.id, "all", None, at(1))
            .await
            .unwrap();
        let value = token.value.expose();
        house.directory.verify_api_token(value, at(99)).await.unwrap();
        assert_eq!(
            code(house.directory.verify_api_token(value, at(100)).await),
            "invalid_api_token"
        );
    }
}

#[tokio::test]
async fn a_deleted_person_is_closed_at_once_restorable_and_then_gone() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        house
            .directory
            .set_password(&house.root, alice.id, secret(PASSWORD), at(0))
            .await
            .unwrap();
        let group = house.group("crew").await;
        house.join(&group, &alice).await;
        house.session(&alice).await;
        let root = &house.root;
        let gone = at(5 + 14 * DAY);
        let done = house.directory.delete_user(root, alice.id, false, at(5)).await.unwrap();
        assert_eq!(done, Deletion::Planned(gone), "{}", house.store.engine);
        assert_eq!(house.live_sessions(&alice).await, 0);
        assert_eq!(
            closed(try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 6).await),
            "account_deleted"
        );
        assert_eq!(house.directory.actor(alice.id, Via::Server, at(6)).await.unwrap(), None);
        let told: Vec<_> = letters(&house).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told, ["password-changed", "deletion-planned"]);
        // Again changes no date, and the name and the address stay taken.
        let again = house
            .directory
            .delete_user(root, alice.id, false, at(DAY))
            .await
            .unwrap();
        assert_eq!(again, Deletion::Planned(gone));
        for (name, email, refused) in [
            ("alice", None, "name_taken"),
            ("other", Some("alice@example.com"), "email_taken"),
        ] {
            let new = NewUser {
                name: name.to_owned(),
                email: email.map(ToOwned::to_owned),
                ..NewUser::default()
            };
            assert_eq!(code(house.directory.add_user(root, new, at(7)).await), refused);
        }
        house.directory.sweep(at(5 + 14 * DAY - 1)).await.unwrap();
        let restored = house
            .directory
            .restore_user(root, alice.id, at(13 * DAY))
            .await
            .unwrap();
        assert_eq!(restored.deletion, None);
        assert_eq!(house.groups_of(&restored).await, ["crew"]);
        try_at(&house, "alice", PASSWORD, &from("192.0.2.1"), 13 * DAY + 1)
            .await
            .unwrap();
        assert_eq!(
            code(house.directory.restore_user(root, alice.id, at(13 * DAY)).await),
            "not_being_deleted"
        );
        house.directory.sweep(at(15 * DAY)).await.unwrap();
        assert!(
            house.directory.user(alice.id).await.unwrap().is_some(),
            "restored is restored"
        );

        house
            .directory
            .delete_user(root, alice.id, false, at(20 * DAY))
            .await
            .unwrap();
        house.directory.sweep(at(34 * DAY)).await.unwrap();
        assert_eq!(house.directory.user(alice.id).await.unwrap(), None);
        assert_eq!(
            code(house.directory.restore_user(root, alice.id, at(34 * DAY)).await),
            "no_such_user"
        );
        let last = letters(&house).await.pop().unwrap();
        assert_eq!(last, ("account-deleted".to_owned(), "alice@example.com".to_owned()));
        let actions: Vec<String> = house
            .actions_about(&alice)
            .await
            .into_iter()
            .map(|(action, _)| action)
            .collect();
        assert_eq!(
            &actions[actions.len() - 4..],
            ["user.delete", "user.restore", "user.delete", "user.remove"]
        );
        let found = house.person("alice").await;
        assert_ne!(found.id, alice.id, "the name is free again, for somebody else");
    }
}

#[tokio::test]
async fn without_days_of_grace_and_for_services_deleting_is_at_once() {
    for house in houses().await {
        let (alice, bob, robot) = (
            house.person("alice").await,
            house.person("bob").await,
            house.service("robot").await,
        );
        let delete = |id: Uuid, at_once| house.directory.delete_user(&house.root, id, at_once, at(1));
        assert_eq!(delete(alice.id, true).await.unwrap(), Deletion::Done);
        assert_eq!(delete(robot.id, false).await.unwrap(), Deletion::Done);
        house.set(|tx| set_deletion_grace_days(tx, 0)).await;
        assert_eq!(delete(bob.id, false).await.unwrap(), Deletion::Done);
        for user in [alice, bob, robot] {
            assert_eq!(house.directory.user(user.id).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn nothing_is_left_of_where_a_removed_person_was_logged_in() {
    for house in houses().await {
        let (alice, bob) = (house.person("alice").await, house.person("bob").await);
        for user in [&alice, &bob] {
            let (session, _) = logged_in(&house, user.id).await;
            house
                .set(move |tx| {
                    tx.execute(
                        "INSERT INTO upstream_sessions (session_id, upstream_id, sub_digest, expires_at) \
                         VALUES ($1, $2, $3, $4)",
                        &[
                            session.into(),
                            Uuid::nil().into(),
                            session.as_bytes().into(),
                            at(100_000).into(),
                        ],
                    )?;
                    Ok(())
                })
                .await;
        }
        let counts = async || {
            let count = |tx: &mut doorward_store::Tx<'_>| {
                let mut counts = Vec::new();
                for table in ["sessions", "upstream_sessions", "grants"] {
                    let sql = format!("SELECT COUNT(*) FROM {table}");
                    counts.extend(tx.one(&sql, &[], |row| row.get::<i64>(0))?);
                }
                Ok::<_, StoreError>(counts)
            };
            house.store.read(count).await.unwrap()
        };
        assert_eq!(counts().await, [2, 2, 2]);
        house
            .directory
            .delete_user(&house.root, alice.id, false, at(2))
            .await
            .unwrap();
        assert_eq!(counts().await, [2, 2, 2], "ended, and still to be restored");
        house
            .directory
            .delete_user(&house.root, alice.id, true, at(3))
            .await
            .unwrap();
        assert_eq!(counts().await, [1, 1, 1], "{}", house.store.engine);
        assert_eq!(house.live_sessions(&bob).await, 1, "others go on");
    }
}

#[tokio::test]
async fn the_last_administrator_neither_ends_nor_is_deleted() {
    for house in houses().await {
        let (ada, eve) = (house.person("ada").await, house.person("eve").await);
        house.grant(Role::Full, RoleHolder::User(ada.id)).await;
        let root = &house.root;
        let edit = house.directory.edit_user(root, ada.id, until(at(500)), at(1)).await;
        assert_eq!(code(edit), "last_administrator");
        assert_eq!(
            code(house.directory.delete_user(root, ada.id, false, at(1)).await),
            "last_administrator"
        );
        // One who ends at a date keeps nothing in anybody's hands.
        house.grant(Role::Full, RoleHolder::User(eve.id)).await;
        house.edit(&eve, until(at(500)), 2).await;
        let disable = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        assert_eq!(
            code(house.directory.edit_user(root, ada.id, disable, at(3)).await),
            "last_administrator"
        );
        house.directory.delete_user(root, eve.id, false, at(4)).await.unwrap();
    }
}

#[tokio::test]
async fn lesser_administrators_neither_delete_nor_restore_greater_ones() {
    for house in houses().await {
        let people = house.administrator("pat", Role::People).await;
        let (ada, eve) = (house.person("ada").await, house.person("eve").await);
        for user in [&ada, &eve] {
            house.grant(Role::Full, RoleHolder::User(user.id)).await;
        }
        let directory = &house.directory;
        assert_eq!(
            code(directory.delete_user(&people, eve.id, false, at(1)).await),
            "protected_by_role"
        );
        directory.delete_user(&house.root, eve.id, false, at(2)).await.unwrap();
        assert_eq!(
            code(directory.restore_user(&people, eve.id, at(3)).await),
            "protected_by_role"
        );
        let reader = house.administrator("rita", Role::ReadOnly).await;
        let nobody = Uuid::nil();
        assert_eq!(
            code(directory.delete_user(&reader, nobody, false, at(4)).await),
            "missing_right"
        );
        assert_eq!(
            code(directory.restore_user(&reader, nobody, at(4)).await),
            "missing_right"
        );
    }
}

#[tokio::test]
async fn people_delete_their_own_account_where_that_is_allowed() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let ask = |user: &User| house.directory.delete_own(user.id, Uuid::nil(), at(1));
        assert_eq!(code(ask(&alice).await), "deletion_not_offered", "off unless set");
        house.set(|tx| set_may_delete_own(tx, true)).await;
        let ada = house.person("ada").await;
        house.grant(Role::ReadOnly, RoleHolder::User(ada.id)).await;
        assert_eq!(code(ask(&ada).await), "protected_by_role");
        let session = house.session(&alice).await;
        assert_eq!(ask(&alice).await.unwrap(), Deletion::Planned(at(1 + 14 * DAY)));
        assert_eq!(code(ask(&alice).await), "deletion_not_offered", "once");
        assert_eq!(house.live_sessions(&alice).await, 0, "{session}");
        let last = house.actions_about(&alice).await.pop().unwrap();
        assert_eq!(last, ("user.delete".to_owned(), "alice".to_owned()));
        assert_eq!(letters(&house).await.pop().unwrap().0, "deletion-planned");
    }
}
