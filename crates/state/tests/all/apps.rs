//! Every setting of an application goes into its file and comes back.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, files, runtime},
    kinds::said,
};

/// A public key of RFC 7517, appendix A.1, to verify by and to encrypt for.
const X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
const Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

fn key(usage: &str) -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": "k", "use": usage, "x": X, "y": Y})
}

/// Each setting with a value that is not the usual one. Those of one line need each other.
fn settings() -> Vec<Vec<(&'static str, Value)>> {
    vec![
        vec![("name", json!("Ledger \"of\" all\\"))],
        vec![("start_url", json!("https://a.example.com/start?x=1"))],
        vec![(
            "redirect_uris",
            json!(["https://a.example.com/cb", "http://127.0.0.1/cb"]),
        )],
        vec![("post_logout_redirect_uris", json!(["https://a.example.com/bye"]))],
        vec![("kind", json!("public")), ("authentication", json!("none"))],
        vec![
            ("jwks", json!({"keys": [key("sig")]})),
            ("authentication", json!("private_key_jwt")),
        ],
        vec![
            ("keys.uri", json!("https://a.example.com/jwks")),
            ("authentication", json!("private_key_jwt")),
        ],
        vec![
            ("sender.certificate_name", json!({"san_dns": "a.example.com"})),
            ("authentication", json!("tls_client_auth")),
            ("keys.refresh_tokens", json!("stay")),
        ],
        vec![("pkce", json!("weaken-if-sent"))],
        vec![("id_token_alg", json!("ES256"))],
        vec![("access_token_alg", json!("EdDSA"))],
        vec![("userinfo_signed_alg", json!("PS256"))],
        vec![
            ("audiences.client_id", json!(false)),
            ("audiences.extra", json!(["https://api.example.com", "b"])),
        ],
        vec![("lifetimes.code", json!(30))],
        vec![
            ("lifetimes.id_token", json!(120)),
            ("lifetimes.access_token", json!(120)),
        ],
        vec![("lifetimes.refresh_token", json!(7_200))],
        vec![("scopes", json!("openid groups"))],
        vec![("client_credentials", json!(true))],
        vec![("consent", json!("skip"))],
        vec![("usernames", json!("full"))],
        vec![(
            "claim_rules",
            json!([
                {"claim": "roles", "groups": "netbox-*", "into": ["access_token"], "format": "csv"},
                {"claim": "/a/b", "constant": {"x": [1, null, 2.5, "z"]}},
                {"claim": "level", "by_group": [{"group": "g", "values": ["x", 2, true]}]},
                {"claim": "dept", "attribute": "department"},
            ]),
        )],
        vec![("cors_origins", json!(["https://spa.example.com"]))],
        vec![("expects_refresh", json!(true))],
        vec![("expects_userinfo", json!(true))],
        vec![("issuer_style", json!("own"))],
        vec![("requests.profile", json!("oauth21")), ("pkce", json!("required"))],
        vec![("requests.require_pushed", json!(true))],
        vec![
            ("requests.require_signed", json!(true)),
            ("requests.request_uris", json!(["https://a.example.com/request"])),
            ("jwks", json!({"keys": [key("sig")]})),
            ("authentication", json!("private_key_jwt")),
        ],
        vec![("requests.require_signed_response", json!(true))],
        vec![("requests.resources", json!(["https://api.example.com/v1"]))],
        vec![("requests.detail_types", json!(["payment"]))],
        vec![("requests.initiate_login_uri", json!("https://a.example.com/login"))],
        vec![("sender.dpop", json!("required-with-nonce"))],
        vec![("sender.certificate_bound", json!(true))],
        vec![
            ("sender.encryption_key", key("enc")),
            ("sender.encrypt", json!(["id_token", "userinfo"])),
            ("sender.content_encryption", json!("A128GCM")),
        ],
        vec![("sender.introspection_alg", json!("ES256"))],
        vec![("sender.pairwise_sector", json!("apps.example.com"))],
        vec![("keys.weaken_private_address", json!(true))],
        vec![("logout.backchannel_uri", json!("https://a.example.com/logout"))],
        vec![
            ("logout.frontchannel_uri", json!("https://a.example.com/front")),
            ("redirect_uris", json!(["https://a.example.com/cb"])),
        ],
        vec![
            ("logout.session_management", json!(true)),
            ("redirect_uris", json!(["https://a.example.com/cb"])),
        ],
        vec![("logout.weaken_private_address", json!(true))],
        vec![("grants.device", json!(true))],
        vec![("grants.ciba", json!("on"))],
        vec![("grants.jwt_bearer", json!(true))],
        vec![(
            "grants.exchange",
            json!([{"kind": "delegate", "from": "other", "audience": "https://api.example.com"}]),
        )],
        vec![("taken_over.redirect_suggestions", json!(["https://a.example.com/*"]))],
        vec![("disabled", json!(true))],
        vec![(
            "scope_map",
            json!({"staff": ["openid", "email"], "everyone": ["openid"]}),
        )],
        vec![(
            "policy",
            json!({"factors": "passkey", "postpone_until": "2030-01-01T00:00:00Z", "remember_days": 0, "fresh_seconds": 600}),
        )],
    ]
}

fn toml(chosen: &[Vec<(&str, Value)>]) -> String {
    said("preset = \"generic\"\nurl = \"https://a.example.com\"\n", chosen)
}

#[test]
fn a_new_setting_of_an_application_is_tried_here_too() {
    let app = doorward_apps::declared::base("generic", "https://a.example.com", "a").unwrap();
    let document = serde_json::to_value(&app).unwrap();
    let all = settings();
    let tried: Vec<&str> = all.iter().flatten().map(|(name, _)| *name).collect();
    let mut missing = Vec::new();
    for (name, value) in document.as_object().unwrap() {
        match value {
            // What the file always says.
            _ if ["preset", "url"].contains(&name.as_str()) => {}
            Value::Object(inner) => missing.extend(
                inner
                    .keys()
                    .map(|inner| format!("{name}.{inner}"))
                    .filter(|name| name != "grants.registered" && !tried.contains(&name.as_str())),
            ),
            _ => missing.extend((!tried.contains(&name.as_str())).then(|| name.clone())),
        }
    }
    assert!(missing.is_empty(), "no value for {missing:?}: add one to settings()");
}

#[test]
fn each_setting_alone_is_made_so_written_and_read_again() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        let groups = files([("groups/staff.toml", "")]);
        for one in settings() {
            let mut said = groups.clone();
            said.insert("applications/a.toml".to_owned(), toml(&[]));
            here.apply(&said).await.unwrap();
            said.insert("applications/a.toml".to_owned(), toml(std::slice::from_ref(&one)));
            let done = here
                .apply(&said)
                .await
                .unwrap_or_else(|error| panic!("{one:?}: {error}"));
            let changed: Vec<&str> = done
                .changes
                .iter()
                .filter(|change| change.file.starts_with("app"))
                .flat_map(|change| &change.settings)
                .map(|setting| setting.name.as_str())
                .collect();
            for (name, _) in &one {
                let is_there = changed.iter().any(|other| other.starts_with(name));
                assert!(is_there || *name == "pkce", "{name} did nothing: {done:#?}");
            }
            round_trips(&here, &one).await;
        }
    });
}

#[test]
fn any_settings_together_that_may_be_are_written_and_read_again() {
    let runtime = runtime();
    let all = settings();
    let mut runner = TestRunner::new(Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    });
    let here = runtime.block_on(Fixture::fresh());
    let kept = std::cell::Cell::new(0);
    let chosen = proptest::sample::subsequence(all.clone(), 1..=12);
    runner
        .run(&chosen, |some| {
            runtime.block_on(async {
                let mut said = files([("groups/staff.toml", "")]);
                said.insert("applications/a.toml".to_owned(), toml(&some));
                // Some contradict each other, and are refused.
                if here.apply(&said).await.is_ok() {
                    kept.set(kept.get() + 1);
                    prop_assert_eq!(here.plan(&said).await.unwrap().changes, vec![]);
                    round_trips(&here, &some).await;
                }
                Ok(())
            })
        })
        .unwrap();
    assert!(kept.get() > 10, "{} of 60 could be", kept.get());
}

async fn round_trips(here: &Fixture, said: &dyn std::fmt::Debug) {
    let written = here.export().await;
    assert_eq!(here.plan(&written).await.unwrap().changes, [], "{said:?}\n{written:#?}");
    let another = Fixture::fresh().await;
    another
        .apply(&written)
        .await
        .unwrap_or_else(|error| panic!("{said:?}: {error}\n{}", written["applications/a.toml"]));
    assert_eq!(another.export().await, written, "{said:?}");
}
