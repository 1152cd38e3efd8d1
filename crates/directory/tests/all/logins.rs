use std::{sync::Arc, time::Duration};

use doorward_directory::{
    Actor, Budget, Budgets, Directory, LoginRefusal, NewUser, Origin, Settings, UserEdit, Verified, WrongCredentials,
};
use doorward_jose::SystemRandom;
use doorward_store::{StoreError, Ticket, grants, new_id, sessions};
use uuid::Uuid;

use crate::house::{House, PASSWORD, at, from, houses, houses_with, secret};

type Outcome = Result<Verified, LoginRefusal>;

async fn try_at(house: &House, name: &str, password: &str, origin: &Origin, seconds: i64) -> Outcome {
    house
        .directory
        .verify_password(name, secret(password), origin, at(seconds))
        .await
}

async fn attempt(house: &House, name: &str, password: &str, origin: &Origin) -> Outcome {
    try_at(house, name, password, origin, 1).await
}

fn reason(outcome: Outcome) -> WrongCredentials {
    match outcome {
        Err(LoginRefusal::Wrong { reason, .. }) => reason,
        other => panic!("not wrong credentials: {other:?}"),
    }
}

fn throttled(outcome: Outcome) -> (Duration, &'static str) {
    match outcome {
        Err(LoginRefusal::Throttled { retry_after, budget }) => (retry_after, budget),
        other => panic!("not throttled: {other:?}"),
    }
}

/// Budgets of four tries, so that a test of them computes little.
fn four_tries() -> Settings {
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
    }
}

/// The same browser at another time: with the cookie that it got.
fn with_cookie(address: &str, verified: &Verified) -> Origin {
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
async fn a_known_browser_gets_in_after_ten_thousand_wrong_tries_from_elsewhere() {
    for house in houses().await {
        house.enrolled("alice").await;
        let first = attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
        let mine = with_cookie("192.0.2.1", &first);
        let before = house.directory.hasher().runs();
        let attackers: Vec<_> = (0..8_u32)
            .map(|attacker| {
                let directory = house.directory.clone();
                tokio::spawn(async move {
                    let mut checked = 0;
                    for wrong in (0..10_000_u32).filter(|wrong| wrong % 8 == attacker) {
                        let elsewhere = from(&std::net::Ipv4Addr::from_bits(0x0a00_0000 + wrong).to_string());
                        match directory
                            .verify_password("alice", secret("wrong"), &elsewhere, at(1))
                            .await
                        {
                            Err(LoginRefusal::Wrong { .. }) => checked += 1,
                            other => assert_eq!(throttled(other).1, "account"),
                        }
                    }
                    checked
                })
            })
            .collect();
        let mut checked = 0;
        for attacker in attackers {
            checked += attacker.await.unwrap();
        }
        assert_eq!(checked, 20, "the strangers' budget of the account");
        assert_eq!(
            house.directory.hasher().runs() - before,
            20,
            "what is throttled is not computed"
        );
        let verified = attempt(&house, "alice", PASSWORD, &mine)
            .await
            .expect("the known browser gets in");
        assert!(verified.browser.set_cookie.is_none(), "with the cookie it has");
        assert_eq!(verified.browser.id, first.browser.id);
    }
}

#[tokio::test]
async fn a_spent_budget_allows_one_try_per_interval_and_never_locks_out() {
    for house in houses_with(four_tries()).await {
        house.enrolled("alice").await;
        for _ in 0..4 {
            reason(attempt(&house, "alice", "wrong password", &from("192.0.2.1")).await);
        }
        let (wait, budget) = throttled(attempt(&house, "alice", PASSWORD, &from("198.51.100.1")).await);
        assert_eq!(budget, "account");
        assert!(wait <= Duration::from_secs(60), "{wait:?}");
        let refusal = attempt(&house, "alice", PASSWORD, &from("198.51.100.1"))
            .await
            .unwrap_err();
        assert_eq!(
            (refusal.retry_after(), refusal.refusal().unwrap().kind.code),
            (Some(60), "login_throttled")
        );
        let later = 1 + i64::try_from(wait.as_secs()).unwrap();
        assert!(
            try_at(&house, "alice", PASSWORD, &from("198.51.100.1"), later)
                .await
                .is_ok(),
            "right after the wait"
        );
        reason(try_at(&house, "alice", "wrong password", &from("198.51.100.1"), later).await);
        throttled(try_at(&house, "alice", "wrong password", &from("198.51.100.1"), later).await);
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_throttled_like_one_that_does() {
    for house in houses_with(four_tries()).await {
        let mut outcomes = Vec::new();
        house.enrolled("real").await;
        for name in ["real", "unreal"] {
            let forms = [name.to_owned(), name.to_uppercase(), format!("{name}@example.com")];
            let mut outcome = Vec::new();
            for form in forms.iter().cycle().take(9) {
                outcome.push(
                    match attempt(&house, form, "wrong password", &from("192.0.2.1")).await {
                        Err(LoginRefusal::Wrong { .. }) => None,
                        other => Some(throttled(other)),
                    },
                );
            }
            outcomes.push(outcome);
        }
        assert_eq!(outcomes[0], outcomes[1]);
        assert_eq!(outcomes[0].iter().filter(|outcome| outcome.is_none()).count(), 4);
    }
}

#[tokio::test]
async fn an_address_has_a_budget_for_all_accounts_and_known_browsers_do_not_pay_it() {
    let address = Budget {
        tries: 3,
        interval: Duration::from_secs(2),
    };
    let settings = Settings {
        budgets: Budgets {
            address,
            ..Budgets::default()
        },
        ..Settings::default()
    };
    for house in houses_with(settings).await {
        house.enrolled("alice").await;
        let first = attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
        for name in ["one", "two", "three"] {
            reason(attempt(&house, name, "wrong password", &from("192.0.2.1")).await);
        }
        let (wait, budget) = throttled(attempt(&house, "four", "wrong password", &from("192.0.2.1")).await);
        assert_eq!((wait, budget), (Duration::from_secs(2), "address"));
        reason(attempt(&house, "four", "wrong password", &from("192.0.2.2")).await);
        assert!(
            attempt(&house, "alice", PASSWORD, &with_cookie("192.0.2.1", &first))
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn success_in_a_known_browser_makes_its_budget_whole() {
    for house in houses_with(four_tries()).await {
        house.enrolled("alice").await;
        let first = attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
        let mine = with_cookie("192.0.2.1", &first);
        for _ in 0..2 {
            for _ in 0..3 {
                reason(attempt(&house, "alice", "wrong password", &mine).await);
            }
            attempt(&house, "alice", PASSWORD, &mine).await.unwrap();
        }
        for _ in 0..4 {
            reason(attempt(&house, "alice", "wrong password", &mine).await);
        }
        assert_eq!(throttled(attempt(&house, "alice", PASSWORD, &mine).await).1, "browser");
        attempt(&house, "alice", PASSWORD, &from("192.0.2.1"))
            .await
            .expect("the strangers' budget is another");
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
async fn tries_at_the_same_moment_cannot_pay_with_the_same_coin() {
    let account = Budget {
        tries: 5,
        interval: Duration::from_secs(60),
    };
    let settings = Settings {
        budgets: Budgets {
            account,
            ..Budgets::default()
        },
        ..Settings::default()
    };
    for house in houses_with(settings).await {
        house.enrolled("alice").await;
        let before = house.directory.hasher().runs();
        let tries: Vec<_> = (0..60)
            .map(|_| {
                let directory = house.directory.clone();
                tokio::spawn(async move {
                    directory
                        .verify_password("alice", secret("wrong password"), &from("192.0.2.1"), at(1))
                        .await
                })
            })
            .collect();
        for one in tries {
            assert!(one.await.unwrap().is_err());
        }
        assert_eq!(house.directory.hasher().runs() - before, 5);
    }
}

#[tokio::test]
async fn right_passwords_cost_nothing_from_any_budget() {
    for house in houses_with(four_tries()).await {
        house.enrolled("alice").await;
        for _ in 0..9 {
            attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn budgets_survive_a_restart() {
    for house in houses().await {
        for _ in 0..20 {
            reason(attempt(&house, "alice", "wrong password", &from("192.0.2.1")).await);
        }
        let hasher = house.directory.hasher().clone();
        let restarted = Directory::new((*house.store).clone(), hasher, Arc::new(SystemRandom));
        let outcome = restarted
            .verify_password("alice", secret(PASSWORD), &from("192.0.2.1"), at(1))
            .await;
        assert_eq!(throttled(outcome).1, "account");
        restarted.sweep(at(1)).await.unwrap();
        let outcome = restarted
            .verify_password("alice", secret(PASSWORD), &from("192.0.2.1"), at(1))
            .await;
        assert_eq!(throttled(outcome).1, "account", "sweeping leaves what still counts");
    }
}

/// A session and a grant of the user, as the server would write them.
async fn logged_in(house: &House, user: Uuid) -> (Uuid, Uuid) {
    let ticket = Ticket::new(at(1), &SystemRandom);
    let (session, grant) = (ticket.id(), new_id(at(1), &SystemRandom));
    house
        .store
        .write::<_, StoreError>(at(1), move |tx| {
            let new = sessions::NewSession {
                user_id: user,
                expires: at(100_000),
                idle_seconds: 100_000,
                auth_time: at(1),
                amr: &["pwd".to_owned()],
                acr: None,
                address: "192.0.2.1",
                user_agent: "test",
            };
            sessions::create(tx, &ticket, &new)?;
            grants::create(
                tx,
                &grants::Grant {
                    id: grant,
                    user_id: Some(user),
                    app_id: Uuid::nil(),
                    session_id: Some(session),
                    scope: "openid".to_owned(),
                    claims: None,
                    auth_time: Some(at(1)),
                    amr: Vec::new(),
                    acr: None,
                    nonce: None,
                    offline: false,
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
async fn changing_a_password_has_a_budget_that_does_not_touch_logins() {
    for house in houses_with(four_tries()).await {
        let user = house.enrolled("alice").await;
        let change = || {
            house
                .directory
                .change_password(user.id, secret("guessing"), secret("another one, longer"), None, at(1))
        };
        for _ in 0..4 {
            assert!(matches!(change().await, Err(LoginRefusal::Wrong { .. })));
        }
        assert!(matches!(
            change().await,
            Err(LoginRefusal::Throttled { budget: "change", .. })
        ));
        attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap();
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
        let user = house
            .directory
            .add_user(&Actor::local("root"), new, at(0))
            .await
            .unwrap();
        for bad in ["", "7 chars", "Administrator", "ADMIN@example.com", &"x".repeat(1_025)] {
            let outcome = house
                .directory
                .set_password(&house.root, user.id, secret(bad), at(1))
                .await;
            assert_eq!(crate::house::code(outcome), "weak_password", "{bad:?}");
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
        assert_eq!(crate::house::code(outcome), "not_a_person");
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
