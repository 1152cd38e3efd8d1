//! The server's own certificate from the private authority.

use std::sync::Arc;

use doorward_certificates::{NewAuthority, Source};
use doorward_directory::Actor;
use doorward_store::testing::START;

use crate::fixture::{day, node, on_both_engines, recorded};

fn admin() -> Actor {
    Actor::local("root")
}

#[test]
fn it_is_there_before_anybody_connects_and_every_node_presents_the_same() {
    on_both_engines(async |store| {
        let (one, two) = (node(&store, Source::Authority), node(&store, Source::Authority));
        assert!(one.current().is_none());
        one.open(START).await.unwrap();
        two.open(START).await.unwrap();
        let (first, second) = (one.current().unwrap(), two.current().unwrap());
        assert_eq!(first.cert, second.cert);
        let status = one.status(&admin()).await.unwrap();
        let served = status.served.unwrap();
        assert_eq!(
            (status.source, served.names),
            ("authority", vec!["sso.home.lan".to_owned()])
        );
        assert_eq!(recorded(&store, "authority.make").await.len(), 1);
        assert_eq!(recorded(&store, "certificate.renew").await.len(), 1);
    });
}

#[test]
fn it_is_renewed_after_two_thirds_of_its_life_and_not_before() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Authority);
        node.open(START).await.unwrap();
        let first = node.current().unwrap();
        node.round(day(59)).await.unwrap();
        assert!(Arc::ptr_eq(&first, &node.current().unwrap()));
        node.round(day(61)).await.unwrap();
        assert_ne!(first.cert, node.current().unwrap().cert);
        assert_eq!(recorded(&store, "certificate.renew").await.len(), 2);
    });
}

#[test]
fn another_authority_brings_another_certificate_to_every_node() {
    on_both_engines(async |store| {
        let (one, two) = (node(&store, Source::Authority), node(&store, Source::Authority));
        one.open(START).await.unwrap();
        two.open(START).await.unwrap();
        let first = one.current().unwrap();
        let replace = NewAuthority {
            replace: true,
            ..NewAuthority::default()
        };
        one.make_authority(&admin(), replace, day(1)).await.unwrap();
        one.round(day(1)).await.unwrap();
        two.round(day(1)).await.unwrap();
        let (new, also) = (one.current().unwrap(), two.current().unwrap());
        assert_ne!(first.cert, new.cert);
        assert_eq!(new.cert, also.cert);
    });
}

#[test]
fn a_new_one_can_be_asked_for_by_who_has_the_right() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Authority);
        node.open(START).await.unwrap();
        let first = node.current().unwrap();
        let nobody = Actor {
            roles: Vec::new(),
            ..admin()
        };
        let refused = node.renew(&nobody, day(1)).await.unwrap_err();
        assert_eq!(refused.refusal().unwrap().kind.code, "missing_right");
        node.renew(&admin(), day(1)).await.unwrap();
        node.round(day(1)).await.unwrap();
        assert_ne!(first.cert, node.current().unwrap().cert);
        node.round(day(1)).await.unwrap();
        assert_eq!(
            recorded(&store, "certificate.renew").await.len(),
            2,
            "once, not again and again"
        );
    });
}

#[test]
fn where_the_certificate_is_somebody_elses_nothing_is_made() {
    on_both_engines(async |store| {
        for source in [Source::Off, Source::Files] {
            let node = node(&store, source);
            node.open(START).await.unwrap();
            node.round(START).await.unwrap();
            assert!(node.current().is_none() && node.authority().await.unwrap().is_none());
            let refused = node.renew(&admin(), START).await.unwrap_err();
            assert_eq!(refused.refusal().unwrap().kind.code, "certificate_not_ours");
        }
    });
}

#[test]
fn an_authority_that_does_not_vouch_for_the_public_url_is_said_and_not_used() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Authority);
        let elsewhere = NewAuthority {
            permitted: vec!["example.org".to_owned()],
            ..NewAuthority::default()
        };
        node.make_authority(&admin(), elsewhere, START).await.unwrap();
        node.open(START).await.unwrap();
        assert!(node.current().is_none());
        let problem = node.status(&admin()).await.unwrap().problem.unwrap();
        assert_eq!(problem.code, "certificate_name_not_permitted");
        assert!(
            problem
                .remedy
                .unwrap()
                .contains("--permit example.org --permit sso.home.lan")
        );
    });
}
