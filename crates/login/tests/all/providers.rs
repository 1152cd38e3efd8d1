//! Providers that differ from each other, each as its documentation describes it.

use std::collections::BTreeMap;

use doorward_jose::{Algorithm, JwkSet, Typ, VerificationPolicy, verify};
use doorward_login::{BeginOptions, Builder};
use doorward_oidc::{ClientAuthMethod, Prompt};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fake::{CLIENT_ID, CODE, Fake, NOW, ask, finish, is_refused, json_answer, metadata, with_header};
use crate::stub::new_key;

const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const OTHER_TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const TEMPLATE: &str = "https://login.microsoftonline.example/{tenantid}/v2.0";

/// Microsoft identity platform, "Access tokens" and "OpenID Connect": the metadata of `common` name a template, and the
/// key set says for each key whose it is.
fn entra() -> (std::sync::Arc<Fake>, Builder) {
    let fake = Fake::with(
        "https://login.microsoftonline.example/common/v2.0",
        new_key(Algorithm::RS256),
    );
    fake.has_metadata(|members| members["issuer"] = json!(TEMPLATE));
    let builder = fake.builder().tenants(TEMPLATE, [TENANT.to_owned()]);
    (fake, builder)
}

fn of_tenant(tid: &str) -> impl FnOnce(&mut Value) {
    move |claims| {
        claims["tid"] = json!(tid);
        claims["iss"] = json!(TEMPLATE.replace("{tenantid}", tid));
    }
}

#[tokio::test]
async fn a_templated_issuer_is_that_of_the_tenant_and_the_tenant_must_be_allowed() {
    let (fake, builder) = entra();
    let login = builder.build().unwrap();
    let verified = fake.log_in(&login, of_tenant(TENANT)).await.unwrap();
    assert_eq!(verified.issuer, TEMPLATE.replace("{tenantid}", TENANT));
    is_refused(
        fake.log_in(&login, of_tenant(OTHER_TENANT)).await,
        "tenant_not_allowed",
        "expected one of 1 allowed tenants as `tid`",
    );
    is_refused(
        fake.log_in(&login, |claims| claims["iss"] = json!(TEMPLATE)).await,
        "tenant_not_allowed",
        "got none",
    );
    let crossed = |claims: &mut Value| {
        of_tenant(OTHER_TENANT)(claims);
        claims["tid"] = json!(TENANT);
    };
    is_refused(fake.log_in(&login, crossed).await, "issuer_mismatch", TENANT);
    let version_one = |claims: &mut Value| {
        of_tenant(TENANT)(claims);
        claims["iss"] = json!(format!("https://sts.windows.example/{TENANT}/"));
    };
    is_refused(
        fake.log_in(&login, version_one).await,
        "issuer_mismatch",
        "sts.windows.example",
    );
}

#[tokio::test]
async fn a_key_of_one_tenant_signs_for_no_other() {
    let (fake, builder) = entra();
    let login = builder
        .tenants(TEMPLATE, [TENANT.to_owned(), OTHER_TENANT.to_owned()])
        .build()
        .unwrap();
    let mut key = json!(fake.key.public_jwk());
    key["issuer"] = json!(TEMPLATE.replace("{tenantid}", TENANT));
    fake.has_keys(&json!({"keys": [key]}));
    fake.log_in(&login, of_tenant(TENANT)).await.unwrap();
    is_refused(
        fake.log_in(&login, of_tenant(OTHER_TENANT)).await,
        "key_issuer_mismatch",
        TENANT,
    );
    // A key with the template is for all.
    let mut key = json!(fake.key.public_jwk());
    key["issuer"] = json!(TEMPLATE);
    fake.has_keys(&json!({"keys": [key]}));
    let login = fake
        .builder()
        .tenants(TEMPLATE, [OTHER_TENANT.to_owned()])
        .build()
        .unwrap();
    fake.log_in(&login, of_tenant(OTHER_TENANT)).await.unwrap();
}

#[tokio::test]
async fn a_template_is_expected_only_where_it_is_configured_and_needs_tenants() {
    let (fake, _) = entra();
    is_refused(
        fake.builder().build().unwrap().check().await,
        "issuer_mismatch",
        "{tenantid}",
    );
    let no_tenants = Vec::<String>::new();
    assert_eq!(
        fake.builder().tenants(TEMPLATE, no_tenants).build().unwrap_err().code(),
        "setting_invalid"
    );
    for tid in ["", "a/b", "{tenantid}"] {
        let built = fake.builder().tenants(TEMPLATE, [tid.to_owned()]).build();
        assert_eq!(built.unwrap_err().code(), "setting_invalid", "{tid}");
    }
    let plain = fake
        .builder()
        .tenants("https://login.example/v2.0", [TENANT.to_owned()])
        .build();
    assert_eq!(plain.unwrap_err().code(), "setting_invalid");
}

/// Google Identity, "OpenID Connect", table of ID token claims: `iss` is `https://accounts.google.com` or
/// `accounts.google.com`.
#[tokio::test]
async fn both_spellings_of_googles_issuer_are_one_issuer() {
    let fake = Fake::with("https://accounts.google.example", new_key(Algorithm::RS256));
    let login = fake
        .builder()
        .issuer_alias("accounts.google.example")
        .parameter("access_type", "offline")
        .parameter("hd", "example.org")
        .build()
        .unwrap();
    for iss in ["accounts.google.example", "https://accounts.google.example"] {
        let verified = fake.log_in(&login, |claims| claims["iss"] = json!(iss)).await.unwrap();
        assert_eq!(verified.issuer, "https://accounts.google.example");
    }
    is_refused(
        fake.log_in(&login, |claims| claims["iss"] = json!("google.example"))
            .await,
        "issuer_mismatch",
        "google.example",
    );
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    assert_eq!(asking.request.find("access_type"), Some("offline"));
    assert_eq!(asking.request.find("hd"), Some("example.org"));
}

#[tokio::test]
async fn an_application_can_prove_itself_with_a_key() {
    let fake = Fake::new();
    let key = new_key(Algorithm::ES256);
    let login = fake.builder().client_key(key.clone()).build().unwrap();
    fake.log_in(&login, |_| ()).await.unwrap();
    fake.log_in(&login, |_| ()).await.unwrap();
    let sent = fake.asked("/token");
    let assertions: Vec<_> = sent
        .iter()
        .map(|sent| sent.form.find("client_assertion").unwrap())
        .collect();
    assert_ne!(assertions[0], assertions[1]);
    assert_eq!(
        sent[0].form.find("client_assertion_type"),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert!(sent[0].authorization.is_none() && sent[0].form.find("client_secret").is_none());
    let keys = JwkSet::new([key.public_jwk().clone()]).unwrap();
    let policy = VerificationPolicy::new(Typ::PLAIN, &[Algorithm::ES256]);
    let claims = verify(assertions[0], &keys, &policy).unwrap().into_claims();
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (
            &json!(CLIENT_ID),
            &json!(CLIENT_ID),
            &json!("https://sso.example/token")
        )
    );
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 60)));
    assert_eq!(claims["jti"].as_str().unwrap().len(), 43);
    fake.has_metadata(|members| members["token_endpoint_auth_signing_alg_values_supported"] = json!(["RS256"]));
    let login = fake.builder().client_key(key).build().unwrap();
    is_refused(
        fake.log_in(&login, |_| ()).await,
        "setting_invalid",
        "expected a key for RS256, got one for ES256",
    );
}

#[tokio::test]
async fn the_client_authentication_is_what_the_setting_or_the_provider_says() {
    let fake = Fake::new();
    for (method, basic, secret) in [
        (ClientAuthMethod::ClientSecretBasic, Some("Basic YXBwOmh1c2g="), None),
        (ClientAuthMethod::ClientSecretPost, None, Some("hush")),
        (ClientAuthMethod::None, None, None),
    ] {
        fake.log_in(&fake.builder().client_auth(method).build().unwrap(), |_| ())
            .await
            .unwrap();
        let sent = fake.asked("/token").pop().unwrap();
        assert_eq!(
            (sent.authorization.as_deref(), sent.form.find("client_secret")),
            (basic, secret),
            "{method}"
        );
        assert_eq!(sent.form.find("client_id").is_some(), basic.is_none());
    }
    let lacking = fake.builder().client_auth(ClientAuthMethod::PrivateKeyJwt).build();
    assert!(
        lacking
            .unwrap_err()
            .to_string()
            .contains("expected a client_key beside it")
    );
}

#[tokio::test]
async fn what_a_login_asks_for_is_sent_and_what_it_demands_is_checked() {
    let fake = Fake::new();
    let login = fake
        .builder()
        .max_age(600)
        .parameter("domain_hint", "a")
        .parameter("x", "1")
        .build()
        .unwrap();
    let mut options = BeginOptions::new("anything at all");
    options.prompt = Some([Prompt::Login, Prompt::SelectAccount].into_iter().collect());
    options.login_hint = Some("alice@example.org".to_owned());
    options.max_age = Some(60);
    options.acr_values = vec!["urn:mfa".to_owned(), "urn:pwd".to_owned()];
    options.parameters = vec![("domain_hint".to_owned(), "b".to_owned())];
    options.redirect_uri = Some("https://app.example/upstream/x/callback".to_owned());
    let asking = ask(&login, options).await.unwrap();
    let wanted = BTreeMap::from([
        ("prompt", "login select_account"),
        ("login_hint", "alice@example.org"),
        ("max_age", "60"),
        ("acr_values", "urn:mfa urn:pwd"),
        ("domain_hint", "b"),
        ("x", "1"),
        ("redirect_uri", "https://app.example/upstream/x/callback"),
    ]);
    for (name, value) in wanted {
        assert_eq!(asking.request.find(name), Some(value), "{name}");
    }
    let mut claims = fake.claims(&asking);
    claims["auth_time"] = json!(NOW - 90);
    claims["acr"] = json!("urn:mfa");
    claims["amr"] = json!(["pwd", "otp"]);
    claims["sid"] = json!("s-1");
    fake.gives_token(&fake.key.sign(Some("JWT"), &claims).unwrap());
    let verified = finish(&login, &asking, &[("code", CODE)]).await.unwrap();
    assert_eq!(
        (verified.return_to.as_str(), verified.auth_time),
        ("anything at all", Some(NOW - 90))
    );
    assert_eq!(
        (verified.acr.as_deref(), verified.sid.as_deref()),
        (Some("urn:mfa"), Some("s-1"))
    );
    assert_eq!(verified.amr, ["pwd", "otp"]);
    assert_eq!(verified.tokens.expires, Some(NOW + 300));
    let sent = fake.asked("/token").pop().unwrap();
    assert_eq!(
        sent.form.find("redirect_uri"),
        Some("https://app.example/upstream/x/callback")
    );
    for (auth_time, words) in [
        (None, "got none"),
        (Some(NOW - 631), "a time in the last 600 s"),
        (Some(NOW + 31), "a time in the last 600 s"),
    ] {
        let outcome = fake
            .log_in(&login, |claims| {
                if let Some(auth_time) = auth_time {
                    claims["auth_time"] = json!(auth_time);
                }
            })
            .await;
        is_refused(outcome, "authentication_too_old", words);
    }
}

#[tokio::test]
async fn an_answer_can_come_as_a_form_and_then_only_so() {
    let fake = Fake::new();
    let login = fake.builder().form_post().build().unwrap();
    let mut browser = Browser::at(&login);
    let begun = browser.get("/auth/login?return_to=/private").await;
    let location = begun.location.unwrap();
    assert!(location.contains("response_mode=form_post"), "{location}");
    let cookie = begun.set_cookies.first().unwrap();
    assert!(cookie.contains("SameSite=None; Secure"), "{cookie}");
    let find = |name: &str| {
        let (_, rest) = location.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let (state, nonce) = (find("state"), find("nonce"));
    let claims =
        json!({"iss": fake.issuer, "sub": "u-1", "aud": CLIENT_ID, "nonce": nonce, "iat": NOW, "exp": NOW + 60});
    fake.gives_token(&fake.key.sign(Some("JWT"), &claims).unwrap());
    let by_query = browser
        .send(
            Method::GET,
            &format!("/auth/callback?code=x&state={state}"),
            "text/html",
        )
        .await;
    assert_eq!(by_query.status, StatusCode::METHOD_NOT_ALLOWED);
    let done = browser.post("/auth/callback", &format!("code=x&state={state}")).await;
    assert_eq!(
        (done.status, done.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/private")),
        "{}",
        done.body
    );
    let session = done.set_cookies.last().unwrap();
    assert!(
        session.contains("SameSite=Lax"),
        "the session's cookie stays as it is: {session}"
    );
    let on_http = fake.builder().base_url("http://localhost:8000").form_post().build();
    assert_eq!(on_http.unwrap_err().code(), "setting_invalid");
}

#[tokio::test]
async fn a_token_answer_may_write_seconds_as_text() {
    let fake = Fake::new();
    let login = fake.login();
    let asking = ask(&login, BeginOptions::new("/")).await.unwrap();
    let id_token = fake.key.sign(None, &fake.claims(&asking)).unwrap();
    fake.says(
        "/token",
        json_answer(&json!({"access_token": "a", "token_type": "BEARER", "expires_in": "3599", "id_token": id_token})),
    );
    let verified = finish(&login, &asking, &[("code", CODE)]).await.unwrap();
    assert_eq!(verified.tokens.expires, Some(NOW + 3599));
    assert!(!format!("{verified:?}").contains(&id_token), "tokens are not printed");
}

#[tokio::test]
async fn the_algorithms_can_be_set_where_the_provider_does_not_say() {
    let fake = Fake::new();
    fake.has_metadata(|members| {
        members
            .as_object_mut()
            .unwrap()
            .remove("id_token_signing_alg_values_supported");
    });
    is_refused(
        fake.log_in(&fake.login(), |_| ()).await,
        "algorithm_not_allowed",
        "expected RS256",
    );
    let login = fake.builder().algorithms([Algorithm::ES256]).build().unwrap();
    fake.log_in(&login, |_| ()).await.unwrap();
    let unsigned = |claims: Value, key: &doorward_jose::SigningKey| {
        with_header(key, &json!({"alg": "RS256", "kid": key.kid()}), &claims)
    };
    is_refused(
        fake.log_in_with(&login, unsigned).await,
        "algorithm_not_allowed",
        "expected ES256",
    );
    assert_eq!(metadata("x")["issuer"], "x");
}
