use doorward_directory::{Right, Role, RoleHolder, UserEdit, Via};

use crate::house::{House, at, code, houses};

async fn token(house: &House, name: &str, expires: Option<i64>) -> (String, uuid::Uuid) {
    let account = house.service(name).await;
    let made = house
        .directory
        .create_api_token(&house.root, account.id, " for tests ", expires.map(at), at(1))
        .await
        .unwrap();
    assert_eq!(made.token.label, "for tests");
    (made.value.expose().clone(), account.id)
}

#[tokio::test]
async fn a_token_acts_with_the_roles_of_its_account() {
    for house in houses().await {
        let (value, account) = token(&house, "robot", None).await;
        assert!(value.starts_with("dwt_") && value.len() == 68);
        let actor = house.directory.verify_api_token(&value, at(2)).await.unwrap();
        assert_eq!((actor.id, actor.name.as_str()), (Some(account), "robot"));
        assert!(matches!(actor.via, Via::ApiToken(_)) && !actor.has(Right::ReadApps));
        house.grant(Role::Apps, RoleHolder::User(account)).await;
        assert!(
            house
                .directory
                .verify_api_token(&value, at(2))
                .await
                .unwrap()
                .has(Right::ChangeApps)
        );
    }
}

#[tokio::test]
async fn a_token_ends_by_time_revocation_disabling_and_removal() {
    for house in houses().await {
        let directory = &house.directory;
        let (timed, _) = token(&house, "timed", Some(100)).await;
        assert!(directory.verify_api_token(&timed, at(99)).await.is_ok());
        assert_eq!(
            code(directory.verify_api_token(&timed, at(100)).await),
            "invalid_api_token"
        );

        let (revoked, account) = token(&house, "revoked", None).await;
        let id = directory.api_tokens(account).await.unwrap()[0].id;
        directory.revoke_api_token(&house.root, id, at(2)).await.unwrap();
        assert_eq!(
            code(directory.verify_api_token(&revoked, at(3)).await),
            "invalid_api_token"
        );
        assert_eq!(
            code(directory.revoke_api_token(&house.root, id, at(2)).await),
            "no_such_api_token"
        );
        assert!(directory.api_tokens(account).await.unwrap().is_empty());

        let (disabled, account) = token(&house, "disabled", None).await;
        let edit = |disabled| UserEdit {
            disabled: Some(disabled),
            ..UserEdit::default()
        };
        directory
            .edit_user(&house.root, account, edit(true), at(2))
            .await
            .unwrap();
        assert_eq!(
            code(directory.verify_api_token(&disabled, at(3)).await),
            "invalid_api_token"
        );
        directory
            .edit_user(&house.root, account, edit(false), at(4))
            .await
            .unwrap();
        assert!(directory.verify_api_token(&disabled, at(5)).await.is_ok());
        directory.delete_user(&house.root, account, true, at(6)).await.unwrap();
        assert_eq!(
            code(directory.verify_api_token(&disabled, at(7)).await),
            "invalid_api_token"
        );
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    for house in houses().await {
        let (value, _) = token(&house, "robot", None).await;
        let mut altered = value.clone();
        altered.replace_range(67.., if value.ends_with('A') { "Q" } else { "A" });
        for bad in [
            "",
            "dwt_",
            &value[4..],
            &altered,
            &format!("{value}x"),
            &"dwt_".repeat(10_000),
        ] {
            assert_eq!(
                code(house.directory.verify_api_token(bad, at(2)).await),
                "invalid_api_token"
            );
        }
    }
}

#[tokio::test]
async fn the_last_use_is_known_to_the_hour() {
    for house in houses().await {
        let (value, account) = token(&house, "robot", None).await;
        let mut seen = Vec::new();
        for second in [10, 20, 3_000, 3_700, 3_800] {
            house.directory.verify_api_token(&value, at(second)).await.unwrap();
            seen.push(house.directory.api_tokens(account).await.unwrap()[0].last_used.unwrap());
        }
        assert_eq!(seen, [at(10), at(10), at(10), at(3_700), at(3_700)]);
    }
}

#[tokio::test]
async fn tokens_are_for_service_accounts_with_a_purpose_and_a_future() {
    for house in houses().await {
        let (person, robot) = (house.person("alice").await, house.service("robot").await);
        let create = |user, label: &'static str, expires| {
            house
                .directory
                .create_api_token(&house.root, user, label, expires, at(5))
        };
        assert_eq!(code(create(person.id, "x", None).await), "not_a_service_account");
        assert_eq!(code(create(robot.id, " ", None).await), "invalid_user");
        assert_eq!(code(create(robot.id, "x", Some(at(5))).await), "invalid_lifetime");
        assert_eq!(code(create(uuid::Uuid::nil(), "x", None).await), "no_such_user");
    }
}

#[tokio::test]
async fn a_token_of_a_lesser_administrator_does_not_grow_with_its_account() {
    for house in houses().await {
        let lesser = house.administrator("lesser", Role::People).await;
        let account = house.service("robot").await;
        let made = house
            .directory
            .create_api_token(&lesser, account.id, "mine", None, at(1))
            .await
            .unwrap();
        assert!(
            house
                .directory
                .verify_api_token(made.value.expose(), at(2))
                .await
                .is_ok()
        );
        house.grant(Role::Full, RoleHolder::User(account.id)).await;
        assert_eq!(
            code(house.directory.verify_api_token(made.value.expose(), at(3)).await),
            "invalid_api_token"
        );
    }
}
