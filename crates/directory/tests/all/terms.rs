//! Terms and conditions: published, accepted, replaced, withdrawn.

use doorward_directory::{AcceptedQuery, Role, TermsText, User};
use uuid::Uuid;

use crate::house::{House, at, code, houses};

fn words(language: &str, text: &str) -> TermsText {
    TermsText {
        language: language.to_owned(),
        text: Some(text.to_owned()),
        url: None,
    }
}

fn address(language: &str, url: &str) -> TermsText {
    TermsText {
        language: language.to_owned(),
        text: None,
        url: Some(url.to_owned()),
    }
}

async fn publish(house: &House, text: &str, seconds: i64) -> u32 {
    let texts = vec![words("en", text)];
    let published = house.directory.publish_terms(&house.root, texts, at(seconds)).await;
    published.unwrap().terms.version
}

async fn is_asked(house: &House, user: &User) -> bool {
    let facts = house.directory.facts(user.id).await.unwrap().unwrap();
    let terms = house.directory.terms_in_force().await.unwrap();
    terms.as_ref().as_ref().is_some_and(|terms| terms.are_open(&facts))
}

async fn accept(house: &House, user: &User, session: Uuid, version: u32, seconds: i64) -> bool {
    let facts = house.directory.facts(user.id).await.unwrap().unwrap();
    let reading = ("de", "192.0.2.7".to_owned());
    let accepted = house
        .directory
        .accept_terms((&facts, session), version, reading, None, at(seconds));
    accepted.await.unwrap()
}

#[tokio::test]
async fn people_are_asked_once_for_each_version_and_programs_never() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let robot = house.service("robot").await;
        let session = house.session(&alice).await;
        assert!(!is_asked(&house, &alice).await, "nothing is published");
        assert_eq!(publish(&house, "Be kind.", 1).await, 1);
        assert!(is_asked(&house, &alice).await);
        assert!(!is_asked(&house, &robot).await);
        assert!(accept(&house, &alice, session, 1, 2).await);
        assert!(accept(&house, &alice, session, 1, 3).await, "a form sent twice");
        assert!(!is_asked(&house, &alice).await);
        assert_eq!(publish(&house, "Be very kind.", 4).await, 2);
        assert!(is_asked(&house, &alice).await, "they changed");
        assert!(
            !accept(&house, &alice, session, 1, 5).await,
            "the page is of the old version"
        );
        assert!(accept(&house, &alice, session, 2, 6).await);
        assert!(!is_asked(&house, &alice).await);

        let said = house.directory.accepted_terms(AcceptedQuery {
            user: Some(alice.id),
            limit: 10,
            ..AcceptedQuery::default()
        });
        let said = said.await.unwrap().items;
        let short: Vec<_> = said
            .iter()
            .map(|word| (word.version, word.accepted, word.user.as_str()))
            .collect();
        assert_eq!(short, [(2, at(6), "alice"), (1, at(2), "alice")]);
        assert_eq!(
            (said[0].language.as_str(), said[0].address.as_str()),
            ("de", "192.0.2.7")
        );
        let counts = house.directory.terms().await.unwrap();
        let counts: Vec<_> = counts
            .iter()
            .map(|one| (one.terms.version, one.accepted, one.in_force))
            .collect();
        assert_eq!(counts, [(2, 1, true), (1, 1, false)]);
    }
}

#[tokio::test]
async fn what_is_withdrawn_is_asked_of_nobody_and_the_one_before_does_not_come_back() {
    for house in houses().await {
        let alice = house.person("alice").await;
        let session = house.session(&alice).await;
        let (first, second) = (publish(&house, "One.", 1).await, publish(&house, "Two.", 2).await);
        let old = house.directory.withdraw_terms(&house.root, first, at(3)).await;
        assert_eq!(code(old), "no_such_terms", "it is not asked for");
        let unknown = house.directory.withdraw_terms(&house.root, 9, at(3)).await;
        assert_eq!(code(unknown), "no_such_terms");
        let withdrawn = house
            .directory
            .withdraw_terms(&house.root, second, at(4))
            .await
            .unwrap();
        assert_eq!((withdrawn.terms.withdrawn, withdrawn.in_force), (Some(at(4)), false));
        assert!(!is_asked(&house, &alice).await);
        assert!(!accept(&house, &alice, session, second, 5).await);
        assert!(house.directory.terms_in_force().await.unwrap().is_none());
        let third = publish(&house, "Three.", 6).await;
        assert_eq!(third, 3, "numbers are never used again");
        assert!(is_asked(&house, &alice).await);
    }
}

#[tokio::test]
async fn nobody_accepts_in_a_session_that_is_not_theirs_or_has_ended() {
    for house in houses().await {
        let (alice, ben) = (house.person("alice").await, house.person("ben").await);
        let his = house.session(&ben).await;
        let hers = house.session(&alice).await;
        let version = publish(&house, "Be kind.", 1).await;
        assert!(!accept(&house, &alice, his, version, 2).await);
        house.directory.end_session(&house.root, hers, at(3)).await.unwrap();
        assert!(!accept(&house, &alice, hers, version, 4).await);
        assert!(is_asked(&house, &alice).await);
    }
}

#[tokio::test]
async fn terms_that_nobody_could_read_are_refused_and_nothing_is_published() {
    for house in houses().await {
        let both = TermsText {
            url: Some("https://example.com/terms".to_owned()),
            ..words("en", "Be kind.")
        };
        let long = "x".repeat(100_001);
        for texts in [
            vec![],
            vec![words("fr", "Soyez gentils.")],
            vec![words("en", "Be kind."), words("en", "Be kind.")],
            vec![words("en", " \n ")],
            vec![words("en", "\u{1b}[2J")],
            vec![words("en", &long)],
            vec![address("en", "http://example.com/terms")],
            vec![address("en", "javascript:alert(1)")],
            vec![address("en", "https://user@example.com/")],
            vec![both],
            vec![TermsText {
                text: None,
                ..words("en", "")
            }],
        ] {
            let refused = house.directory.publish_terms(&house.root, texts, at(1)).await;
            assert_eq!(code(refused), "invalid_terms");
        }
        assert!(house.directory.terms().await.unwrap().is_empty());
        let texts = vec![words("de", "Seid nett."), address("en", "https://example.com/terms")];
        let published = house
            .directory
            .publish_terms(&house.root, texts, at(2))
            .await
            .unwrap()
            .terms;
        let read = |language| published.in_language(language).map(|text| text.language.as_str());
        assert_eq!(
            (read("en"), read("de"), read("it")),
            (Some("en"), Some("de"), Some("de"))
        );
    }
}

#[tokio::test]
async fn only_full_administrators_publish_and_withdraw() {
    for house in houses().await {
        let people = house.administrator("pia", Role::People).await;
        let texts = vec![words("en", "Be kind.")];
        let refused = house.directory.publish_terms(&people, texts, at(1)).await;
        assert_eq!(code(refused), "missing_right");
        let version = publish(&house, "Be kind.", 2).await;
        assert_eq!(
            code(house.directory.withdraw_terms(&people, version, at(3)).await),
            "missing_right"
        );
    }
}

#[tokio::test]
async fn who_accepted_comes_in_pages_with_the_latest_first() {
    for house in houses().await {
        let version = publish(&house, "Be kind.", 1).await;
        for (second, name) in ["ada", "ben", "cy"].into_iter().enumerate() {
            let person = house.person(name).await;
            let session = house.session(&person).await;
            assert!(accept(&house, &person, session, version, 2 + i64::try_from(second).unwrap()).await);
        }
        let page = async |before| {
            let query = AcceptedQuery {
                version: Some(version),
                before,
                limit: 2,
                ..AcceptedQuery::default()
            };
            house.directory.accepted_terms(query).await.unwrap()
        };
        let first = page(None).await;
        let names: Vec<_> = first.items.iter().map(|word| word.user.as_str()).collect();
        assert_eq!(names, ["cy", "ben"]);
        let rest = page(first.next.map(|next| next.parse().unwrap())).await;
        assert_eq!((rest.items[0].user.as_str(), rest.next), ("ada", None));
        // With an account goes its word; how many there are stays right.
        let ben = house.directory.find_user("ben").await.unwrap().unwrap();
        house
            .directory
            .delete_user(&house.root, ben.id, true, at(9))
            .await
            .unwrap();
        assert_eq!(house.directory.terms_version(version).await.unwrap().accepted, 2);
    }
}
