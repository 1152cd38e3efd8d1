//! Units side by side, as PostgreSQL runs them: what one writes is not undone by another that came up against it. SQLite has one
//! writer and takes them in turn.

use std::time::Duration;

use doorward_directory::{ExpiryEdit, RegistrationEdit, UserEdit};
use doorward_mail::Lang;
use doorward_store::{StoreError, Tx, settings};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    addresses::newest_letter,
    forgotten::{with_address, with_mail},
    house::{House, at, code, secret},
};

const DAY: i64 = 24 * 3_600;

/// How long the first unit stays open: enough for the second to have read what it reads without waiting.
const OPEN: Duration = Duration::from_millis(400);

/// Writes `first`, and lets `second` begin before that is committed.
async fn while_open<T>(
    house: &House,
    first: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    second: impl Future<Output = T>,
) -> T {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let store = (*house.store).clone();
    let open = tokio::spawn(async move {
        store
            .write::<_, StoreError>(at(5), move |tx| {
                first(tx)?;
                begun.send(()).unwrap();
                std::thread::sleep(OPEN);
                Ok(())
            })
            .await
    });
    has_begun.await.unwrap();
    let done = second.await;
    open.await.unwrap().unwrap();
    done
}

fn disable(id: Uuid) -> impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static {
    move |tx| {
        tx.execute("UPDATE users SET disabled = 1 WHERE id = $1", &[id.into()])?;
        Ok(())
    }
}

async fn is_disabled(house: &House, id: Uuid) -> bool {
    house.directory.user(id).await.unwrap().unwrap().disabled
}

#[tokio::test]
async fn an_own_profile_that_is_edited_meanwhile_does_not_open_the_account_again() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let edited = house
            .directory
            .change_own_profile(alice.id, Some(secret("Alice Archer")), None, None, at(6));
        let edited = while_open(&house, disable(alice.id), edited).await;
        assert_eq!(code(edited), "profile_closed", "{}", house.store.engine);
        assert!(is_disabled(&house, alice.id).await);
    }
}

#[tokio::test]
async fn an_address_that_is_confirmed_meanwhile_does_not_open_the_account_again() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let asked = house
            .directory
            .ask_for_address(alice.id, "alice@example.org", Lang::En, at(1));
        assert!(asked.await.unwrap());
        let text = newest_letter(&house).await;
        let (_, rest) = text.split_once("/confirm/").unwrap();
        let confirmed = house.directory.confirm_address(&rest[..64], alice.id, at(6));
        let confirmed = while_open(&house, disable(alice.id), confirmed).await;
        assert_eq!(code(confirmed), "link_ended", "{}", house.store.engine);
        assert!(is_disabled(&house, alice.id).await);
    }
}

#[tokio::test]
async fn an_edit_keeps_what_another_has_just_changed() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let id = alice.id;
        let ends = move |tx: &mut Tx<'_>| {
            let sql = "UPDATE users SET expires_at = $2, disabled = 1 WHERE id = $1";
            tx.execute(sql, &[id.into(), at(DAY).into()])?;
            Ok::<(), StoreError>(())
        };
        let edit = UserEdit {
            display_name: Some("Alice Archer".to_owned()),
            ..UserEdit::default()
        };
        assert_eq!(edit.expires, ExpiryEdit::Keep);
        let edited = house.directory.edit_user(&house.root, id, edit, at(6));
        let edited = while_open(&house, ends, edited).await.unwrap();
        assert_eq!(
            (edited.display_name.as_str(), edited.expires, edited.disabled),
            ("Alice Archer", Some(at(DAY)), true),
            "{}",
            house.store.engine
        );
        assert_eq!(house.directory.user(id).await.unwrap(), Some(edited));
    }
}

#[tokio::test]
async fn two_who_change_the_terms_of_registration_both_have_changed_them() {
    for house in with_mail().await {
        let first = |tx: &mut Tx<'_>| {
            // As whoever edits them does: the turn, then the setting.
            tx.execute(
                "UPDATE directory_turns SET taken = taken + 1 WHERE name = 'structure'",
                &[],
            )?;
            settings::set(tx, "registration", r#"{"approval":false}"#)
        };
        let edit = RegistrationEdit {
            domains: Some(vec!["example.com".to_owned()]),
            ..RegistrationEdit::default()
        };
        let edited = house.directory.edit_registration(&house.root, edit, at(6));
        while_open(&house, first, edited).await.unwrap();
        let (policy, _) = house.directory.registration_policy().await.unwrap();
        assert_eq!(
            (policy.approval, policy.domains),
            (false, vec!["example.com".to_owned()]),
            "{}",
            house.store.engine
        );
    }
}

#[tokio::test]
async fn whoever_is_restored_while_the_days_of_grace_are_over_stays() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let id = alice.id;
        house
            .directory
            .delete_user(&house.root, id, false, at(1))
            .await
            .unwrap();
        let restore = move |tx: &mut Tx<'_>| {
            let sql = "UPDATE users SET deletion_at = NULL WHERE id = $1 AND deletion_at IS NOT NULL";
            assert_eq!(tx.execute(sql, &[id.into()])?, 1);
            Ok::<(), StoreError>(())
        };
        let swept = while_open(&house, restore, house.directory.sweep(at(20 * DAY))).await;
        swept.unwrap();
        let left = house.directory.user(id).await.unwrap();
        let deletion: Option<Option<Timestamp>> = left.map(|user| user.deletion);
        assert_eq!(deletion, Some(None), "{}", house.store.engine);
    }
}
