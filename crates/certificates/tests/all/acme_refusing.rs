//! An authority that cannot be asked. What a real one says is in the end-to-end tests.

use doorward_certificates::{AcmeSettings, Proof, Source};
use doorward_directory::Actor;
use doorward_store::testing::START;
use jiff::SignedDuration;

use crate::fixture::{node, on_both_engines, recorded};

/// Where nobody listens.
fn nowhere() -> Source {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    Source::Acme(AcmeSettings {
        contact: "admin@example.com".to_owned(),
        directory: format!("https://127.0.0.1:{port}/dir"),
        ca: None,
        proof: Proof::TlsAlpn,
    })
}

#[test]
fn it_is_left_alone_for_longer_after_each_failure_and_asked_at_once_when_told_to() {
    on_both_engines(async |store| {
        let node = node(&store, nowhere());
        let admin = Actor::local("root");
        let mut now = START;
        let mut waits = Vec::new();
        for failures in 1..=3 {
            node.round(now).await.unwrap();
            node.round(now).await.unwrap();
            assert_eq!(recorded(&store, "certificate.renew").await.len(), failures);
            let problem = node.status(&admin).await.unwrap().problem.unwrap();
            assert_eq!((problem.code.as_str(), problem.at), ("acme_unreachable", now));
            waits.push(problem.next_try.duration_since(now));
            now = problem.next_try;
        }
        assert_eq!(waits, [2, 15, 15].map(SignedDuration::from_mins));

        node.round(now).await.unwrap();
        node.renew(&admin, now).await.unwrap();
        node.round(now).await.unwrap();
        assert_eq!(recorded(&store, "certificate.renew").await.len(), 5);
        assert!(node.current().is_none());
        assert!(
            recorded(&store, "certificate.renew")
                .await
                .iter()
                .all(|event| event.event.reason.is_some())
        );
    });
}

#[test]
fn strangers_are_answered_nothing() {
    on_both_engines(async |store| {
        let node = node(&store, nowhere());
        assert!(node.key_authorization("token", START).await.is_none());
        assert!(node.key_authorization(&"a".repeat(4096), START).await.is_none());
        assert!(node.challenge_certificate("sso.home.lan", START).await.is_none());
    });
}
