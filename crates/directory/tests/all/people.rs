use std::collections::BTreeMap;

use doorward_audit::{EventFilter, events};
use doorward_directory::{Attributes, NewUser, UserEdit, UserKind, Via};
use serde_json::json;

use crate::house::{at, code, houses};

fn alice() -> NewUser {
    NewUser {
        name: "Alice".to_owned(),
        display_name: Some("Alice Example".to_owned()),
        email: Some("Alice@Example.com".to_owned()),
        email_verified: true,
        attributes: [
            ("given_name".to_owned(), json!("Alice")),
            ("floor".to_owned(), json!(3)),
        ]
        .into_iter()
        .collect(),
        ..NewUser::default()
    }
}

#[tokio::test]
async fn a_person_is_found_as_they_were_added() {
    for house in houses().await {
        let added = house.directory.add_user(&house.root, alice(), at(5)).await.unwrap();
        assert_eq!(added.name.as_str(), "Alice");
        assert_eq!((added.created, added.updated, added.last_login), (at(5), at(5), None));
        assert!(added.email_verified && !added.has_password && !added.disabled);
        for form in [
            "alice",
            "ALICE",
            "alice@example.com",
            "Alice@EXAMPLE.com",
            &added.id.to_string(),
        ] {
            let found = house.directory.find_user(form).await.unwrap();
            assert_eq!(found.as_ref(), Some(&added), "{form} on {}", house.store.engine);
        }
        assert_eq!(house.directory.user(added.id).await.unwrap(), Some(added));
        assert_eq!(house.directory.find_user("alice@elsewhere.org").await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_id_finds_its_user_whoever_is_called_like_it() {
    for house in houses().await {
        let added = house.directory.add_user(&house.root, alice(), at(0)).await.unwrap();
        let shadow = house.person(&added.id.to_string()).await;
        let found = house.directory.find_user(&added.id.to_string()).await.unwrap();
        assert_eq!(found, Some(added), "{}", house.store.engine);
        let nobody = house.person("0198c0de-0000-7000-8000-000000000001").await;
        let by_name = house.directory.find_user(nobody.name.as_str()).await.unwrap();
        assert_eq!(by_name, Some(nobody), "an id of nobody is a name as any other");
        let by_id = house.directory.find_user(&shadow.id.to_string()).await.unwrap();
        assert_eq!(by_id, Some(shadow));
    }
}

#[tokio::test]
async fn names_and_addresses_belong_to_one_user_whatever_their_case() {
    for house in houses().await {
        house.directory.add_user(&house.root, alice(), at(0)).await.unwrap();
        let same_name = NewUser {
            name: "aLICE".to_owned(),
            ..NewUser::default()
        };
        assert_eq!(
            code(house.directory.add_user(&house.root, same_name, at(1)).await),
            "name_taken"
        );
        let same_email = NewUser {
            name: "bob".to_owned(),
            email: Some("alice@example.COM".to_owned()),
            ..NewUser::default()
        };
        assert_eq!(
            code(house.directory.add_user(&house.root, same_email, at(1)).await),
            "email_taken"
        );
        let bob = house.person("bob").await;
        let edit = UserEdit {
            name: Some("ALICE".to_owned()),
            ..UserEdit::default()
        };
        assert_eq!(
            code(house.directory.edit_user(&house.root, bob.id, edit, at(2)).await),
            "name_taken"
        );
        assert_eq!(
            house.directory.user(bob.id).await.unwrap().unwrap(),
            bob,
            "nothing changed"
        );
    }
}

#[tokio::test]
async fn of_two_who_take_a_name_at_once_one_gets_it() {
    for house in houses().await {
        let add = |_| {
            let (directory, root) = (house.directory.clone(), house.root.clone());
            tokio::spawn(async move {
                directory
                    .add_user(
                        &root,
                        NewUser {
                            name: "carol".to_owned(),
                            ..NewUser::default()
                        },
                        at(0),
                    )
                    .await
            })
        };
        let tries: Vec<_> = (0..8).map(add).collect();
        let mut added = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => added += 1,
                refused => assert_eq!(code(refused), "name_taken"),
            }
        }
        assert_eq!(added, 1);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_whole() {
    for house in houses().await {
        let with = |change: fn(&mut NewUser)| {
            let mut new = NewUser {
                name: "dave".to_owned(),
                ..NewUser::default()
            };
            change(&mut new);
            house.directory.add_user(&house.root, new, at(0))
        };
        assert_eq!(
            code(with(|new| new.name = "da ve".to_owned()).await),
            "invalid_user_name"
        );
        assert_eq!(
            code(with(|new| new.email = Some("a@b@c".to_owned())).await),
            "invalid_user"
        );
        assert_eq!(
            code(with(|new| new.email = Some("not an address".to_owned())).await),
            "invalid_user"
        );
        assert_eq!(
            code(with(|new| new.display_name = Some("x".repeat(201))).await),
            "invalid_user"
        );
        assert_eq!(
            code(with(|new| new.display_name = Some("a\nb".to_owned())).await),
            "invalid_user"
        );
        assert_eq!(code(with(|new| new.attributes.set("sub", "x")).await), "invalid_user");
        assert_eq!(
            code(with(|new| new.groups = vec!["absent".to_owned()]).await),
            "no_such_group"
        );
        assert_eq!(
            house.directory.find_user("dave").await.unwrap(),
            None,
            "nothing is half done"
        );
    }
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_nothing_else() {
    for house in houses().await {
        let added = house.directory.add_user(&house.root, alice(), at(0)).await.unwrap();
        let edit = UserEdit {
            email: Some("alice@new.example".to_owned()),
            attributes: BTreeMap::from([("floor".to_owned(), json!(null)), ("locale".to_owned(), json!("de"))]),
            ..UserEdit::default()
        };
        let edited = house
            .directory
            .edit_user(&house.root, added.id, edit, at(9))
            .await
            .unwrap();
        assert!(!edited.email_verified, "a new address is not confirmed");
        assert_eq!(edited.display_name, "Alice Example");
        assert_eq!(
            (edited.attributes.text("given_name"), edited.attributes.get("floor")),
            (Some("Alice"), None)
        );
        assert_eq!((edited.created, edited.updated), (at(0), at(9)));
        assert_eq!(
            house.directory.find_user("alice@new.example").await.unwrap(),
            Some(edited)
        );

        let none = UserEdit {
            email: Some(String::new()),
            email_verified: Some(true),
            ..UserEdit::default()
        };
        let edited = house
            .directory
            .edit_user(&house.root, added.id, none, at(10))
            .await
            .unwrap();
        assert_eq!((edited.email, edited.email_verified), (None, false));
    }
}

#[tokio::test]
async fn a_full_name_that_was_the_name_follows_it() {
    for house in houses().await {
        let user = house.person("eve").await;
        assert_eq!(user.display_name, "eve");
        let edit = UserEdit {
            name: Some("Eva".to_owned()),
            ..UserEdit::default()
        };
        let user = house
            .directory
            .edit_user(&house.root, user.id, edit, at(1))
            .await
            .unwrap();
        assert_eq!((user.name.as_str(), user.display_name.as_str()), ("Eva", "Eva"));
    }
}

#[tokio::test]
async fn a_removed_user_is_gone_with_all_that_was_theirs() {
    for house in houses().await {
        let (user, group) = (house.enrolled("frank").await, house.group("ops").await);
        house.join(&group, &user).await;
        assert!(house.directory.facts(user.id).await.unwrap().is_some());
        house
            .directory
            .delete_user(&house.root, user.id, true, at(1))
            .await
            .unwrap();
        assert_eq!(house.directory.user(user.id).await.unwrap(), None);
        assert_eq!(house.directory.facts(user.id).await.unwrap(), None);
        assert!(
            house
                .directory
                .actor(user.id, Via::Server, at(1))
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(house.directory.group_members(group.id).await.unwrap().direct_users, 0);
        assert_eq!(
            code(house.directory.delete_user(&house.root, user.id, true, at(2)).await),
            "no_such_user"
        );
        let again = house.person("frank").await;
        assert_ne!(again.id, user.id, "a later user of the name is somebody else");
    }
}

#[tokio::test]
async fn every_change_is_an_event_that_says_what_changed() {
    for house in houses().await {
        let user = house.directory.add_user(&house.root, alice(), at(0)).await.unwrap();
        let edit = UserEdit {
            display_name: Some("A. Example".to_owned()),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, user.id, edit, at(1))
            .await
            .unwrap();
        house
            .directory
            .delete_user(&house.root, user.id, true, at(2))
            .await
            .unwrap();
        let recorded = house
            .store
            .read(|tx| events::list(tx, &EventFilter::default(), None, 10))
            .await
            .unwrap();
        let actions: Vec<_> = recorded
            .iter()
            .rev()
            .map(|recorded| recorded.event.action.as_ref())
            .collect();
        assert_eq!(actions, ["user.add", "user.edit", "user.remove"]);
        let edit = &recorded[1].event;
        assert_eq!(edit.actor.name, "root");
        assert_eq!(edit.subject.as_ref().unwrap().name, "Alice");
        assert_eq!(
            edit.data["changed"],
            json!({"display_name": {"from": "Alice Example", "to": "A. Example"}})
        );
    }
}

#[tokio::test]
async fn a_service_account_is_a_user_of_its_own_kind() {
    for house in houses().await {
        let account = house.service("backup").await;
        assert_eq!(account.kind, UserKind::Service);
        assert_eq!(account.attributes, Attributes::new());
    }
}
