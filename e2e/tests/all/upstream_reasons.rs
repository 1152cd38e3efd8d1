//! Each reason for which a login through an upstream fails, with something at the other end that causes it: the page, the
//! trace and the event name the same one.

use std::time::Duration;

use doorward_e2e::{
    Browser, Page, Server, bounded,
    rigs::{Cloud, OidcProvider},
};
use serde_json::{Value, json};

const RULES: &str = r#"
email = { claim = "email", on_missing = "deny" }
name = { claim = "name" }
username = { claim = "email", form = "before-at" }
"#;

async fn log_in(server: &Server, title: &str) -> Page {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login", server.url)).await;
    browser.press(&page, title).await
}

#[tokio::test]
async fn each_way_to_misbehave_has_its_reason_on_page_trace_and_event() {
    bounded(240, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        server
            .add_upstream("generic", "cloud", &cloud.google(), RULES, &[])
            .await;
        let page = log_in(&server, "cloud").await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
        let cases = [
            (json!({ "clock": 45 }), "clock_skew"),
            (json!({ "clock": -3_700 }), "token_expired"),
            (json!({ "sign_with": "foreign" }), "signature_invalid"),
            (json!({ "algorithm": "none" }), "algorithm_not_allowed"),
            (json!({ "algorithm": "HS256" }), "algorithm_not_allowed"),
            (
                json!({ "issuer": "https://accounts.google.example" }),
                "issuer_mismatch",
            ),
            (json!({ "audience": "somebody-else" }), "audience_mismatch"),
            (json!({ "nonce": "of another login" }), "nonce_mismatch"),
            (json!({ "claims": { "sub": "110" } }), "userinfo_subject_mismatch"),
            (json!({ "token_error": "invalid_grant" }), "token_exchange_failed"),
        ];
        for (behaviour, reason) in cases {
            cloud.set("google", behaviour.clone()).await;
            let page = log_in(&server, "cloud").await;
            eprintln!("{behaviour}: {reason}");
            server.refused_upstream(&page, reason).await;
            let names = behaviour.as_object().expect("an object").keys();
            let back: serde_json::Map<String, Value> = names.map(|name| (name.clone(), Value::Null)).collect();
            cloud.set("google", back.into()).await;
        }
        let page = log_in(&server, "cloud").await;
        assert_eq!(page.status, 200, "and all is well again: {}", page.text());
    })
    .await;
}

#[tokio::test]
async fn the_rules_have_their_reasons_too() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        let required = format!("{RULES}\n[groups]\nclaim = \"groups\"\nrequired = [\"staff\"]\n");
        let bound = format!("{RULES}\n[[admission.claims]]\nclaim = \"hd\"\nany = [\"example.org\"]\n");
        server
            .add_upstream("generic", "required", &cloud.google(), &required, &[])
            .await;
        server
            .add_upstream("generic", "bound", &cloud.google(), &bound, &[])
            .await;
        server
            .add_upstream("generic", "closed", &cloud.google(), RULES, &[])
            .await;
        server
            .json(&["upstream", "edit", "closed", "--create-users", "off"])
            .await;
        for (title, reason) in [
            ("required", "required_group_missing"),
            ("bound", "bound_claims_mismatch"),
            ("closed", "no_local_user_and_autocreate_off"),
        ] {
            let page = log_in(&server, title).await;
            server.refused_upstream(&page, reason).await;
        }
        assert_eq!(server.cli(&["user", "show", "alice"]).await.code, 1, "nobody was made");
    })
    .await;
}

#[tokio::test]
async fn an_upstream_that_is_down_locks_no_administrator_out() {
    bounded(240, async {
        let mut server = Server::start().await;
        let client = json!({
            "client_id": "doorward",
            "redirect_uris": [server.callback("corp")],
            "post_logout_redirect_uris": [server.logged_out()],
        });
        let mut provider = OidcProvider::start(&[client]).await;
        server.json(&["group", "add", "office"]).await;
        let admin = server.add_person("ada", "Ada Admin", &["office"]).await;
        server.json(&["admin", "grant", "full", "ada"]).await;
        let registration = provider.registration("doorward");
        server
            .add_upstream("generic", "corp", &registration, "", &["--groups", "office"])
            .await;

        let page = log_in(&server, "corp").await;
        assert!(page.url.path().starts_with("/interaction/"), "{}", page.text());
        // Neither its metadata nor its keys are known to a server that has just started.
        provider.stop().await;
        server.restart().await;
        let page = log_in(&server, "corp").await;
        server.refused_upstream(&page, "upstream_unreachable").await;

        // Her group logs in there, so that her password lets her in at the backup door alone.
        let mut browser = Browser::new();
        let page = browser.get(&format!("{}/login", server.url)).await;
        let page = browser.log_in(&page, &admin).await;
        assert_ne!(page.url.path(), "/", "{}", page.text());
        let page = browser.get(&format!("{}/login?backup=1", server.url)).await;
        let page = browser.log_in(&page, &admin).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());

        provider.restart().await;
        // A failure stands for some seconds, so that an upstream that is down is not asked by each visitor.
        tokio::time::sleep(Duration::from_secs(11)).await;
        let page = log_in(&server, "corp").await;
        assert!(page.url.path().starts_with("/interaction/"), "{}", page.text());
    })
    .await;
}
