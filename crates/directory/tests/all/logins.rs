use doorward_directory::{Budget, Budgets, LoginRefusal, Origin, Settings, UserEdit, Verified, WrongCredentials};
use doorward_jose::SystemRandom;
use doorward_store::{StoreError, Ticket};
use std::time::Duration;

use crate::house::{House, PASSWORD, at, from, houses, houses_with, secret};

pub(crate) type Outcome = Result<Verified, LoginRefusal>;

pub(crate) async fn try_at(house: &House, name: &str, password: &str, origin: &Origin, seconds: i64) -> Outcome {
    house
        .directory
        .verify_password(name, secret(password), origin, at(seconds))
        .await
}

pub(crate) async fn attempt(house: &House, name: &str, password: &str, origin: &Origin) -> Outcome {
    try_at(house, name, password, origin, 1).await
}

pub(crate) fn reason(outcome: Outcome) -> WrongCredentials {
    match outcome {
        Err(LoginRefusal::Wrong { reason, .. }) => reason,
        other => panic!("not wrong credentials: {other:?}"),
    }
}

pub(crate) fn throttled(outcome: Outcome) -> (Duration, &'static str) {
    match outcome {
        Err(LoginRefusal::Throttled { retry_after, budget }) => (retry_after, budget),
        other => panic!("not throttled: {other:?}"),
    }
}

/// The same browser at another time: with the cookie that it got.
pub(crate) fn with_cookie(address: &str, verified: &Verified) -> Origin {
    let cookie = verified
        .browser
        .set_cookie
        .as_ref()
        .expect("a cookie was set")
        .expose()
        .clone();
    Origin {
        browser: Some(cookie),
        ..from(address)
    }
}

/// Budgets of four tries, so that a test of them computes little.
pub(crate) fn four_tries() -> Settings {
    let budget = |seconds| Budget {
        tries: 4,
        interval: Duration::from_secs(seconds),
    };
    let budgets = Budgets {
        account: budget(60),
        browser: budget(10),
        ..Budgets::default()
    };
    Settings {
        domain: Some("example.com".to_owned()),
        budgets,
        ..Settings::default()
    }
}

#[tokio::test]
async fn the_right_password_logs_in_by_name_full_name_and_address() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let edit = UserEdit {
            email: Some("a.e@mail.example".to_owned()),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, user.id, edit, at(0))
            .await
            .unwrap();
        for form in ["alice", "ALICE", " alice ", "alice@example.com", "a.e@mail.example"] {
            let verified = attempt(&house, form, PASSWORD, &from("192.0.2.1")).await.unwrap();
            assert_eq!(verified.facts.user.id, user.id, "{form}");
            assert_eq!(verified.amr, ["pwd"]);
        }
        assert_eq!(
            reason(attempt(&house, "alice@other.example", PASSWORD, &from("192.0.2.1")).await),
            WrongCredentials::UnknownUser
        );
        assert_eq!(
            house.directory.user(user.id).await.unwrap().unwrap().last_login,
            Some(at(1))
        );
    }
}

#[tokio::test]
async fn whoever_cannot_log_in_costs_exactly_one_run_and_reads_the_same() {
    for house in houses().await {
        house.enrolled("right").await;
        house.person("fresh").await;
        house.service("robot").await;
        let gone = house.enrolled("gone").await;
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, gone.id, edit, at(0))
            .await
            .unwrap();
        let too_long = "x".repeat(2_000);
        for (name, password, expected) in [
            ("nobody", PASSWORD, WrongCredentials::UnknownUser),
            ("", PASSWORD, WrongCredentials::UnknownUser),
            ("no body@@", "", WrongCredentials::UnknownUser),
            ("fresh", PASSWORD, WrongCredentials::NoPassword),
            ("robot", PASSWORD, WrongCredentials::ServiceAccount),
            ("gone", PASSWORD, WrongCredentials::Disabled),
            ("right", "wrong", WrongCredentials::WrongPassword),
            ("right", "", WrongCredentials::WrongPassword),
            ("right", &too_long, WrongCredentials::WrongPassword),
        ] {
            let before = house.directory.hasher().runs();
            let outcome = attempt(&house, name, password, &from("192.0.2.1")).await;
            let refusal = outcome.as_ref().unwrap_err().refusal().unwrap();
            assert_eq!(house.directory.hasher().runs() - before, 1, "{name}");
            assert_eq!(refusal.kind.code, "wrong_credentials", "{name}");
            assert_eq!(refusal.detail, expected.as_str());
            assert_eq!(reason(outcome), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_browser_is_known_to_the_accounts_that_logged_in_with_it_only() {
    for house in houses_with(four_tries()).await {
        house.enrolled("alice").await;
        house.enrolled("mallory").await;
        let verified = attempt(&house, "mallory", PASSWORD, &from("192.0.2.66")).await.unwrap();
        let hers = with_cookie("192.0.2.66", &verified);
        for _ in 0..4 {
            reason(attempt(&house, "alice", "wrong password", &hers).await);
        }
        assert_eq!(throttled(attempt(&house, "alice", PASSWORD, &hers).await).1, "account");
        // A cookie with the id of a browser but another secret is nobody's.
        let forged = Ticket::for_id(verified.browser.id, &SystemRandom).encode();
        let forged = Origin {
            browser: Some(forged),
            ..from("192.0.2.66")
        };
        let verified = attempt(&house, "mallory", PASSWORD, &forged).await.unwrap();
        assert!(verified.browser.set_cookie.is_some(), "it gets a cookie of its own");
    }
}

#[tokio::test]
async fn a_hash_with_older_parameters_is_replaced_at_the_next_login() {
    for house in houses().await {
        let user = house.enrolled("alice").await;
        let old = "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
        let id = user.id;
        house
            .store
            .write::<_, StoreError>(at(1), move |tx| {
                tx.execute(
                    "UPDATE passwords SET phc = $2 WHERE user_id = $1",
                    &[id.into(), old.into()],
                )
            })
            .await
            .unwrap();
        attempt(&house, "alice", "password", &from("192.0.2.1")).await.unwrap();
        let stored: Option<String> = house
            .store
            .read::<_, StoreError>(move |tx| {
                tx.one("SELECT phc FROM passwords WHERE user_id = $1", &[id.into()], |row| {
                    row.get(0)
                })
            })
            .await
            .unwrap();
        assert!(stored.unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        attempt(&house, "alice", "password", &from("192.0.2.1"))
            .await
            .expect("and the password is the same");
    }
}
