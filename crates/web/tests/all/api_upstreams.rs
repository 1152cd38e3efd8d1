//! Upstreams over the API and the command line, with a provider that answers on this machine.

use axum::{Json, Router, routing::get};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{api_access::token, api_command_line::words, api_server::Api};

/// A provider's metadata and keys on a loopback port; its issuer.
async fn provider() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}/realms/corp", listener.local_addr().unwrap());
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid", "profile", "email"],
    });
    // RFC 7517, appendix A.1.
    let keys = json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]});
    let app = Router::new()
        .route(
            "/realms/corp/.well-known/openid-configuration",
            get(move || async move { Json(metadata) }),
        )
        .route("/realms/corp/keys", get(move || async move { Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    issuer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_upstreams_page_works_as_written() {
    let api = Api::start().await;
    let issuer = provider().await;
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let secret = file("corp.secret", "a secret of theirs\n");
    let rules = file(
        "corp-rules.toml",
        "username = { claim = \"preferred_username\" }\nemail = { claim = \"email\" }\n[groups]\nclaim = \"groups\"\n\
         [[groups.map]]\ngroup = \"/corp/ops\"\ngroups = [\"ops\"]\n",
    );
    let people = file(
        "people.jsonl",
        "{\"sub\": \"1\", \"email\": \"alice@example.org\", \"email_verified\": true}\n",
    );
    let text = include_str!("../../../../docs/upstreams.md");
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut count = 0;
    for line in blocks.flat_map(str::lines) {
        let line = line
            .replace("https://sso.example.org/realms/corp", &issuer)
            .replace("corp.secret", &secret)
            .replace("corp-rules.toml", &rules)
            .replace("people.jsonl", &people);
        let ran = api.run_words(words(&line)).await;
        assert_eq!(ran.code, "0", "{line}: {ran:?}");
        count += 1;
    }
    assert!(count >= 25, "only {count} commands were found");
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_prints_what_to_do_there_and_a_mistake_is_refused_with_the_right_value() {
    let api = Api::start().await;
    let issuer = provider().await;
    let files = tempfile::tempdir().unwrap();
    let secret = files.path().join("secret");
    std::fs::write(&secret, "s3cr3t-of-theirs").unwrap();
    let add = |issuer: &str| {
        format!(
            "upstream add keycloak corp --issuer {issuer} --client-id doorward --secret-file {}",
            secret.display()
        )
    };
    let wrong = api.run(&add(&format!("{issuer}/"))).await;
    assert_eq!(wrong.code, "1", "{wrong:?}");
    assert!(wrong.err.contains(&format!("--issuer {issuer}")), "{wrong:?}");
    let metadata = api
        .run(&add(&format!("{issuer}/.well-known/openid-configuration")))
        .await;
    assert!(metadata.err.contains(&format!("--issuer {issuer}")), "{metadata:?}");

    let added = api.run(&add(&issuer)).await;
    assert_eq!(added.code, "0", "{added:?}");
    for there in ["/upstream/corp/callback", "/upstream/corp/backchannel-logout"] {
        assert!(
            added.out.contains(&format!("https://id.example.com{there}")),
            "{added:?}"
        );
    }
    let shown = api.run("upstream show corp").await;
    assert!(
        shown.out.contains("doorward") && !shown.out.contains("s3cr3t"),
        "{shown:?}"
    );
    let body = api.call("get", "/api/v1/upstreams/corp", Value::Null).await.body;
    assert_eq!(body["has_secret"], true);
    assert!(!body.to_string().contains("s3cr3t"));
    let json = api.run("upstream show corp --json").await;
    assert_eq!(
        serde_json::from_str::<Value>(&json.out).unwrap(),
        body,
        "command line and API agree"
    );
    let probed = api.run("upstream probe corp").await;
    assert_eq!(probed.code, "0", "{probed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_run_yet_is_saved_on_a_loud_word_only() {
    let api = Api::start().await;
    let new = json!({"preset": "generic", "name": "later", "issuer": "http://127.0.0.1:1", "client_id": "doorward",
                     "secret": "s"});
    let refused = api.call("post", "/api/v1/upstreams", new.clone()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    assert_eq!(refused.body["code"], "upstream_probe_failed");
    let mut unseen = new;
    unseen["settings"] = json!({"no_probe": true});
    let saved = api.call("post", "/api/v1/upstreams", unseen).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{saved:?}");
    assert!(saved.body.get("probe").is_none());
    let events = api.call("get", "/api/v1/events?action=upstream.add", Value::Null).await;
    assert!(events.body.to_string().contains("\"skipped\""), "{events:?}");
    let probed = api.run("upstream probe later").await;
    assert_eq!(probed.code, "1", "{probed:?}");
    assert!(probed.out.contains("FAILS"), "{probed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_names_words_and_members_are_refused_in_the_apis_words() {
    let api = Api::start().await;
    let new = json!({"preset": "generic", "name": "corp", "issuer": "https://id.example.org", "client_id": "doorward",
                     "secret": "s", "settings": {"no_probe": true}});
    api.call("post", "/api/v1/upstreams", new.clone()).await;
    for (method, path, body, status, code) in [
        ("get", "/api/v1/upstreams/crop", Value::Null, 404, "upstream_unknown"),
        ("post", "/api/v1/upstreams", new, 409, "upstream_exists"),
        (
            "patch",
            "/api/v1/upstreams/corp",
            json!({"titel": "x"}),
            400,
            "invalid_request",
        ),
        (
            "patch",
            "/api/v1/upstreams/corp",
            json!({"link": "by_name"}),
            400,
            "invalid_request",
        ),
        (
            "patch",
            "/api/v1/upstreams/corp",
            json!({"rules": {"grups": {}}}),
            400,
            "invalid_request",
        ),
        (
            "patch",
            "/api/v1/upstreams/corp",
            json!({"link": "verified_email"}),
            400,
            "upstream_setting_invalid",
        ),
        (
            "patch",
            "/api/v1/upstreams/corp",
            json!({"groups": ["nowhere"]}),
            400,
            "upstream_setting_invalid",
        ),
        (
            "post",
            "/api/v1/upstreams/corp/identities",
            json!({"subject": "1", "user": "nobody"}),
            404,
            "not_found",
        ),
        (
            "post",
            "/api/v1/upstreams/corp/identities/unlink",
            json!({"subject": "1"}),
            404,
            "identity_unknown",
        ),
        (
            "get",
            "/api/v1/upstream-presets/keyclaok",
            Value::Null,
            404,
            "upstream_preset_unknown",
        ),
    ] {
        let answer = api.call(method, path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        assert_eq!(answer.body["code"], code, "{path}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_right_reads_at_most() {
    let api = Api::start().await;
    let people = token(&api, "robot", Some("people")).await;
    let new = json!({"preset": "generic", "name": "corp", "issuer": "https://id.example.org", "client_id": "doorward",
                     "secret": "s", "settings": {"no_probe": true}});
    let refused = api.call_with(&people, "post", "/api/v1/upstreams", new.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    api.call("post", "/api/v1/upstreams", new).await;
    let listed = api
        .call_with(&people, "get", "/api/v1/upstreams/corp/identities", Value::Null)
        .await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
}
