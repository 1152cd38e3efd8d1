//! When an account that exists becomes somebody's: by explicit rule, and never by user name.

use doorward_directory::{Role, RoleHolder};
use doorward_store::testing::START;
use doorward_upstreams::{Edit, How, LinkRule, NewUpstream, Probing, WouldBe};
use serde_json::{Value, json};

use crate::fixture::{arrival, generic, on_both_engines, refusal, root};

fn by_email() -> Vec<Edit> {
    vec![Edit::TrustedEmail(true), Edit::Link(LinkRule::VerifiedEmail)]
}

fn alice() -> Value {
    json!({"sub": "u1", "preferred_username": "somebody", "email": "Alice@example.org", "email_verified": true})
}

#[test]
fn an_address_links_only_when_both_sides_call_it_verified_and_the_rule_says_so() {
    on_both_engines(|f| async move {
        let corp = f.corp(by_email()).await;
        let user = f.person("alice", Some("alice@example.org"), true).await;
        let mut unverified = alice();
        unverified["email_verified"] = json!(false);
        unverified["sub"] = json!("u2");
        let stranger = f.accept(&arrival(&corp, unverified)).await.unwrap();
        assert_eq!((stranger.how, &stranger.user.email), (How::Created, &None));
        let mut textual = alice();
        textual["sub"] = json!("u3");
        textual["email_verified"] = json!("true");
        assert_eq!(f.accept(&arrival(&corp, textual)).await.unwrap().how, How::Created);

        let accepted = f.accept(&arrival(&corp, alice())).await.unwrap();
        assert_eq!((accepted.how, accepted.user.id), (How::Linked, user.id));
        let identities = f.upstreams.identities_of(user.id).await.unwrap();
        assert_eq!(identities[0].origin.as_str(), "email");
    });
}

#[test]
fn an_address_that_is_not_verified_here_links_nobody() {
    on_both_engines(|f| async move {
        let corp = f.corp(by_email()).await;
        f.person("alice", Some("alice@example.org"), false).await;
        let refused = f.refused(&arrival(&corp, alice())).await;
        assert_eq!(refused.kind.code, "link_confirmation_needed");
        assert!(refused.detail.contains("not verified here"), "{}", refused.detail);
    });
}

#[test]
fn the_default_rule_links_nobody_and_takes_no_ones_address() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        f.person("alice", Some("alice@example.org"), true).await;
        let stranger = f.accept(&arrival(&corp, alice())).await.unwrap();
        assert_eq!((stranger.how, &stranger.user.email), (How::Created, &None));
        assert!(
            stranger.notes[0].contains("the address of alice"),
            "{:?}",
            stranger.notes
        );
    });
}

#[test]
fn an_address_that_was_only_said_gives_way_to_whoever_proves_it() {
    on_both_engines(|f| async move {
        let spy = NewUpstream {
            preset: "generic".to_owned(),
            issuer: Some("https://other.example.net".to_owned()),
            ..generic("other")
        };
        let other = f.upstreams.add(&root(), spy, Probing::Skipped, START).await.unwrap().0;
        let said =
            json!({"sub": "m", "preferred_username": "mallory", "email": "alice@example.org", "email_verified": true});
        let mallory = f.accept(&arrival(&other, said)).await.unwrap().user;
        assert!(!mallory.email_verified, "its word does not count");

        let corp = f.corp(by_email()).await;
        let accepted = f.accept(&arrival(&corp, alice())).await.unwrap();
        assert_eq!(accepted.how, How::Created);
        assert_ne!(accepted.user.id, mallory.id);
        assert_eq!(accepted.user.email.as_deref(), Some("Alice@example.org"));
        assert!(accepted.user.email_verified);
        let facts = f.directory.facts(mallory.id).await.unwrap().unwrap();
        assert_eq!(facts.user.email, None);
    });
}

#[test]
fn administrators_and_service_accounts_are_never_linked_by_address() {
    on_both_engines(|f| async move {
        let corp = f.corp(by_email()).await;
        let user = f.person("alice", Some("alice@example.org"), true).await;
        f.directory
            .grant_role(&root(), Role::ReadOnly, RoleHolder::User(user.id), START)
            .await
            .unwrap();
        let refused = f.refused(&arrival(&corp, alice())).await;
        assert_eq!(refused.kind.code, "link_confirmation_needed");
        assert!(refused.detail.contains("holds a role"), "{}", refused.detail);
        let accepted = f.accept_as(&arrival(&corp, alice()), Some(user.id)).await.unwrap();
        assert_eq!(
            (accepted.how, accepted.user.id),
            (How::Linked, user.id),
            "but on confirmation"
        );

        f.service("robot", "robot@example.org").await;
        let robot = json!({"sub": "u2", "email": "robot@example.org", "email_verified": true});
        assert_eq!(f.refused(&arrival(&corp, robot)).await.kind.code, "link_refused");
    });
}

#[test]
fn letters_that_only_look_alike_link_nobody() {
    on_both_engines(|f| async move {
        let corp = f.corp(by_email()).await;
        f.person("kim", Some("kim@example.org"), true).await;
        // The Kelvin sign is a `k` once its case is folded.
        let kelvin = json!({"sub": "u1", "email": "\u{212a}im@example.org", "email_verified": true});
        let refused = f.refused(&arrival(&corp, kelvin)).await;
        assert_eq!(refused.kind.code, "link_confirmation_needed");
        // And the other way about.
        f.person("kurt", Some("\u{212a}urt@example.org"), true).await;
        let plain = json!({"sub": "u2", "email": "kurt@example.org", "email_verified": true});
        let refused = f.refused(&arrival(&corp, plain)).await;
        assert_eq!(refused.kind.code, "link_confirmation_needed");
        assert!(refused.detail.contains("beyond ASCII"), "{}", refused.detail);
    });
}

#[test]
fn entra_never_links_by_address_whatever_is_set() {
    on_both_engines(|f| async move {
        let entra = NewUpstream {
            preset: "entra".to_owned(),
            issuer: Some("https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0".to_owned()),
            ..generic("entra")
        };
        for edits in [by_email(), vec![Edit::TrustedEmail(true)]] {
            let new = NewUpstream { edits, ..entra.clone() };
            let refused = refusal(
                f.upstreams
                    .add(&root(), new, Probing::Skipped, START)
                    .await
                    .unwrap_err(),
            );
            assert_eq!(refused.kind.code, "upstream_setting_invalid");
            assert!(refused.detail.contains("prove nothing"), "{}", refused.detail);
        }
        let confirmed = NewUpstream {
            edits: vec![Edit::Link(LinkRule::Confirmed)],
            ..entra
        };
        let entra = f
            .upstreams
            .add(&root(), confirmed, Probing::Skipped, START)
            .await
            .unwrap()
            .0;
        let user = f.person("alice", Some("alice@example.org"), true).await;
        let mut claims = alice();
        claims["oid"] = json!("00000000-0000-0000-66f3-3332eca7ea81");
        claims["xms_edov"] = json!(true);
        let login = arrival(&entra, claims);
        let accepted = f.accept_as(&login, Some(user.id)).await.unwrap();
        assert_eq!(accepted.subject, "00000000-0000-0000-66f3-3332eca7ea81", "oid, not sub");
    });
}

#[test]
fn a_person_who_is_logged_in_connects_a_login_once() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![Edit::Link(LinkRule::Confirmed)]).await;
        let alice = f.person("alice", None, false).await;
        let bob = f.person("bob", None, false).await;
        let login = arrival(&corp, json!({"sub": "u1"}));
        let connected = f.accept_as(&login, Some(alice.id)).await.unwrap();
        assert_eq!((connected.how, connected.user.id), (How::Linked, alice.id));
        let stolen = refusal(f.accept_as(&login, Some(bob.id)).await.unwrap_err());
        assert_eq!(stolen.kind.code, "link_refused");
        assert_eq!(f.accept(&login).await.unwrap().user.id, alice.id);

        f.edit(vec![Edit::Link(LinkRule::Never)]).await.unwrap();
        let refused = refusal(
            f.accept_as(&arrival(&corp, json!({"sub": "u2"})), Some(bob.id))
                .await
                .unwrap_err(),
        );
        assert_eq!(refused.kind.code, "link_refused");
    });
}

#[test]
fn the_rule_by_address_needs_a_trusted_upstream() {
    on_both_engines(|f| async move {
        f.corp(vec![]).await;
        let refused = refusal(f.edit(vec![Edit::Link(LinkRule::VerifiedEmail)]).await.unwrap_err());
        assert!(refused.remedy.unwrap().contains("--trusted-email on"));
        f.edit(by_email()).await.unwrap();
    });
}

#[test]
fn a_dry_run_lists_who_would_become_whom() {
    on_both_engines(|f| async move {
        f.corp(vec![]).await;
        f.person("alice", Some("alice@example.org"), true).await;
        f.person("bob", Some("bob@example.org"), false).await;
        let admin = f.person("carol", Some("carol@example.org"), true).await;
        f.directory
            .grant_role(&root(), Role::Full, RoleHolder::User(admin.id), START)
            .await
            .unwrap();
        let now = f.upstreams.link_dry_run(&root(), "corp", None).await.unwrap();
        assert!(
            now.iter().all(|prospect| prospect.obstacle.is_some()),
            "the rule is `never`"
        );
        let list = f
            .upstreams
            .link_dry_run(&root(), "corp", Some(LinkRule::VerifiedEmail))
            .await
            .unwrap();
        let of = |name: &str| list.iter().find(|prospect| prospect.name == name).unwrap();
        assert_eq!(of("alice").obstacle, None);
        assert!(of("bob").obstacle.as_deref().unwrap().contains("not verified here"));
        assert!(of("carol").obstacle.as_deref().unwrap().contains("role"));

        let export = [
            json!({"sub": "1", "email": "alice@example.org", "email_verified": true}),
            json!({"sub": "2", "email": "bob@example.org", "email_verified": true}),
            json!({"sub": "3", "email": "dora@example.org", "email_verified": true, "preferred_username": "dora"}),
        ];
        let export = export
            .into_iter()
            .filter_map(|claims| claims.as_object().cloned())
            .collect();
        let who = f
            .upstreams
            .link_dry_run_of(&root(), "corp", Some(LinkRule::VerifiedEmail), export)
            .await
            .unwrap();
        assert_eq!(who[0].outcome, WouldBe::Linked("alice".to_owned()));
        assert!(matches!(&who[1].outcome, WouldBe::Refused(why) if why.contains("not verified here")));
        assert_eq!(who[2].outcome, WouldBe::Created("dora".to_owned()));
        assert!(
            f.upstreams
                .identities(&root(), "corp", None, 10)
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn unlinking_ends_the_sessions_that_it_had_opened() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let login = arrival(&corp, json!({"sub": "u1"}));
        let session = f.session(&login).await;
        assert!(f.is_live(session).await);
        f.upstreams.unlink(&root(), "corp", (None, "u1"), START).await.unwrap();
        assert!(!f.is_live(session).await);
        let again = refusal(
            f.upstreams
                .unlink(&root(), "corp", (None, "u1"), START)
                .await
                .unwrap_err(),
        );
        assert_eq!(again.kind.code, "identity_unknown");
    });
}

#[test]
fn nobody_disconnects_their_only_way_in() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let user = f.accept(&arrival(&corp, json!({"sub": "u1"}))).await.unwrap().user;
        let identity = f.upstreams.identities_of(user.id).await.unwrap()[0].id;
        let refused = refusal(f.upstreams.unlink_own(user.id, identity, START).await.unwrap_err());
        assert_eq!(refused.kind.code, "link_refused");
        f.upstreams
            .link(&root(), "corp", (None, "u2"), user.id, START)
            .await
            .unwrap();
        f.upstreams.unlink_own(user.id, identity, START).await.unwrap();
        assert_eq!(f.upstreams.identities_of(user.id).await.unwrap().len(), 1);
    });
}
