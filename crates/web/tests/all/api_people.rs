//! People, groups and sessions through the API.

use doorward_jose::SystemRandom;
use doorward_store::{StoreError, Ticket, grants, new_id, sessions};
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api_access::token,
    api_server::{Api, now},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_added_with_a_link_changed_and_deleted() {
    let api = Api::start().await;
    api.call("post", "/api/v1/groups", json!({"name": "netbox_users"}))
        .await;
    let new = json!({"name": "alice", "display_name": "Alice Example", "email": "alice@example.com",
        "attributes": {"zoneinfo": "Europe/Berlin"}, "groups": ["netbox_users"]});
    let added = api.call("post", "/api/v1/users", new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert!(
        added.body["enrolment"]["url"]
            .as_str()
            .unwrap()
            .starts_with("https://id.example.com/link/")
    );
    assert_eq!(added.body["enrolment"]["purpose"], "enrolment");
    assert_eq!(added.body["user"]["email_verified"], true);

    let shown = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    assert_eq!(shown["effective_groups"], json!(["netbox_users"]));
    assert_eq!(shown["attributes"]["zoneinfo"], "Europe/Berlin");
    assert_eq!(shown["has_password"], false);

    let change = json!({"email": null, "attributes": {"zoneinfo": null, "locale": "de"}, "disabled": true});
    let changed = api.call("patch", "/api/v1/users/alice", change).await.body;
    assert_eq!(changed["email"], Value::Null);
    assert_eq!(changed["attributes"], json!({"locale": "de"}));
    assert_eq!(changed["disabled"], true);

    let closed = api.call("delete", "/api/v1/users/alice", Value::Null).await;
    assert_eq!(closed.status, StatusCode::OK, "{closed:?}");
    let shown = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    assert_eq!(shown["deletion"], closed.body["deletion"], "kept for some days");
    assert!(shown["deletion"].is_string(), "{shown}");
    let restored = api.call("post", "/api/v1/users/alice/restore", Value::Null).await;
    assert_eq!(
        (restored.status, &restored.body["deletion"]),
        (StatusCode::OK, &Value::Null)
    );
    let again = api.call("post", "/api/v1/users/alice/restore", Value::Null).await;
    assert_eq!(
        (again.status, &again.body["code"]),
        (StatusCode::CONFLICT, &json!("not_being_deleted"))
    );
    let gone = api
        .call("delete", "/api/v1/users/alice?at_once=true", Value::Null)
        .await;
    assert_eq!((gone.status, gone.body), (StatusCode::OK, json!({})));
    assert_eq!(
        api.call("get", "/api/v1/users/alice", Value::Null).await.status,
        StatusCode::NOT_FOUND
    );
    let events = api.call("get", "/api/v1/events?action=user", Value::Null).await.body;
    let actions: Vec<&str> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert!(actions.len() >= 3, "{actions:?}");
    assert!(
        events["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|event| event["actor"]["name"] == "root")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_a_conflict_and_a_mistyped_one_is_suggested() {
    let api = Api::start().await;
    for name in ["alice", "albert"] {
        api.call("post", "/api/v1/users", json!({ "name": name })).await;
    }
    let taken = api.call("post", "/api/v1/users", json!({"name": "Alice"})).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    let missing = api.call("get", "/api/v1/users/alcie", Value::Null).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.body["remedy"], "did you mean alice?");
    let group = api.call("get", "/api/v1/groups/crew", Value::Null).await;
    assert_eq!(group.body["remedy"], "doorward group add crew");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_until_the_last() {
    let api = Api::start().await;
    for number in 0..5 {
        api.call("post", "/api/v1/users", json!({"name": format!("user{number}")}))
            .await;
    }
    let mut names = Vec::new();
    let mut path = "/api/v1/users?limit=2".to_owned();
    loop {
        let page = api.call("get", &path, Value::Null).await.body;
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/users?limit=2&cursor={next}");
    }
    assert_eq!(names, ["user0", "user1", "user2", "user3", "user4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_membership_changes_when_one_name_is_wrong() {
    let api = Api::start().await;
    api.call("post", "/api/v1/groups", json!({"name": "crew"})).await;
    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    let change = json!({"add_users": ["alice", "bob"]});
    let refused = api.call("patch", "/api/v1/groups/crew/members", change).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let group = api.call("get", "/api/v1/groups/crew", Value::Null).await.body;
    assert_eq!(group["member_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_in_one_part_is_done_in_none() {
    let api = Api::start().await;
    let new = json!({"name": "alice", "link_seconds": 31_536_000});
    let refused = api.call("post", "/api/v1/users", new).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    assert_eq!(refused.body["code"], "invalid_lifetime");
    assert_eq!(
        api.call("get", "/api/v1/users/alice", Value::Null).await.status,
        StatusCode::NOT_FOUND
    );

    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    api.call("post", "/api/v1/groups", json!({"name": "outer"})).await;
    api.call("post", "/api/v1/groups", json!({"name": "inner"})).await;
    api.call(
        "patch",
        "/api/v1/groups/outer/members",
        json!({"add_groups": ["inner"]}),
    )
    .await;
    let cycle = json!({"add_users": ["alice"], "add_groups": ["outer"]});
    let refused = api.call("patch", "/api/v1/groups/inner/members", cycle).await;
    assert_eq!(refused.body["code"], "group_cycle", "{refused:?}");
    let inner = api.call("get", "/api/v1/groups/inner", Value::Null).await.body;
    assert_eq!(inner["members"], json!([]));
    let events = api
        .call("get", "/api/v1/events?action=group.member&subject=inner", Value::Null)
        .await
        .body;
    assert_eq!(events["items"], json!([]), "what was not done is not recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_nest_and_a_cycle_is_a_conflict() {
    let api = Api::start().await;
    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    api.call("post", "/api/v1/groups", json!({"name": "inner", "users": ["alice"]}))
        .await;
    let outer = api
        .call("post", "/api/v1/groups", json!({"name": "outer", "groups": ["inner"]}))
        .await;
    assert_eq!(
        outer.body["members"][0],
        json!({"kind": "group", "id": outer.body["members"][0]["id"], "name": "inner"})
    );
    let alice = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    assert_eq!(alice["groups"], json!(["inner"]));
    assert_eq!(alice["effective_groups"], json!(["inner", "outer"]));
    let cycle = api
        .call(
            "patch",
            "/api/v1/groups/inner/members",
            json!({"add_groups": ["outer"]}),
        )
        .await;
    assert_eq!(cycle.status, StatusCode::CONFLICT, "{cycle:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_one_by_one_and_all_together() {
    let api = Api::start().await;
    let added = api.call("post", "/api/v1/users", json!({"name": "alice"})).await.body;
    let user: uuid::Uuid = added["user"]["id"].as_str().unwrap().parse().unwrap();
    // What was granted for absence in a session that is long gone.
    grant(&api, user, Uuid::from_u128(1)).await;
    for agent in ["one", "two", "three"] {
        session(&api, user, agent).await;
    }
    let listed = api
        .call("get", "/api/v1/sessions?user=alice&limit=2", Value::Null)
        .await
        .body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][0]["user"], "alice");
    let rest = format!("/api/v1/sessions?limit=2&cursor={}", listed["next"].as_str().unwrap());
    assert_eq!(
        api.call("get", &rest, Value::Null).await.body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let one = format!("/api/v1/sessions/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(
        api.call("delete", &one, Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        api.call("delete", &one, Value::Null).await.status,
        StatusCode::NOT_FOUND
    );
    let ended = api
        .call("delete", "/api/v1/users/alice/sessions", Value::Null)
        .await
        .body;
    assert_eq!(ended, json!({"ended": 2, "grants": 1}));
    let none = api.call("get", "/api/v1/sessions", Value::Null).await.body;
    assert_eq!(none, json!({"items": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_full_administrators_end_the_sessions_of_an_administrator() {
    let api = Api::start().await;
    let added = api.call("post", "/api/v1/users", json!({"name": "boss"})).await.body;
    let user: Uuid = added["user"]["id"].as_str().unwrap().parse().unwrap();
    api.call("post", "/api/v1/admins", json!({"role": "apps", "user": "boss"}))
        .await;
    session(&api, user, "one").await;
    let listed = api.call("get", "/api/v1/sessions?user=boss", Value::Null).await.body;
    let one = format!("/api/v1/sessions/{}", listed["items"][0]["id"].as_str().unwrap());
    let all = "/api/v1/users/boss/sessions";
    let lesser = token(&api, "lesser", Some("people")).await;
    for path in [one.as_str(), all] {
        let denied = api.call_with(&lesser, "delete", path, Value::Null).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{denied:?}");
        assert_eq!(denied.body["code"], "protected_by_role");
        let detail = denied.body["detail"].as_str().unwrap();
        assert!(detail.contains("lesser lacks the right `full`"), "{detail}");
    }
    let full = token(&api, "greater", Some("full")).await;
    let ended = api.call_with(&full, "delete", &one, Value::Null).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
}

/// A session, as a login would write it.
async fn session(api: &Api, user: Uuid, agent: &'static str) {
    let ticket = Ticket::new(now(), &SystemRandom);
    let started: Result<(), StoreError> = api
        .state
        .store
        .write(now(), move |tx| {
            let new = sessions::NewSession {
                user_id: user,
                expires: now().checked_add(SignedDuration::from_hours(8)).unwrap(),
                idle_seconds: 3600,
                auth_time: now(),
                amr: &["pwd".to_owned()],
                acr: None,
                address: "192.0.2.1",
                user_agent: agent,
            };
            sessions::create(tx, &ticket, &new)
        })
        .await;
    started.unwrap();
}

/// An offline grant, as a login would write it.
async fn grant(api: &Api, user: Uuid, app: Uuid) {
    let grant = grants::Grant {
        id: new_id(now(), &SystemRandom),
        user_id: Some(user),
        app_id: app,
        session_id: Some(Uuid::from_u128(7)),
        scope: "openid offline_access".to_owned(),
        claims: None,
        extent: None,
        auth_time: Some(now()),
        amr: Vec::new(),
        acr: None,
        nonce: None,
        offline: true,
        trace: None,
        created: now(),
        expires: now().checked_add(SignedDuration::from_hours(8)).unwrap(),
        revoked_at: None,
    };
    let stored: Result<(), StoreError> = api.state.store.write(now(), move |tx| grants::create(tx, &grant)).await;
    stored.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_gets_a_date_at_which_it_ends_and_loses_it() {
    let api = Api::start().await;
    let soon = now() + SignedDuration::from_hours(48);
    let added = api
        .call("post", "/api/v1/users", json!({"name": "alice", "expires": soon}))
        .await;
    assert_eq!(added.body["user"]["expires"], json!(soon), "{added:?}");
    let listed = api.call("get", "/api/v1/users", Value::Null).await.body;
    assert_eq!(listed["items"][0]["expires"], json!(soon));
    let past = now() - SignedDuration::from_hours(1);
    let refused = api
        .call("patch", "/api/v1/users/alice", json!({ "expires": past }))
        .await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_lifetime"))
    );
    let kept = api
        .call("patch", "/api/v1/users/alice", json!({ "display_name": "Alice" }))
        .await;
    assert_eq!(kept.body["expires"], json!(soon), "{kept:?}");
    let never = api
        .call("patch", "/api/v1/users/alice", json!({ "expires": null }))
        .await;
    assert_eq!((never.status, &never.body["expires"]), (StatusCode::OK, &Value::Null));
    let service = api
        .call("post", "/api/v1/services", json!({"name": "robot", "expires": soon}))
        .await;
    assert_eq!(service.body["expires"], json!(soon));
    let robot = "/api/v1/services/robot";
    let past = api.call("patch", robot, json!({ "expires": past })).await;
    assert_eq!(
        (past.status, &past.body["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_lifetime"))
    );
    let kept = api.call("patch", robot, json!({ "display_name": "Mows" })).await;
    assert_eq!(
        (&kept.body["expires"], &kept.body["display_name"]),
        (&json!(soon), &json!("Mows")),
        "{kept:?}"
    );
    let later = soon + SignedDuration::from_hours(24);
    let moved = api.call("patch", robot, json!({ "expires": later })).await;
    assert_eq!(moved.body["expires"], json!(later), "{moved:?}");
    let never = api.call("patch", robot, json!({ "expires": null })).await;
    assert_eq!((never.status, &never.body["expires"]), (StatusCode::OK, &Value::Null));
    let shown = api.call("get", robot, Value::Null).await;
    assert_eq!(
        (&shown.body["expires"], &shown.body["display_name"]),
        (&Value::Null, &json!("Mows"))
    );
    for (path, body) in [
        ("/api/v1/services/alice", json!({ "expires": null })),
        (robot, json!({ "name": "another" })),
    ] {
        let refused = api.call("patch", path, body).await;
        assert!(refused.status.is_client_error(), "{path}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_about_deleting_counts_and_has_bounds() {
    let api = Api::start().await;
    let settings = api.call("get", "/api/v1/settings", Value::Null).await.body;
    assert_eq!(
        (&settings["deletion_grace_days"], &settings["own_deletion"]),
        (&json!(14), &json!(false))
    );
    let wrong = api
        .call("patch", "/api/v1/settings", json!({"deletion_grace_days": 366}))
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    let changed = api
        .call(
            "patch",
            "/api/v1/settings",
            json!({"deletion_grace_days": 0, "own_deletion": true}),
        )
        .await;
    assert_eq!(changed.body["own_deletion"], true);
    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    let gone = api.call("delete", "/api/v1/users/alice", Value::Null).await;
    assert_eq!((gone.status, gone.body), (StatusCode::OK, json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_person_are_found_under_every_name_and_after_they_are_gone() {
    let api = Api::start().await;
    let added = api.call("post", "/api/v1/users", json!({"name": "alice"})).await.body;
    let id = added["user"]["id"].as_str().unwrap().to_owned();
    api.call("patch", "/api/v1/users/alice", json!({"name": "alison"}))
        .await;
    let actions = |body: Value| -> Vec<String> {
        let items = body["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|event| event["action"].as_str().unwrap().to_owned())
            .collect()
    };
    let found = api.call("get", "/api/v1/events?person=alison", Value::Null).await.body;
    let before = actions(found);
    assert!(
        before.contains(&"user.add".to_owned()) && before.contains(&"user.edit".to_owned()),
        "{before:?}"
    );
    let nobody = api.call("get", "/api/v1/events?person=alice", Value::Null).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND, "{nobody:?}");
    api.call("delete", "/api/v1/users/alison?at_once=true", Value::Null)
        .await;
    let found = api
        .call("get", &format!("/api/v1/events?person={id}"), Value::Null)
        .await
        .body;
    assert_eq!(actions(found)[0], "user.remove");
}
