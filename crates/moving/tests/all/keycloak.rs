//! A realm that Keycloak 26.4 exported, cut to what is read, and what of it is here afterwards.

use doorward_apps::{AliasAddress, AppKind, IssuerStyle, Lifetime, Pkce};
use doorward_claims::Destination;
use doorward_directory::{Actor, NewGroup, NewUser, Role, RoleHolder};
use doorward_jose::Algorithm;
use doorward_moving::{Intake, Kind, Mode, Outcome, Report, keycloak};
use doorward_store::testing::START;
use serde_json::{Value, json};

use crate::fixture::on_both_engines;

fn export() -> Value {
    serde_json::from_str(include_str!("../corp.json")).unwrap()
}

fn read(export: &Value) -> Intake {
    keycloak::read(export.to_string().as_bytes()).unwrap()
}

fn counts(report: &Report, kind: Kind) -> (usize, usize, usize) {
    let count = report.counts.iter().find(|count| count.kind == kind).unwrap();
    (count.added, count.already, count.conflicts)
}

fn says(report: &Report, outcome: Outcome, words: &str, about: &str) -> bool {
    let mut remarks = report.remarks.iter();
    remarks.any(|one| {
        one.outcome == outcome && one.what.contains(words) && one.names.iter().any(|name| name.contains(about))
    })
}

#[test]
fn people_keep_their_ids_attributes_groups_and_roles() {
    on_both_engines(|fixture| async move {
        let report = fixture.import(read(&export()), Mode::All).await;
        assert!(report.written, "{report:#?}");
        assert_eq!(counts(&report, Kind::User), (7, 0, 0));
        let alice = fixture.facts("alice").await;
        assert_eq!(alice.user.id.to_string(), "942ab3ca-e8dd-4924-b7c9-eba62bd841cd");
        assert_eq!(alice.user.display_name, "Alice Archer");
        assert!(alice.user.email_verified && !alice.user.disabled);
        assert_eq!(alice.user.attributes.get("floor"), Some(&json!(["3", "4"])));
        assert_eq!(alice.user.attributes.text("phone_number"), Some("+49 1"));
        assert_eq!(
            alice.direct_groups,
            ["corp.people", "helpdesk", "leads", "realm.auditor", "wiki.editor"]
        );
        // Inside of these, by the tree of groups, by composites and by the role of the group `company`.
        for around in ["company", "netops", "realm.viewer", "wiki.reader"] {
            assert!(alice.is_in(around), "{around}: {:?}", alice.groups);
        }
        assert!(!fixture.facts("bob").await.user.email_verified);
        let dora = fixture.user("dora").await;
        assert!(dora.disabled && !dora.has_password);
        assert!(says(&report, Outcome::Left, "was to be changed", "dora@example.com"));
        assert!(says(
            &report,
            Outcome::Translated,
            "user name",
            "dora@example.com → dora"
        ));
        assert!(says(&report, Outcome::Left, "service account", "service-account-wiki"));
    });
}

#[test]
fn every_kind_of_password_hash_logs_in_once_and_is_ours_afterwards() {
    on_both_engines(|fixture| async move {
        fixture.import(read(&export()), Mode::All).await;
        for name in ["alice", "pb0", "pb1", "pb2", "tot"] {
            let wrong = fixture.log_in(name, &format!("correct horse {name}!")).await;
            assert!(wrong.is_err(), "{name}");
            let before = fixture.directory.hasher().runs();
            for expected in [2, 3] {
                fixture.log_in(name, &format!("correct horse {name}")).await.unwrap();
                // Checked and made anew at the first time, checked alone at the second.
                assert_eq!(fixture.directory.hasher().runs() - before, expected, "{name}");
            }
        }
        let tot = fixture.user("tot").await;
        assert_eq!(fixture.directory.enrolled(tot.id).await.unwrap().totp, Some(START));
    });
}

#[test]
fn an_application_is_what_it_was_but_for_wildcards_and_what_is_not_spoken() {
    on_both_engines(|fixture| async move {
        let mut export = export();
        let mappers = export["clients"][0]["protocolMappers"].take();
        assert!(mappers.is_null(), "the first client is not the one meant");
        let wiki = export["clients"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|one| one["clientId"] == "wiki")
            .unwrap();
        wiki["protocolMappers"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["name"] != "pair");
        let report = fixture.import(read(&export), Mode::All).await;
        assert_eq!(counts(&report, Kind::App), (2, 0, 0), "{report:#?}");
        let wiki = fixture.app("wiki").await;
        let uris: Vec<&str> = wiki
            .redirect_uris
            .iter()
            .map(doorward_oidc::RedirectUri::as_str)
            .collect();
        assert_eq!(uris, ["https://wiki.example.com/oidc/callback"]);
        assert_eq!(wiki.taken_over.redirect_suggestions, ["https://wiki.example.com/*"]);
        assert!(says(&report, Outcome::Left, "wildcard", "wiki"));
        assert!(says(&report, Outcome::Left, "RFC 9700 §2.4", "wiki"));
        let after: Vec<&str> = wiki
            .post_logout_redirect_uris
            .iter()
            .map(doorward_oidc::RedirectUri::as_str)
            .collect();
        assert_eq!(after, ["https://wiki.example.com/bye"]);
        assert_eq!(wiki.pkce, Pkce::Required);
        assert_eq!(
            (wiki.id_token_alg, wiki.access_token_alg),
            (Algorithm::ES256, Algorithm::RS256)
        );
        assert_eq!(wiki.lifetimes.seconds(Lifetime::AccessToken), 600);
        assert_eq!(wiki.start_url.as_deref(), Some("https://wiki.example.com/start"));
        assert_eq!(wiki.audiences.extra, ["vault-dev"]);
        assert!(wiki.client_credentials && wiki.expects_refresh && !wiki.disabled);
        assert!(
            fixture
                .apps
                .secret_matches(&wiki, "wiki secret of somebody 0123456789", START)
                .is_valid()
        );
        let spa = fixture.app("spa").await;
        assert_eq!((spa.kind, spa.pkce), (AppKind::Public, Pkce::Required));
        assert!(says(&report, Outcome::Left, "do not come: everybody logs in once more", "").eq(&false));

        let all = fixture.claims("wiki", "alice", Destination::AccessToken).await;
        assert_eq!(
            all,
            json!({
                "name": "Alice Archer", "given_name": "Alice", "family_name": "Archer", "preferred_username": "alice",
                "email": "alice@example.com",
                "groups": ["/company/helpdesk", "/company/netops/leads"],
                "teams": ["helpdesk", "leads"],
                "roles": ["auditor", "viewer"],
                "realm_access": {"roles": ["auditor", "viewer"]},
                "resource_access": {"wiki": {"roles": ["editor", "reader"]}},
                "wiki_roles": ["editor", "reader"],
                "org": {"department": "net"},
                "login": "alice",
                "tenant": "acme",
            })
        );
        // Without full scope: of the realm's roles only those that the client may know.
        let spa = fixture.claims("spa", "alice", Destination::AccessToken).await;
        assert_eq!(spa["realm_access"], json!({"roles": ["viewer"]}));
        assert_eq!(spa["resource_access"], Value::Null);
        // Whose name had to change is still called by the old one.
        let dora = fixture.claims("spa", "dora", Destination::IdToken).await;
        assert_eq!(dora["preferred_username"], "dora@example.com");
        assert_eq!(
            fixture.claims("wiki", "bob", Destination::IdToken).await["groups"],
            json!([])
        );
    });
}

#[test]
fn an_application_with_subjects_of_its_own_is_switched_off() {
    on_both_engines(|fixture| async move {
        let report = fixture.import(read(&export()), Mode::All).await;
        assert!(fixture.app("wiki").await.disabled);
        assert!(says(&report, Outcome::Left, "pairwise", "wiki"));
    });
}

#[test]
fn identity_providers_come_switched_off_with_those_who_came_through_them() {
    on_both_engines(|fixture| async move {
        let report = fixture.import(read(&export()), Mode::All).await;
        assert_eq!(counts(&report, Kind::Upstream), (2, 0, 0));
        assert!(says(&report, Outcome::Left, "`saml`", "old-saml"));
        let snapshot = fixture.upstreams.snapshot().await.unwrap();
        let oidc = snapshot.find("corp-oidc").unwrap();
        assert_eq!(
            (oidc.issuer.as_str(), oidc.enabled, oidc.trusted_email),
            ("https://idp.example.com", false, true)
        );
        let alice = fixture.user("alice").await;
        let identities = fixture.upstreams.identities_of(alice.id).await.unwrap();
        assert_eq!(identities.len(), 1);
        assert_eq!(identities[0].subject, "1234567890");
    });
}

#[test]
fn a_dry_run_writes_nothing_and_a_second_run_changes_nothing() {
    on_both_engines(|fixture| async move {
        let dry = fixture.import(read(&export()), Mode::DryRun).await;
        assert!(!dry.written);
        assert!(fixture.directory.find_user("alice").await.unwrap().is_none());
        assert!(fixture.apps.snapshot().await.unwrap().find("wiki").is_none());
        let first = fixture.import(read(&export()), Mode::All).await;
        assert_eq!(Report { written: true, ..dry }, first);
        let again = fixture.import(read(&export()), Mode::All).await;
        assert!(again.written && !again.has_conflicts());
        for count in &again.counts {
            assert_eq!(count.added, 0, "{count:?}");
        }
        assert_eq!(counts(&again, Kind::User), (0, 7, 0));
    });
}

#[test]
fn whoever_is_in_the_way_is_named_and_nothing_is_written_unless_it_may_stay_out() {
    on_both_engines(|fixture| async move {
        let mut other = export();
        for user in other["users"].as_array_mut().unwrap() {
            let id = user["id"].as_str().unwrap().replacen('9', "8", 1);
            user["id"] = json!(id);
            user["email"] = json!("");
        }
        other["users"].as_array_mut().unwrap().truncate(1);
        other["clients"] = json!([]);
        assert!(fixture.import(read(&other), Mode::All).await.written);
        let report = fixture.import(read(&export()), Mode::All).await;
        assert!(!report.written);
        assert_eq!(counts(&report, Kind::User), (6, 0, 1));
        assert!(says(&report, Outcome::Conflict, "in use", "alice"), "{report:#?}");
        assert!(fixture.directory.find_user("bob").await.unwrap().is_none());
        assert!(fixture.import(read(&export()), Mode::SkipConflicts).await.written);
        assert_eq!(fixture.user("bob").await.email.as_deref(), Some("bob@example.com"));
    });
}

/// Nobody becomes an administrator by what stands in a document: neither by an id, nor by a name.
#[test]
fn no_document_makes_anybody_an_administrator() {
    on_both_engines(|fixture| async move {
        let (actor, directory) = (Actor::local("test"), &fixture.directory);
        let group = NewGroup {
            name: "admins".to_owned(),
            ..NewGroup::default()
        };
        let admins = directory.add_group(&actor, group, START).await.unwrap();
        let boss = NewUser {
            name: "boss".to_owned(),
            ..NewUser::default()
        };
        let boss = directory.add_user(&actor, boss, START).await.unwrap();
        for holder in [RoleHolder::Group(admins.id), RoleHolder::User(boss.id)] {
            directory.grant_role(&actor, Role::Full, holder, START).await.unwrap();
        }
        let realm = json!({
            "realm": "odd", "keycloakVersion": "26.0.0",
            "users": [
                {"id": admins.id, "username": "kim"},
                {"id": "0198c0de-0000-7000-8000-0000000000f1", "username": "lee", "groups": ["/staff", "/admins", "/inner"]},
                {"id": "00000000-0000-0000-0000-000000000000", "username": "nil"},
            ],
            "groups": [{"id": boss.id, "name": "staff"}, {"id": admins.id, "name": "admins", "subGroups": [{"name": "inner"}]}],
        });
        let report = fixture.import(read(&realm), Mode::SkipConflicts).await;
        assert!(says(&report, Outcome::Conflict, "is the id of", "kim"), "{report:#?}");
        assert!(says(&report, Outcome::Conflict, "is the nil id", "nil"));
        assert!(says(&report, Outcome::Conflict, "is the id of", "staff"));
        assert!(says(
            &report,
            Outcome::Conflict,
            "makes its members administrators",
            "admins"
        ));
        let table = doorward_moving::csv::read(b"name,groups\nmax,admins\n").unwrap();
        fixture.import(table, Mode::SkipConflicts).await;
        for name in ["lee", "max"] {
            assert_eq!(fixture.facts(name).await.roles, [], "{name}");
        }
        assert!(fixture.directory.find_user("kim").await.unwrap().is_none());
    });
}

#[test]
fn whose_second_factor_cannot_come_does_not_come_with_the_password_alone() {
    on_both_engines(|fixture| async move {
        let mut export = export();
        let users = export["users"].as_array_mut().unwrap();
        let alice = users.iter_mut().find(|user| user["username"] == "alice").unwrap();
        alice["credentials"]
            .as_array_mut()
            .unwrap()
            .push(json!({"type": "webauthn"}));
        let report = fixture.import(read(&export), Mode::All).await;
        assert!(says(&report, Outcome::Left, "the second factor cannot", "alice"));
        assert!(!fixture.user("alice").await.has_password);
        assert!(fixture.user("tot").await.has_password);
    });
}

#[test]
fn nobody_is_known_to_a_provider_that_is_only_called_alike() {
    on_both_engines(|fixture| async move {
        let mut first = export();
        first["users"] = json!([]);
        first["clients"] = json!([]);
        assert!(fixture.import(read(&first), Mode::All).await.written);
        let mut masked = export();
        masked["identityProviders"][1]["config"]["clientSecret"] = json!("**********");
        let report = fixture.import(read(&masked), Mode::SkipConflicts).await;
        assert!(
            says(&report, Outcome::Left, "cannot be connected", "alice"),
            "{report:#?}"
        );
        let alice = fixture.user("alice").await;
        assert!(fixture.upstreams.identities_of(alice.id).await.unwrap().is_empty());
    });
}

#[test]
fn an_application_is_for_the_people_of_its_realm() {
    on_both_engines(|fixture| async move {
        fixture.import(read(&export()), Mode::All).await;
        let wiki = fixture.app("wiki").await;
        assert_eq!(wiki.scope_maps.len(), 1);
        assert_eq!(wiki.scope_maps[0].group, "corp.people");
    });
}

#[test]
fn applications_keep_their_issuer_in_the_unit_of_work_that_adds_them() {
    on_both_engines(|fixture| async move {
        let address = AliasAddress::parse("https://sso.example.com/realms/corp").unwrap();
        fixture
            .import(read(&export()).keeping(address.clone()), Mode::DryRun)
            .await;
        assert!(fixture.apps.aliases().await.unwrap().is_empty(), "a try keeps nothing");
        let report = fixture
            .import(read(&export()).keeping(address.clone()), Mode::All)
            .await;
        assert!(report.written, "{report:#?}");
        let aliases = fixture.apps.aliases().await.unwrap();
        assert_eq!(
            aliases.iter().map(|alias| &alias.address).collect::<Vec<_>>(),
            [&address]
        );
        for client_id in ["wiki", "spa"] {
            assert_eq!(
                fixture.app(client_id).await.issuer_style,
                IssuerStyle::Alias(address.clone())
            );
        }
        let again = fixture.import(read(&export()).keeping(address), Mode::All).await;
        assert_eq!(counts(&again, Kind::App).0, 0);
        assert_eq!(fixture.apps.aliases().await.unwrap().len(), 1);
    });
}
