//! What a person has let applications know, through the API and the command line.

use doorward_jose::SystemRandom;
use doorward_store::{StoreError, consents, grants, new_id};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api_access::token,
    api_server::{Api, now},
};

/// Alice, and NetBox and Grafana, all by the command line; her id.
async fn house(api: &Api) -> Uuid {
    for line in [
        "user add alice",
        "app add netbox https://netbox.example.com",
        "app add grafana https://grafana.example.com",
    ] {
        let ran = api.run(line).await;
        assert_eq!(ran.code, "0", "{line}: {ran:?}");
    }
    let alice = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    id(&alice)
}

fn id(shown: &Value) -> Uuid {
    shown.get("id").and_then(Value::as_str).unwrap().parse().unwrap()
}

async fn app_id(api: &Api, name: &str) -> Uuid {
    let shown = api.call("get", &format!("/api/v1/apps/{name}"), Value::Null).await.body;
    id(&shown)
}

fn before(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).unwrap()
}

/// A grant as a login of then would have written it.
async fn give(api: &Api, user: Uuid, app: Uuid, scope: &str, created: Timestamp) -> Uuid {
    let grant = grants::Grant {
        id: new_id(created, &SystemRandom),
        user_id: Some(user),
        app_id: app,
        session_id: None,
        scope: scope.to_owned(),
        claims: None,
        extent: None,
        auth_time: Some(created),
        amr: Vec::new(),
        acr: None,
        nonce: None,
        offline: false,
        trace: None,
        created,
        expires: now().checked_add(SignedDuration::from_hours(8)).unwrap(),
        revoked_at: None,
    };
    let id = grant.id;
    let stored: Result<(), StoreError> = api
        .state
        .store
        .write(created, move |tx| grants::create(tx, &grant))
        .await;
    stored.unwrap();
    id
}

async fn agree(api: &Api, user: Uuid, app: Uuid, scopes: &[&str], at: Timestamp) {
    let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let stored: Result<(), StoreError> = api
        .state
        .store
        .write(at, move |tx| consents::remember(tx, user, app, &scopes))
        .await;
    stored.unwrap();
}

async fn lives(api: &Api, grant: Uuid) -> bool {
    let asked: Result<bool, StoreError> = api.state.store.read(move |tx| grants::is_live(tx, grant, now())).await;
    asked.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_listed_by_application_and_taken_back_with_the_consent() {
    let api = Api::start().await;
    let alice = house(&api).await;
    let (netbox, grafana) = (app_id(&api, "netbox").await, app_id(&api, "grafana").await);
    let old = give(&api, alice, netbox, "openid profile", before(90)).await;
    let new = give(&api, alice, netbox, "openid email", before(5)).await;
    let other = give(&api, alice, grafana, "openid", before(30)).await;
    agree(&api, alice, netbox, &["profile", "groups"], before(60)).await;

    let listed = api.call("get", "/api/v1/users/alice/grants", Value::Null).await.body;
    let expected = json!([
        {"app": "netbox", "app_name": "NetBox", "scopes": ["openid", "profile", "email", "groups"],
            "since": before(90).to_string(), "last_login": before(5).to_string(), "grants": 2,
            "consented": before(60).to_string()},
        {"app": "grafana", "app_name": "Grafana", "scopes": ["openid"],
            "since": before(30).to_string(), "last_login": before(30).to_string(), "grants": 1},
    ]);
    assert_eq!(listed["items"], expected);
    let table = api.run("user grants alice").await;
    assert!(
        table.out.contains("openid profile email groups") && table.out.contains("grafana"),
        "{table:?}"
    );
    let same = api.run("user grants alice --json").await;
    assert_eq!(serde_json::from_str::<Value>(&same.out).unwrap(), listed);

    let revoked = api.run("user revoke alice netbox").await;
    assert_eq!(
        revoked.out,
        "Revoked 2 grants of alice to netbox; the next login asks again.\n"
    );
    assert!(!lives(&api, old).await && !lives(&api, new).await);
    assert!(lives(&api, other).await, "another application keeps its own");
    let path = "/api/v1/users/alice/grants/grafana";
    let revoked = api.call("delete", path, Value::Null).await;
    assert_eq!(revoked.body, json!({"grants": 1, "consent": false}));
    let again = api.call("delete", path, Value::Null).await;
    assert_eq!(again.body, json!({"grants": 0, "consent": false}));
    let none = api.run("user grants alice").await;
    assert!(
        none.err.contains("No application may know anything of alice."),
        "{none:?}"
    );

    let events = api.call("get", "/api/v1/events?action=grant", Value::Null).await.body;
    let events = events["items"].as_array().unwrap();
    assert_eq!(events.len(), 2, "what did nothing is not recorded: {events:?}");
    for event in events {
        assert_eq!(event["data"]["user"]["name"], "alice", "{event}");
    }
    let netbox = events
        .iter()
        .find(|event| event["subject"]["name"] == "netbox")
        .unwrap();
    assert_eq!(
        (&netbox["data"]["grants"], &netbox["data"]["consent"]),
        (&json!(2), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_not_there_are_said_with_the_ones_that_were_meant() {
    let api = Api::start().await;
    house(&api).await;
    let refused = api.run("user revoke alice netbok").await;
    assert_eq!(refused.code, "1");
    assert!(refused.err.contains("netbox"), "{refused:?}");
    let refused = api.run("user grants alcie").await;
    assert!(refused.err.contains("did you mean alice?"), "{refused:?}");
    let refused = api.run("user revoke alice").await;
    assert_eq!(refused.code, "2", "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_taken_back_only_by_who_may_change_that_person() {
    let api = Api::start().await;
    let alice = house(&api).await;
    let grant = give(&api, alice, app_id(&api, "netbox").await, "openid", before(5)).await;
    let (reader, people) = (
        token(&api, "reader", Some("read-only")).await,
        token(&api, "people", Some("people")).await,
    );
    let (list, one) = ("/api/v1/users/alice/grants", "/api/v1/users/alice/grants/netbox");
    assert_eq!(
        api.call_with(&reader, "get", list, Value::Null).await.status,
        StatusCode::OK
    );
    let refused = api.call_with(&reader, "delete", one, Value::Null).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert!(
        refused.body["detail"].as_str().unwrap().contains("change-people"),
        "{refused:?}"
    );

    // Who holds a role is changed by full administrators only.
    assert_eq!(api.run("admin grant apps alice").await.code, "0");
    let refused = api.call_with(&people, "delete", one, Value::Null).await;
    assert_eq!(refused.body["code"], "protected_by_role", "{refused:?}");
    assert!(lives(&api, grant).await, "what was refused is not done");
    assert_eq!(api.run("admin revoke apps alice").await.code, "0");
    let done = api.call_with(&people, "delete", one, Value::Null).await;
    assert_eq!(done.body, json!({"grants": 1, "consent": false}), "{done:?}");
    assert!(!lives(&api, grant).await);
}
