//! A logout at the upstream ends what began through it here; a logout here knows where to go on to.

use doorward_store::testing::START;
use doorward_upstreams::{Context, Which};
use serde_json::json;

use crate::fixture::{ISSUER, arrival, on_both_engines};

fn sid(sid: &str) -> Which {
    Which {
        sid: Some(sid.to_owned()),
        issuer: ISSUER.to_owned(),
        ..Which::default()
    }
}

#[test]
fn the_session_of_a_name_ends_or_all_of_a_subject() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let one = f.session(&arrival(&corp, json!({"sub": "u1", "sid": "s1"}))).await;
        let two = f.session(&arrival(&corp, json!({"sub": "u1", "sid": "s2"}))).await;
        let other = f.session(&arrival(&corp, json!({"sub": "u2", "sid": "s3"}))).await;
        let context = Context::default();
        let ended = f
            .upstreams
            .end_sessions(&corp, sid("s1"), &context, START)
            .await
            .unwrap();
        assert_eq!(ended, [one]);
        assert!(!f.is_live(one).await && f.is_live(two).await && f.is_live(other).await);
        let all = Which {
            sub: Some("u1".to_owned()),
            issuer: ISSUER.to_owned(),
            ..Which::default()
        };
        assert_eq!(
            f.upstreams.end_sessions(&corp, all, &context, START).await.unwrap(),
            [two]
        );
        assert!(f.is_live(other).await);
        let nothing = f
            .upstreams
            .end_sessions(&corp, Which::default(), &context, START)
            .await
            .unwrap();
        assert!(nothing.is_empty() && f.is_live(other).await);
    });
}

#[test]
fn one_upstream_never_ends_what_began_through_another() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let mut foreign = corp.clone();
        foreign.id = doorward_store::new_id(START, &doorward_jose::SystemRandom);
        let session = f.session(&arrival(&corp, json!({"sub": "u1", "sid": "s1"}))).await;
        let ended = f
            .upstreams
            .end_sessions(&foreign, sid("s1"), &Context::default(), START)
            .await
            .unwrap();
        assert!(ended.is_empty() && f.is_live(session).await);
    });
}

#[test]
fn a_logout_here_takes_the_id_token_along() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let session = f.session(&arrival(&corp, json!({"sub": "u1", "sid": "s1"}))).await;
        let hint = f.upstreams.logout_hint(session).await.unwrap().unwrap();
        assert_eq!(hint.upstream, corp.id);
        assert_eq!(hint.id_token.unwrap().expose(), "an.id.token");
        let other = doorward_store::new_id(START, &doorward_jose::SystemRandom);
        assert!(f.upstreams.logout_hint(other).await.unwrap().is_none());
        let stored: Vec<Vec<u8>> = f
            .store
            .read(|tx| tx.all("SELECT id_token FROM upstream_sessions", &[], |row| row.get(0)))
            .await
            .unwrap();
        assert!(!stored[0].windows(11).any(|part| part == b"an.id.token"), "sealed");
    });
}

#[test]
fn a_tenant_ends_no_session_of_another_tenant() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let of_tenant = |tenant: &str| {
            let claims = json!({"sub": "u1", "sid": "s1", "iss": format!("https://id.example.org/{tenant}")});
            arrival(&corp, claims)
        };
        let (one, two) = (f.session(&of_tenant("one")).await, f.session(&of_tenant("two")).await);
        let said = |name: &str| Which {
            issuer: "https://id.example.org/two".to_owned(),
            sid: (name == "sid").then(|| "s1".to_owned()),
            sub: (name == "sub").then(|| "u1".to_owned()),
        };
        let context = Context::default();
        let ended = f.upstreams.end_sessions(&corp, said("sid"), &context, START).await;
        assert_eq!(ended.unwrap(), [two]);
        let ended = f.upstreams.end_sessions(&corp, said("sub"), &context, START).await;
        assert!(ended.unwrap().is_empty());
        assert!(f.is_live(one).await);
    });
}
