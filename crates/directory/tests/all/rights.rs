use std::time::Duration;

use doorward_directory::{
    Actor, DirectoryError, ExpiryEdit, GroupEdit, LinkKind, NewGroup, NewUser, Right, Role, RoleHolder, UserEdit, Via,
    within,
};

use crate::house::{House, at, code, houses, secret};

pub(crate) const NONE: UserEdit = UserEdit {
    expires: ExpiryEdit::Keep,
    name: None,
    display_name: None,
    email: None,
    email_verified: None,
    theme: None,
    disabled: None,
    attributes: std::collections::BTreeMap::new(),
};

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        ..NewUser::default()
    }
}

fn new_group(name: &str) -> NewGroup {
    NewGroup {
        name: name.to_owned(),
        ..NewGroup::default()
    }
}

fn word<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> &'static str {
    if outcome.is_ok() { "ok" } else { code(outcome) }
}

/// Everything that needs the right to change people, tried on an ordinary user and group; the code of each refusal, or `ok`.
async fn change_people(house: &House, actor: &Actor, tag: &str) -> Vec<&'static str> {
    let directory = &house.directory;
    let user = house.person(&format!("user-{tag}")).await;
    let group = house.group(&format!("group-{tag}")).await;
    let below = house.group(&format!("below-{tag}")).await;
    vec![
        word(
            directory
                .add_user(actor, new_user(&format!("added-{tag}")), at(1))
                .await,
        ),
        word(
            directory
                .edit_user(
                    actor,
                    user.id,
                    UserEdit {
                        disabled: Some(false),
                        ..NONE
                    },
                    at(1),
                )
                .await,
        ),
        word(
            directory
                .create_link(actor, user.id, LinkKind::Enrol, Duration::from_mins(10), at(1))
                .await,
        ),
        word(
            directory
                .set_password(actor, user.id, secret("long enough"), at(1))
                .await,
        ),
        word(
            directory
                .add_group(actor, new_group(&format!("new-{tag}")), at(1))
                .await,
        ),
        word(directory.edit_group(actor, group.id, GroupEdit::default(), at(1)).await),
        word(directory.add_member(actor, group.id, user.id, at(1)).await),
        word(directory.remove_member(actor, group.id, user.id, at(1)).await),
        word(directory.nest_group(actor, group.id, below.id, at(1)).await),
        word(directory.unnest_group(actor, group.id, below.id, at(1)).await),
        word(directory.remove_group(actor, group.id, at(1)).await),
        word(directory.delete_user(actor, user.id, true, at(1)).await),
    ]
}

#[tokio::test]
async fn changing_people_takes_the_right_and_a_denial_names_it() {
    for house in houses().await {
        for (name, role) in [("full", Role::Full), ("people", Role::People)] {
            let actor = house.administrator(name, role).await;
            let outcomes = change_people(&house, &actor, name).await;
            assert!(outcomes.iter().all(|outcome| *outcome == "ok"), "{name}: {outcomes:?}");
        }
        let nobody = house.person("nobody").await;
        let nobody = house.acting(&nobody).await;
        let apps = house.administrator("apps", Role::Apps).await;
        let reader = house.administrator("reader", Role::ReadOnly).await;
        for actor in [nobody, apps, reader] {
            let outcomes = change_people(&house, &actor, &actor.name).await;
            assert!(
                outcomes.iter().all(|outcome| *outcome == "missing_right"),
                "{}: {outcomes:?}",
                actor.name
            );
        }
        let reader = house
            .acting(&house.directory.find_user("reader").await.unwrap().unwrap())
            .await;
        let refused = reader.require(Right::ChangePeople).unwrap_err();
        assert_eq!(
            refused.detail,
            "reader has read-only; this needs the right `change-people`"
        );
        assert!(refused.remedy.unwrap().contains("doorward admin grant people reader"));
    }
}

#[test]
fn each_role_brings_its_rights_and_no_others() {
    let group = uuid::Uuid::nil();
    let rights = [
        Right::Full,
        Right::ChangeApps,
        Right::ChangePeople,
        Right::ChangeMembers(group),
        Right::ReadApps,
        Right::ReadPeople,
        Right::ReadAudit,
        Right::ReadSettings,
    ];
    let brought = |role: Role| {
        rights
            .map(|right| if role.brings(right) { 'x' } else { '-' })
            .iter()
            .collect::<String>()
    };
    assert_eq!(brought(Role::Full), "xxxxxxxx");
    assert_eq!(brought(Role::Apps), "-x--xxx-");
    assert_eq!(brought(Role::People), "--xx-xx-");
    assert_eq!(brought(Role::ReadOnly), "----xxxx");
    assert_eq!(brought(Role::GroupManager(group)), "-----x--");
}

#[tokio::test]
async fn a_role_withdrawn_meanwhile_counts_at_once() {
    for house in houses().await {
        let actor = house.administrator("lesser", Role::People).await;
        let holder = RoleHolder::User(actor.id.unwrap());
        house
            .directory
            .withdraw_role(&house.root, Role::People, holder, at(1))
            .await
            .unwrap();
        assert_eq!(
            code(house.directory.add_user(&actor, new_user("late"), at(2)).await),
            "missing_right"
        );

        let actor = house.administrator("other", Role::People).await;
        let disable = UserEdit {
            disabled: Some(true),
            ..NONE
        };
        house
            .directory
            .edit_user(&house.root, actor.id.unwrap(), disable, at(1))
            .await
            .unwrap();
        assert_eq!(
            code(house.directory.add_user(&actor, new_user("late"), at(2)).await),
            "missing_right"
        );
        assert!(
            house
                .directory
                .actor(actor.id.unwrap(), Via::Server, at(2))
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn an_actor_with_fewer_roles_than_its_user_keeps_to_them() {
    for house in houses().await {
        let mut actor = house.administrator("boss", Role::Full).await;
        actor.roles = vec![Role::ReadOnly];
        assert_eq!(
            code(house.directory.add_user(&actor, new_user("x"), at(1)).await),
            "missing_right"
        );
        actor.roles = vec![Role::Full, Role::People];
        house.directory.add_user(&actor, new_user("x"), at(1)).await.unwrap();
    }
}

#[tokio::test]
async fn roles_are_listed_with_who_holds_them() {
    for house in houses().await {
        let (user, group) = (house.person("alice").await, house.group("ops").await);
        let granted = house
            .directory
            .grant_role(
                &house.root,
                Role::GroupManager(group.id),
                RoleHolder::User(user.id),
                at(1),
            )
            .await;
        let granted = granted.unwrap();
        assert_eq!(
            (granted.holder_name.as_str(), granted.group_name.as_deref()),
            ("alice", Some("ops"))
        );
        let again = house
            .directory
            .grant_role(
                &house.root,
                Role::GroupManager(group.id),
                RoleHolder::User(user.id),
                at(2),
            )
            .await;
        assert_eq!(again.unwrap(), granted, "granting again changes nothing");
        house.grant(Role::Apps, RoleHolder::Group(group.id)).await;
        let roles = house.directory.roles().await.unwrap();
        let listed: Vec<_> = roles
            .iter()
            .map(|grant| (grant.role.as_str(), grant.holder_name.as_str()))
            .collect();
        assert_eq!(listed, [("apps", "ops"), ("group-manager", "alice")]);
        let absent = house
            .directory
            .withdraw_role(&house.root, Role::Full, RoleHolder::User(user.id), at(2))
            .await;
        assert_eq!(code(absent), "no_such_role_grant");
        let absent = house
            .directory
            .grant_role(
                &house.root,
                Role::GroupManager(user.id),
                RoleHolder::User(user.id),
                at(2),
            )
            .await;
        assert_eq!(code(absent), "no_such_group");
    }
}

/// Ids come from outside with files and imports: one that another thing has brings its roles to nobody.
#[tokio::test]
async fn an_id_that_something_else_has_is_nobodys_and_brings_no_role() {
    for house in houses().await {
        let (boss, admins) = (house.person("boss").await, house.group("admins").await);
        house.grant(Role::Full, RoleHolder::User(boss.id)).await;
        house.grant(Role::Full, RoleHolder::Group(admins.id)).await;
        let root = house.root.clone();
        let refused = house
            .store
            .write::<_, DirectoryError>(at(1), move |tx| {
                let mut codes = Vec::new();
                for id in [boss.id, admins.id] {
                    codes.push(word(within::add(tx, &root, new_user("kim"), id)));
                    codes.push(word(within::add_group(tx, &root, &new_group("staff"), id)));
                }
                Ok(codes)
            })
            .await
            .unwrap();
        assert_eq!(refused, ["id_taken"; 4]);
        // Were such a row there all the same, it would bring nothing.
        let kim = house.person("kim").await;
        let members = house.group("members").await;
        house.join(&members, &kim).await;
        let (kim, members) = (kim.id, members.id);
        house
            .store
            .write::<_, DirectoryError>(at(2), move |tx| {
                // Holders as one column knows them, bearers as the other does.
                tx.execute(
                    "UPDATE role_grants SET holder = $1 WHERE user_id IS NOT NULL",
                    &[members.into()],
                )?;
                tx.execute(
                    "UPDATE role_grants SET holder = $1 WHERE group_id IS NOT NULL",
                    &[kim.into()],
                )?;
                Ok(())
            })
            .await
            .unwrap();
        let kim = house
            .acting(&house.directory.find_user("kim").await.unwrap().unwrap())
            .await;
        assert_eq!(kim.roles, [], "{:?}", kim.roles);
    }
}
