//! Registrations that wait for an administrator's word.

use doorward_directory::{NewUser, Registered, Role, Settings};
use doorward_store::StoreError;
use uuid::Uuid;

use crate::{
    forgotten::{letters, with_mail, with_mail_and},
    house::{House, PASSWORD, at, code, from, secret},
    registration::{DAY, answer_all, ask, asked, count, open, register, ticket, waiting},
};

#[tokio::test]
async fn whoever_waits_for_approval_has_no_account_until_an_administrator_says_so() {
    for house in with_mail().await {
        house.group("newcomers").await;
        open(&house, true, &["newcomers"]).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        assert!(matches!(
            register(&house, &ticket, "nina", 2).await,
            Ok(Registered::Waiting)
        ));
        assert_eq!(house.directory.find_user("nina").await.unwrap(), None);
        assert_eq!(code(register(&house, &ticket, "nina", 3).await), "link_ended");
        assert_eq!(count(&house, 3).await, 1, "{}", house.store.engine);
        assert_eq!(count(&house, 31 * DAY).await, 0, "nobody waits for ever");
        // Nobody else gets the name meanwhile, and asking again brings no second letter.
        let before = letters(&house).await.len();
        ask(&house, "NINA@example.com", 4).await;
        answer_all(&house, 4).await;
        assert_eq!(letters(&house).await.len(), before);
        let other = asked(&house, "olga@example.com", 5).await;
        assert_eq!(code(register(&house, &other, "nina", 6).await), "name_taken");

        let request = waiting(&house, 7).await.pop().unwrap();
        assert_eq!(
            (
                request.name.as_str(),
                request.address.as_str(),
                request.came_from.as_str()
            ),
            ("nina", "nina@example.com", "192.0.2.1")
        );
        let reader = house.administrator("rita", Role::ReadOnly).await;
        let denied = house
            .directory
            .approve_registration(&reader, request.id, None, at(8))
            .await;
        assert_eq!(code(denied), "missing_right");
        let denied = house.directory.reject_registration(&reader, request.id, at(8)).await;
        assert_eq!(code(denied), "missing_right");
        let people = house.administrator("petra", Role::People).await;
        let taken = Some("rita".to_owned());
        let denied = house
            .directory
            .approve_registration(&people, request.id, taken, at(8))
            .await;
        assert_eq!(code(denied), "name_taken");
        assert_eq!(waiting(&house, 8).await.len(), 1, "nothing is half done");

        let user = house
            .directory
            .approve_registration(&people, request.id, Some("nina.n".to_owned()), at(9))
            .await
            .unwrap();
        assert_eq!((user.name.as_str(), user.email_verified), ("nina.n", true));
        assert_eq!(house.groups_of(&user).await, ["newcomers"]);
        let twice = house
            .directory
            .approve_registration(&people, request.id, None, at(10))
            .await;
        assert_eq!(code(twice), "no_such_registration");
        let enrol = enrolment_ticket(&house).await;
        let redeemed = house
            .directory
            .redeem(&enrol, secret(PASSWORD), &from("192.0.2.1"), at(11))
            .await;
        assert!(redeemed.is_ok(), "{redeemed:?}");
    }
}

/// The ticket of the enrolment link in the newest letter.
async fn enrolment_ticket(house: &House) -> String {
    ticket(house, "/link/").await
}

#[tokio::test]
async fn whoever_is_turned_away_is_told_and_forgotten_and_whoever_waits_too_long_is_forgotten() {
    for house in with_mail().await {
        open(&house, true, &[]).await;
        for (name, seconds) in [("nina", 1), ("olga", 2)] {
            let ticket = asked(&house, &format!("{name}@example.com"), seconds).await;
            register(&house, &ticket, name, seconds).await.unwrap();
        }
        let nina = waiting(&house, 3).await.remove(0);
        house
            .directory
            .reject_registration(&house.root, nina.id, at(4))
            .await
            .unwrap();
        let told = letters(&house).await.pop().unwrap();
        assert_eq!(told, ("not-approved".to_owned(), "nina@example.com".to_owned()));
        assert_eq!(waiting(&house, 5).await.len(), 1);
        assert_eq!(waiting(&house, 31 * DAY).await.len(), 0);
        house.directory.sweep(at(31 * DAY)).await.unwrap();
        let left: Option<i64> = house
            .store
            .read(|tx| tx.one("SELECT COUNT(*) FROM registrations", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert_eq!(left, Some(0), "{}", house.store.engine);
    }
}

#[tokio::test]
async fn a_name_that_would_hide_an_address_by_now_is_not_approved() {
    let settings = Settings {
        domain: Some("example.com".to_owned()),
        ..Settings::default()
    };
    for house in with_mail_and(settings).await {
        open(&house, true, &[]).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        register(&house, &ticket, "paul", 2).await.unwrap();
        let paul = NewUser {
            name: "p.paulsen".to_owned(),
            email: Some("paul@example.com".to_owned()),
            ..NewUser::default()
        };
        house.directory.add_user(&house.root, paul, at(3)).await.unwrap();
        let id = waiting(&house, 4).await[0].id;
        let approve = |name: Option<&str>| {
            let name = name.map(ToOwned::to_owned);
            house.directory.approve_registration(&house.root, id, name, at(5))
        };
        assert_eq!(code(approve(None).await), "name_taken", "{}", house.store.engine);
        assert_eq!(waiting(&house, 5).await.len(), 1, "nothing is half done");
        assert_eq!(approve(Some("nina")).await.unwrap().name.as_str(), "nina");
    }
}

#[tokio::test]
async fn only_so_many_wait_and_whoever_comes_later_keeps_their_link() {
    for house in with_mail().await {
        open(&house, true, &[]).await;
        let filled: Result<(), StoreError> = house
            .store
            .write(at(0), |tx| {
                for number in 0_u32..1_000 {
                    let key = number.to_be_bytes();
                    tx.execute(
                        "INSERT INTO registrations (id, digest, state, address, address_key, language, came_from, name, \
                         name_key, display_name, created_at, expires_at) \
                         VALUES ($1, $2, 'waiting', 'a', $2, 'en', '192.0.2.9', 'b', $2, 'b', $3, $4)",
                        &[
                            Uuid::from_u128(u128::from(number)).into(),
                            (&key).into(),
                            at(0).into(),
                            at(3_600).into(),
                        ],
                    )?;
                }
                Ok(())
            })
            .await;
        filled.unwrap();
        let ticket = asked(&house, "nina@example.com", 1).await;
        let full = register(&house, &ticket, "nina", 2).await;
        assert!(
            matches!(full, Ok(Registered::Later { retry_after }) if retry_after.as_secs() == 3_600),
            "{full:?}"
        );
        assert_eq!(count(&house, 2).await, 1_000, "{}", house.store.engine);
        let later = register(&house, &ticket, "nina", 3_601).await;
        assert!(matches!(later, Ok(Registered::Waiting)), "{later:?}");
        assert_eq!(count(&house, 3_601).await, 1);
    }
}
