//! Who may call the API, and what everybody else is told.

use http::StatusCode;
use serde_json::{Value, json};

use crate::api_server::Api;

/// Puts something into each place of a path.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_document_is_there_and_refuses_a_stranger_in_json() {
    let api = Api::start().await;
    let document = api.call_unknown("get", "/api/v1/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    let paths = document.body["paths"].as_object().unwrap();
    let mut count = 0;
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            let answer = api.call_unknown(method, &filled(path)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.body["code"], "unauthenticated", "{method} {path}");
            assert!(
                answer.body["remedy"]
                    .as_str()
                    .unwrap()
                    .contains("doorward service token add")
            );
            count += 1;
        }
    }
    assert!(count >= 40, "only {count} operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_fails_for_the_owner_whatever_is_not_there() {
    let api = Api::start().await;
    let document = api.call_unknown("get", "/api/v1/openapi.json").await.body;
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.ends_with("/follow") {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            for body in [Value::Null, json!({}), json!({"name": 7}), json!({"nonsense": true})] {
                let answer = api.call(method, &filled(path), body.clone()).await;
                assert!(answer.status.as_u16() < 500, "{method} {path} {body}: {answer:?}");
                assert!(
                    answer.status.is_success() || answer.body["code"].is_string(),
                    "{method} {path} {body}: {answer:?}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_names_the_missing_right_and_the_role_that_brings_it() {
    let api = Api::start().await;
    let token = token(&api, "watcher", Some("read-only")).await;
    let seen = api.call_with(&token, "get", "/api/v1/users", Value::Null).await;
    assert_eq!(seen.status, StatusCode::OK);
    let denied = api
        .call_with(&token, "post", "/api/v1/users", json!({"name": "mallory"}))
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(denied.body["code"], "missing_right");
    assert!(
        denied.body["detail"].as_str().unwrap().contains("change-people"),
        "{denied:?}"
    );
    assert!(
        denied.body["remedy"]
            .as_str()
            .unwrap()
            .contains("admin grant people watcher"),
        "{denied:?}"
    );
    for (method, path, right) in [
        ("get", "/api/v1/apps/x/secret", "change-apps"),
        ("patch", "/api/v1/settings", "full"),
        ("delete", "/api/v1/sessions/x", "change-people"),
        ("post", "/api/v1/admins", "full"),
    ] {
        let body = if method == "post" {
            json!({"role": "full", "user": "watcher"})
        } else if method == "patch" {
            json!({})
        } else {
            Value::Null
        };
        let denied = api.call_with(&token, method, path, body).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert!(denied.body["detail"].as_str().unwrap().contains(right), "{denied:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_and_a_malformed_one_are_refused() {
    let api = Api::start().await;
    let token = token(&api, "robot", Some("full")).await;
    let tokens = api
        .call_with(&token, "get", "/api/v1/services/robot/tokens", Value::Null)
        .await
        .body;
    let id = tokens["items"][0]["id"].as_str().unwrap();
    let revoked = api
        .call("delete", &format!("/api/v1/services/robot/tokens/{id}"), Value::Null)
        .await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    for value in [token.as_str(), "dwt_nonsense", "", "x y z"] {
        let refused = api.call_with(value, "get", "/api/v1/status", Value::Null).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{value}");
        assert!(!refused.body.to_string().contains(token.trim_start_matches("dwt_")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_manager_changes_members_of_that_group_only() {
    let api = Api::start().await;
    api.call("post", "/api/v1/groups", json!({"name": "crew"})).await;
    api.call("post", "/api/v1/groups", json!({"name": "captains"})).await;
    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    let token = token(&api, "boatswain", None).await;
    let grant = json!({"role": "group-manager", "user": "boatswain", "manages": "crew"});
    assert_eq!(
        api.call("post", "/api/v1/admins", grant).await.status,
        StatusCode::CREATED
    );
    let change = json!({"add_users": ["alice"]});
    let done = api
        .call_with(&token, "patch", "/api/v1/groups/crew/members", change.clone())
        .await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert_eq!(done.body["members"][0]["name"], "alice");
    let denied = api
        .call_with(&token, "patch", "/api/v1/groups/captains/members", change)
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert!(
        denied.body["detail"].as_str().unwrap().contains("change-members"),
        "{denied:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_methods_that_are_not_there_are_answered_in_json_too() {
    let api = Api::start().await;
    for path in ["/api/v1", "/api/v1/nonsense", "/api/v2/users", "/api/v1/users/a/b/c"] {
        let answer = api.call("get", path, Value::Null).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body["code"], "not_found", "{path}");
    }
    let answer = api.call("put", "/api/v1/users", json!({})).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.body["code"], "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_understood_is_told_what_was_expected() {
    let api = Api::start().await;
    for (method, path, body, says) in [
        (
            "post",
            "/api/v1/users",
            json!({"name": "a", "e-mail": "x"}),
            "unknown field `e-mail`",
        ),
        ("post", "/api/v1/users", json!({}), "missing field `name`"),
        ("post", "/api/v1/users", json!({"name": 7}), "expected a string"),
        (
            "get",
            "/api/v1/users?limit=0",
            Value::Null,
            "expected 1 to 500, received 0",
        ),
        ("get", "/api/v1/users?limit=many", Value::Null, "invalid digit"),
        ("get", "/api/v1/users?order=name", Value::Null, "unknown field `order`"),
        (
            "get",
            "/api/v1/events?cursor=x",
            Value::Null,
            "`next` of the page before",
        ),
        (
            "patch",
            "/api/v1/settings",
            json!({"event_retention_days": 0}),
            "expected 1 to 36500 days, received 0",
        ),
    ] {
        let refused = api.call(method, path, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(
            refused.body["detail"].as_str().unwrap().contains(says),
            "{path}: {refused:?}"
        );
    }
}

/// A service account with a role, and its token.
pub(crate) async fn token(api: &Api, name: &str, role: Option<&str>) -> String {
    let added = api.call("post", "/api/v1/services", json!({ "name": name })).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    if let Some(role) = role {
        let granted = api
            .call("post", "/api/v1/admins", json!({"role": role, "user": name}))
            .await;
        assert_eq!(granted.status, StatusCode::CREATED, "{granted:?}");
    }
    let made = api
        .call(
            "post",
            &format!("/api/v1/services/{name}/tokens"),
            json!({"label": "test"}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    made.body.get("token").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_at_every_service_account_and_not_at_the_first_page() {
    let api = Api::start().await;
    for nth in 0..203 {
        let name = format!("robot{nth:03}");
        let added = api.call("post", "/api/v1/services", json!({ "name": name })).await;
        assert!(added.status.is_success(), "{added:?}");
    }
    let look = async || api.call("get", "/api/v1/doctor", Value::Null).await.body["findings"].clone();
    assert!(look().await.to_string().contains("no account of a program ends"));
    let lifetime = json!({ "label": "nightly", "lifetime_seconds": 86_400 });
    let token = api.call("post", "/api/v1/services/robot202/tokens", lifetime).await;
    assert!(token.status.is_success(), "{token:?}");
    let open = api
        .call("patch", "/api/v1/client-registration", json!({ "mode": "weaken-open" }))
        .await;
    assert!(open.status.is_success(), "{open:?}");
    let found = look().await;
    assert!(found.to_string().contains("nightly of robot202"), "{found:#}");
    let is_open = |one: &&Value| {
        one["received"]
            .as_str()
            .is_some_and(|said| said.starts_with("weaken-open"))
    };
    let finding = found.as_array().unwrap().iter().find(is_open).unwrap();
    assert_eq!(
        finding["fix"]["change"],
        json!({ "client_registration": { "mode": "token" } }),
        "{finding:#}"
    );
}
