//! Providers without OpenID Connect: who somebody is, is asked of them.

use doorward_jose::{Algorithm, Secret};
use doorward_login::{BeginOptions, Builder, Endpoints};
use http::HeaderValue;
use http::header::LINK;
use serde_json::{Value, json};

use crate::fake::{ACCESS_TOKEN, CODE, Fake, answer, ask, finish, is_refused, json_answer};
use crate::stub::new_key;

/// GitHub, "Authorizing OAuth apps" and "REST API endpoints for users": no discovery, no ID token, a numeric `id`.
fn github() -> (std::sync::Arc<Fake>, Builder) {
    let fake = Fake::with("https://github.example", new_key(Algorithm::ES256));
    let at = |path: &str| format!("https://github.example{path}");
    let builder = fake
        .builder()
        .scopes("read:user user:email")
        .unwrap()
        .subject_claim("id")
        .endpoints(Endpoints {
            authorization: at("/login/oauth/authorize"),
            token: at("/login/oauth/access_token"),
            userinfo: Some("https://api.github.example/user".to_owned()),
            jwks: None,
            end_session: None,
        });
    fake.says(
        "/login/oauth/access_token",
        json_answer(&json!({"access_token": ACCESS_TOKEN, "token_type": "bearer", "scope": "read:user,user:email"})),
    );
    (fake, builder)
}

#[tokio::test]
async fn a_provider_without_id_tokens_is_asked_who_it_is() {
    let (fake, builder) = github();
    let login = builder.build().unwrap();
    let user = json!({"id": 583_231, "login": "octocat", "name": "Octo Cat", "aud": "mine", "email": null});
    fake.says(
        "https://api.github.example/user",
        answer(200, "application/json; charset=utf-8", user.to_string()),
    );
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    assert_eq!(asking.request.find("scope"), Some("read:user user:email"));
    assert_eq!(
        (
            asking.request.find("nonce"),
            asking.request.find("code_challenge").is_some()
        ),
        (None, true)
    );
    let verified = finish(&login, &asking, &[("code", CODE)]).await.unwrap();
    assert_eq!(
        (verified.sub.as_str(), verified.issuer.as_str()),
        ("583231", "https://github.example")
    );
    assert_eq!(verified.claims["login"], "octocat");
    assert!(!verified.claims.contains_key("aud") && verified.id_token.is_none());
    assert_eq!(verified.tokens.scope.as_deref(), Some("read:user,user:email"));
    assert!(fake.asked("openid-configuration").is_empty() && fake.asked("jwks").is_empty());
    for (user, words) in [
        (json!({"login": "octocat"}), "got none"),
        (json!({"id": null}), "got null"),
        (json!({"id": -1}), "got -1"),
        (json!({"id": 1.5}), "got 1.5"),
        (json!({"id": ""}), "whole number in `id`"),
    ] {
        fake.says("https://api.github.example/user", json_answer(&user));
        let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
        is_refused(
            finish(&login, &asking, &[("code", CODE)]).await,
            "subject_invalid",
            words,
        );
    }
    // GitHub, "Troubleshooting OAuth app access token request errors": the status is 200 all the same.
    fake.says(
        "/login/oauth/access_token",
        json_answer(&json!({"error": "bad_verification_code", "error_description": "incorrect or expired"})),
    );
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    is_refused(
        finish(&login, &asking, &[("code", CODE)]).await,
        "token_exchange_failed",
        "bad_verification_code (incorrect or expired)",
    );
}

#[tokio::test]
async fn lists_of_a_provider_come_in_pages_of_the_same_origin() {
    let (fake, builder) = github();
    let login = builder.build().unwrap();
    let token = Secret::new(ACCESS_TOKEN.to_owned());
    let paged = |items: Value, link: &'static str| {
        let mut page = json_answer(&items);
        page.headers.insert(LINK, HeaderValue::from_static(link));
        page
    };
    let first = "https://api.github.example/user/teams";
    fake.says(
        first,
        paged(
            json!([1, 2]),
            "<https://api.github.example/user/teams?page=2>; rel=\"next\", <x>; rel=\"last\"",
        ),
    );
    fake.says("https://api.github.example/user/teams?page=2", json_answer(&json!([3])));
    let headers = [("accept", "application/vnd.github+json")];
    assert_eq!(
        login.pages(first, &token, &headers, 5).await.unwrap(),
        [json!(1), json!(2), json!(3)]
    );
    let asked = fake.asked("/user/teams");
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer the-access-token"));
    assert_eq!(asked[0].headers["accept"], "application/vnd.github+json");
    is_refused(
        login.pages(first, &token, &[], 1).await,
        "resource_unavailable",
        "more than 1",
    );
    // Microsoft Graph, "Paging".
    let graph = "https://graph.example/v1.0/me/transitiveMemberOf";
    let next = format!("{graph}?$skiptoken=x");
    fake.says(
        graph,
        json_answer(&json!({"value": [{"id": "a"}], "@odata.nextLink": next})),
    );
    fake.says(&next, json_answer(&json!({"value": [{"id": "b"}]})));
    assert_eq!(login.pages(graph, &token, &[], 5).await.unwrap().len(), 2);
    fake.says(
        &next,
        json_answer(&json!({"value": [], "@odata.nextLink": "https://evil.example/take-the-token"})),
    );
    is_refused(
        login.pages(graph, &token, &[], 5).await,
        "resource_unavailable",
        "elsewhere",
    );
    assert!(fake.asked("take-the-token").is_empty());
    is_refused(
        login.resource("http://api.github.example/user", &token, &[]).await,
        "setting_invalid",
        "https",
    );
    fake.says(graph, json_answer(&json!({"error": "x"})));
    is_refused(
        login.pages(graph, &token, &[], 5).await,
        "resource_unavailable",
        "a list",
    );
    is_refused(
        login.resource("https://api.github.example/none", &token, &[]).await,
        "resource_unavailable",
        "404",
    );
}
