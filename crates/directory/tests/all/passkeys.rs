//! Passkeys: who registers, uses, names and removes them, and what is not accepted.

use doorward_directory::{
    Actor, DirectoryError, MOST_PASSKEYS, Passkey, PasskeyCeremony, PasskeyRefusal, PasskeyUsed, User, UserEdit, Via,
};
use doorward_passkeys::{
    AssertionResponse, Ceremony, CreationOptions, RegistrationResponse, RelyingParty, RequestOptions, UserVerification,
    testing::SoftwareAuthenticator,
};
use doorward_store::StoreError;
use uuid::Uuid;

use crate::{
    factors::seals,
    house::{House, at, code, from, houses},
};

const ORIGIN: &str = "https://sso.example.com";

fn party() -> RelyingParty {
    RelyingParty::at(&ORIGIN.parse().unwrap(), "Doorward").unwrap()
}

fn device() -> SoftwareAuthenticator {
    SoftwareAuthenticator::new(ORIGIN, "sso.example.com")
}

fn asked<'a>(party: &'a RelyingParty, challenge: &'a [u8]) -> PasskeyCeremony<'a> {
    PasskeyCeremony {
        asked: Ceremony {
            relying_party: party,
            challenge,
            user_verification: UserVerification::Required,
        },
        ends: at(300),
    }
}

impl House {
    async fn in_session(&self, user: &User) -> Actor {
        let via = Via::Session(Uuid::nil());
        self.directory.actor(user.id, via, at(0)).await.unwrap().unwrap()
    }

    async fn register(
        &self,
        device: &mut SoftwareAuthenticator,
        user: &User,
        challenge: &[u8],
    ) -> Result<Passkey, DirectoryError> {
        let party = party();
        let ceremony = asked(&party, challenge);
        let options = CreationOptions {
            ceremony: ceremony.asked,
            user: doorward_passkeys::User {
                handle: user.id.as_bytes(),
                name: user.name.as_str(),
                display_name: &user.display_name,
            },
            exclude: &[],
            asks_attestation: false,
        };
        let answer = device.create(&options.to_json()).to_string();
        let answer = RegistrationResponse::parse(answer.as_bytes()).unwrap();
        let actor = self.in_session(user).await;
        self.directory
            .add_passkey(&actor, &seals(), &answer, ceremony, "Laptop", at(1))
            .await
            .map(|added| added.passkey)
    }

    async fn use_it(
        &self,
        device: &SoftwareAuthenticator,
        challenge: &[u8],
        of: Option<Uuid>,
    ) -> Result<PasskeyUsed, PasskeyRefusal> {
        let party = party();
        let options = RequestOptions {
            relying_party: &party,
            challenge,
            user_verification: UserVerification::Required,
            allow: &[],
        };
        let answer = AssertionResponse::parse(device.get(&options.to_json()).to_string().as_bytes()).unwrap();
        let (origin, ceremony) = (from("192.0.2.1"), asked(&party, challenge));
        if of.is_some() {
            self.directory
                .check_passkey(&answer, ceremony, of, &origin, at(2))
                .await?;
        }
        self.directory.verify_passkey(&answer, ceremony, &origin, at(2)).await
    }

    async fn actions(&self) -> Vec<String> {
        self.store
            .scan::<_, StoreError>(|tx| tx.all("SELECT action FROM events ORDER BY id", &[], |row| row.get(0)))
            .await
            .unwrap()
    }
}

fn refused(result: Result<PasskeyUsed, PasskeyRefusal>) -> (&'static str, String) {
    match result {
        Err(PasskeyRefusal::Refused { refusal, .. }) => (refusal.kind.code, refusal.detail),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_registered_passkey_says_who_it_is() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        let passkey = house.register(&mut device, &alice, b"one").await.unwrap();
        assert_eq!((passkey.name.as_str(), passkey.algorithm.as_str()), ("Laptop", "ES256"));
        assert!(!passkey.synced && passkey.verifies_user && passkey.last_used.is_none());

        device.sign_count = 1;
        let used = house.use_it(&device, b"two", None).await.unwrap();
        let proof = used.proof;
        let verified = used.alone();
        assert_eq!(verified.facts.user.id, alice.id);
        assert_eq!(verified.amr, ["hwk", "user", "mfa"]);
        assert!(
            house
                .store
                .write::<_, StoreError>(at(3), move |tx| proof.holds(tx))
                .await
                .unwrap()
        );

        let listed = house.directory.passkeys(alice.id).await.unwrap();
        assert_eq!(listed[0].last_used, Some(at(2)));

        house
            .directory
            .remove_passkey(&house.root, alice.id, passkey.id, at(4))
            .await
            .unwrap();
        let holds = house
            .store
            .write::<_, StoreError>(at(5), move |tx| proof.holds(tx))
            .await
            .unwrap();
        assert!(!holds, "a session must not begin with a passkey that is gone");
        let (code, detail) = refused(house.use_it(&device, b"three", None).await);
        assert_eq!(
            (code, detail.as_str()),
            ("passkey_refused", "no such passkey is registered here")
        );
        let actions = house.actions().await;
        assert!(
            actions.ends_with(&["user.passkey.add".to_owned(), "user.passkey.remove".to_owned()]),
            "{actions:?}"
        );
    }
}

#[tokio::test]
async fn a_synced_passkey_is_a_key_in_software() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        device.synced = true;
        house.register(&mut device, &alice, b"one").await.unwrap();
        let used = house.use_it(&device, b"two", None).await.unwrap();
        assert_eq!(used.alone().amr, ["swk", "user", "mfa"]);
    }
}

#[tokio::test]
async fn a_challenge_is_good_once() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        house.register(&mut device, &alice, b"one").await.unwrap();
        let mut second = self::device();
        let again = house.register(&mut second, &alice, b"one").await;
        assert_eq!(code(again), "passkey_not_registered");

        house.use_it(&device, b"two", None).await.unwrap();
        let (code, detail) = refused(house.use_it(&device, b"two", None).await);
        assert_eq!(code, "passkey_refused");
        assert!(detail.contains("used before"), "{detail}");

        // An answer that counts, sent twice by a page loaded again, is no copy.
        device.sign_count = 4;
        house.use_it(&device, b"three", None).await.unwrap();
        let (code, detail) = refused(house.use_it(&device, b"three", None).await);
        assert_eq!(
            (code, detail.as_str()),
            ("passkey_refused", "the challenge was used before, or has ended")
        );
        device.sign_count = 5;
        house.use_it(&device, b"four", None).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_at_once_one_gets_in() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        house.register(&mut device, &alice, b"one").await.unwrap();
        let (one, other) = tokio::join!(house.use_it(&device, b"two", None), house.use_it(&device, b"two", None));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
        device.sign_count = 7;
        let (one, other) = tokio::join!(
            house.use_it(&device, b"three", None),
            house.use_it(&device, b"four", None)
        );
        assert_eq!(
            usize::from(one.is_ok()) + usize::from(other.is_ok()),
            1,
            "one counter value, two challenges"
        );
    }
}

#[tokio::test]
async fn a_copied_passkey_is_refused_from_then_on_and_leaves_an_event() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        let passkey = house.register(&mut device, &alice, b"one").await.unwrap();
        device.sign_count = 9;
        house.use_it(&device, b"two", None).await.unwrap();
        device.sign_count = 8;
        let (code, detail) = refused(house.use_it(&device, b"three", None).await);
        assert_eq!(code, "passkey_copied");
        assert!(detail.contains("from 9 to 8"), "{detail}");
        device.sign_count = 100;
        let (code, _) = refused(house.use_it(&device, b"four", None).await);
        assert_eq!(code, "passkey_copied", "the copy that is ahead may be the thief's");
        let listed = house.directory.passkeys(alice.id).await.unwrap();
        assert_eq!((listed[0].id, listed[0].copied), (passkey.id, Some(at(2))));
        assert!(house.directory.known_passkeys(alice.id).await.unwrap().is_empty());
        let events = house.actions().await;
        assert_eq!(
            events.iter().filter(|action| *action == "user.passkey.copied").count(),
            1
        );
    }
}

#[tokio::test]
async fn a_passkey_is_its_persons_alone() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let bob = house.person("bob").await;
        let mut device = device();
        house.register(&mut device, &alice, b"one").await.unwrap();
        let (code, detail) = refused(house.use_it(&device, b"two", Some(bob.id)).await);
        assert_eq!((code, detail.as_str()), ("passkey_refused", "it is another person's"));
        house.use_it(&device, b"two", Some(alice.id)).await.unwrap();

        device.user_handle = Some(bob.id.as_bytes().to_vec());
        let (_, detail) = refused(house.use_it(&device, b"three", None).await);
        assert!(detail.contains("somebody else's"), "{detail}");
        device.user_handle = None;
        let (_, detail) = refused(house.use_it(&device, b"four", None).await);
        assert!(detail.contains("does not say whose"), "{detail}");
        let (party, origin) = (party(), from("192.0.2.1"));
        let answer = device.get(&serde_json::json!({ "challenge": "Zml2ZQ" })).to_string();
        let answer = AssertionResponse::parse(answer.as_bytes()).unwrap();
        let ceremony = asked(&party, b"five");
        let checked = house
            .directory
            .check_passkey(&answer, ceremony, Some(alice.id), &origin, at(2))
            .await
            .unwrap();
        let twice = house
            .store
            .write::<_, StoreError>(at(2), move |tx| Ok([checked.accept(tx)?, checked.accept(tx)?]))
            .await;
        assert_eq!(
            twice.unwrap(),
            [true, false],
            "as a second factor, in the unit of work of whoever asked"
        );
        assert_eq!(
            self::code(house.register(&mut device, &bob, b"six").await),
            "passkey_exists"
        );
    }
}

#[tokio::test]
async fn a_disabled_persons_passkey_opens_nothing() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        house.register(&mut device, &alice, b"one").await.unwrap();
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, alice.id, edit, at(1))
            .await
            .unwrap();
        let (code, detail) = refused(house.use_it(&device, b"two", None).await);
        assert_eq!(code, "passkey_refused");
        assert!(detail.contains("disabled"), "{detail}");
    }
}

#[tokio::test]
async fn only_its_person_registers_one_and_only_who_may_removes_it() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let bob = house.person("bob").await;
        let mut device = device();
        let passkey = house.register(&mut device, &alice, b"one").await.unwrap();
        let bobs = house.in_session(&bob).await;
        let rename = house
            .directory
            .rename_passkey(&bobs, alice.id, passkey.id, "mine", at(2))
            .await;
        assert_eq!(code(rename), "missing_right");
        let removal = house.directory.remove_passkey(&bobs, alice.id, passkey.id, at(2)).await;
        assert_eq!(code(removal), "missing_right");
        let under_his_name = house.directory.remove_passkey(&bobs, bob.id, passkey.id, at(2)).await;
        assert_eq!(code(under_his_name), "no_such_passkey");

        let party = party();
        let answer = device
            .create(&serde_json::json!({ "challenge": "dHdv", "user": { "id": "AAAA" } }))
            .to_string();
        let answer = RegistrationResponse::parse(answer.as_bytes()).unwrap();
        let by_root = house
            .directory
            .add_passkey(&house.root, &seals(), &answer, asked(&party, b"two"), "x", at(2))
            .await;
        assert_eq!(code(by_root), "missing_right");

        let alices = house.in_session(&alice).await;
        let renamed = house
            .directory
            .rename_passkey(&alices, alice.id, passkey.id, "  Büro ", at(2))
            .await;
        assert_eq!(renamed.unwrap().name, "Büro");
        for bad in ["", "   ", "a\nb", &"x".repeat(61)] {
            let refused = house
                .directory
                .rename_passkey(&alices, alice.id, passkey.id, bad, at(2))
                .await;
            assert_eq!(code(refused), "invalid_passkey_name", "{bad:?}");
        }
        house
            .directory
            .remove_passkey(&alices, alice.id, passkey.id, at(3))
            .await
            .unwrap();
        assert!(house.directory.passkeys(alice.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn there_are_not_more_than_a_few_each() {
    for house in houses().await {
        let alice = house.person("alice").await;
        for number in 0..MOST_PASSKEYS {
            let challenge = format!("c{number}");
            house
                .register(&mut device(), &alice, challenge.as_bytes())
                .await
                .unwrap();
        }
        let one_more = house.register(&mut device(), &alice, b"more").await;
        assert_eq!(code(one_more), "too_many_passkeys");
    }
}

#[tokio::test]
async fn what_was_not_signed_for_here_is_not_registered() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut elsewhere = SoftwareAuthenticator::new("https://evil.example", "sso.example.com");
        let refused = house.register(&mut elsewhere, &alice, b"one").await;
        assert_eq!(code(refused), "passkey_not_registered");
        assert!(house.directory.passkeys(alice.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_passkey_of_an_account_that_has_ended_is_told_why_and_opens_nothing() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let mut device = device();
        house.register(&mut device, &alice, b"one").await.unwrap();
        // `use_it` comes a second later.
        let edit = UserEdit {
            expires: doorward_directory::ExpiryEdit::At(at(2)),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, alice.id, edit, at(1))
            .await
            .unwrap();
        device.sign_count = 1;
        assert_eq!(refused(house.use_it(&device, b"two", None).await).0, "account_expired");
        let never = UserEdit {
            expires: doorward_directory::ExpiryEdit::Never,
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, alice.id, never, at(1))
            .await
            .unwrap();
        house
            .directory
            .delete_user(&house.root, alice.id, false, at(1))
            .await
            .unwrap();
        assert_eq!(
            refused(house.use_it(&device, b"three", None).await).0,
            "account_deleted"
        );
    }
}

#[tokio::test]
async fn recovery_codes_come_with_the_first_factor_and_go_with_the_last() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let left = async || house.directory.enrolled(alice.id).await.unwrap().recovery_codes;
        let (actor, seals) = (house.in_session(&alice).await, seals());
        let added = async |device: &mut SoftwareAuthenticator, challenge: &str| {
            let party = party();
            let options = serde_json::json!({
                "challenge": doorward_jose::base64url::encode(challenge), "user": { "id": "AAAA" },
            });
            let answer = RegistrationResponse::parse(device.create(&options).to_string().as_bytes()).unwrap();
            let ceremony = asked(&party, challenge.as_bytes());
            let added = house
                .directory
                .add_passkey(&actor, &seals, &answer, ceremony, "One", at(1));
            added.await.unwrap()
        };
        let first = added(&mut device(), "one").await;
        assert_eq!((first.recovery_codes.len(), left().await), (10, 10));
        let second = added(&mut device(), "two").await;
        assert_eq!((second.recovery_codes.len(), left().await), (0, 10), "there are some");
        for passkey in [first.passkey, second.passkey] {
            house
                .directory
                .remove_passkey(&actor, alice.id, passkey.id, at(2))
                .await
                .unwrap();
        }
        assert_eq!(left().await, 0, "they stand in for nothing");
    }
}
