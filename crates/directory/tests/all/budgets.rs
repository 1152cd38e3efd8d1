use std::{sync::Arc, time::Duration};

use doorward_directory::{Budget, Budgets, Directory, LoginRefusal, Settings};
use doorward_jose::SystemRandom;

use crate::{
    house::{PASSWORD, at, from, houses, houses_with, secret},
    logins::{attempt, four_tries, reason, throttled, try_at, with_cookie},
};

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
        assert!(wait <= Duration::from_mins(1), "{wait:?}");
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
async fn tries_at_the_same_moment_cannot_pay_with_the_same_coin() {
    let account = Budget {
        tries: 5,
        interval: Duration::from_mins(1),
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
