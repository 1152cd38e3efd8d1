//! Logins under way, on whichever node.

use doorward_login::BeginOptions;
use doorward_oidc::Parameters;
use doorward_store::testing::START;
use jiff::SignedDuration;

use crate::fixture::{ISSUER, on_both_engines};

#[test]
fn a_login_that_was_begun_survives_a_restart_and_is_answered_once() {
    on_both_engines(|f| async move {
        f.network.provider(ISSUER);
        let corp = f.corp(vec![]).await;
        let begun = f
            .upstreams
            .login(&corp)
            .unwrap()
            .begin_with(BeginOptions::new("there"))
            .await
            .unwrap();
        assert!(begun.location.starts_with("https://id.example.org/authorize?"));
        // Another connection, as another node or a restart makes it.
        let corp = f.edit(vec![]).await.unwrap();
        let answer = Parameters::parse(format!("state={}&error=access_denied", begun.state).as_bytes()).unwrap();
        let elsewhere = f.upstreams.login(&corp).unwrap();
        let denied = elsewhere.finish(&answer, Some(&begun.binding)).await.unwrap_err();
        assert_eq!(f.upstreams.refusal(&corp, &denied).kind.code, "denied_by_provider");
        let again = elsewhere.finish(&answer, Some(&begun.binding)).await.unwrap_err();
        assert_eq!(f.upstreams.refusal(&corp, &again).kind.code, "attempt_unknown");
    });
}

#[test]
fn logins_that_are_never_finished_are_swept() {
    on_both_engines(|f| async move {
        f.network.provider(ISSUER);
        let corp = f.corp(vec![]).await;
        let login = f.upstreams.login(&corp).unwrap();
        for _ in 0..3 {
            login.begin_with(BeginOptions::new("x")).await.unwrap();
        }
        let count = || async {
            f.store
                .read(|tx| tx.one("SELECT COUNT(*) FROM upstream_attempts", &[], |row| row.get::<i64>(0)))
                .await
                .unwrap()
        };
        f.upstreams.sweep(START).await.unwrap();
        assert_eq!(count().await, Some(3));
        let more = f.upstreams.sweep(START + SignedDuration::from_hours(25)).await.unwrap();
        assert!(!more);
        assert_eq!(count().await, Some(0));
    });
}
