//! Adding and removing applications.

use doorward_apps::{AppKind, ClientAuthentication, Consent, Edit, NewApp, Pkce};
use doorward_audit::EventFilter;
use doorward_audit::events::list;
use doorward_store::StoreError;
use doorward_store::testing::START;
use uuid::Uuid;

use crate::fixture::{by, later, new, on_both_engines, refused};

fn build(url: &str) -> Result<String, String> {
    new("netbox", url)
        .build(Uuid::nil(), START)
        .map(|app| app.url)
        .map_err(|refusal| format!("{}: {}", refusal.kind.code, refusal.detail))
}

#[test]
fn an_application_is_added_from_a_preset_and_an_address() {
    on_both_engines(|f| async move {
        let created = f.add("netbox", "https://NetBox.example.com/").await;
        let app = &created.app;
        assert_eq!((app.client_id.as_str(), app.name.as_str()), ("netbox", "NetBox"));
        assert_eq!(app.url, "https://netbox.example.com");
        assert_eq!(app.start_url.as_deref(), Some("https://netbox.example.com/login/"));
        assert_eq!((app.pkce, app.consent), (Pkce::IfSent, Consent::Skip));
        assert_eq!((app.created, app.changed), (START, START));
        let secret = created.secret.unwrap();
        assert_eq!(secret.expose().len(), 43);
        assert!(secret.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));

        let snapshot = f.apps.snapshot().await.unwrap();
        let read = snapshot.find("netbox").unwrap();
        assert_eq!(
            serde_json::to_value(&**read).unwrap(),
            serde_json::to_value(app).unwrap()
        );
        assert_eq!(read.id, app.id);
        assert_eq!(read.secrets, app.secrets);
        assert!(snapshot.by_id(app.id).is_some());
    });
}

#[test]
fn a_name_that_is_taken_is_refused_in_whatever_capitals_and_nothing_is_left_behind() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://a.example.com").await;
        for name in ["netbox", "NetBox"] {
            let again = NewApp {
                client_id: Some(name.to_owned()),
                ..new("netbox", "https://b.example.com")
            };
            let refusal = refused(f.apps.add(&by(), again, START).await);
            assert_eq!(refusal.kind.code, "app_exists");
            assert_eq!(
                refusal.remedy.unwrap(),
                format!("choose another client id, for example {name}2")
            );
        }
        let snapshot = f.apps.snapshot().await.unwrap();
        assert_eq!(snapshot.len(), 1);
        assert_eq!(snapshot.find("netbox").unwrap().secrets.len(), 1);
    });
}

#[test]
fn edits_given_at_the_start_are_applied_before_anything_is_stored() {
    on_both_engines(|f| async move {
        let public = NewApp {
            client_id: Some("spa".to_owned()),
            name: Some("Our page".to_owned()),
            edits: vec![
                Edit::Kind(AppKind::Public),
                Edit::AddRedirectUri("https://spa.example.com/callback".to_owned()),
                Edit::AddCorsOrigin("https://spa.example.com".to_owned()),
            ],
            ..new("generic", "https://spa.example.com")
        };
        let created = f.apps.add(&by(), public, START).await.unwrap();
        assert!(created.secret.is_none() && created.app.secrets.is_empty());
        assert_eq!(created.app.authentication, ClientAuthentication::None);
        assert_eq!(created.app.pkce, Pkce::Required);

        let wrong = NewApp {
            client_id: Some("other".to_owned()),
            edits: vec![Edit::AddRedirectUri("https://*.example.com/callback".to_owned())],
            ..new("generic", "https://other.example.com")
        };
        assert!(f.apps.add(&by(), wrong, START).await.is_err());
        assert!(f.apps.snapshot().await.unwrap().find("other").is_none());
    });
}

#[test]
fn people_can_be_let_in_from_the_start_and_a_wrong_group_undoes_the_whole_addition() {
    on_both_engines(|f| async move {
        f.group("netbox_users").await;
        let with = |group: &str, name: &str| NewApp {
            client_id: Some(name.to_owned()),
            scope_maps: vec![(group.to_owned(), None)],
            ..new("netbox", "https://netbox.example.com")
        };
        let created = f.apps.add(&by(), with("NetBox_Users", "netbox"), START).await.unwrap();
        let map = &created.app.scope_maps[0];
        assert_eq!(map.group, "netbox_users", "the name as the group is written");
        assert_eq!(map.scopes.to_string(), "openid profile email groups");

        let refusal = refused(f.apps.add(&by(), with("netbox_user", "second"), START).await);
        assert_eq!(refusal.kind.code, "group_unknown");
        assert!(refusal.remedy.unwrap().starts_with("did you mean netbox_users?"));
        assert!(f.apps.snapshot().await.unwrap().find("second").is_none());
    });
}

#[test]
fn a_removed_application_is_gone_with_its_secrets_and_can_be_added_again() {
    on_both_engines(|f| async move {
        let first = f.add("netbox", "https://netbox.example.com").await;
        f.apps.allow(&by(), "netbox", "everyone", None, START).await.unwrap();
        f.apps.remove(&by(), "netbox", later(1)).await.unwrap();
        assert!(f.apps.snapshot().await.unwrap().is_empty());
        let left: i64 = f
            .store
            .read(|tx| {
                tx.one(
                    "SELECT (SELECT count(*) FROM app_secrets) + (SELECT count(*) FROM app_scope_maps)",
                    &[],
                    |row| row.get(0),
                )
            })
            .await
            .map(|count: Option<i64>| count.unwrap())
            .map_err(|error: StoreError| error)
            .unwrap();
        assert_eq!(left, 0);
        assert_eq!(
            refused(f.apps.remove(&by(), "netbox", later(2)).await).kind.code,
            "app_unknown"
        );
        let second = f.add("netbox", "https://netbox.example.com").await;
        assert_ne!(first.app.id, second.app.id);
        assert!(second.app.scope_maps.is_empty(), "access is not inherited");
    });
}

#[test]
fn an_unknown_application_is_refused_with_the_one_that_was_meant() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let refusal = refused(f.apps.edit(&by(), "netbx", vec![], START).await);
        assert_eq!(refusal.detail, "there is no application `netbx`");
        assert_eq!(refusal.remedy.unwrap(), "did you mean netbox?");
        let snapshot = f.apps.snapshot().await.unwrap();
        assert_eq!(
            snapshot.require("grafana").unwrap_err().remedy.unwrap(),
            "doorward app list"
        );
        assert!(snapshot.find("NETBOX").is_none(), "client ids are compared as bytes");
    });
}

#[test]
fn every_change_is_an_event_that_says_what_was_before_and_never_holds_a_secret() {
    on_both_engines(|f| async move {
        let created = f.add("netbox", "https://netbox.example.com").await;
        let secret = created.secret.unwrap();
        f.apps.allow(&by(), "netbox", "everyone", None, later(1)).await.unwrap();
        f.apps
            .edit(&by(), "netbox", vec![Edit::Consent(Consent::Ask)], later(2))
            .await
            .unwrap();
        f.apps.show_secret(&by(), "netbox", later(3)).await.unwrap();
        f.apps
            .rotate_secret(&by(), "netbox", jiff::SignedDuration::ZERO, later(4))
            .await
            .unwrap();
        assert!(
            f.apps
                .edit(&by(), "netbox", vec![Edit::Name(String::new())], later(5))
                .await
                .is_err()
        );
        f.apps.disallow(&by(), "netbox", "everyone", later(6)).await.unwrap();
        f.apps.remove(&by(), "netbox", later(7)).await.unwrap();
        let mut events = f
            .store
            .scan(|tx| list(tx, &EventFilter::default(), None, 100))
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
        events.reverse();
        let actions: Vec<&str> = events.iter().map(|event| event.event.action.as_ref()).collect();
        assert_eq!(
            actions,
            [
                "app.add",
                "app.allow",
                "app.edit",
                "app.secret.show",
                "app.secret.rotate",
                "app.disallow",
                "app.remove"
            ],
            "a refused change is no event of this crate"
        );
        let data = &events[2].event.data;
        assert_eq!(data["consent"], serde_json::json!({"from": "skip", "to": "ask"}));
        assert_eq!(data.as_object().unwrap().len(), 1, "nothing but what changed: {data}");
        for event in &events {
            assert_eq!(event.event.actor, by());
            assert_eq!(event.event.subject.as_ref().unwrap().name, "netbox");
            assert!(!event.json_line().contains(secret.expose()));
        }
    });
}

#[test]
fn addresses_are_brought_into_one_form() {
    assert_eq!(
        build(" https://NetBox.Example.com:443/ ").unwrap(),
        "https://netbox.example.com"
    );
    assert_eq!(build("http://localhost:8000").unwrap(), "http://localhost:8000");
    assert_eq!(
        build("https://example.com/tools/netbox//").unwrap(),
        "https://example.com/tools/netbox"
    );
    assert_eq!(
        build("https://[2001:DB8::1]:8443/x").unwrap(),
        "https://[2001:db8::1]:8443/x"
    );
    assert_eq!(
        build("https://bücher.example").unwrap(),
        "https://xn--bcher-kva.example"
    );
}

#[test]
fn what_is_no_address_is_refused_with_what_was_expected() {
    for (url, why) in [
        ("netbox.example.com", "the scheme is missing"),
        ("", "the scheme is missing"),
        ("ftp://netbox.example.com", "the scheme must be https"),
        ("javascript://x/%0aalert(1)", "the scheme must be https"),
        (
            "https://user:secret@netbox.example.com",
            "a user name or password has no place",
        ),
        ("https://netbox.example.com/?next=x", "a query or fragment has no place"),
        ("https://netbox.example.com/#x", "a query or fragment has no place"),
        ("https://netbox.example.com/a'b", "the path may hold"),
        ("https://netbox.example.com/a%20b", "the path may hold"),
        ("https://", "empty host"),
    ] {
        let error = build(url).unwrap_err();
        assert!(
            error.starts_with("app_url_invalid: expected https://host[:port][/path]"),
            "{error}"
        );
        assert!(error.contains(why), "{url}: {error}");
    }
    assert!(
        build(&format!("https://example.com/{}", "x".repeat(1000)))
            .unwrap_err()
            .contains("longer than")
    );
    let refusal = new("netbox", "netbox.example.com")
        .build(Uuid::nil(), START)
        .unwrap_err();
    assert_eq!(
        refusal.remedy.unwrap(),
        "https://netbox.example.com",
        "what to type instead"
    );
}

#[test]
fn what_is_no_client_id_is_refused_with_one_that_is() {
    let refusal = |name: &str| {
        let new = NewApp {
            client_id: Some(name.to_owned()),
            ..new("netbox", "https://a.example.com")
        };
        new.build(Uuid::nil(), START).unwrap_err()
    };
    assert_eq!(refusal("My NetBox").remedy.unwrap(), "for example: my-netbox");
    assert_eq!(refusal("").kind.code, "app_name_invalid");
    for bad in ["a b", "a.b", "a/b", "ü", "a:b", &"x".repeat(65)] {
        assert!(
            refusal(bad)
                .detail
                .starts_with("expected 1 to 64 characters of A-Z a-z 0-9 _ -"),
            "{bad}"
        );
    }
}
