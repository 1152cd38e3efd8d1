use doorward_directory::{LinkKind, NewUser, OwnField, Theme, User, set_own_fields};
use doorward_jose::Secret;
use doorward_mail::Lang;
use doorward_store::{MasterKey, StoreError};
use uuid::Uuid;

use crate::{
    forgotten::{letters, with_address, with_mail},
    house::{House, at, code, secret},
    links::link,
};

/// What the newest letter says.
pub(crate) async fn newest_letter(house: &House) -> String {
    let (id, sealed) = house
        .store
        .read(|tx| {
            tx.one("SELECT id, content FROM letters ORDER BY id DESC LIMIT 1", &[], |row| {
                Ok((row.get::<Uuid>(0)?, row.get::<Vec<u8>>(1)?))
            })
        })
        .await
        .unwrap()
        .unwrap();
    let place = [b"letters.content:".as_slice(), id.as_bytes()].concat();
    let master = MasterKey::from_bytes(&Secret::new([7; 32]));
    let content = master.open(&place, &sealed).unwrap();
    String::from_utf8(content.expose().clone()).unwrap()
}

/// The ticket in the newest letter.
async fn ticket(house: &House) -> String {
    let text = newest_letter(house).await;
    let (_, rest) = text.split_once("/confirm/").unwrap();
    rest[..64].to_owned()
}

async fn user(house: &House, id: Uuid) -> User {
    house.directory.user(id).await.unwrap().unwrap()
}

async fn ask(house: &House, id: Uuid, address: &str, seconds: i64) -> bool {
    house
        .directory
        .ask_for_address(id, address, Lang::En, at(seconds))
        .await
        .unwrap()
}

#[tokio::test]
async fn an_address_counts_once_its_mail_was_read_and_the_old_one_is_told() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let reset = link(&house, &alice, LinkKind::Enrol).await;
        assert!(ask(&house, alice.id, "alice@example.org", 1).await);
        assert_eq!(user(&house, alice.id).await.email, alice.email, "not yet");
        let waiting = house.directory.pending_address(alice.id, at(2)).await.unwrap();
        assert_eq!(waiting.as_deref(), Some("alice@example.org"));
        let ticket = ticket(&house).await;
        house.directory.address_to_confirm(&ticket, at(2)).await.unwrap();
        assert_eq!(
            user(&house, alice.id).await.email,
            alice.email,
            "looking is not confirming"
        );

        let after = house.directory.confirm_address(&ticket, alice.id, at(3)).await.unwrap();
        assert_eq!(
            (after.email.as_deref(), after.email_verified),
            (Some("alice@example.org"), true)
        );
        assert_eq!(user(&house, alice.id).await, after, "{}", house.store.engine);
        let told = letters(&house).await.pop().unwrap();
        assert_eq!(told, ("address-changed".to_owned(), "alice@example.com".to_owned()));
        assert_eq!(
            code(house.directory.confirm_address(&ticket, alice.id, at(4)).await),
            "link_ended"
        );
        assert_eq!(
            code(house.directory.link(&reset, at(4)).await),
            "link_ended",
            "a link that went to the old address does not outlive it"
        );
    }
}

#[tokio::test]
async fn nobody_confirms_an_address_for_somebody_elses_account() {
    for house in with_mail().await {
        let (alice, mallory) = (
            with_address(&house, "alice").await,
            with_address(&house, "mallory").await,
        );
        // Mallory names Alice's other address, and Alice, logged in as herself, presses the button in the letter.
        ask(&house, mallory.id, "alice@example.org", 1).await;
        let ticket = ticket(&house).await;
        let confirmed = house.directory.confirm_address(&ticket, alice.id, at(2)).await;
        assert_eq!(code(confirmed), "other_account");
        assert_eq!(user(&house, alice.id).await, alice);
        assert_eq!(user(&house, mallory.id).await, mallory);
        // And it is not used up by that.
        let after = house
            .directory
            .confirm_address(&ticket, mallory.id, at(3))
            .await
            .unwrap();
        assert_eq!(
            after.email.as_deref(),
            Some("alice@example.org"),
            "{}",
            house.store.engine
        );
    }
}

#[tokio::test]
async fn only_the_newest_request_counts_and_not_for_ever() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        ask(&house, alice.id, "one@example.org", 1).await;
        let first = ticket(&house).await;
        ask(&house, alice.id, "two@example.org", 2).await;
        let second = ticket(&house).await;
        assert_eq!(
            code(house.directory.confirm_address(&first, alice.id, at(3)).await),
            "link_ended"
        );
        assert_eq!(
            code(house.directory.confirm_address(&second, alice.id, at(90_000)).await),
            "link_ended"
        );
        let mut other = second.clone();
        other.replace_range(40..41, if &second[40..41] == "A" { "B" } else { "A" });
        assert_eq!(
            code(house.directory.confirm_address(&other, alice.id, at(3)).await),
            "link_ended"
        );
        house.directory.confirm_address(&second, alice.id, at(3)).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_learns_that_an_address_belongs_to_somebody_or_gets_it() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        with_address(&house, "bob").await;
        assert!(ask(&house, alice.id, "Bob@example.com", 1).await);
        assert_eq!(letters(&house).await, []);
        // Free when it was asked for, taken when it is confirmed.
        assert!(ask(&house, alice.id, "carol@example.com", 2).await);
        let ticket = ticket(&house).await;
        with_address(&house, "carol").await;
        assert_eq!(
            code(house.directory.confirm_address(&ticket, alice.id, at(3)).await),
            "email_taken"
        );
        assert_eq!(user(&house, alice.id).await, alice);
    }
}

#[tokio::test]
async fn a_person_cannot_write_letters_without_end() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        for number in 0..8 {
            let asked = ask(&house, alice.id, &format!("a{number}@example.org"), 1).await;
            assert_eq!(asked, number < 5, "{number}");
        }
        assert_eq!(letters(&house).await.len(), 5);
    }
}

#[tokio::test]
async fn the_theme_is_a_persons_own_whatever_else_the_server_allows() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let closed: Result<(), StoreError> = house.store.write(at(1), |tx| set_own_fields(tx, &[])).await;
        closed.unwrap();
        let choose = |theme| {
            house
                .directory
                .change_own_profile(alice.id, None, None, Some(theme), at(2))
        };
        assert_eq!(alice.theme, Theme::Browser);
        assert_eq!(choose(Theme::Dark).await.unwrap().theme, Theme::Dark);
        let kept = house.directory.facts(alice.id).await.unwrap().unwrap();
        assert_eq!(kept.user.theme, Theme::Dark, "pages read it from here");
        assert_eq!(choose(Theme::Browser).await.unwrap().theme, Theme::Browser);
    }
}

#[tokio::test]
async fn people_change_what_the_server_lets_them_change() {
    for house in with_mail().await {
        let alice = with_address(&house, "alice").await;
        let change = |name: Option<&str>, language: Option<&str>| {
            let (name, language) = (name.map(secret), language.map(ToOwned::to_owned));
            house
                .directory
                .change_own_profile(alice.id, name, language, None, at(2))
        };
        let after = change(Some("Alice Archer"), Some("de")).await.unwrap();
        assert_eq!(after.display_name, "Alice Archer");
        assert_eq!(
            after.attributes.get("locale").and_then(|locale| locale.as_str()),
            Some("de")
        );
        assert_eq!(change(None, Some("")).await.unwrap().attributes.get("locale"), None);
        assert_eq!(code(change(Some("a\nb"), None).await), "invalid_user");

        let closed: Result<(), StoreError> = house
            .store
            .write(at(3), |tx| set_own_fields(tx, &[OwnField::Language]))
            .await;
        closed.unwrap();
        assert_eq!(code(change(Some("Somebody Else"), None).await), "profile_closed");
        assert_eq!(
            code(
                house
                    .directory
                    .ask_for_address(alice.id, "x@example.org", Lang::En, at(4))
                    .await
            ),
            "profile_closed"
        );
        change(Some("Alice Archer"), Some("en")).await.unwrap();
        assert_eq!(letters(&house).await, []);
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_before_anything_is_written() {
    for house in with_mail().await {
        let new = NewUser {
            name: "alice".to_owned(),
            ..NewUser::default()
        };
        let alice = house.directory.add_user(&house.root, new, at(0)).await.unwrap();
        for wrong in [
            "",
            "alice",
            "a@b@c",
            "a b@example.com",
            "a@example.com\r\nBcc: b@example.com",
        ] {
            let asked = house.directory.ask_for_address(alice.id, wrong, Lang::En, at(1)).await;
            assert_eq!(code(asked), "invalid_user", "{wrong:?}");
        }
        assert_eq!(house.directory.pending_address(alice.id, at(1)).await.unwrap(), None);
    }
}
