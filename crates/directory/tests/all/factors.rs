//! Second factors: setting up, proving, using up, taking away.

use std::sync::Arc;

use doorward_directory::{
    Level, User,
    factors::{self, Outcome, Presented, Seals, TotpDraft},
};
use doorward_jose::{Secret, SystemRandom};
use doorward_mail::Outbox;
use doorward_store::{MasterKey, StoreError, Ticket};
use jiff::Timestamp;
use totp_rs::{Builder, Totp};

use crate::house::{House, at, code, houses};

pub(crate) fn seals() -> Seals {
    Seals {
        master: Arc::new(MasterKey::from_bytes(&Secret::new([7; 32]))),
        random: Arc::new(SystemRandom),
        outbox: Outbox::default(),
    }
}

/// The app on somebody's telephone.
struct App(Totp);

impl App {
    fn scan(draft: &TotpDraft) -> Self {
        let typed: String = draft.typed().split_whitespace().collect();
        let secret = data_encoding::BASE32_NOPAD.decode(typed.as_bytes()).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    fn shows(&self, at: Timestamp) -> String {
        self.0.generate(u64::try_from(at.as_second()).unwrap()).to_string()
    }
}

impl House {
    async fn set_up(&self, seals: &Seals, person: &User, at: Timestamp) -> (App, Vec<String>) {
        let draft = TotpDraft::draw(seals);
        let app = App::scan(&draft);
        let (seals, person, shown) = (seals.clone(), person.clone(), app.shows(at));
        let codes = self
            .store
            .write::<_, StoreError>(at, move |tx| factors::enrol_totp(tx, &seals, &person, &draft, &shown))
            .await
            .unwrap();
        (app, codes.expect("the code is right"))
    }

    async fn try_code(&self, seals: &Seals, person: &User, typed: &str, at: Timestamp) -> Outcome {
        let (seals, user, presented) = (seals.clone(), person.id, Presented::parse(typed));
        self.store
            .write::<_, StoreError>(at, move |tx| factors::prove(tx, &seals, None, user, &presented))
            .await
            .unwrap()
    }
}

fn is_right(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Right(_))
}

#[tokio::test]
async fn a_code_counts_once_and_none_after_a_newer_one() {
    for house in houses().await {
        let (seals, alice) = (seals(), house.person("alice").await);
        let (app, codes) = house.set_up(&seals, &alice, at(0)).await;
        assert_eq!(codes.len(), factors::RECOVERY_CODES);
        let set_up_with = app.shows(at(0));
        assert_eq!(
            house.try_code(&seals, &alice, &set_up_with, at(1)).await,
            Outcome::Wrong
        );
        let (old, new) = (app.shows(at(60)), app.shows(at(90)));
        let outcome = house.try_code(&seals, &alice, &new, at(90)).await;
        let Outcome::Right(proven) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!((proven.factor, proven.level()), ("totp", Level::Second));
        assert_eq!(
            house.try_code(&seals, &alice, &new, at(91)).await,
            Outcome::Wrong,
            "a replay"
        );
        assert_eq!(
            house.try_code(&seals, &alice, &old, at(91)).await,
            Outcome::Wrong,
            "an older one"
        );
        let next = app.shows(at(120));
        assert!(
            is_right(&house.try_code(&seals, &alice, &next, at(95)).await),
            "a clock that is 25 s fast"
        );
    }
}

#[tokio::test]
async fn of_two_who_present_one_code_at_the_same_time_one_gets_in() {
    for house in houses().await {
        let (seals, alice) = (seals(), house.person("alice").await);
        let (app, codes) = house.set_up(&seals, &alice, at(0)).await;
        for typed in [app.shows(at(300)), codes[0].clone()] {
            let tries = (0..4).map(|_| house.try_code(&seals, &alice, &typed, at(300)));
            let outcomes = futures_of(tries).await;
            assert_eq!(
                outcomes.iter().filter(|outcome| is_right(outcome)).count(),
                1,
                "{outcomes:?}"
            );
        }
    }
}

async fn futures_of<F: Future<Output = Outcome>>(tries: impl Iterator<Item = F>) -> Vec<Outcome> {
    let mut running: Vec<_> = tries.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(outcome) => {
                done.push(outcome);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn a_recovery_code_works_once_and_a_new_set_ends_the_old_one() {
    for house in houses().await {
        let (seals, alice, bob) = (seals(), house.person("alice").await, house.person("bob").await);
        let (_, codes) = house.set_up(&seals, &alice, at(0)).await;
        house.set_up(&seals, &bob, at(0)).await;
        assert_eq!(
            house.try_code(&seals, &bob, &codes[0], at(1)).await,
            Outcome::Wrong,
            "another's"
        );
        let shouted = codes[0].to_uppercase().replace('-', " ");
        assert!(is_right(&house.try_code(&seals, &alice, &shouted, at(1)).await));
        assert_eq!(house.try_code(&seals, &alice, &codes[0], at(2)).await, Outcome::Wrong);
        assert_eq!(house.directory.enrolled(alice.id).await.unwrap().recovery_codes, 9);
        let (keys, person) = (seals.clone(), alice.clone());
        let fresh = house
            .store
            .write::<_, StoreError>(at(3), move |tx| factors::new_recovery_codes(tx, &keys, &person))
            .await
            .unwrap();
        assert_eq!(house.try_code(&seals, &alice, &codes[1], at(4)).await, Outcome::Wrong);
        assert!(is_right(&house.try_code(&seals, &alice, &fresh[0], at(5)).await));
    }
}

#[tokio::test]
async fn wrong_codes_are_budgeted_and_the_right_one_waits_like_any_other() {
    for house in houses().await {
        let (seals, alice, bob) = (seals(), house.person("alice").await, house.person("bob").await);
        let (app, _) = house.set_up(&seals, &alice, at(0)).await;
        let (bobs, _) = house.set_up(&seals, &bob, at(0)).await;
        for _ in 0..6 {
            assert_eq!(
                house.try_code(&seals, &alice, "nonsense", at(100)).await,
                Outcome::Wrong
            );
        }
        let right = app.shows(at(101));
        let spent = house.try_code(&seals, &alice, &right, at(101)).await;
        let Outcome::Spent { retry_after } = &spent else {
            panic!("{spent:?}")
        };
        assert!(retry_after.as_secs() <= 300, "nobody waits longer than one interval");
        assert_eq!(spent.refusal().unwrap().kind.code, "factor_throttled");
        assert!(
            is_right(&house.try_code(&seals, &bob, &bobs.shows(at(101)), at(101)).await),
            "others do not wait"
        );
        let later = at(101 + 300);
        assert!(is_right(
            &house.try_code(&seals, &alice, &app.shows(later), later).await
        ));
    }
}

#[tokio::test]
async fn a_browser_is_remembered_as_long_as_policy_says_now() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let ticket = Ticket::new(at(0), &SystemRandom);
        let (fresh, user) = (ticket.clone(), alice.id);
        let known = house
            .store
            .write::<_, StoreError>(at(0), move |tx| {
                factors::note_browser(tx, None, &fresh, user, Level::Second, true)
            })
            .await
            .unwrap();
        let cookie = known.set_cookie.unwrap().expose().clone();
        let remembered = |cookie: String, days, level, now| {
            let store = &house.store;
            async move {
                store
                    .read::<_, StoreError>(move |tx| factors::is_remembered(tx, Some(&cookie), user, days, level, now))
                    .await
                    .unwrap()
            }
        };
        let day = 86_400;
        assert!(remembered(cookie.clone(), 30, Level::Second, at(29 * day)).await);
        assert!(!remembered(cookie.clone(), 30, Level::Second, at(31 * day)).await);
        assert!(
            !remembered(cookie.clone(), 7, Level::Second, at(8 * day)).await,
            "policy became stricter"
        );
        assert!(!remembered(cookie.clone(), 0, Level::Second, at(1)).await);
        assert!(
            !remembered(cookie.clone(), 30, Level::Passkey, at(1)).await,
            "a code was no passkey"
        );
        let forged = Ticket::for_id(ticket.id(), &SystemRandom).encode();
        assert!(!remembered(forged, 30, Level::Second, at(1)).await);
        house
            .directory
            .reset_factors(&house.root, alice.id, at(2))
            .await
            .unwrap();
        assert!(!remembered(cookie, 30, Level::Second, at(3)).await);
    }
}

#[tokio::test]
async fn an_administrator_has_every_browser_ask_again_and_takes_nothing_else() {
    for house in houses().await {
        let (seals, alice) = (seals(), house.person("alice").await);
        house.set_up(&seals, &alice, at(0)).await;
        let user = alice.id;
        for is_remembered in [true, true, false] {
            let fresh = Ticket::new(at(0), &SystemRandom);
            house
                .store
                .write::<_, StoreError>(at(0), move |tx| {
                    factors::note_browser(tx, None, &fresh, user, Level::Second, is_remembered)
                })
                .await
                .unwrap();
        }
        assert_eq!(house.directory.remembered_browsers(user).await.unwrap(), 2);
        let mut reader = house.root.clone();
        reader.roles = vec![doorward_directory::Role::ReadOnly];
        let denied = house.directory.forget_browsers(&reader, user, at(1)).await;
        assert_eq!(code(denied), "missing_right");
        for forgotten in [2, 0] {
            let done = house.directory.forget_browsers(&house.root, user, at(1)).await;
            assert_eq!(done.unwrap(), forgotten);
        }
        assert_eq!(house.directory.remembered_browsers(user).await.unwrap(), 0);
        assert!(house.directory.enrolled(user).await.unwrap().is_any());
    }
}

#[tokio::test]
async fn a_reset_takes_everything_ends_sessions_and_needs_the_right() {
    for house in houses().await {
        let (seals, alice) = (seals(), house.person("alice").await);
        let (app, codes) = house.set_up(&seals, &alice, at(0)).await;
        let mut reader = house.root.clone();
        reader.roles = vec![doorward_directory::Role::ReadOnly];
        let denied = house.directory.reset_factors(&reader, alice.id, at(1)).await;
        assert_eq!(code(denied), "missing_right");
        let had = house
            .directory
            .reset_factors(&house.root, alice.id, at(2))
            .await
            .unwrap();
        assert!(had.totp.is_some());
        assert_eq!(had.recovery_codes, 10);
        assert!(!house.directory.enrolled(alice.id).await.unwrap().is_any());
        for typed in [app.shows(at(60)), codes[0].clone()] {
            assert_eq!(house.try_code(&seals, &alice, &typed, at(60)).await, Outcome::Wrong);
        }
    }
}

#[tokio::test]
async fn with_the_last_factor_its_recovery_codes_go() {
    for house in houses().await {
        let (seals, alice) = (seals(), house.person("alice").await);
        let (_, codes) = house.set_up(&seals, &alice, at(0)).await;
        let (keys, person) = (seals.clone(), alice.clone());
        let removed = house
            .store
            .write::<_, StoreError>(at(1), move |tx| factors::remove_totp(tx, &keys, &person))
            .await
            .unwrap();
        assert!(removed);
        assert_eq!(
            house.directory.enrolled(alice.id).await.unwrap(),
            factors::Enrolled::default()
        );
        assert_eq!(house.try_code(&seals, &alice, &codes[0], at(2)).await, Outcome::Wrong);
    }
}
