//! The queue.

use std::sync::Arc;

use doorward_jose::{Secret, SystemRandom};
use doorward_mail::{Addressee, House, Lang, Letter, Message, Notice, Outbox, State, count, queue};
use doorward_store::testing::{START, engines};
use doorward_store::{MasterKey, StoreError};

pub(crate) fn house() -> House {
    House {
        name: "Acme".to_owned(),
        url: "https://sso.example.com".to_owned(),
        contact: Some("help@example.com".to_owned()),
        accent: "#2f6f5e".to_owned(),
        on_accent: "#ffffff".to_owned(),
    }
}

pub(crate) fn outbox() -> Outbox {
    let master = MasterKey::from_bytes(&Secret::new([7; 32]));
    Outbox::new(house(), Arc::new(master), Arc::new(SystemRandom))
}

pub(crate) fn letter(to: &str) -> Letter {
    Letter {
        to: Addressee {
            address: to.to_owned(),
            name: Some("Alice".to_owned()),
            lang: Lang::En,
        },
        message: Message::Notice(Notice::PasswordChanged),
    }
}

#[tokio::test]
async fn a_letter_is_written_with_its_unit_of_work_or_not_at_all() {
    for store in engines().await {
        let putting = outbox();
        let undone = store
            .write(START, move |tx| {
                assert!(putting.put(tx, &letter("alice@example.com"))?);
                Err::<(), _>(StoreError::Busy("on purpose".to_owned()))
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(store.read(count).await.unwrap(), (0, 0), "{}", store.engine);

        let putting = outbox();
        store
            .write(START, move |tx| putting.put(tx, &letter("alice@example.com")))
            .await
            .unwrap();
        let queued = store.read(|tx| queue(tx, None, 10)).await.unwrap();
        assert_eq!(queued.len(), 1);
        assert_eq!(
            (
                queued[0].kind.as_str(),
                queued[0].recipient.as_str(),
                queued[0].state,
                queued[0].tries
            ),
            ("password-changed", "alice@example.com", State::Waiting, 0)
        );
    }
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_stored() {
    for store in engines().await {
        let stored = store
            .write(START, |tx| Outbox::off().put(tx, &letter("alice@example.com")))
            .await
            .unwrap();
        assert!(!stored);
        assert_eq!(store.read(count).await.unwrap(), (0, 0));
        let refusal = Outbox::off().require().unwrap_err();
        assert_eq!(refusal.kind.code, "mail_is_off");
    }
}

#[tokio::test]
async fn what_is_stored_of_a_letter_does_not_show_its_link() {
    for store in engines().await {
        let putting = outbox();
        let link = "https://sso.example.com/link/SECRETSECRETSECRET";
        let letter = Letter {
            message: Message::PasswordReset {
                link: link.to_owned(),
                expires: START,
            },
            ..letter("alice@example.com")
        };
        store.write(START, move |tx| putting.put(tx, &letter)).await.unwrap();
        let content: Vec<u8> = store
            .read(|tx| tx.one("SELECT content FROM letters", &[], |row| row.get(0)))
            .await
            .unwrap()
            .unwrap();
        let text = String::from_utf8_lossy(&content);
        assert!(!text.contains("SECRET") && !text.contains("password"), "{text}");
    }
}
