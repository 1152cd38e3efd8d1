//! What is asked of logins.

use doorward_directory::{Level, LoginPolicy, PolicyEdit, PolicyTarget, Role};
use uuid::Uuid;

use crate::house::{at, code, houses, secret};

fn factors(level: Level) -> PolicyEdit {
    PolicyEdit {
        factors: Some(Some(level)),
        ..PolicyEdit::default()
    }
}

#[tokio::test]
async fn a_policy_of_a_group_holds_for_its_members_at_once() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let staff = house.group("staff").await;
        let demand = async |seconds| {
            let facts = house.directory.facts(alice.id).await.unwrap().unwrap();
            house.directory.demand(&facts, None, at(seconds)).await.unwrap()
        };
        assert_eq!(demand(0).await.now, Level::Any);
        let target = PolicyTarget::Group(staff.id);
        let until = PolicyEdit {
            postpone_until: Some(Some(at(100))),
            ..factors(Level::Second)
        };
        house
            .directory
            .edit_policy(&house.root, target, until, at(1))
            .await
            .unwrap();
        assert_eq!(demand(2).await.soon, Level::Any, "alice is no member");
        house.join(&staff, &alice).await;
        let early = demand(99).await;
        assert_eq!((early.now, early.soon), (Level::Any, Level::Second));
        assert_eq!(demand(100).await.now, Level::Second);
        let clear = PolicyEdit {
            factors: Some(None),
            postpone_until: Some(None),
            ..PolicyEdit::default()
        };
        let left = house
            .directory
            .edit_policy(&house.root, target, clear, at(101))
            .await
            .unwrap();
        assert!(left.is_empty());
        assert_eq!(demand(102).await.now, Level::Any);
        assert!(house.directory.policies().await.unwrap().groups.is_empty());
    }
}

#[tokio::test]
async fn only_full_administrators_decide_what_is_asked() {
    for house in houses().await {
        let mut people = house.root.clone();
        people.roles = vec![Role::People];
        let denied = house
            .directory
            .edit_policy(&people, PolicyTarget::Default, factors(Level::Second), at(0))
            .await;
        assert_eq!(code(denied), "missing_right");
        assert_eq!(
            house.directory.policies().await.unwrap().default,
            LoginPolicy::default()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_changes_nothing() {
    for house in houses().await {
        let edit = |change: fn(&mut PolicyEdit)| {
            let mut edit = PolicyEdit::default();
            change(&mut edit);
            edit
        };
        let refused = [
            edit(|edit| edit.fresh_seconds = Some(Some(59))),
            edit(|edit| edit.remember_days = Some(Some(366))),
            edit(|edit| edit.password_min = Some(Some(7))),
            edit(|edit| edit.password_min = Some(Some(129))),
            edit(|edit| edit.password_strength = Some(Some(5))),
            edit(|edit| edit.postpone_until = Some(Some(at(100)))),
        ];
        for change in refused {
            let result = house
                .directory
                .edit_policy(&house.root, PolicyTarget::Default, change, at(0));
            assert_eq!(code(result.await), "invalid_policy");
        }
        let gone = PolicyTarget::Group(Uuid::from_u128(7));
        let result = house
            .directory
            .edit_policy(&house.root, gone, factors(Level::Second), at(0));
        assert_eq!(code(result.await), "invalid_policy");
        assert_eq!(
            house.directory.policies().await.unwrap().default,
            LoginPolicy::default()
        );
    }
}

#[tokio::test]
async fn passwords_have_to_be_as_long_and_as_hard_as_policy_says() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let set = async |password: &str| {
            house
                .directory
                .set_password(&house.root, alice.id, secret(password), at(10))
                .await
        };
        set("maple-trolley").await.unwrap();
        let strict = PolicyEdit {
            password_min: Some(Some(14)),
            password_strength: Some(Some(3)),
            ..PolicyEdit::default()
        };
        house
            .directory
            .edit_policy(&house.root, PolicyTarget::Default, strict, at(1))
            .await
            .unwrap();
        assert_eq!(code(set("maple-trolley").await), "password_too_short");
        assert_eq!(code(set("aaaaaaaaaaaaaaaaaaaa").await), "guessable_password");
        assert_eq!(
            code(set("alicealicealice").await),
            "guessable_password",
            "made of the own name"
        );
        set("seven turnips under a wet bridge").await.unwrap();
    }
}
