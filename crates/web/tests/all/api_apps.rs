//! Applications through the API.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{api_access::token, api_server::Api};

async fn netbox(api: &Api) -> Value {
    let new = json!({"preset": "netbox", "url": "https://netbox.example.com"});
    let added = api.call("post", "/api/v1/apps", new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    added.body
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_an_application_answers_what_to_paste_into_it() {
    let api = Api::start().await;
    let added = netbox(&api).await;
    assert_eq!(added["app"]["client_id"], "netbox");
    assert_eq!(
        added["app"]["redirect_uris"],
        json!(["https://netbox.example.com/oauth/complete/oidc/"])
    );
    assert_eq!(added["app"]["issuer"], "https://id.example.com");
    let secret = api.call("get", "/api/v1/apps/netbox/secret", Value::Null).await.body;
    let secret = secret["secret"].as_str().unwrap();
    assert!(added["snippet"]["parts"].to_string().contains(secret));
    let without = api.call("get", "/api/v1/apps/netbox/snippet", Value::Null).await.body;
    assert!(!without.to_string().contains(secret));
    let with = api
        .call(
            "get",
            "/api/v1/apps/netbox/snippet?secret=true&ca_file=/etc/ca.pem",
            Value::Null,
        )
        .await
        .body;
    assert!(with.to_string().contains(secret) && with.to_string().contains("/etc/ca.pem"));
    let shown = api
        .call("get", "/api/v1/events?action=app.secret.show", Value::Null)
        .await
        .body;
    assert_eq!(shown["items"].as_array().unwrap().len(), 2, "each showing is an event");
    assert!(!shown.to_string().contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_in_through_a_group_and_the_preview_says_so() {
    let api = Api::start().await;
    netbox(&api).await;
    api.call(
        "post",
        "/api/v1/users",
        json!({"name": "alice", "email": "alice@example.com"}),
    )
    .await;
    let refused = api
        .call("post", "/api/v1/apps/netbox/preview", json!({"user": "alice"}))
        .await
        .body;
    assert_eq!(refused["allowed"], false);
    assert_eq!(refused["steps"][0]["check"], "no_scope_map");
    assert!(
        refused["steps"][0]["remedy"]
            .as_str()
            .unwrap()
            .contains("doorward app allow netbox")
    );

    api.call(
        "post",
        "/api/v1/groups",
        json!({"name": "netbox_users", "users": ["alice"]}),
    )
    .await;
    let allowed = api
        .call("put", "/api/v1/apps/netbox/scope-map/netbox_users", json!({}))
        .await;
    assert_eq!(allowed.status, StatusCode::OK, "{allowed:?}");
    let preview = api
        .call("post", "/api/v1/apps/netbox/preview", json!({"user": "alice"}))
        .await
        .body;
    assert_eq!(preview["allowed"], true, "{preview}");
    assert_eq!(preview["id_token"]["aud"], "netbox");
    assert_eq!(preview["id_token"]["preferred_username"], "alice");
    assert_eq!(preview["userinfo"]["email"], "alice@example.com");

    let denied = api
        .call("delete", "/api/v1/apps/netbox/scope-map/netbox_users", Value::Null)
        .await;
    assert_eq!(denied.body["scope_map"], json!([]));
    let mistyped = api
        .call("put", "/api/v1/apps/netbox/scope-map/netbox_user", json!({}))
        .await;
    assert_eq!(mistyped.status, StatusCode::NOT_FOUND);
    assert_eq!(mistyped.body["remedy"], "did you mean netbox_users?");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_can_be_changed_and_is_shown_as_it_was_given() {
    let api = Api::start().await;
    netbox(&api).await;
    let change = json!({
        "name": "Our NetBox", "start_url": "https://netbox.example.com/login/", "pkce": "weaken-if-sent",
        "add_redirect_uris": ["https://netbox.example.com/other/"], "add_audiences": ["https://api.example.com"],
        "id_token_alg": "ES256", "userinfo_signed_alg": "RS256", "lifetimes": {"access_token": 600},
        "consent": "ask", "usernames": "full", "issuer_style": "own", "add_cors_origins": ["https://spa.example.com"],
        "add_claims": [{"claim": "/realm_access/roles", "by_group": [{"group": "admins", "values": ["superuser"]}], "into": ["access_token"]}],
        "client_credentials": true, "expects_refresh": true,
    });
    let changed = api.call("patch", "/api/v1/apps/netbox", change).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let app = api.call("get", "/api/v1/apps/netbox", Value::Null).await.body;
    assert_eq!(app, changed.body);
    for (setting, expected) in [
        ("name", json!("Our NetBox")),
        ("pkce", json!("weaken-if-sent")),
        ("audiences", json!(["netbox", "https://api.example.com"])),
        ("id_token_alg", json!("ES256")),
        ("userinfo_signed_alg", json!("RS256")),
        ("consent", json!("ask")),
        ("usernames", json!("full")),
        ("issuer", json!("https://id.example.com/apps/netbox")),
        ("cors_origins", json!(["https://spa.example.com"])),
        ("client_credentials", json!(true)),
        ("expects_refresh", json!(true)),
    ] {
        assert_eq!(app[setting], expected, "{setting}");
    }
    assert_eq!(app["lifetimes"]["access_token"], 600);
    assert_eq!(app["claims"][0]["claim"], "/realm_access/roles");
    assert_eq!(app["claims"][0]["into"], json!(["access_token"]));
    assert!(app["weakened"].to_string().contains("weaken-pkce-if-sent"));

    let back = json!({"pkce": "required", "userinfo_signed_alg": null, "remove_claims": ["/realm_access/roles"],
        "remove_audiences": ["https://api.example.com"], "lifetimes": {"access_token": null}});
    let app = api.call("patch", "/api/v1/apps/netbox", back).await.body;
    assert_eq!(app["claims"], json!([]));
    assert_eq!(app.get("userinfo_signed_alg"), None);
    assert_eq!(app["audiences"], json!(["netbox"]));
    assert_eq!(app["lifetimes"]["access_token"], 900);

    let keys = json!({"jwks_uri": "https://netbox.example.com/jwks.json", "weaken_private_address": true, "refresh_tokens": "stay"});
    let app = api
        .call("patch", "/api/v1/apps/netbox", json!({"keys": keys}))
        .await
        .body;
    assert_eq!(app["keys"], keys, "{app}");
    assert_eq!(app["authentication"], "private_key_jwt");
    assert!(app["weakened"].to_string().contains("weaken-jwks-private-address"));
    let back = json!({"keys": {"jwks_uri": null, "refresh_tokens": "rotate"}});
    let app = api.call("patch", "/api/v1/apps/netbox", back).await.body;
    assert_eq!(app["authentication"], "client_secret", "{app}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_wrong_in_one_place_changes_nothing() {
    let api = Api::start().await;
    netbox(&api).await;
    for change in [
        json!({"name": "Changed", "add_redirect_uris": ["not a uri"]}),
        json!({"name": "Changed", "remove_redirect_uris": ["https://elsewhere.example.com/"]}),
        json!({"name": "Changed", "kind": "public", "pkce": "weaken-if-sent"}),
        json!({"name": "Changed", "lifetimes": {"code": 86400}}),
        json!({"name": "Changed", "keys": {"jwks_uri": "http://netbox.example.com/jwks.json"}}),
        json!({"name": "Changed", "jwks": {"keys": []}, "keys": {"jwks_uri": "https://netbox.example.com/jwks.json"}}),
        json!({"name": "Changed", "keys": {"refresh_tokens": "stay"}}),
        json!({"name": "Changed", "add_claims": [{"claim": "x"}]}),
        json!({"name": "Changed", "add_claims": [{"claim": "sub", "constant": "root"}]}),
    ] {
        let refused = api.call("patch", "/api/v1/apps/netbox", change.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{change}: {refused:?}");
        assert!(refused.body["detail"].is_string(), "{change}");
    }
    assert_eq!(
        api.call("get", "/api/v1/apps/netbox", Value::Null).await.body["name"],
        "NetBox"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_with_an_overlap() {
    let api = Api::start().await;
    netbox(&api).await;
    let before = api.call("get", "/api/v1/apps/netbox/secret", Value::Null).await.body;
    let after = api
        .call(
            "post",
            "/api/v1/apps/netbox/secret/rotate",
            json!({"overlap_seconds": 86400}),
        )
        .await
        .body;
    assert_ne!(before["secret"], after["secret"]);
    assert_eq!(after["previous_until"], "2026-01-02T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_of_applications_sees_people_and_changes_none() {
    let api = Api::start().await;
    let token = token(&api, "ansible", Some("apps")).await;
    let new = json!({"preset": "generic", "url": "https://wiki.example.com", "client_id": "wiki"});
    let added = api.call_with(&token, "post", "/api/v1/apps", new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let events = api.call("get", "/api/v1/events?action=app.add", Value::Null).await.body;
    assert_eq!(events["items"][0]["actor"]["name"], "ansible");
    assert_eq!(events["items"][0]["actor"]["via"], "token");
    let denied = api.call_with(&token, "delete", "/api/v1/users/x", Value::Null).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_are_listed_and_a_mistyped_one_is_suggested() {
    let api = Api::start().await;
    let presets = api.call("get", "/api/v1/presets", Value::Null).await.body;
    assert!(
        presets["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|preset| preset["id"] == "netbox")
    );
    let netbox = api.call("get", "/api/v1/presets/netbox", Value::Null).await.body;
    assert_eq!(netbox["settings"]["scopes"], "openid profile email groups");
    let missing = api.call("get", "/api/v1/presets/netbx", Value::Null).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body["remedy"].as_str().unwrap().contains("netbox"));
    let unknown = api
        .call(
            "post",
            "/api/v1/apps",
            json!({"preset": "netbx", "url": "https://n.example.com"}),
        )
        .await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}
