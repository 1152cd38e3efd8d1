//! Which texts are one password, and which are nobody's.

use std::time::{Duration, Instant};

use doorward_directory::{CommonPasswords, LinkKind, Settings, WrongCredentials};
use doorward_store::StoreError;

use crate::{
    house::{House, PASSWORD, at, code, from, houses, houses_with, secret},
    links::link,
    logins::{attempt, reason},
};

/// As a Macintosh may write it, and as others do.
const DECOMPOSED: &str = "Gru\u{308}n ist die Hoffnung";
const COMPOSED: &str = "Gr\u{fc}n\u{a0}ist die Hoffnung";

#[tokio::test]
async fn a_password_is_the_same_from_whatever_keyboard_it_comes() {
    for house in houses().await {
        let user = house.person("alice").await;
        let here = from("192.0.2.1");
        house
            .directory
            .set_password(&house.root, user.id, secret(DECOMPOSED), at(1))
            .await
            .unwrap();
        for typed in [DECOMPOSED, COMPOSED] {
            let before = house.directory.hasher().runs();
            attempt(&house, "alice", typed, &here).await.unwrap();
            assert_eq!(house.directory.hasher().runs() - before, 1, "{typed:?}");
        }
        let other = attempt(&house, "alice", "Grun ist die Hoffnung", &here).await;
        assert_eq!(reason(other), WrongCredentials::WrongPassword);
        house
            .directory
            .change_password(user.id, secret(COMPOSED), secret(PASSWORD), None, at(2))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_hash_of_what_was_typed_keeps_working_and_is_replaced_at_the_first_login() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let hasher = house.directory.hasher();
        let raw = hasher.hash(secret(DECOMPOSED), [7; 16]).await.unwrap();
        let id = user.id;
        house
            .store
            .write::<_, StoreError>(at(1), move |tx| {
                let sql = "UPDATE passwords SET phc = $2, prepared = 0 WHERE user_id = $1";
                tx.execute(sql, &[id.into(), (&raw).into()])
            })
            .await
            .unwrap();
        let here = from("192.0.2.1");
        let before = hasher.runs();
        let other = attempt(&house, "alice", COMPOSED, &here).await;
        assert_eq!(
            reason(other),
            WrongCredentials::WrongPassword,
            "these are not its bytes"
        );
        assert_eq!(hasher.runs() - before, 1, "one run, as for everybody");
        attempt(&house, "alice", DECOMPOSED, &here).await.unwrap();
        attempt(&house, "alice", COMPOSED, &here).await.expect("replaced");
        assert_eq!(hasher.runs() - before, 4, "one more, to replace it");
    }
}

/// The quickest of three, so that what else the machine does is not measured.
async fn quickest(house: &House, name: &str) -> Duration {
    let mut quickest = Duration::MAX;
    for round in 0..3 {
        let began = Instant::now();
        let wrong = attempt(house, name, "not the password", &from(&format!("192.0.2.{round}"))).await;
        assert!(wrong.is_err(), "{name}");
        quickest = quickest.min(began.elapsed());
    }
    quickest
}

#[tokio::test]
async fn wrong_answers_take_two_seconds_for_everybody_while_one_hash_of_another_provider_is_left() {
    const LEVEL: Duration = Duration::from_secs(2);
    for house in houses().await {
        let (moved, _) = (house.enrolled("moved").await, house.enrolled("own").await);
        assert!(quickest(&house, "moved").await < LEVEL, "no such hash yet");
        let id = moved.id;
        let foreign = "$pbkdf2-sha256$i=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let write = |sql: &'static str| {
            house
                .store
                .write::<_, StoreError>(at(1), move |tx| tx.execute(sql, &[id.into(), foreign.into()]))
        };
        write("UPDATE passwords SET phc = $2, prepared = 0 WHERE user_id = $1")
            .await
            .unwrap();
        let took = tokio::join!(
            quickest(&house, "moved"),
            quickest(&house, "own"),
            quickest(&house, "nobody")
        );
        for took in [took.0, took.1, took.2] {
            assert!(took >= LEVEL && took < 2 * LEVEL, "{took:?}");
        }
        write("UPDATE passwords SET phc = $2, prepared = 1 WHERE user_id = $1")
            .await
            .unwrap();
        assert!(quickest(&house, "own").await < LEVEL, "the last one is gone");
    }
}

#[tokio::test]
async fn a_common_password_is_refused_wherever_one_is_chosen() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let directory = &house.directory;
        for common in ["password1", "PASSWORD1", "Qwerty123"] {
            let set = directory
                .set_password(&house.root, user.id, secret(common), at(1))
                .await;
            assert_eq!(code(set), "common_password", "{common}");
        }
        let changed = directory
            .change_password(user.id, secret(PASSWORD), secret("iloveyou"), None, at(1))
            .await;
        assert_eq!(changed.unwrap_err().refusal().unwrap().kind.code, "common_password");
        let ticket = link(&house, &user, LinkKind::Reset).await;
        let here = from("192.0.2.1");
        let redeemed = directory.redeem(&ticket, secret("sunshine"), &here, at(2)).await;
        assert_eq!(code(redeemed), "common_password");
        directory
            .redeem(&ticket, secret("sunshine on my shoulders"), &here, at(2))
            .await
            .expect("the link was not used up");
    }
}

#[tokio::test]
async fn a_list_of_ones_own_takes_the_place_of_ours() {
    let settings = Settings {
        common_passwords: CommonPasswords::from_text("acme2026\n").unwrap(),
        ..Settings::default()
    };
    for house in houses_with(settings).await {
        let user = house.person("alice").await;
        let set = |password: &str| {
            house
                .directory
                .set_password(&house.root, user.id, secret(password), at(1))
        };
        assert_eq!(code(set("Acme2026").await), "common_password");
        set("password1").await.unwrap();
    }
}
