//! Who is sent where.

use doorward_store::testing::START;
use doorward_upstreams::{Edit, LinkRule, NewUpstream, Probing};
use serde_json::json;

use crate::fixture::{arrival, generic, on_both_engines, refusal, root};

#[test]
fn an_e_mail_domain_leads_to_its_upstream() {
    on_both_engines(|f| async move {
        f.corp(vec![Edit::Domains(vec![
            "Example.org".to_owned(),
            "@example.net".to_owned(),
        ])])
        .await;
        let snapshot = f.upstreams.snapshot().await.unwrap();
        for there in ["alice@example.org", "Alice@EXAMPLE.NET ", "odd@name@example.org"] {
            assert!(snapshot.for_login(there).is_some(), "{there}");
        }
        for elsewhere in ["alice", "alice@", "alice@sub.example.org", "example.org"] {
            assert!(snapshot.for_login(elsewhere).is_none(), "{elsewhere}");
        }
        f.edit(vec![Edit::Enabled(false)]).await.unwrap();
        let snapshot = f.upstreams.snapshot().await.unwrap();
        assert!(snapshot.for_login("alice@example.org").is_none());
        assert_eq!(snapshot.buttons().count(), 0);
    });
}

#[test]
fn members_of_a_group_always_log_in_through_their_upstream() {
    on_both_engines(|f| async move {
        let staff = f.group("staff").await;
        let ops = f.group("ops").await;
        f.directory.nest_group(&root(), staff, ops, START).await.unwrap();
        let alice = f.person("alice", None, false).await;
        let bob = f.person("bob", None, false).await;
        f.directory.add_member(&root(), ops, alice.id, START).await.unwrap();
        f.corp(vec![
            Edit::Groups(vec!["Staff".to_owned()]),
            Edit::Title("Corp".to_owned()),
        ])
        .await;
        let snapshot = f.upstreams.snapshot().await.unwrap();
        let facts = |id| f.directory.facts(id);
        let of_alice = facts(alice.id).await.unwrap().unwrap();
        let (upstream, refusal) = snapshot.password_refusal(&of_alice).unwrap();
        assert_eq!(upstream.name, "corp");
        assert_eq!(refusal.kind.code, "password_login_off");
        assert!(refusal.remedy.unwrap().contains("“Corp”"));
        let of_bob = facts(bob.id).await.unwrap().unwrap();
        assert!(snapshot.password_refusal(&of_bob).is_none());

        f.edit(vec![Edit::Groups(vec![])]).await.unwrap();
        let snapshot = f.upstreams.snapshot().await.unwrap();
        assert!(snapshot.password_refusal(&of_alice).is_none());
    });
}

#[test]
fn a_member_of_a_routed_group_comes_in_and_connects_nowhere_else() {
    on_both_engines(|f| async move {
        let staff = f.group("staff").await;
        let alice = f.person("alice", None, false).await;
        let corp = f.corp(vec![]).await;
        let new = NewUpstream {
            issuer: Some("https://other.example.net".to_owned()),
            edits: vec![Edit::Link(LinkRule::Confirmed)],
            ..generic("other")
        };
        let other = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
        let there = arrival(&other, json!({"sub": "o1"}));
        f.accept_as(&there, Some(alice.id)).await.unwrap();
        f.accept(&there).await.unwrap();
        f.upstreams
            .link(&root(), "corp", (None, "u1"), alice.id, START)
            .await
            .unwrap();

        f.directory.add_member(&root(), staff, alice.id, START).await.unwrap();
        f.edit(vec![Edit::Groups(vec!["staff".to_owned()])]).await.unwrap();
        let refused = f.refused(&there).await;
        assert_eq!(refused.kind.code, "password_login_off");
        assert!(
            refused.detail.contains("through the upstream corp"),
            "{}",
            refused.detail
        );
        let more = f
            .accept_as(&arrival(&other, json!({"sub": "o2"})), Some(alice.id))
            .await;
        assert_eq!(
            crate::fixture::refusal(more.unwrap_err()).kind.code,
            "password_login_off"
        );
        f.accept(&arrival(&corp, json!({"sub": "u1"}))).await.unwrap();

        // Neither is the other login a way in that would be left.
        let of_corp = f.upstreams.identities_of(alice.id).await.unwrap();
        let of_corp = of_corp.iter().find(|one| one.upstream == corp.id).unwrap().id;
        let only = f.upstreams.unlink_own(alice.id, of_corp, START).await;
        assert_eq!(crate::fixture::refusal(only.unwrap_err()).kind.code, "link_refused");

        f.edit(vec![Edit::Enabled(false)]).await.unwrap();
        f.accept(&there).await.unwrap();
        let of_other = f.upstreams.identities_of(alice.id).await.unwrap();
        let of_other = of_other.iter().find(|one| one.upstream == other.id).unwrap().id;
        let only = f.upstreams.unlink_own(alice.id, of_other, START).await;
        let only = crate::fixture::refusal(only.unwrap_err());
        assert_eq!(only.kind.code, "link_refused", "corp is switched off");
    });
}

#[test]
fn a_group_that_is_not_here_is_refused_with_the_one_that_was_meant() {
    on_both_engines(|f| async move {
        f.group("staff").await;
        f.corp(vec![]).await;
        let wrong = refusal(f.edit(vec![Edit::Groups(vec!["stuff".to_owned()])]).await.unwrap_err());
        assert_eq!(wrong.remedy.as_deref(), Some("did you mean staff?"));
    });
}
