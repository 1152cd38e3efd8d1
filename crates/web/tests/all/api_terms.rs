//! Terms and conditions, through the API and the command line.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{api_access::token, api_server::Api};

fn words(text: &str) -> Value {
    json!({ "texts": [{ "language": "en", "text": text }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_published_listed_shown_and_withdrawn() {
    let api = Api::start().await;
    let none = api.run("terms list").await;
    assert!(none.err.contains("No terms have been published."), "{none:?}");
    let file = api.data.path().join("terms.txt");
    std::fs::write(&file, "Be kind.\n\nBe careful.").unwrap();
    let text = format!("en={}", file.display());
    let line = [
        "doorward",
        "terms",
        "publish",
        "--text",
        &text,
        "--url",
        "de=https://example.com/agb",
    ];
    let ran = api.run_words(line.map(str::to_owned).to_vec()).await;
    assert_eq!(ran.code, "0", "{ran:?}");
    assert!(ran.out.contains("Published version 1."), "{ran:?}");

    let shown = api.call("get", "/api/v1/terms/1", Value::Null).await.body;
    assert_eq!(shown.pointer("/texts/0/text"), Some(&json!("Be kind.\n\nBe careful.")));
    assert_eq!(shown.pointer("/texts/1/url"), Some(&json!("https://example.com/agb")));
    assert_eq!((&shown["in_force"], &shown["accepted"]), (&json!(true), &json!(0)));
    let ran = api.run("terms show 1").await;
    assert!(
        ran.out.contains("in force") && ran.out.contains("Be careful."),
        "{ran:?}"
    );

    let second = api.call("post", "/api/v1/terms", words("Be very kind.")).await;
    assert_eq!(
        (second.status, &second.body["version"]),
        (StatusCode::CREATED, &json!(2))
    );
    let old = api.run("terms withdraw 1 --yes").await;
    assert_eq!(old.code, "1", "only the newest is asked for: {old:?}");
    let ran = api.run("terms withdraw 2 --yes").await;
    assert!(ran.out.contains("Withdrew version 2."), "{ran:?}");
    let ran = api.run("terms list").await;
    assert!(
        ran.out.contains("withdrawn") && !ran.out.contains("in force"),
        "{ran:?}"
    );
    let nobody = api.run("terms accepted 2").await;
    assert!(nobody.err.contains("Nobody has accepted that."), "{nobody:?}");
    let events = api.call("get", "/api/v1/events?action=terms", Value::Null).await.body;
    let actions: Vec<&Value> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["action"])
        .collect();
    assert_eq!(actions, ["terms.withdraw", "terms.publish", "terms.publish"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_published_is_refused_with_what_was_expected() {
    let api = Api::start().await;
    let long = "x".repeat(100_001);
    for (body, expected) in [
        (json!({ "texts": [] }), "at least one language"),
        (
            json!({ "texts": [{ "language": "fr", "text": "Soyez gentils." }] }),
            "en, de",
        ),
        (
            json!({ "texts": [{ "language": "en" }] }),
            "either a text or an address",
        ),
        (
            json!({ "texts": [{ "language": "en", "url": "javascript:alert(1)" }] }),
            "https",
        ),
        (words(&long), "at most 100000 bytes"),
        (
            json!({ "texts": [{ "language": "en", "text": "x", "html": "<b>" }] }),
            "unknown field",
        ),
        (json!({}), "texts"),
    ] {
        let refused = api.call("post", "/api/v1/terms", body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
        assert!(
            refused.body["detail"].as_str().unwrap().contains(expected),
            "{refused:?}"
        );
    }
    let unknown = api.call("get", "/api/v1/terms/7", Value::Null).await;
    assert_eq!(
        (unknown.status, &unknown.body["code"]),
        (StatusCode::NOT_FOUND, &json!("no_such_terms"))
    );
    let unreadable = api.call("get", "/api/v1/terms/latest", Value::Null).await;
    assert_eq!(unreadable.status, StatusCode::BAD_REQUEST);
    let nobody = api
        .call("get", "/api/v1/terms/acceptances?user=nobody", Value::Null)
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let usage = api.run("terms publish").await;
    assert_eq!(usage.code, "2", "{usage:?}");
    let missing = api.run("terms publish --text en=/nowhere/terms.txt").await;
    assert!(
        missing.code == "2" && missing.err.contains("cannot read"),
        "{missing:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_settings_reads_terms_and_only_full_administrators_publish() {
    let api = Api::start().await;
    api.call("post", "/api/v1/terms", words("Be kind.")).await;
    let reader = token(&api, "reader", Some("read-only")).await;
    let people = token(&api, "people", Some("people")).await;
    let call = async |token: &str, method: &str, path: &str, body: Value| {
        api.call_with(token, method, path, body).await.status
    };
    assert_eq!(
        call(&reader, "get", "/api/v1/terms/1", Value::Null).await,
        StatusCode::OK
    );
    assert_eq!(
        call(&people, "get", "/api/v1/terms", Value::Null).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        call(&people, "get", "/api/v1/terms/acceptances", Value::Null).await,
        StatusCode::OK
    );
    for token in [&reader, &people] {
        assert_eq!(
            call(token, "post", "/api/v1/terms", words("Mine.")).await,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            call(token, "post", "/api/v1/terms/1/withdraw", Value::Null).await,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(
        api.call_unknown("get", "/api/v1/terms").await.status,
        StatusCode::UNAUTHORIZED
    );
}
