//! Adding, changing and removing upstreams; who may; what is refused before it is saved.

use std::collections::BTreeSet;

use doorward_directory::{Actor, Role, RoleHolder, Via};
use doorward_jose::Secret;
use doorward_store::testing::START;
use doorward_upstreams::{Authentication, Edit, NewUpstream, Probing, weakened};
use serde_json::json;

use crate::fixture::{ISSUER, arrival, generic, on_both_engines, refusal, root, rules};

#[test]
fn an_upstream_is_asked_before_it_is_saved() {
    on_both_engines(|f| async move {
        let nobody = f.upstreams.add(&root(), generic("corp"), Probing::First, START).await;
        let refused = refusal(nobody.unwrap_err());
        assert_eq!(refused.kind.code, "upstream_probe_failed");
        assert!(refused.detail.contains("nobody is there"), "{}", refused.detail);
        assert!(refused.remedy.unwrap().contains("--no-probe"));
        assert!(f.upstreams.snapshot().await.unwrap().find("corp").is_none());

        f.network.provider(ISSUER);
        let (upstream, probed) = f
            .upstreams
            .add(&root(), generic("corp"), Probing::First, START)
            .await
            .unwrap();
        assert!(probed.unwrap().is_good());
        assert_eq!(upstream.issuer, ISSUER);
        assert_eq!(
            f.upstreams.login(&upstream).unwrap().redirect_uri(),
            "https://sso.example.com/upstream/corp/callback"
        );
    });
}

#[test]
fn an_issuer_that_differs_by_a_slash_is_refused_with_the_right_one() {
    on_both_engines(|f| async move {
        f.network.provider(ISSUER);
        f.network.answer(
            format!("{ISSUER}//.well-known/openid-configuration"),
            200,
            json!({"issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/authorize"),
                   "token_endpoint": format!("{ISSUER}/token"), "jwks_uri": format!("{ISSUER}/keys")}),
        );
        let new = NewUpstream {
            issuer: Some(format!("{ISSUER}/")),
            ..generic("corp")
        };
        let refused = refusal(f.upstreams.add(&root(), new, Probing::First, START).await.unwrap_err());
        assert_eq!(refused.kind.code, "upstream_probe_failed");
        assert!(refused.remedy.unwrap().contains(&format!("--issuer {ISSUER}")));
    });
}

#[test]
fn what_is_surely_wrong_is_refused_without_asking() {
    on_both_engines(|f| async move {
        let with = |issuer: &str| NewUpstream {
            issuer: Some(issuer.to_owned()),
            ..generic("corp")
        };
        let metadata = format!("{ISSUER}/.well-known/openid-configuration");
        for (new, hint) in [
            (with(&metadata), "--issuer https://id.example.org"),
            (with("http://id.example.org"), ""),
            (with("id.example.org"), ""),
            (
                NewUpstream {
                    name: "Corp Login".to_owned(),
                    ..generic("corp")
                },
                "corp-login",
            ),
            (
                NewUpstream {
                    preset: "keyclaok".to_owned(),
                    ..generic("corp")
                },
                "keycloak",
            ),
            (
                NewUpstream {
                    secret: None,
                    ..generic("corp")
                },
                "--secret-file",
            ),
            (
                NewUpstream {
                    client_id: " ".to_owned(),
                    ..generic("corp")
                },
                "",
            ),
            (
                NewUpstream {
                    edits: vec![Edit::Leeway(3600)],
                    ..generic("corp")
                },
                "",
            ),
            (
                NewUpstream {
                    edits: vec![Edit::Domains(vec!["nodot".to_owned()])],
                    ..generic("corp")
                },
                "",
            ),
            (
                NewUpstream {
                    edits: vec![Edit::Parameter("state".to_owned(), Some("x".to_owned()))],
                    ..generic("corp")
                },
                "",
            ),
            (
                NewUpstream {
                    edits: vec![Edit::Authentication(Authentication::None)],
                    ..generic("corp")
                },
                "leave the secret out",
            ),
        ] {
            let refused = refusal(
                f.upstreams
                    .add(&root(), new, Probing::Skipped, START)
                    .await
                    .unwrap_err(),
            );
            assert!(
                refused.remedy.clone().unwrap_or_default().contains(hint),
                "{refused}: {:?}",
                refused.remedy
            );
        }
        assert!(f.upstreams.snapshot().await.unwrap().list().is_empty());
        assert!(f.network.asked.lock().unwrap().is_empty());
    });
}

#[test]
fn only_full_administrators_change_upstreams() {
    on_both_engines(|f| async move {
        let person = f.person("pat", None, false).await;
        f.directory
            .grant_role(&root(), Role::People, RoleHolder::User(person.id), START)
            .await
            .unwrap();
        let pat = f.directory.actor(person.id, Via::Server, START).await.unwrap().unwrap();
        let refused = refusal(
            f.upstreams
                .add(&pat, generic("corp"), Probing::First, START)
                .await
                .unwrap_err(),
        );
        assert_eq!(refused.kind.code, "missing_right");
        assert!(
            f.network.asked.lock().unwrap().is_empty(),
            "nothing is asked on behalf of who may not"
        );
        f.corp(vec![]).await;
        let edits = vec![Edit::Enabled(false)];
        let denied = f.upstreams.edit(&pat, "corp", edits, Probing::Skipped, START).await;
        assert_eq!(refusal(denied.unwrap_err()).kind.code, "missing_right");
        let removed = f.upstreams.remove(&pat, "corp", true, START).await;
        assert_eq!(refusal(removed.unwrap_err()).kind.code, "missing_right");
        let linked = f.upstreams.link(&pat, "corp", (None, "u1"), person.id, START).await;
        assert_eq!(refusal(linked.unwrap_err()).kind.code, "missing_right");
        f.upstreams.identities(&pat, "corp", None, 10).await.unwrap();

        // A right withdrawn meanwhile does not count any more.
        let ghost = Actor {
            roles: vec![Role::Full],
            ..pat
        };
        let late = f.upstreams.remove(&ghost, "corp", true, START).await;
        assert_eq!(refusal(late.unwrap_err()).kind.code, "missing_right");
    });
}

#[test]
fn an_edit_is_all_or_nothing_and_makes_a_new_connection() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let before = f.upstreams.login(&corp).unwrap();
        assert!(std::sync::Arc::ptr_eq(&before, &f.upstreams.login(&corp).unwrap()));
        let wrong = f
            .edit(vec![Edit::Title("Corp".to_owned()), Edit::Timeout(0)])
            .await
            .unwrap_err();
        assert_eq!(refusal(wrong).kind.code, "upstream_setting_invalid");
        let same = f.upstreams.snapshot().await.unwrap().find("corp").unwrap().clone();
        assert_eq!(same.title, "OpenID Connect");

        let after = f.edit(vec![Edit::Title("Corp".to_owned())]).await.unwrap();
        assert!(after.version > corp.version);
        assert!(!std::sync::Arc::ptr_eq(&before, &f.upstreams.login(&after).unwrap()));
        let unknown = f.upstreams.edit(&root(), "crop", vec![], Probing::Skipped, START).await;
        assert_eq!(refusal(unknown.unwrap_err()).remedy.unwrap(), "did you mean corp?");
        let twice = f.upstreams.add(&root(), generic("corp"), Probing::Skipped, START).await;
        assert_eq!(refusal(twice.unwrap_err()).kind.code, "upstream_exists");
    });
}

#[test]
fn a_secret_is_set_and_never_shown() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let set = f
            .upstreams
            .set_secret(&root(), "corp", Some(Secret::new("another-one\n".to_owned())), START)
            .await
            .unwrap();
        assert_ne!(set.secret, corp.secret);
        assert!(!format!("{set:?}").contains("another-one"));
        f.upstreams.login(&set).unwrap();
        let none = f.upstreams.set_secret(&root(), "corp", None, START).await;
        assert_eq!(refusal(none.unwrap_err()).kind.code, "upstream_setting_invalid");
        let events = f
            .store
            .read(|tx| tx.all("SELECT data FROM events", &[], |row| row.get::<Option<String>>(0)))
            .await
            .unwrap();
        assert!(events.iter().flatten().all(|data| !data.contains("another-one")));
    });
}

#[test]
fn an_upstream_that_people_use_goes_only_on_an_explicit_word() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let session = f.session(&arrival(&corp, json!({"sub": "u1"}))).await;
        let refused = refusal(f.upstreams.remove(&root(), "corp", false, START).await.unwrap_err());
        assert_eq!(refused.kind.code, "upstream_in_use");
        assert!(refused.remedy.unwrap().contains("--with-identities"));
        f.upstreams.remove(&root(), "corp", true, START).await.unwrap();
        assert!(f.upstreams.snapshot().await.unwrap().list().is_empty());
        assert!(!f.is_live(session).await, "what it opened ends with it");
        assert_eq!(
            f.refused(&arrival(&corp, json!({"sub": "u1"}))).await.kind.code,
            "upstream_unknown"
        );
    });
}

#[test]
fn switching_an_upstream_off_ends_what_it_opened() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let session = f.session(&arrival(&corp, json!({"sub": "u1"}))).await;
        f.edit(vec![Edit::Title("Corp".to_owned())]).await.unwrap();
        assert!(f.is_live(session).await, "another edit ends nothing");
        f.edit(vec![Edit::Enabled(false)]).await.unwrap();
        assert!(!f.is_live(session).await);
    });
}

#[test]
fn an_edit_that_leaves_no_connection_is_refused_whatever_it_changes() {
    on_both_engines(|f| async move {
        f.corp(vec![]).await;
        for name in doorward_login::RESERVED_PARAMETERS {
            let edit = Edit::Parameter((*name).to_owned(), Some("login".to_owned()));
            let refused = refusal(f.edit(vec![edit]).await.unwrap_err());
            assert_eq!(refused.kind.code, "upstream_setting_invalid", "{name}");
        }
        let many = "x".repeat(400);
        let long = Edit::Parameter("p".repeat(60), Some(many));
        f.edit(vec![long]).await.unwrap();
        let corp = f.upstreams.snapshot().await.unwrap().find("corp").unwrap().clone();
        f.upstreams.login(&corp).unwrap();
    });
}

#[test]
fn an_upstream_on_this_machine_may_be_asked_and_is_shown_as_such() {
    on_both_engines(|f| async move {
        for (name, issuer, here) in [
            ("a", "http://localhost:8080", true),
            ("b", "http://127.0.0.1:8080/realms/x", true),
            ("c", "http://[::1]:8080", true),
            ("d", "https://id.localhost", true),
            ("e", "https://idp.internal", false),
            ("f", "https://10.0.0.5", false),
            ("g", "https://localhost.example.org", false),
        ] {
            let new = NewUpstream {
                issuer: Some(issuer.to_owned()),
                ..generic(name)
            };
            let upstream = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
            assert_eq!(upstream.allow_private, here, "{issuer}");
            let shown = weakened(&upstream, &BTreeSet::new())
                .iter()
                .any(|one| one.name == "weaken-private-addresses");
            assert_eq!(shown, here, "{issuer}");
        }
    });
}

#[test]
fn weaker_settings_are_listed_by_loud_names() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        assert!(weakened(&corp, &f.upstreams.role_groups().await.unwrap()).is_empty());
        let corp = f.edit(vec![Edit::AllowPrivate(true), Edit::Leeway(300)]).await.unwrap();
        let names: Vec<_> = weakened(&corp, &f.upstreams.role_groups().await.unwrap())
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["weaken-private-addresses", "weaken-long-leeway"]);
    });
}

#[test]
fn who_may_come_in_as_whom_with_which_role_is_among_the_weaker_settings() {
    on_both_engines(|f| async move {
        let (ops, night) = (f.group("ops").await, f.group("night").await);
        f.group("crew").await;
        let map = |there: &str, here: &str| Edit::MapGroup(there.to_owned(), Some(here.to_owned()));
        let chosen = rules("user = \"email\"");
        let corp = f
            .corp(vec![
                chosen,
                map("/ops", "night"),
                map("/crew", "crew"),
                Edit::TrustedAmr(true),
            ])
            .await;
        let names = async || -> Vec<&'static str> {
            let role_groups = f.upstreams.role_groups().await.unwrap();
            weakened(&corp, &role_groups).into_iter().map(|one| one.name).collect()
        };
        assert_eq!(names().await, ["weaken-user-claim", "weaken-trusted-amr"]);
        // The group itself holds no role; the one that it is in does.
        f.directory
            .grant_role(&root(), Role::People, RoleHolder::Group(ops), START)
            .await
            .unwrap();
        f.directory.nest_group(&root(), ops, night, START).await.unwrap();
        assert_eq!(
            names().await,
            ["weaken-user-claim", "weaken-trusted-amr", "weaken-groups-with-roles"]
        );
    });
}

#[test]
fn a_provider_of_everybody_that_makes_accounts_for_everybody_is_shown_as_weakened() {
    on_both_engines(|f| async move {
        for (preset, issuer, edit, open) in [
            ("google", None, None, true),
            ("google", None, Some(Edit::CreateUsers(false)), false),
            (
                "google",
                None,
                Some(rules("[[admission.claims]]\nclaim = \"hd\"\nany = [\"example.com\"]")),
                false,
            ),
            ("github", None, None, true),
            ("github", Some("https://ghe.example.com"), None, false),
            ("gitlab", Some("https://gitlab.example.com"), None, false),
            ("gitlab", None, None, true),
            (
                "gitlab",
                None,
                Some(rules("[groups]\nclaim = \"groups\"\nrequired = [\"acme\"]")),
                false,
            ),
        ] {
            let new = NewUpstream {
                preset: preset.to_owned(),
                issuer: issuer.map(str::to_owned),
                edits: edit.into_iter().collect(),
                ..generic("corp")
            };
            let corp = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
            let is_shown = weakened(&corp, &BTreeSet::new())
                .iter()
                .any(|one| one.name == "weaken-open-to-anybody");
            assert_eq!(is_shown, open, "{preset} {issuer:?} {:?}", corp.rules);
            f.upstreams.remove(&root(), "corp", false, START).await.unwrap();
        }
    });
}
