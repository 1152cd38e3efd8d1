//! A second factor: set up on the way in because a policy demands it, proved, replayed, lost and reset. The codes come from
//! pyotp, which knows nothing of our code.

use std::process::Command;

use data_encoding::BASE64URL_NOPAD;
use doorward_e2e::{Browser, Client, Page, Person, Server, Tools, bounded};
use serde_json::Value;

const MFA: &str = "https://refeds.org/profile/mfa";

/// What an authenticator app shows that has this secret, `steps` of half a minute from now.
pub(crate) fn app_shows(secret: &str, steps: i32) -> String {
    let program = "import pyotp, sys, time; print(pyotp.TOTP(sys.argv[1]).at(time.time() + 30 * int(sys.argv[2])))";
    let ran = Command::new(Tools::python())
        .args(["-c", program, secret, &steps.to_string()])
        .output()
        .expect("Python starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

/// What an ID token says; its signature is checked elsewhere.
fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a token has three parts");
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

/// The key that the page shows for typing.
pub(crate) fn key(page: &Page) -> String {
    let shown = page.html.split("class=\"secret\"><code>").nth(1);
    let shown = shown.and_then(|rest| rest.split('<').next());
    let shown = shown.unwrap_or_else(|| panic!("no key on the page: {}", page.text()));
    shown.split_whitespace().collect()
}

/// The recovery codes that the page shows.
fn recovery_codes(page: &Page) -> Vec<String> {
    let list = page.html.split("class=\"codes\">").nth(1);
    let list = list.unwrap_or_else(|| panic!("no recovery codes: {}", page.text()));
    let list = list.split("</ul>").next().unwrap_or_default();
    let codes = list.split("<code>").skip(1);
    codes
        .filter_map(|code| code.split('<').next())
        .map(str::to_owned)
        .collect()
}

async fn log_in(server: &Server, browser: &mut Browser, person: &Person) -> Page {
    let page = browser.get(&format!("{}/login", server.url)).await;
    browser.log_in(&page, person).await
}

#[tokio::test]
async fn a_policy_lets_people_set_up_an_app_and_from_then_on_a_password_opens_nothing() {
    bounded(180, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let app = Client::add(&server, "wiki", "staff", &["--consent", "skip"]).await;
        server
            .json(&[
                "policy",
                "set",
                "--group",
                "staff",
                "--factors",
                "second",
                "--remember-days",
                "7",
            ])
            .await;

        // The errand survives the detour: the application gets its code, and reads what was proved.
        let mut browser = app.browser();
        let page = browser.get(&app.authorize_url(&[])).await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.url.path(), "/login/second/enrol", "{}", page.text());
        assert!(page.html.contains("<svg"), "a QR code is shown");
        let secret = key(&page);
        let page = browser
            .submit(&page, "/login/second/enrol", &[("code", "000000")])
            .await;
        assert_eq!(
            (page.status, key(&page)),
            (401, secret.clone()),
            "the same key after a wrong code"
        );
        let first = app_shows(&secret, -1);
        let page = browser.submit(&page, "/login/second/enrol", &[("code", &first)]).await;
        let codes = recovery_codes(&page);
        assert_eq!(codes.len(), 10, "{}", page.text());
        let page = browser.press(&page, "I have kept them, go on").await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("no code: {}", page.url));
        let tokens = app.redeem(&code).await.granted();
        let claims = claims_of(tokens.text("id_token"));
        assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
        assert_eq!(claims["acr"], MFA);

        // Elsewhere the password alone leads to the question, and nothing else opens.
        let mut elsewhere = Browser::new();
        let page = log_in(&server, &mut elsewhere, &alice).await;
        assert_eq!(page.url.path(), "/login/second", "{}", page.text());
        let account = elsewhere.get(&format!("{}/account/sessions", server.url)).await;
        assert!(account.is_login(), "no session has begun: {}", account.text());
        let page = elsewhere.submit(&page, "/login/second", &[("code", &first)]).await;
        assert_eq!(page.status, 401, "a code that has counted: {}", page.text());
        let late = app_shows(&secret, -4);
        let page = elsewhere.submit(&page, "/login/second", &[("code", &late)]).await;
        assert_eq!(page.status, 401, "a code that is too old: {}", page.text());
        // One step ahead is within the drift that is allowed.
        let now = app_shows(&secret, 1);
        let page = elsewhere
            .submit(&page, "/login/second", &[("code", &now), ("remember", "1")])
            .await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());

        // Remembered there, not in a third browser; there a recovery code helps, once.
        let page = elsewhere.get(&format!("{}/logout", server.url)).await;
        elsewhere
            .submit(&page, "/logout/confirm", &[("decision", "allow")])
            .await;
        let page = log_in(&server, &mut elsewhere, &alice).await;
        assert_eq!(page.url.path(), "/", "this browser is remembered: {}", page.text());
        for (expected, path) in [(200, "/"), (401, "/login/second")] {
            let mut third = Browser::new();
            let page = log_in(&server, &mut third, &alice).await;
            let page = third.submit(&page, "/login/second", &[("code", &codes[0])]).await;
            assert_eq!((page.status, page.url.path()), (expected, path), "{}", page.text());
        }
        let left = server.json(&["user", "factors", "alice"]).await;
        assert_eq!(left["recovery_codes"], 9);

        // All is lost: an administrator takes it away, and the policy asks again.
        server.json(&["user", "reset-factors", "alice", "--yes"]).await;
        let page = elsewhere.get(&format!("{}/account/sessions", server.url)).await;
        assert!(page.is_login(), "the reset ended her sessions: {}", page.text());
        let page = log_in(&server, &mut elsewhere, &alice).await;
        assert_eq!(page.url.path(), "/login/second/enrol", "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn half_a_login_belongs_to_its_browser_and_cannot_skip_what_is_asked() {
    bounded(120, async {
        let server = Server::start().await;
        let alice = server.add_person("alice", "Alice Archer", &[]).await;
        server
            .json(&["policy", "set", "--factors", "second", "--postpone-until", "2999-01-01"])
            .await;
        let mut browser = Browser::new();
        let page = log_in(&server, &mut browser, &alice).await;
        assert_eq!(page.url.path(), "/login/second/enrol", "it is offered: {}", page.text());
        let stolen = page.url.to_string();
        let mut thief = Browser::new();
        let seen = thief.get(&stolen).await;
        assert!(seen.is_login(), "another browser gets nothing: {}", seen.text());
        let page = browser.submit(&page, "/login/second/later", &[]).await;
        assert_eq!(page.url.path(), "/", "and may be put off: {}", page.text());

        // A page that was made while it could be put off is judged by the policy of now.
        let mut again = Browser::new();
        let offered = log_in(&server, &mut again, &alice).await;
        server.json(&["policy", "set", "--postpone-until", "none"]).await;
        let page = again.submit(&offered, "/login/second/later", &[]).await;
        assert_eq!(page.url.path(), "/login/second/enrol", "{}", page.text());
        let start = again.get(&format!("{}/", server.url)).await;
        assert!(start.is_login(), "no session has begun: {}", start.text());
    })
    .await;
}

#[tokio::test]
async fn an_application_asks_for_more_and_only_what_is_lacking_is_asked() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let wiki = Client::add(&server, "wiki", "staff", &["--consent", "skip"]).await;
        let vault = Client::add(&server, "vault", "staff", &["--consent", "skip"]).await;
        let metadata = Browser::new()
            .get(&format!("{}/.well-known/openid-configuration", server.url))
            .await
            .json();
        assert!(
            metadata["acr_values_supported"]
                .as_array()
                .is_some_and(|acrs| acrs.contains(&MFA.into()))
        );

        let mut browser = wiki.browser();
        wiki.code(&mut browser, &alice).await;
        let essential = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{MFA}"]}}}}}}"#);
        browser.stop_at(&vault.redirect_uri);
        let page = browser.get(&vault.authorize_url(&[("claims", &essential)])).await;
        assert_eq!(
            page.url.path(),
            "/login/second/enrol",
            "the password is fresh: {}",
            page.text()
        );
        let secret = key(&page);
        let page = browser
            .submit(&page, "/login/second/enrol", &[("code", &app_shows(&secret, 0))])
            .await;
        let page = browser.press(&page, "I have kept them, go on").await;
        let code = page
            .parameter("code")
            .unwrap_or_else(|| panic!("no code: {}", page.url));
        let claims = claims_of(vault.redeem(&code).await.granted().text("id_token"));
        assert_eq!(claims["acr"], MFA);

        // Where no page may be shown, what is lacking is an answer.
        server
            .json(&["policy", "set", "--app", "wiki", "--factors", "passkey"])
            .await;
        browser.stop_at(&wiki.redirect_uri);
        let page = browser.get(&wiki.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(
            page.parameter("error").as_deref(),
            Some("login_required"),
            "{}",
            page.url
        );
    })
    .await;
}
