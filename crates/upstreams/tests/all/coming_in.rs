//! Who somebody is, and what a login makes of them.

use doorward_directory::{ExpiryEdit, Right, Role, RoleHolder, UserEdit};
use doorward_store::testing::START;
use doorward_upstreams::{Edit, How, LookupFailure};
use serde_json::json;

use crate::fixture::{arrival, on_both_engines, root, rules};

#[test]
fn a_first_login_makes_a_user_and_the_next_one_finds_it() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let alice = arrival(
            &corp,
            json!({"sub": "u1", "preferred_username": "alice", "name": "Alice A.", "email": "alice@example.org",
                   "email_verified": true}),
        );
        let first = f.accept(&alice).await.unwrap();
        assert_eq!((first.how, first.user.name.as_str()), (How::Created, "alice"));
        assert_eq!(first.user.display_name, "Alice A.");
        assert_eq!(first.user.email.as_deref(), Some("alice@example.org"));
        assert!(
            !first.user.email_verified,
            "the upstream's word on addresses is not trusted unless somebody says so"
        );
        assert!(first.user.last_login.is_some());

        let renamed = arrival(
            &corp,
            json!({"sub": "u1", "preferred_username": "alice.new", "name": "Alice B."}),
        );
        let second = f.accept(&renamed).await.unwrap();
        assert_eq!((second.how, second.user.id), (How::Known, first.user.id));
        assert_eq!(second.user.name.as_str(), "alice", "a name is given once");
        assert_eq!(second.user.display_name, "Alice B.");
        let identities = f.upstreams.identities(&root(), "corp", None, 10).await.unwrap();
        assert_eq!(identities.len(), 1);
        assert_eq!(identities[0].origin.as_str(), "created");
        assert_eq!(identities[0].claims["name"], "Alice B.");
    });
}

#[test]
fn nobody_is_ever_somebody_else_because_of_a_user_name() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let alice = f.person("alice", None, false).await;
        let other = arrival(&corp, json!({"sub": "u1", "preferred_username": "alice"}));
        let accepted = f.accept(&other).await.unwrap();
        assert_ne!(accepted.user.id, alice.id);
        assert_eq!(accepted.user.name.as_str(), "alice-2");
        let third = arrival(&corp, json!({"sub": "u2", "preferred_username": "ALICE"}));
        assert_eq!(f.accept(&third).await.unwrap().user.name.as_str(), "ALICE-3");
    });
}

#[test]
fn two_first_logins_of_one_person_at_once_make_one_user() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let alice = arrival(
            &corp,
            json!({"sub": "u1", "preferred_username": "alice", "email": "a@example.org"}),
        );
        let logins: Vec<_> = (0..8)
            .map(|_| {
                let (f, alice) = (f.clone(), alice.clone());
                tokio::spawn(async move { f.accept(&alice).await.unwrap() })
            })
            .collect();
        let mut users = Vec::new();
        let mut created = 0;
        for login in logins {
            let accepted = login.await.unwrap();
            created += usize::from(accepted.how == How::Created);
            users.push(accepted.user.id);
        }
        users.dedup();
        assert_eq!((users.len(), created), (1, 1));
    });
}

#[test]
fn different_people_with_one_name_at_once_get_names_of_their_own() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let logins: Vec<_> = (0..6)
            .map(|number| {
                let arrival = arrival(&corp, json!({"sub": format!("u{number}"), "preferred_username": "sam"}));
                let f = f.clone();
                tokio::spawn(async move { f.accept(&arrival).await.unwrap().user.name.to_string() })
            })
            .collect();
        let mut names = Vec::new();
        for login in logins {
            names.push(login.await.unwrap());
        }
        names.sort();
        assert_eq!(names, ["sam", "sam-2", "sam-3", "sam-4", "sam-5", "sam-6"]);
    });
}

#[test]
fn the_same_subject_at_another_issuer_or_upstream_is_somebody_else() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let first = f.accept(&arrival(&corp, json!({"sub": "u1"}))).await.unwrap();
        let mut elsewhere = arrival(&corp, json!({"sub": "u1"}));
        "https://other.example.org".clone_into(&mut elsewhere.issuer);
        let second = f.accept(&elsewhere).await.unwrap();
        assert_ne!(first.user.id, second.user.id);
        assert_eq!(first.user.name.as_str(), "user");
    });
}

#[test]
fn without_a_readable_subject_nobody_comes_in() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        for sub in [
            json!(null),
            json!(""),
            json!(["u1"]),
            json!("x".repeat(256)),
            json!("a\u{0}b"),
        ] {
            let refusal = f.refused(&arrival(&corp, json!({ "sub": sub }))).await;
            assert_eq!(refusal.kind.code, "subject_invalid", "{sub}");
        }
        f.edit(vec![rules("user = \"id\"")]).await.unwrap();
        let corp = f.upstreams.snapshot().await.unwrap().find("corp").unwrap().clone();
        let accepted = f
            .accept(&arrival(&corp, json!({"sub": "x", "id": 4711})))
            .await
            .unwrap();
        assert_eq!(accepted.subject, "4711");
    });
}

#[test]
fn without_creation_only_those_who_are_linked_come_in() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![Edit::CreateUsers(false)]).await;
        let alice = f.person("alice", None, false).await;
        let login = arrival(&corp, json!({"sub": "u1", "preferred_username": "alice"}));
        let refusal = f.refused(&login).await;
        assert_eq!(refusal.kind.code, "no_local_user_and_autocreate_off");
        assert!(
            refusal
                .remedy
                .unwrap()
                .contains("doorward upstream link corp --subject u1 --user")
        );
        f.upstreams
            .link(&root(), "corp", (None, "u1"), alice.id, START)
            .await
            .unwrap();
        let accepted = f.accept(&login).await.unwrap();
        assert_eq!((accepted.how, accepted.user.id), (How::Known, alice.id));
    });
}

#[test]
fn a_disabled_account_stays_closed() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let login = arrival(&corp, json!({"sub": "u1", "preferred_username": "alice"}));
        let user = f.accept(&login).await.unwrap().user;
        let disable = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        f.directory.edit_user(&root(), user.id, disable, START).await.unwrap();
        assert_eq!(f.refused(&login).await.kind.code, "account_disabled");
        f.edit(vec![Edit::Enabled(false)]).await.unwrap();
        assert_eq!(f.refused(&login).await.kind.code, "upstream_disabled");
    });
}

#[test]
fn an_account_that_has_ended_or_is_being_deleted_stays_closed_and_says_why() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let login = arrival(&corp, json!({"sub": "u1", "preferred_username": "alice"}));
        let user = f.accept(&login).await.unwrap().user;
        let expires = |expires| UserEdit {
            expires,
            ..UserEdit::default()
        };
        let earlier = START - jiff::SignedDuration::from_secs(60);
        f.directory
            .edit_user(&root(), user.id, expires(ExpiryEdit::At(START)), earlier)
            .await
            .unwrap();
        assert_eq!(f.refused(&login).await.kind.code, "account_expired");
        f.directory
            .edit_user(&root(), user.id, expires(ExpiryEdit::Never), START)
            .await
            .unwrap();
        f.directory.delete_user(&root(), user.id, false, START).await.unwrap();
        assert_eq!(f.refused(&login).await.kind.code, "account_deleted");
        f.directory.restore_user(&root(), user.id, START).await.unwrap();
        f.accept(&login).await.unwrap();
    });
}

#[test]
fn groups_follow_the_mapping_and_others_stay() {
    on_both_engines(|f| async move {
        for name in ["ops", "staff", "byhand"] {
            f.group(name).await;
        }
        let mapping = r#"
            [groups]
            claim = "groups"
            [[groups.map]]
            group = "/corp/ops"
            groups = ["ops", "nowhere"]
            [[groups.map]]
            everybody = true
            groups = ["staff"]
        "#;
        let corp = f.corp(vec![rules(mapping)]).await;
        let with = |groups: serde_json::Value| arrival(&corp, json!({"sub": "u1", "groups": groups}));
        let accepted = f.accept(&with(json!(["/corp/ops"]))).await.unwrap();
        let user = accepted.user.id;
        assert_eq!(f.groups_of(user).await, ["ops", "staff"]);
        assert!(
            accepted.notes.iter().any(|note| note.contains("nowhere")),
            "{:?}",
            accepted.notes
        );

        let byhand = f.directory.find_group("byhand").await.unwrap().unwrap();
        f.directory.add_member(&root(), byhand.id, user, START).await.unwrap();
        f.accept(&with(json!([]))).await.unwrap();
        assert_eq!(
            f.groups_of(user).await,
            ["byhand", "staff"],
            "what vanished there vanishes here, what was given by hand stays"
        );
    });
}

#[test]
fn the_rules_refuse_with_their_own_words() {
    on_both_engines(|f| async move {
        let bound = r#"
            [[admission.claims]]
            claim = "hd"
            any = ["example.org"]
            [groups]
            claim = "groups"
            required = ["ops"]
        "#;
        let corp = f.corp(vec![rules(bound)]).await;
        let wrong = f
            .refused(&arrival(&corp, json!({"sub": "u1", "hd": "evil.example"})))
            .await;
        assert_eq!(wrong.kind.code, "bound_claims_mismatch");
        assert!(
            wrong.detail.contains("evil.example") && wrong.detail.contains("example.org"),
            "{}",
            wrong.detail
        );
        let groupless = f
            .refused(&arrival(
                &corp,
                json!({"sub": "u1", "hd": "example.org", "groups": ["guests"]}),
            ))
            .await;
        assert_eq!(groupless.kind.code, "required_group_missing");
        let mail = "email = { claim = \"email\", on_missing = \"deny\" }";
        f.edit(vec![rules(mail)]).await.unwrap();
        assert_eq!(
            f.refused(&arrival(&corp, json!({"sub": "u1"}))).await.kind.code,
            "no_email_claim"
        );
        let audience = "[admission]\naudiences = [\"doorward\"]";
        f.edit(vec![rules(audience)]).await.unwrap();
        let foreign = arrival(&corp, json!({"sub": "u1", "aud": "somebody-else"}));
        assert_eq!(f.refused(&foreign).await.kind.code, "audience_mismatch");
    });
}

#[test]
fn groups_that_cannot_be_had_are_never_taken_for_none() {
    on_both_engines(|f| async move {
        f.group("ops").await;
        let mapping = "[groups]\nclaim = \"groups\"\n[[groups.map]]\ngroup = \"ops\"\ngroups = [\"ops\"]";
        let corp = f
            .corp(vec![rules(mapping), Edit::LookupFailure(LookupFailure::Keep)])
            .await;
        let mut unknown = arrival(&corp, json!({"sub": "u1", "_claim_names": {"groups": "src1"}}));
        assert_eq!(
            f.refused(&unknown).await.kind.code,
            "lookup_failed",
            "elsewhere and not fetched"
        );
        unknown.groups_unknown = Some("Graph did not answer".to_owned());
        let first = f.refused(&unknown).await;
        assert_eq!(first.kind.code, "lookup_failed");
        assert!(first.detail.contains("no earlier login"), "{}", first.detail);

        let user = f
            .accept(&arrival(&corp, json!({"sub": "u1", "groups": ["ops"]})))
            .await
            .unwrap()
            .user;
        let kept = f.accept(&unknown).await.unwrap();
        assert_eq!(kept.user.id, user.id);
        assert_eq!(f.groups_of(user.id).await, ["ops"]);
        f.accept(&arrival(&corp, json!({"sub": "u1", "groups": []})))
            .await
            .unwrap();
        f.accept(&unknown).await.unwrap();
        assert!(
            f.groups_of(user.id).await.is_empty(),
            "what is kept is what was said last"
        );
    });
}

#[test]
fn the_last_administrator_keeps_what_a_mapping_would_take_away() {
    on_both_engines(|f| async move {
        let admins = f.group("admins").await;
        f.directory
            .grant_role(&root(), Role::Full, RoleHolder::Group(admins), START)
            .await
            .unwrap();
        let mapping = "[groups]\nclaim = \"groups\"\n[[groups.map]]\ngroup = \"admins\"\ngroups = [\"admins\"]";
        let corp = f.corp(vec![rules(mapping)]).await;
        let user = f
            .accept(&arrival(&corp, json!({"sub": "u1", "groups": ["admins"]})))
            .await
            .unwrap()
            .user;
        let later = f
            .accept(&arrival(&corp, json!({"sub": "u1", "groups": []})))
            .await
            .unwrap();
        assert!(
            later.notes.iter().any(|note| note.contains("nobody else")),
            "{:?}",
            later.notes
        );
        assert_eq!(f.groups_of(user.id).await, ["admins"]);
        let facts = f.directory.facts(user.id).await.unwrap().unwrap();
        let actor = doorward_directory::Actor::user(&facts, doorward_directory::Via::Server);
        actor.require(Right::Full).unwrap();
    });
}

#[test]
fn an_attribute_that_does_not_fit_is_left_out_and_said() {
    on_both_engines(|f| async move {
        let mapping = r#"
            name = { claim = "name" }
            email = { claim = "email" }
            [[attributes]]
            claim = "department"
            attribute = "department"
            [[attributes]]
            claim = "nick"
            attribute = "nickname"
            as = "as-is"
        "#;
        let corp = f.corp(vec![rules(mapping)]).await;
        let odd = arrival(
            &corp,
            json!({"sub": "u1", "name": "Al", "email": "two@at@example.org", "department": "net", "nick": {"a": 1}}),
        );
        let accepted = f.accept(&odd).await.unwrap();
        assert_eq!(accepted.user.attributes.text("department"), Some("net"));
        assert_eq!(accepted.user.display_name, "Al");
        assert_eq!(accepted.user.email, None);
        assert_eq!(accepted.notes.len(), 2, "{:?}", accepted.notes);
    });
}

#[test]
fn a_session_can_be_bound_to_the_upstreams_token() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![Edit::SessionBound(true)]).await;
        let mut login = arrival(&corp, json!({"sub": "u1", "exp": START.as_second() + 600}));
        assert_eq!(
            f.accept(&login).await.unwrap().not_after.unwrap().as_second(),
            START.as_second() + 600
        );
        login.expires = Some(START.as_second() + 300);
        assert_eq!(
            f.accept(&login).await.unwrap().not_after.unwrap().as_second(),
            START.as_second() + 300
        );
        f.edit(vec![Edit::SessionBound(false)]).await.unwrap();
        assert_eq!(f.accept(&login).await.unwrap().not_after, None);
    });
}

#[test]
fn a_preview_says_all_and_writes_nothing() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let login = arrival(
            &corp,
            json!({"sub": "u1", "preferred_username": "alice", "email": "a@example.org"}),
        );
        let preview = f.upstreams.preview(&login).await.unwrap();
        assert_eq!(preview.outcome.unwrap(), (How::Created, "alice".to_owned()));
        assert_eq!(preview.subject.as_deref(), Some("u1"));
        assert!(!preview.evaluation.unwrap().reasons.is_empty());
        assert!(f.directory.find_user("alice").await.unwrap().is_none());
        f.accept(&login).await.unwrap();
        assert_eq!(
            f.upstreams.preview(&login).await.unwrap().outcome.unwrap(),
            (How::Known, "alice".to_owned())
        );
    });
}
