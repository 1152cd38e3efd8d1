//! What registering costs, so that nobody is flooded with letters and no names are read out.

use std::net::IpAddr;

use doorward_directory::{Asked, Registered};
use doorward_mail::Lang;

use crate::{
    forgotten::{letters, with_mail},
    house::{at, from},
    registration::{answer_all, ask, asked, named, open, register},
};

#[tokio::test]
async fn nobody_is_flooded_with_letters_and_one_address_does_not_ask_without_end() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        for _ in 0..10 {
            assert_eq!(
                ask(&house, "nina@example.com", 10).await,
                Asked::Noted,
                "and says nothing of it"
            );
        }
        answer_all(&house, 11).await;
        assert_eq!(letters(&house).await.len(), 3);
        let mut later = None;
        for number in 0..30 {
            if let Asked::Later { retry_after } = ask(&house, &format!("n{number}@example.com"), 12).await {
                later.get_or_insert((number, retry_after));
            }
        }
        let (number, wait) = later.expect("one address of the network cannot ask without end");
        assert!(number <= 10 && wait.as_secs() <= 60, "{number} {wait:?}");
        let elsewhere: IpAddr = "198.51.100.7".parse().unwrap();
        let asked = house
            .directory
            .ask_to_register("olga@example.com", Lang::En, elsewhere, at(12));
        assert_eq!(asked.await.unwrap(), Asked::Noted);
    }
}

#[tokio::test]
async fn a_mailbox_gets_no_more_letters_by_tags() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        for number in 0..10 {
            let address = format!("nina+{number}@example.com");
            assert_eq!(ask(&house, &address, 10).await, Asked::Noted);
        }
        answer_all(&house, 11).await;
        assert_eq!(letters(&house).await.len(), 3, "{}", house.store.engine);
    }
}

#[tokio::test]
async fn using_links_costs_the_address_of_the_network_too() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        let mut number = 0;
        while ask(&house, &format!("n{number}@example.com"), 1).await == Asked::Noted {
            number += 1;
            assert!(number < 30, "one address of the network asks without end");
        }
        let from_here = register(&house, &ticket, "nina", 2).await;
        assert!(matches!(from_here, Ok(Registered::Later { .. })), "{from_here:?}");
        let elsewhere = house
            .directory
            .register(&ticket, named("nina"), &from("198.51.100.7"), at(2))
            .await;
        assert!(matches!(elsewhere, Ok(Registered::In(_))), "{elsewhere:?}");
    }
}
