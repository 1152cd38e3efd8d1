//! Each role against each operation of the API: whoever lacks the right is refused, with a request that would otherwise work, and
//! nobody reaches above themselves by way of somebody who may do more.
#![allow(
    clippy::indexing_slicing,
    reason = "a document without what is looked for fails the test"
)]

use std::{collections::BTreeMap, time::Duration};

use doorward_api::Role;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{api_access::token, api_server::Api};

/// What an operation needs, where it is not what its kind needs: to read, the right to read there; to write, the right to
/// change there ([`usual`]).
const PARTICULAR: &[(&str, Need)] = &[
    // Whoever has a token may know who they are and how the server is.
    ("GET /status", Need::Nothing),
    ("GET /overview", Need::Nothing),
    // What is known about products is in the documentation too.
    ("GET /presets", Need::Nothing),
    ("GET /presets/{preset}", Need::Nothing),
    ("GET /upstream-presets", Need::Nothing),
    ("GET /upstream-presets/{preset}", Need::Nothing),
    ("GET /apps/{app}/secret", Need::ChangeApps),
    // These ask and change nothing.
    ("POST /apps/{app}/preview", Need::ReadApps),
    ("POST /upstreams/{upstream}/probe", Need::ReadSettings),
    ("POST /upstreams/{upstream}/link-dry-run", Need::ReadPeople),
    ("GET /upstreams/{upstream}/identities", Need::ReadPeople),
    ("GET /mail/queue", Need::ReadPeople),
    ("POST /mail/queue/{letter}/retry", Need::ChangePeople),
    ("DELETE /mail/queue/{letter}", Need::ChangePeople),
    // Whoever keeps people lets them in.
    ("GET /registration/requests", Need::ReadPeople),
    ("POST /registration/requests/{request}/approve", Need::ChangePeople),
    ("POST /registration/requests/{request}/reject", Need::ChangePeople),
    ("GET /terms/acceptances", Need::ReadPeople),
    // A group's members are its manager's.
    ("PATCH /groups/{group}/members", Need::ChangeMembers),
    // Everything as files is everything to read.
    ("POST /state/export", Need::ReadSettings),
    ("GET /state/schema", Need::Nothing),
    // What is asked of logins is the whole server's, wherever it is asked.
    ("PATCH /groups/{group}/policy", Need::Full),
    ("PATCH /apps/{app}/policy", Need::Full),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    ReadPeople,
    ReadApps,
    ReadAudit,
    ReadSettings,
    ChangePeople,
    ChangeMembers,
    ChangeApps,
    Full,
}

/// By the first word of the path.
fn usual(method: &str, path: &str) -> Need {
    let is_read = method == "GET";
    match (path.split('/').nth(1).unwrap_or_default(), is_read) {
        ("users" | "groups" | "services" | "sessions" | "admins", true) => Need::ReadPeople,
        ("users" | "groups" | "services" | "sessions", false) => Need::ChangePeople,
        ("apps", true) => Need::ReadApps,
        ("apps", false) => Need::ChangeApps,
        ("events" | "traces", true) => Need::ReadAudit,
        (_, true) => Need::ReadSettings,
        (_, false) => Need::Full,
    }
}

fn need(method: &str, path: &str) -> Need {
    let name = format!("{method} {path}");
    let particular = PARTICULAR.iter().find(|(known, _)| *known == name);
    particular.map_or_else(|| usual(method, path), |(_, need)| *need)
}

/// What a role is for; written here once more, so that a role that brings more than this is found.
fn has(role: Option<Role>, need: Need) -> bool {
    use Need::{ChangeApps, ChangeMembers, ChangePeople, Nothing, ReadApps, ReadAudit, ReadPeople, ReadSettings};
    let brings: &[Need] = match role {
        None => return need == Nothing,
        Some(Role::Full) => return true,
        Some(Role::Apps) => &[ReadApps, ReadPeople, ReadAudit, ChangeApps],
        Some(Role::People) => &[ReadPeople, ReadAudit, ChangePeople, ChangeMembers],
        Some(Role::ReadOnly) => &[ReadApps, ReadPeople, ReadAudit, ReadSettings],
        Some(Role::GroupManager) => &[ReadPeople, ChangeMembers],
    };
    need == Nothing || brings.contains(&need)
}

/// A value that fits a schema of the document.
fn fitting(schema: &Value, document: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let pointer = name.trim_start_matches('#');
        return fitting(document.pointer(pointer).unwrap(), document);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    for way in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[way].as_array().and_then(|all| all.last()) {
            return fitting(first, document);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "string" => json!("alice"),
        "integer" | "number" => json!(60),
        "boolean" => json!(false),
        "array" => json!([]),
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let members: serde_json::Map<String, Value> = required
                .iter()
                .filter_map(Value::as_str)
                .map(|name| (name.to_owned(), fitting(&schema["properties"][name], document)))
                .collect();
            Value::Object(members)
        }
    }
}

struct Operation {
    method: String,
    path: String,
    body: Option<Value>,
}

async fn operations(api: &Api) -> Vec<Operation> {
    let document = api.call_unknown("get", "/api/v1/openapi.json").await.body;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.strip_prefix("/api/v1").unwrap().to_owned(),
                body: (!schema.is_null()).then(|| fitting(schema, &document)),
            });
        }
    }
    // What removes comes last, so that there is something to be refused before.
    all.sort_by_key(|one| (one.method == "DELETE", one.path.clone()));
    assert!(all.len() > 80, "{}", all.len());
    all
}

fn filled(path: &str, names: &BTreeMap<&str, &str>) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                names
                    .get(part)
                    .copied()
                    .unwrap_or("00000000-0000-0000-0000-000000000000")
            } else {
                part
            }
        })
        .collect();
    format!("/api/v1{}", parts.join("/"))
}

/// The status of a request, without waiting for the end of an answer that has none.
async fn status(api: &Api, token: &str, operation: &Operation, path: &str) -> StatusCode {
    let method: Method = operation.method.parse().unwrap();
    let mut request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"));
    if operation.body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = operation.body.as_ref().map(ToString::to_string).unwrap_or_default();
    let request = request.body(axum::body::Body::from(body)).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), api.router.clone().oneshot(request));
    answer.await.unwrap().unwrap().status()
}

async fn house() -> (Api, BTreeMap<&'static str, &'static str>) {
    let api = Api::start().await;
    for (path, body) in [
        ("/users", json!({"name": "alice"})),
        ("/groups", json!({"name": "crew", "users": ["alice"]})),
        ("/services", json!({"name": "robot"})),
        (
            "/apps",
            json!({"preset": "generic", "url": "https://a.example.com", "client_id": "ledger"}),
        ),
    ] {
        let made = api.call("post", &format!("/api/v1{path}"), body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    }
    let names = [
        ("{user}", "alice"),
        ("{group}", "crew"),
        ("{service}", "robot"),
        ("{app}", "ledger"),
        ("{upstream}", "corp"),
        ("{reference}", "7K3Q-9FZM"),
        ("{version}", "1"),
    ];
    (api, names.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_is_refused_every_operation_that_it_has_no_right_to() {
    let (api, names) = house().await;
    let (mut refused, mut let_in, mut wrong) = (0, 0, Vec::new());
    for (name, role) in [
        ("nobody", None),
        ("reader", Some(Role::ReadOnly)),
        ("appkeeper", Some(Role::Apps)),
        ("peoplekeeper", Some(Role::People)),
        ("boss", Some(Role::Full)),
    ] {
        let token = token(&api, name, role.map(Role::as_str)).await;
        for operation in operations(&api).await {
            // What full may do, it is let do elsewhere; here it would end the others' tokens.
            let is_write = operation.method != "GET";
            if role == Some(Role::Full) && is_write {
                continue;
            }
            let need = need(&operation.method, &operation.path);
            let path = filled(&operation.path, &names);
            let status = status(&api, &token, &operation, &path).await;
            let is_refused = status == StatusCode::FORBIDDEN;
            if is_refused == has(role, need) {
                wrong.push(format!(
                    "{role:?}: {} {} needs {need:?}, answered {status}",
                    operation.method, operation.path
                ));
            }
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{name}: the token works");
            if is_refused {
                refused += 1;
            } else {
                let_in += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused > 150 && let_in > 150, "{refused} refused, {let_in} let in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_manager_changes_the_members_of_that_group_and_nothing_else() {
    let (api, names) = house().await;
    for name in ["gang", "inner"] {
        api.call("post", "/api/v1/groups", json!({"name": name})).await;
    }
    let manager = token(&api, "manager", None).await;
    let grant = json!({"role": "group-manager", "user": "manager", "manages": "crew"});
    let granted = api.call("post", "/api/v1/admins", grant).await;
    assert_eq!(granted.status, StatusCode::CREATED, "{granted:?}");
    let mut wrong = Vec::new();
    for operation in operations(&api).await {
        let need = need(&operation.method, &operation.path);
        let path = filled(&operation.path, &names);
        let status = status(&api, &manager, &operation, &path).await;
        if (status == StatusCode::FORBIDDEN) == has(Some(Role::GroupManager), need) {
            wrong.push(format!(
                "{} {} needs {need:?}, answered {status}",
                operation.method, operation.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let members = |group: &str| format!("/api/v1/groups/{group}/members");
    let change = json!({"add_users": ["alice"]});
    let elsewhere = api.call_with(&manager, "patch", &members("gang"), change.clone()).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "{elsewhere:?}");
    let here = api.call_with(&manager, "patch", &members("crew"), change).await;
    assert_eq!(here.status, StatusCode::OK, "{here:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_people_gets_nothing_of_somebody_with_a_role() {
    let (api, _) = house().await;
    let keeper = token(&api, "keeper", Some("people")).await;
    for (kind, name) in [("users", "root2"), ("services", "machine")] {
        let made = api
            .call("post", &format!("/api/v1/{kind}"), json!({"name": name}))
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let grant = json!({"role": "apps", "user": name});
        assert_eq!(
            api.call("post", "/api/v1/admins", grant).await.status,
            StatusCode::CREATED
        );
    }
    api.call("post", "/api/v1/groups", json!({"name": "bosses", "users": ["root2"]}))
        .await;
    let grant = json!({"role": "full", "group": "bosses"});
    assert_eq!(
        api.call("post", "/api/v1/admins", grant).await.status,
        StatusCode::CREATED
    );
    let names = [
        ("{user}", "root2"),
        ("{service}", "machine"),
        ("{group}", "bosses"),
        ("{app}", "ledger"),
    ];
    let names: BTreeMap<&str, &str> = names.into();
    let mut wrong = Vec::new();
    for mut operation in operations(&api).await {
        let is_of_one = ["/users/{user}", "/services/{service}", "/groups/{group}"]
            .iter()
            .any(|of| operation.path.starts_with(of));
        if operation.method == "GET" || !is_of_one {
            continue;
        }
        // A change that changes something, and a member that would get the role.
        match operation.path.as_str() {
            "/users/{user}" if operation.method == "PATCH" => operation.body = Some(json!({"display_name": "Mallory"})),
            "/services/{service}" if operation.method == "PATCH" => operation.body = Some(json!({"expires": null})),
            "/groups/{group}" if operation.method == "PATCH" => operation.body = Some(json!({"name": "crew2"})),
            "/groups/{group}/members" => operation.body = Some(json!({"add_users": ["alice"]})),
            _ => {}
        }
        // One that does not exist says nothing about who has it.
        if operation.path.contains("{passkey}") || operation.path.contains("{token}") {
            continue;
        }
        let status = status(&api, &keeper, &operation, &filled(&operation.path, &names)).await;
        if status != StatusCode::FORBIDDEN {
            wrong.push(format!("{} {}: {status}", operation.method, operation.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Nor by making somebody who has it.
    for body in [json!({"name": "mallory", "groups": ["bosses"]})] {
        let made = api.call_with(&keeper, "post", "/api/v1/users", body).await;
        assert_eq!(made.status, StatusCode::FORBIDDEN, "{made:?}");
    }
    let inner = api
        .call_with(
            &keeper,
            "patch",
            "/api/v1/groups/bosses/members",
            json!({"add_groups": ["crew"]}),
        )
        .await;
    assert_eq!(inner.status, StatusCode::FORBIDDEN, "{inner:?}");
}
