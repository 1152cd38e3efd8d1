//! What comes from elsewhere goes through the same doors as what somebody types: the same rules, whichever reader made it.

use doorward_apps::{AppKind, ClientSecret, NewApp};
use doorward_jose::Secret;
use doorward_moving::{Application, Group, Intake, Kind, Mode, Outcome, Report, keycloak};
use doorward_oidc::ScopeSet;
use doorward_upstreams::{Authentication, Edit, NewUpstream};
use serde_json::json;
use uuid::Uuid;

use crate::fixture::on_both_engines;

fn app(client_id: &str, edits: Vec<doorward_apps::Edit>) -> Application {
    Application {
        id: None,
        new: NewApp {
            preset: "generic".to_owned(),
            url: "https://app.example.com".to_owned(),
            client_id: Some(client_id.to_owned()),
            edits,
            ..NewApp::default()
        },
        secret: None,
    }
}

fn upstream(name: &str, edits: Vec<Edit>) -> NewUpstream {
    NewUpstream {
        preset: "generic".to_owned(),
        name: name.to_owned(),
        issuer: Some(format!("https://{name}.example.com")),
        client_id: "doorward".to_owned(),
        secret: Some(Secret::new("a secret of the upstream".to_owned())),
        edits,
    }
}

fn conflict<'a>(report: &'a Report, kind: Kind, name: &str) -> &'a str {
    let mut remarks = report.remarks.iter();
    let found = remarks.find(|one| {
        one.outcome == Outcome::Conflict && one.kind == kind && one.names.iter().any(|other| other == name)
    });
    found.map_or_else(|| panic!("no conflict about {name}: {report:#?}"), |one| &one.what)
}

#[test]
fn an_application_that_is_refused_is_not_there_at_all() {
    on_both_engines(|fixture| async move {
        let mut nobody = app("nobody", Vec::new());
        nobody.new.scope_maps = vec![("no-such-group".to_owned(), None)];
        let mut empty = app("empty", Vec::new());
        empty.new.scope_maps = vec![("everyone".to_owned(), Some(ScopeSet::default()))];
        let mut nil = app("nil", Vec::new());
        nil.id = Some(Uuid::nil());
        let mut public = app("public", vec![doorward_apps::Edit::Kind(AppKind::Public)]);
        public.secret = Some(ClientSecret::from_elsewhere("a-secret-that-nobody-can-guess").unwrap());
        let intake = Intake {
            from: "test",
            apps: vec![nobody, empty, nil, public, app("good", Vec::new())],
            ..Intake::default()
        };
        let report = fixture.import(intake, Mode::SkipConflicts).await;
        assert!(report.written);
        for (name, why) in [
            ("nobody", "no-such-group"),
            ("empty", "at least one scope"),
            (
                "nil",
                "00000000-0000-0000-0000-000000000000 is the nil id, which stands for none",
            ),
            ("public", "has no secret"),
        ] {
            assert!(conflict(&report, Kind::App, name).contains(why), "{name}: {report:#?}");
        }
        let snapshot = fixture.apps.snapshot().await.unwrap();
        let there: Vec<bool> = ["nobody", "empty", "nil", "public", "good"]
            .iter()
            .map(|name| snapshot.find(name).is_some())
            .collect();
        assert_eq!(there, [false, false, false, false, true]);
    });
}

#[test]
fn an_upstream_that_cannot_be_spoken_to_does_not_come_and_one_that_can_has_its_groups() {
    on_both_engines(|fixture| async move {
        let intake = Intake {
            from: "test",
            groups: vec![Group {
                name: "staff".to_owned(),
                ..Group::default()
            }],
            upstreams: vec![
                upstream("broken", vec![Edit::Authentication(Authentication::PrivateKeyJwt)]),
                upstream(
                    "nowhere",
                    vec![Edit::Groups(vec!["staff".to_owned(), "no-such-group".to_owned()])],
                ),
                upstream("good", vec![Edit::Groups(vec!["staff".to_owned()])]),
            ],
            ..Intake::default()
        };
        let report = fixture.import(intake, Mode::SkipConflicts).await;
        assert!(report.written);
        let why = conflict(&report, Kind::Upstream, "broken");
        assert!(why.contains("key"), "{why}");
        let why = conflict(&report, Kind::Upstream, "nowhere");
        assert!(why.contains("no-such-group"), "{why}");
        let snapshot = fixture.upstreams.snapshot().await.unwrap();
        assert!(snapshot.find("broken").is_none());
        assert!(
            snapshot.find("nowhere").is_none(),
            "refused, and there without an event"
        );
        let good = snapshot.find("good").unwrap();
        let groups: Vec<&str> = good.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["staff"]);
    });
}

#[test]
fn a_secret_that_may_be_guessed_stays_where_it_is_and_the_application_gets_another() {
    on_both_engines(|fixture| async move {
        let realm = |secret: &str| {
            let client = json!({
                "clientId": "wiki", "protocol": "openid-connect", "secret": secret,
                "redirectUris": ["https://wiki.example.com/callback"],
            });
            keycloak::read(json!({ "realm": "corp", "clients": [client] }).to_string().as_bytes()).unwrap()
        };
        for bad in [
            "geheim",
            "fifteen letters",
            "an umlaut \u{fc} in between them",
            " spaces at both its ends ",
        ] {
            let intake = realm(bad);
            let left = intake
                .report
                .remarks
                .iter()
                .find(|one| one.what.contains("gets a new one"))
                .unwrap();
            assert_eq!(
                (left.outcome, &left.names[..]),
                (Outcome::Left, &["wiki".to_owned()][..])
            );
            assert!(intake.apps[0].secret.is_none(), "{bad}");
        }
        fixture.import(realm("geheim"), Mode::All).await;
        let app = fixture.app("wiki").await;
        let now = doorward_store::testing::START;
        assert!(!fixture.apps.secret_matches(&app, "geheim", now).is_valid());
        assert_eq!(app.secrets.len(), 1);
        let short = realm("exactly-sixteen!");
        assert!(short.apps[0].secret.is_some());
        assert!(
            short
                .report
                .remarks
                .iter()
                .any(|one| one.what.contains("should be replaced"))
        );
    });
}
