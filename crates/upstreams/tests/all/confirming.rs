//! A login that waits for its person to say that it is theirs.

use doorward_store::testing::START;
use doorward_upstreams::{Edit, LinkRule};
use jiff::SignedDuration;
use serde_json::json;

use crate::fixture::{arrival, on_both_engines, refusal};

#[test]
fn a_kept_login_is_given_once_to_its_session_while_it_lasts() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![Edit::Link(LinkRule::Confirmed)]).await;
        let alice = f.person("alice", None, false).await;
        let mine = f.session(&arrival(&corp, json!({"sub": "u0"}))).await;
        let other = f.session(&arrival(&corp, json!({"sub": "u9"}))).await;
        let somebody = arrival(&corp, json!({"sub": "u1", "sid": "s1", "email": "a@example.org"}));
        let hold = async || f.upstreams.hold(&somebody, alice.id, mine, START).await.unwrap();

        let held = hold().await;
        let released = f.upstreams.release(&held, mine, START).await.unwrap().unwrap();
        assert_eq!(
            (&released.sub, &released.claims, released.sid.as_deref()),
            (&somebody.sub, &somebody.claims, Some("s1"))
        );
        assert_eq!(released.shown_name(), "a@example.org");
        assert!(f.upstreams.release(&held, mine, START).await.unwrap().is_none(), "once");
        let held = hold().await;
        assert!(f.upstreams.release(&held, other, START).await.unwrap().is_none());
        assert!(
            f.upstreams.release(&held, mine, START).await.unwrap().is_none(),
            "taken by the other"
        );
        let late = START + SignedDuration::from_mins(11);
        assert!(f.upstreams.release(&hold().await, mine, late).await.unwrap().is_none());
        assert!(f.upstreams.release("made up", mine, START).await.unwrap().is_none());
        assert!(
            f.upstreams.identities_of(alice.id).await.unwrap().is_empty(),
            "nothing was connected"
        );
    });
}

#[test]
fn a_login_that_cannot_be_connected_is_refused_before_anybody_is_asked() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let alice = f.person("alice", None, false).await;
        let session = f.session(&arrival(&corp, json!({"sub": "u0"}))).await;
        let hold = async |sub: &str| {
            let somebody = arrival(&corp, json!({"sub": sub}));
            refusal(f.upstreams.hold(&somebody, alice.id, session, START).await.unwrap_err())
        };
        assert_eq!(hold("u1").await.kind.code, "link_refused", "the rule is never");
        f.edit(vec![Edit::Link(LinkRule::Confirmed)]).await.unwrap();
        assert_eq!(hold("u0").await.kind.code, "link_refused", "it is somebody else's");
    });
}

#[test]
fn the_word_of_an_upstream_on_how_somebody_authenticated_counts_when_a_setting_says_so() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let mut somebody = arrival(&corp, json!({"sub": "u1"}));
        somebody.amr = vec!["hwk".to_owned(), "mfa".to_owned()];
        assert!(f.accept(&somebody).await.unwrap().amr.is_empty());
        f.edit(vec![Edit::TrustedAmr(true)]).await.unwrap();
        assert_eq!(f.accept(&somebody).await.unwrap().amr, ["hwk", "mfa"]);
    });
}
