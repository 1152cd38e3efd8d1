//! What letters say.

use doorward_mail::{Addressee, House, Lang, Letter, Message, Notice, Outbox, Rendered};
use jiff::Timestamp;

use crate::outbox::house;

const UNTIL: Timestamp = Timestamp::constant(1_767_312_000, 0);

/// One of each.
pub(crate) fn every_message() -> Vec<Message> {
    let link = || "https://sso.example.com/link/abc".to_owned();
    let expires = UNTIL;
    let mut all = vec![
        Message::Test,
        Message::Invitation {
            link: link(),
            username: "alice".to_owned(),
            expires,
        },
        Message::PasswordReset { link: link(), expires },
        Message::ConfirmAddress { link: link(), expires },
        Message::Register { link: link(), expires },
        Message::RegisteredAlready { link: link() },
        Message::Approved {
            link: link(),
            username: "alice".to_owned(),
            expires,
        },
        Message::NotApproved,
        Message::NotByMail {
            username: "alice".to_owned(),
        },
        Message::LogInElsewhere {
            title: "Company account".to_owned(),
            link: link(),
        },
        Message::DeletionPlanned { at: expires },
        Message::AccountDeleted,
        Message::AccountExpires { at: expires },
    ];
    all.extend(
        [
            Notice::PasswordChanged,
            Notice::AddressChanged {
                new: "b…@example.com".to_owned(),
            },
            Notice::FactorsReset,
            Notice::FactorAdded,
            Notice::FactorRemoved,
            Notice::PasskeyAdded,
            Notice::PasskeyRemoved,
            Notice::RecoveryCodeUsed { left: 3 },
        ]
        .map(Message::Notice),
    );
    all
}

fn words(message: Message, lang: Lang, name: Option<&str>, house: &House) -> Rendered {
    Outbox::preview(
        &Letter {
            to: Addressee {
                address: "alice@example.com".to_owned(),
                name: name.map(ToOwned::to_owned),
                lang,
            },
            message,
        },
        house,
    )
}

#[test]
fn every_letter_has_its_words_in_both_languages() {
    for message in every_message() {
        let [english, german] = Lang::ALL.map(|lang| words(message.clone(), lang, Some("Alice"), &house()));
        for letter in [&english, &german] {
            for text in [&letter.subject, &letter.text, &letter.html] {
                assert!(!text.is_empty(), "{message:?}");
                for mark in ["Unknown localization", "No localization", "{$", "{ $"] {
                    assert!(!text.contains(mark), "{message:?}: {text}");
                }
            }
            if let Some(link) = message.link() {
                assert!(
                    letter.text.contains(link),
                    "{message:?} without its link: {}",
                    letter.text
                );
                assert!(letter.html.contains(&format!("href=\"{link}\"")), "{}", letter.html);
            }
        }
        assert_ne!(english.subject, german.subject, "{message:?} is not translated");
        assert_ne!(english.text, german.text, "{message:?} is not translated");
    }
}

#[test]
fn a_name_is_text_in_a_letter_and_never_markup_or_a_new_line() {
    let name = "<b>Eve</b>\r\nBcc: all@example.com";
    let letter = words(Message::Test, Lang::En, Some(name), &house());
    assert!(
        letter.text.starts_with("Hello <b>Eve</b>Bcc: all@example.com,\n"),
        "{}",
        letter.text
    );
    assert!(!letter.html.contains("<b>"), "{}", letter.html);
    let nobody = words(Message::Test, Lang::De, None, &house());
    assert!(nobody.text.starts_with("Guten Tag,\n"), "{}", nobody.text);
    let long = words(Message::Test, Lang::En, Some(&"x".repeat(500)), &house());
    assert!(
        long.text.starts_with(&format!("Hello {},", "x".repeat(64))),
        "{}",
        long.text
    );
}

#[test]
fn the_house_is_named_and_whom_to_ask() {
    let letter = words(Message::Test, Lang::En, None, &house());
    assert_eq!(letter.subject, "Acme: mail works");
    assert!(
        letter
            .text
            .ends_with("-- \nAcme · https://sso.example.com\nQuestions: help@example.com\n"),
        "{}",
        letter.text
    );
    assert!(letter.html.contains("Questions: help@example.com"));
}
