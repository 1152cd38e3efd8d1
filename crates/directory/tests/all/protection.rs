use std::time::Duration;

use doorward_directory::{Actor, GroupEdit, LinkKind, Right, Role, RoleHolder, UserEdit};

use crate::{
    house::{at, code, houses, secret},
    rights::{NONE, new_user},
};

#[tokio::test]
async fn a_people_administrator_cannot_touch_who_holds_a_role() {
    for house in houses().await {
        let lesser = house.administrator("lesser", Role::People).await;
        let directory = &house.directory;
        // Directly, through a group, and through a group above that group.
        let (direct, through, nested) = (
            house.person("direct").await,
            house.person("through").await,
            house.person("nested").await,
        );
        house.grant(Role::Apps, RoleHolder::User(direct.id)).await;
        let (admins, inner) = (house.group("admins").await, house.group("inner").await);
        house.grant(Role::ReadOnly, RoleHolder::Group(admins.id)).await;
        house.nest(&admins, &inner).await;
        house.join(&admins, &through).await;
        house.join(&inner, &nested).await;
        let itself = directory.find_user("lesser").await.unwrap().unwrap();
        for user in [&direct, &through, &nested, &itself] {
            let email = UserEdit {
                email: Some("mine@example.com".to_owned()),
                ..NONE
            };
            assert_eq!(
                code(directory.edit_user(&lesser, user.id, email, at(1)).await),
                "protected_by_role"
            );
            assert_eq!(
                code(directory.delete_user(&lesser, user.id, true, at(1)).await),
                "protected_by_role"
            );
            let set = directory
                .set_password(&lesser, user.id, secret("long enough"), at(1))
                .await;
            assert_eq!(code(set), "protected_by_role");
            for kind in [LinkKind::Enrol, LinkKind::Reset] {
                let link = directory
                    .create_link(&lesser, user.id, kind, Duration::from_mins(10), at(1))
                    .await;
                assert_eq!(code(link), "protected_by_role", "{}", user.name);
            }
            let session = house.session(user).await;
            assert_eq!(
                code(directory.end_session(&lesser, session, at(1)).await),
                "protected_by_role"
            );
            assert_eq!(
                code(directory.end_sessions(&lesser, user.id, at(1)).await),
                "protected_by_role"
            );
            let ended = directory.end_sessions(&house.root, user.id, at(1)).await.unwrap();
            assert_eq!(ended.sessions, [session], "nothing was ended before");
        }
        let robot = house.service("robot").await;
        house.grant(Role::Apps, RoleHolder::User(robot.id)).await;
        let token = directory.create_api_token(&lesser, robot.id, "mine", None, at(1)).await;
        assert_eq!(code(token), "protected_by_role");
    }
}

#[tokio::test]
async fn whoever_lost_the_right_meanwhile_ends_no_session() {
    for house in houses().await {
        let directory = &house.directory;
        let lesser = house.administrator("lesser", Role::People).await;
        let user = house.person("user").await;
        let [first, second] = [house.session(&user).await, house.session(&user).await];
        assert!(directory.end_session(&lesser, first, at(1)).await.unwrap());
        assert!(!directory.end_session(&lesser, first, at(1)).await.unwrap());
        let holder = RoleHolder::User(lesser.id.unwrap());
        directory
            .withdraw_role(&house.root, Role::People, holder, at(1))
            .await
            .unwrap();
        for session in [second, user.id] {
            let refused = directory.end_session(&lesser, session, at(1)).await;
            assert_eq!(code(refused), "missing_right", "also for one that does not exist");
        }
        let refused = directory.end_sessions(&lesser, user.id, at(1)).await;
        assert_eq!(code(refused), "missing_right");
        let ended = directory.end_sessions(&house.root, user.id, at(1)).await.unwrap();
        assert_eq!(ended.sessions, [second]);
    }
}

#[tokio::test]
async fn a_people_administrator_cannot_reach_a_role_through_groups() {
    for house in houses().await {
        let lesser = house.administrator("lesser", Role::People).await;
        let directory = &house.directory;
        let accomplice = house.person("accomplice").await;
        let (admins, inner, plain) = (
            house.group("admins").await,
            house.group("inner").await,
            house.group("plain").await,
        );
        house.grant(Role::Full, RoleHolder::Group(admins.id)).await;
        house.nest(&admins, &inner).await;
        let boss = house.person("boss").await;
        house.join(&inner, &boss).await;
        for group in [&admins, &inner] {
            let join = directory.add_member(&lesser, group.id, accomplice.id, at(1)).await;
            assert_eq!(code(join), "protected_by_role");
            assert_eq!(
                code(directory.remove_member(&lesser, group.id, boss.id, at(1)).await),
                "protected_by_role"
            );
            let nest = directory.nest_group(&lesser, group.id, plain.id, at(1)).await;
            assert_eq!(code(nest), "protected_by_role");
            let rename = GroupEdit {
                name: Some("other".to_owned()),
                ..GroupEdit::default()
            };
            assert_eq!(
                code(directory.edit_group(&lesser, group.id, rename, at(1)).await),
                "protected_by_role"
            );
            assert_eq!(
                code(directory.remove_group(&lesser, group.id, at(1)).await),
                "protected_by_role"
            );
            let mut new = new_user("smuggled");
            new.groups = vec![group.name.to_string()];
            assert_eq!(code(directory.add_user(&lesser, new, at(1)).await), "protected_by_role");
        }
        assert_eq!(
            code(directory.unnest_group(&lesser, admins.id, inner.id, at(1)).await),
            "protected_by_role"
        );
        assert_eq!(
            code(
                directory
                    .grant_role(&lesser, Role::Full, RoleHolder::User(accomplice.id), at(1))
                    .await
            ),
            "missing_right"
        );
        assert_eq!(
            code(
                directory
                    .withdraw_role(&lesser, Role::Full, RoleHolder::Group(admins.id), at(1))
                    .await
            ),
            "missing_right"
        );
        // Administrators may be in ordinary groups like everybody.
        assert!(directory.add_member(&lesser, plain.id, boss.id, at(1)).await.unwrap());
        assert!(directory.nest_group(&lesser, plain.id, inner.id, at(1)).await.unwrap());
        assert!(house.acting(&accomplice).await.roles.is_empty());
    }
}

#[tokio::test]
async fn a_group_manager_changes_members_of_the_group_and_of_those_below_and_nothing_else() {
    for house in houses().await {
        let directory = &house.directory;
        let [mine, below, other] = [
            house.group("mine").await,
            house.group("below").await,
            house.group("other").await,
        ];
        house.nest(&mine, &below).await;
        let manager = house.administrator("manager", Role::GroupManager(mine.id)).await;
        assert!(manager.has(Right::ChangeMembers(below.id)) && !manager.has(Right::ChangeMembers(other.id)));
        let user = house.person("user").await;
        for group in [&mine, &below] {
            assert!(directory.add_member(&manager, group.id, user.id, at(1)).await.unwrap());
            assert!(
                directory
                    .remove_member(&manager, group.id, user.id, at(1))
                    .await
                    .unwrap()
            );
            let rename = GroupEdit {
                name: Some("x".to_owned()),
                ..GroupEdit::default()
            };
            assert_eq!(
                code(directory.edit_group(&manager, group.id, rename, at(1)).await),
                "missing_right"
            );
            assert_eq!(
                code(directory.remove_group(&manager, group.id, at(1)).await),
                "missing_right"
            );
        }
        assert_eq!(
            code(directory.add_member(&manager, other.id, user.id, at(1)).await),
            "missing_right"
        );
        // What lies below a managed group is managed, so no other group can be pulled in.
        assert_eq!(
            code(directory.nest_group(&manager, mine.id, other.id, at(1)).await),
            "missing_right"
        );
        assert_eq!(
            code(directory.nest_group(&manager, other.id, mine.id, at(1)).await),
            "missing_right"
        );
        assert!(
            directory
                .unnest_group(&manager, mine.id, below.id, at(1))
                .await
                .unwrap()
        );
        assert_eq!(
            code(directory.add_member(&manager, below.id, user.id, at(1)).await),
            "missing_right"
        );
        assert_eq!(
            code(directory.edit_user(&manager, user.id, NONE, at(1)).await),
            "missing_right"
        );
        // A managed group that later carries a role is out of reach.
        house.grant(Role::ReadOnly, RoleHolder::Group(mine.id)).await;
        assert_eq!(
            code(directory.add_member(&manager, mine.id, user.id, at(1)).await),
            "protected_by_role"
        );
    }
}

#[tokio::test]
async fn a_group_that_somebody_manages_is_removed_by_a_full_administrator_only() {
    for house in houses().await {
        let group = house.group("managed").await;
        let manager = house.administrator("manager", Role::GroupManager(group.id)).await;
        let lesser = house.administrator("lesser", Role::People).await;
        let describe = GroupEdit {
            description: Some("fine".to_owned()),
            ..GroupEdit::default()
        };
        house
            .directory
            .edit_group(&lesser, group.id, describe, at(1))
            .await
            .expect("describing takes no role away");
        assert_eq!(
            code(house.directory.remove_group(&lesser, group.id, at(1)).await),
            "protected_by_role"
        );
        house
            .directory
            .remove_group(&house.root, group.id, at(1))
            .await
            .unwrap();
        let manager = house.directory.user(manager.id.unwrap()).await.unwrap().unwrap();
        assert!(
            house.acting(&manager).await.roles.is_empty(),
            "the role ended with its group"
        );
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for house in houses().await {
        let directory = &house.directory;
        let (one, two) = (house.person("one").await, house.person("two").await);
        let (admins, inner) = (house.group("admins").await, house.group("inner").await);
        house.grant(Role::Full, RoleHolder::Group(admins.id)).await;
        house.nest(&admins, &inner).await;
        house.join(&inner, &one).await;
        let disable = UserEdit {
            disabled: Some(true),
            ..NONE
        };
        let root = &house.root;
        assert_eq!(
            code(directory.edit_user(root, one.id, disable.clone(), at(1)).await),
            "last_administrator"
        );
        assert_eq!(
            code(directory.delete_user(root, one.id, true, at(1)).await),
            "last_administrator"
        );
        assert_eq!(
            code(directory.remove_member(root, inner.id, one.id, at(1)).await),
            "last_administrator"
        );
        assert_eq!(
            code(directory.unnest_group(root, admins.id, inner.id, at(1)).await),
            "last_administrator"
        );
        assert_eq!(
            code(directory.remove_group(root, inner.id, at(1)).await),
            "last_administrator"
        );
        assert_eq!(
            code(directory.remove_group(root, admins.id, at(1)).await),
            "last_administrator"
        );
        let withdraw = directory
            .withdraw_role(root, Role::Full, RoleHolder::Group(admins.id), at(1))
            .await;
        assert_eq!(code(withdraw), "last_administrator");
        house.grant(Role::Full, RoleHolder::User(two.id)).await;
        directory
            .edit_user(root, one.id, disable, at(1))
            .await
            .expect("another one is left");
        let withdraw = directory
            .withdraw_role(root, Role::Full, RoleHolder::User(two.id), at(1))
            .await;
        assert_eq!(code(withdraw), "last_administrator", "one is disabled");
    }
}

#[tokio::test]
async fn of_two_administrators_who_remove_each_other_one_stays() {
    for _ in 0..3 {
        for house in houses().await {
            let one = house.administrator("one", Role::Full).await;
            let two = house.administrator("two", Role::Full).await;
            let remove = |actor: &Actor, other: &Actor| {
                let (directory, actor, other) = (house.directory.clone(), actor.clone(), other.id.unwrap());
                tokio::spawn(async move { directory.delete_user(&actor, other, true, at(1)).await })
            };
            let (first, second) = (remove(&one, &two), remove(&two, &one));
            let outcomes = [first.await.unwrap(), second.await.unwrap()];
            assert_eq!(
                outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
                1,
                "{outcomes:?}"
            );
        }
    }
}
