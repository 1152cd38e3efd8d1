//! The `login` library at providers with ways of their own, and at one that misbehaves in every way there is.

use doorward_e2e::{
    Browser, Page, Place, Portal, bounded,
    rigs::{Cloud, Registration},
};
use doorward_login::{Builder, Endpoints};
use serde_json::{Value, json};

/// Opens an application for that registration and goes through a login there.
async fn visit(registration: &Registration, tune: impl FnOnce(Builder) -> Builder) -> (Portal, Browser, Page) {
    let portal = Portal::open(&Place::new(), registration, tune).await;
    let mut browser = Browser::new();
    let page = portal.begin(&mut browser).await;
    (portal, browser, page)
}

/// The stable code on the page of a failed login.
#[track_caller]
fn code(page: &Page) -> String {
    let text = page.text();
    let (_, after) = text
        .split_once("Code: ")
        .unwrap_or_else(|| panic!("{} {}: {text}", page.status, page.url));
    after.split_whitespace().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn entra_is_one_issuer_per_tenant() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let common = cloud.entra("common");
        let template = common.issuer.replace("/common/", "/{tenantid}/");
        let tenants = |builder: Builder| builder.tenants(&template, [Cloud::TENANT.to_owned()]);
        let (portal, mut browser, page) = visit(&common, tenants).await;
        assert_eq!(page.json()["groups"], json!(["aaaaaaaa-0000-4000-8000-000000000001"]));
        let who = portal.who(&mut browser).await;
        assert_eq!(who["iss"], json!(common.issuer.replace("common", Cloud::TENANT)));

        // Whoever has an account at Entra at all can make such a token.
        cloud
            .set("entra", json!({ "tenant": "66666666-7777-4888-9999-000000000000" }))
            .await;
        let page = portal.begin(&mut Browser::new()).await;
        assert_eq!(code(&page), "tenant_not_allowed");

        // Without the setting the template is not taken for an issuer.
        let (_, _, page) = visit(&common, |builder| builder).await;
        assert_eq!(code(&page), "issuer_mismatch");
    })
    .await;
}

#[tokio::test]
async fn okta_says_who_somebody_is_in_userinfo() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let scopes = |builder: Builder| builder.scopes("profile email groups").expect("scopes");
        for registration in [cloud.okta_org(), cloud.okta_custom()] {
            let (portal, mut browser, page) = visit(&registration, scopes).await;
            assert_eq!(
                page.json()["groups"],
                json!(["Everyone", "Net Ops"]),
                "{}",
                registration.issuer
            );
            assert_eq!(portal.who(&mut browser).await["email"], "alice@example.com");
        }
        // The scope decides, and without userinfo a thin token says nothing.
        let (_, _, page) = visit(&cloud.okta_org(), |builder| builder).await;
        assert_eq!(page.json()["groups"], json!([]));
        let (_, _, page) = visit(&cloud.okta_org(), |builder| scopes(builder).without_userinfo()).await;
        assert_eq!(page.json(), json!({ "sub": "00u1alice", "groups": [] }));
        // The custom server's tokens are not the org server's.
        cloud.set("okta", json!({ "issuer": cloud.okta_custom().issuer })).await;
        let (_, _, page) = visit(&cloud.okta_org(), scopes).await;
        assert_eq!(code(&page), "issuer_mismatch");
    })
    .await;
}

#[tokio::test]
async fn google_may_leave_the_scheme_out() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let google = cloud.google();
        let (portal, mut browser, _) = visit(&google, |builder| builder).await;
        assert_eq!(portal.who(&mut browser).await["hd"], "example.com");
        let page = portal.log_out(&mut browser).await;
        assert_eq!(
            page.url.as_str(),
            format!("{}/", portal.url),
            "Google has no end of sessions"
        );

        cloud.set("google", json!({ "alias": true })).await;
        let page = portal.begin(&mut Browser::new()).await;
        assert_eq!(code(&page), "issuer_mismatch");
        let alias = google.issuer.trim_start_matches("http://");
        let (_, _, page) = visit(&google, |builder| builder.issuer_alias(alias)).await;
        assert_eq!(page.json()["sub"], "110169484474386276334");
    })
    .await;
}

#[tokio::test]
async fn github_is_oauth_alone() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let github = cloud.github();
        let tune = |builder: Builder| {
            builder.subject_claim("id").endpoints(Endpoints {
                authorization: format!("{}/login/oauth/authorize", github.issuer),
                token: format!("{}/login/oauth/access_token", github.issuer),
                userinfo: Some(format!("{}/user", github.issuer)),
                jwks: None,
                end_session: None,
            })
        };
        let (portal, mut browser, page) = visit(&github, tune).await;
        assert_eq!(page.json()["sub"], "583231", "{}", page.text());
        assert_eq!(portal.who(&mut browser).await["login"], "alice");
        // Its token endpoint says what is wrong with status 200.
        cloud
            .set("github", json!({ "token_error": "bad_verification_code" }))
            .await;
        let page = portal.begin(&mut Browser::new()).await;
        assert_eq!(code(&page), "token_exchange_failed");
    })
    .await;
}

#[tokio::test]
async fn each_way_to_misbehave_has_its_code() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let (portal, _, page) = visit(&cloud.google(), |builder| builder).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let cases = [
            (json!({ "clock": 25 }), None),
            (json!({ "clock": 45 }), Some("clock_skew")),
            (json!({ "clock": -3_620 }), None),
            (json!({ "clock": -3_660 }), Some("token_expired")),
            (json!({ "sign_with": "foreign" }), Some("signature_invalid")),
            (json!({ "algorithm": "none" }), Some("algorithm_not_allowed")),
            (json!({ "algorithm": "HS256" }), Some("algorithm_not_allowed")),
            (
                json!({ "issuer": "https://accounts.google.example" }),
                Some("issuer_mismatch"),
            ),
            (json!({ "audience": "somebody-else" }), Some("audience_mismatch")),
            (
                json!({ "audience": ["doorward", "somebody-else"], "claims": { "azp": "somebody-else" } }),
                Some("authorized_party_mismatch"),
            ),
            (json!({ "nonce": "of another login" }), Some("nonce_mismatch")),
            (json!({ "claims": { "sub": null } }), Some("subject_invalid")),
            (json!({ "claims": { "sub": "110" } }), Some("userinfo_subject_mismatch")),
            (
                json!({ "claims": { "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" } }),
                Some("access_token_mismatch"),
            ),
            (json!({ "token_error": "invalid_grant" }), Some("token_exchange_failed")),
        ];
        for (behaviour, expected) in cases {
            cloud.set("google", behaviour.clone()).await;
            let page = portal.begin(&mut Browser::new()).await;
            match expected {
                None => assert_eq!(page.status, 200, "{behaviour}: {}", page.text()),
                Some(expected) => assert_eq!(code(&page), expected, "{behaviour}: {}", page.text()),
            }
            cloud.set("google", taken_back(&behaviour)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let (portal, _, _) = visit(&cloud.google(), |builder| builder).await;
        for key in ["second", "third"] {
            cloud.set("google", json!({ "key": key })).await;
            portal.advance(31);
            let page = portal.begin(&mut Browser::new()).await;
            assert_eq!(page.status, 200, "{key}: {}", page.text());
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_secret_and_an_issuer_that_is_almost_right_are_told_apart() {
    bounded(60, async {
        let cloud = Cloud::start().await;
        let wrong = Registration {
            secret: "of last year".to_owned(),
            ..cloud.google()
        };
        let (_, _, page) = visit(&wrong, |builder| builder).await;
        assert_eq!(code(&page), "token_exchange_failed");
        page.says("invalid_client");

        let slash = format!("{}/", cloud.okta_org().issuer);
        cloud.set("okta", json!({ "issuer_in_metadata": slash })).await;
        let (_, _, page) = visit(&cloud.okta_org(), |builder| builder).await;
        assert_eq!(code(&page), "issuer_mismatch");
        page.says(&slash);

        cloud.set("okta", json!({ "down": true })).await;
        let (_, _, page) = visit(&cloud.okta_custom(), |builder| builder).await;
        assert_eq!(code(&page), "setup_error");
        page.says("503");
    })
    .await;
}

/// The same settings, each to be forgotten.
fn taken_back(behaviour: &Value) -> Value {
    let names = behaviour.as_object().expect("an object").keys();
    names
        .map(|name| (name.clone(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
